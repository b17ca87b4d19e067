//! Goals in the experiment document: one check at each entry, over all or part of the run.

use super::value::{Amount, Text};
use hpa_core::time::Duration;

/// The checks, of which a goal has exactly one.
pub const CHECKS: [&str; 12] = [
    "replicasAtMost",
    "replicasAtLeast",
    "reaches",
    "returnsTo",
    "unmetDemand",
    "lostRequests",
    "p95Latency",
    "directionChangesPerHour",
    "rescales",
    "podHours",
    "scalingInactive",
    "bypasses",
];

/// One check; exactly one kind of check is set.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct GoalDocument {
    /// The goal in a few words; default: the check in words.
    pub name: Option<String>,
    /// How to reach it, for lessons.
    pub hint: Option<String>,
    /// Whether it is meant to be met; default pass.
    pub expect: ExpectDocument,
    /// When it begins to count; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub from: Option<Duration>,
    /// When it stops counting; default: the end of the run.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub until: Option<Duration>,
    /// Never more replicas than this.
    pub replicas_at_most: Option<i32>,
    /// Never fewer replicas than this.
    pub replicas_at_least: Option<i32>,
    /// At least so many replicas within a time.
    pub reaches: Option<ReachDocument>,
    /// At most so many replicas within a time.
    pub returns_to: Option<ReachDocument>,
    /// The most time in which some request is not served at once.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub unmet_demand: Option<Duration>,
    /// The most requests that are dropped or give up waiting.
    pub lost_requests: Option<Amount>,
    /// The longest 95th percentile of latency at any time.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub p95_latency: Option<Duration>,
    /// The most changes of direction per hour.
    pub direction_changes_per_hour: Option<Amount>,
    /// The most changes of the replica count by the autoscaler.
    pub rescales: Option<u32>,
    /// The most pod hours.
    pub pod_hours: Option<Amount>,
    /// The longest time with ScalingActive=False.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub scaling_inactive: Option<Duration>,
    /// The most changes past a limit that skip metrics, windows and policies.
    pub bypasses: Option<u32>,
}

/// Whether a goal is meant to be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum ExpectDocument {
    /// It is.
    #[default]
    Pass,
    /// It is not: the experiment shows a pain.
    Violated,
}

/// A replica count within a time.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct ReachDocument {
    /// The count.
    pub replicas: i32,
    /// The time; default: the rest of the run.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub within: Option<Duration>,
    /// From when: a time, or the name of a timeline event or of a part of the load, which begins
    /// where it first asks for more than nothing; default 0s.
    pub after: Option<Text>,
}
