//! Goals, the checks of a run, and verdicts, their results.
//!
//! A check is one line of the list here, with its unit and its text; it is evaluated in
//! [`judge`].
#![deny(clippy::wildcard_enum_match_arm)]

mod judge;
mod lower;

use std::fmt;

use super::descriptor::{document, one_of, words};
use super::measure::{Part, moment};
use super::value::{Amount, Text};
use hpa_core::time::{SignedDuration, Timestamp};

pub use self::judge::judge;
pub(super) use self::lower::{Course, lower};

one_of! {
    /// One check; exactly one kind of check is set.
    pub(crate) GoalDocument {
        /// A short name; default: the check in words.
        name: Option<String>,
        /// How to reach the goal, for lessons.
        hint: Option<String>,
        /// The expected outcome; default pass.
        expect: Expect,
        /// Start of the period that is checked; default 0s.
        from: Option<SignedDuration>,
        /// End of the period that is checked; default: the end of the run.
        until: Option<SignedDuration>,
    }
    /// The check.
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    #[non_exhaustive]
    pub Check {
        /// The maximum number of replicas.
        replicas_at_most "replicasAtMost" => ReplicasAtMost(i32),
        /// The minimum number of replicas.
        replicas_at_least "replicasAtLeast" => ReplicasAtLeast(i32),
        /// At least this many replicas within a time.
        reaches "reaches" => Reaches(Reach),
        /// At most this many replicas within a time.
        returns_to "returnsTo" => ReturnsTo(Reach),
        /// The maximum time with unmet demand: requests that wait or are lost.
        unmet_demand "unmetDemand" => UnmetDemand(SignedDuration),
        /// The maximum number of requests that are dropped or time out.
        lost_requests "lostRequests" => LostRequests(Amount),
        /// The maximum 95th percentile of latency at any time.
        p95_latency "p95Latency" => P95Latency(SignedDuration),
        /// The maximum number of direction changes per hour.
        direction_changes_per_hour "directionChangesPerHour" => DirectionChangesPerHour(Amount),
        /// The maximum number of rescales.
        rescales "rescales" => Rescales(u32),
        /// The maximum number of pod hours.
        pod_hours "podHours" => PodHours(Amount),
        /// The maximum time with ScalingActive=False.
        scaling_inactive "scalingInactive" => ScalingInactive(SignedDuration),
        /// The maximum number of corrections of a count outside minReplicas and maxReplicas, which skip
        /// metrics, windows and policies.
        bypasses "bypasses" => Bypasses(u32),
    }
}

document! {
    /// A replica count to be reached within a time.
    #[non_exhaustive]
    pub Reach as "ReachDocument" {
        /// The replica count.
        replicas: i32,
        /// The time; default: the rest of the run.
        within: Option<SignedDuration>,
        /// The start: a time, or the name of a timeline event or of a part of the load (when its rate
        /// first rises above zero); default 0s.
        after: Option<Text>,
    }
}

impl serde::Serialize for Reach {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut data = serializer.serialize_struct("Reach", 3)?;
        data.serialize_field("replicas", &self.replicas)?;
        data.serialize_field("within", &self.within)?;
        data.serialize_field("after", &self.after)?;
        data.end()
    }
}

impl Reach {
    /// A replica count at some time in the goal's part of the run.
    #[must_use]
    pub const fn of(replicas: i32) -> Self {
        Self {
            replicas,
            within: None,
            after: None,
        }
    }
}

/// One goal of an experiment.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Goal {
    /// A short name.
    pub name: String,
    /// How to reach it.
    pub hint: Option<String>,
    /// The expected outcome.
    pub expect: Expect,
    /// The part of the run that is checked. The times of a [`Reach`] have been resolved to it.
    #[serde(flatten)]
    pub part: Part,
    /// The check.
    #[serde(flatten)]
    pub check: Check,
}

/// The expected outcome of a goal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ExpectDocument", rename_all = "camelCase"))]
pub enum Expect {
    /// The goal is met.
    #[default]
    Pass,
    /// The goal is violated: the experiment shows a problem.
    Violated,
}

words! {
    Expect { "pass" => Pass, "violated" => Violated }
}

/// The unit of a measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Unit {
    /// Replicas.
    Replicas,
    /// Seconds.
    Seconds,
    /// Requests.
    Requests,
    /// Direction changes per hour.
    PerHour,
    /// Rescales.
    Rescales,
    /// Corrections that skip metrics, windows and policies.
    Bypasses,
    /// Pod hours.
    PodHours,
}

/// The result of one goal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The goal.
    pub goal: Goal,
    /// The outcome.
    pub outcome: Outcome,
    /// The measured value; `None` if a count was never reached.
    pub measured: Option<f64>,
    /// The time of the first violation.
    pub violation: Option<Timestamp>,
}

/// The outcome of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The goal was met.
    Met,
    /// The goal was violated.
    Violated,
}

impl Goal {
    /// A goal for a part of the run that is expected to be met, named by its check in words.
    #[must_use]
    pub fn new(check: Check, part: Part) -> Self {
        Self {
            name: check.words(part),
            hint: None,
            expect: Expect::default(),
            part,
            check,
        }
    }

    /// Renames the goal.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// Sets the expected outcome.
    #[must_use]
    pub fn expecting(self, expect: Expect) -> Self {
        Self { expect, ..self }
    }

    /// Whether a run that ends at `end` instead of `planned` can evaluate the goal.
    pub(super) fn fits(&self, planned: SignedDuration, end: SignedDuration) -> bool {
        let Part { from, until } = self.part;
        let waits = matches!(self.check, Check::Reaches(_) | Check::ReturnsTo(_));
        from < end && (!waits || until <= end || planned <= end)
    }
}

impl Verdict {
    /// Whether the outcome is the expected one.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        (self.outcome == Outcome::Met) == (self.goal.expect == Expect::Pass)
    }

    /// The measured value in words.
    #[must_use]
    pub fn measured_text(&self) -> String {
        self.measured.map_or_else(
            || String::from("never"),
            |value| self.goal.check.unit().text(value),
        )
    }
}

impl Unit {
    /// A value with its unit.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        let counted = |value: f64, noun: &str| {
            let plural = if value.to_bits() == 1.0_f64.to_bits() {
                ""
            } else {
                "s"
            };
            format!("{value} {noun}{plural}")
        };
        let rounded = |digits: f64| (value * digits).round() / digits;
        match self {
            Self::Replicas => counted(value, "replica"),
            Self::Seconds => SignedDuration(moment(value).0).in_words(),
            Self::Requests => counted(rounded(1.0), "request"),
            Self::PerHour => format!("{} per hour", rounded(10.0)),
            Self::Rescales => counted(value, "rescale"),
            Self::Bypasses => counted(value, "correction"),
            Self::PodHours => counted(rounded(100.0), "pod hour"),
        }
    }
}

impl Check {
    /// The unit of the measured value.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        match self {
            Self::ReplicasAtMost(_) | Self::ReplicasAtLeast(_) => Unit::Replicas,
            Self::Reaches(_)
            | Self::ReturnsTo(_)
            | Self::UnmetDemand(_)
            | Self::P95Latency(_)
            | Self::ScalingInactive(_) => Unit::Seconds,
            Self::LostRequests(_) => Unit::Requests,
            Self::DirectionChangesPerHour(_) => Unit::PerHour,
            Self::Rescales(_) => Unit::Rescales,
            Self::Bypasses(_) => Unit::Bypasses,
            Self::PodHours(_) => Unit::PodHours,
        }
    }

    /// The check in words: the default name of a goal.
    fn words(&self, part: Part) -> String {
        let within = SignedDuration(part.until.0 - part.from.0).in_words();
        let from = part.from;
        let pods = |count: i32| Unit::Replicas.text(f64::from(count));
        match self {
            Self::ReplicasAtMost(count) => format!("at most {}", pods(*count)),
            Self::ReplicasAtLeast(count) => format!("at least {}", pods(*count)),
            Self::Reaches(Reach { replicas, .. }) => {
                format!("reaches {} within {within}, from {from}", pods(*replicas))
            }
            Self::ReturnsTo(Reach { replicas, .. }) => {
                format!(
                    "returns to {} within {within}, from {from}",
                    pods(*replicas)
                )
            }
            Self::UnmetDemand(most) => format!("unmet demand for at most {}", most.in_words()),
            Self::LostRequests(Amount(most)) => {
                format!("loses at most {}", Unit::Requests.text(*most))
            }
            Self::P95Latency(most) => {
                format!("95th percentile of latency at most {}", most.in_words())
            }
            Self::DirectionChangesPerHour(Amount(most)) => {
                format!("at most {most} direction changes per hour")
            }
            Self::Rescales(most) => format!("at most {}", Unit::Rescales.text(f64::from(*most))),
            Self::PodHours(Amount(most)) => format!("uses at most {}", Unit::PodHours.text(*most)),
            Self::ScalingInactive(most) => {
                format!("ScalingActive is False for at most {}", most.in_words())
            }
            Self::Bypasses(most) => {
                let corrections = Unit::Bypasses.text(f64::from(*most));
                format!("at most {corrections} to minReplicas or maxReplicas")
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Violated => "violated",
        })
    }
}
