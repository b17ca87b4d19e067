//! Goals and verdicts: what a run is checked against, and what came of it.
//!
//! A check is one line of the list here, with its unit, its words and the way it is judged in
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
        /// The goal in a few words; default: the check in words.
        name: Option<String>,
        /// How to reach it, for lessons.
        hint: Option<String>,
        /// Whether it is meant to be met; default pass.
        expect: Expect,
        /// When it begins to count; default 0s.
        from: Option<SignedDuration>,
        /// When it stops counting; default: the end of the run.
        until: Option<SignedDuration>,
    }
    /// What is checked.
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    #[non_exhaustive]
    pub Check {
        /// Never more replicas than this.
        replicas_at_most "replicasAtMost" => ReplicasAtMost(i32),
        /// Never fewer replicas than this.
        replicas_at_least "replicasAtLeast" => ReplicasAtLeast(i32),
        /// At least so many replicas within a time.
        reaches "reaches" => Reaches(Reach),
        /// At most so many replicas within a time.
        returns_to "returnsTo" => ReturnsTo(Reach),
        /// The most time in which some request is not served at once.
        unmet_demand "unmetDemand" => UnmetDemand(SignedDuration),
        /// The most requests that are dropped or give up waiting.
        lost_requests "lostRequests" => LostRequests(Amount),
        /// The longest 95th percentile of latency at any time.
        p95_latency "p95Latency" => P95Latency(SignedDuration),
        /// The most changes of direction per hour.
        direction_changes_per_hour "directionChangesPerHour" => DirectionChangesPerHour(Amount),
        /// The most changes of the replica count by the autoscaler.
        rescales "rescales" => Rescales(u32),
        /// The most pod hours.
        pod_hours "podHours" => PodHours(Amount),
        /// The longest time with ScalingActive=False.
        scaling_inactive "scalingInactive" => ScalingInactive(SignedDuration),
        /// The most changes past a limit that skip metrics, windows and policies.
        bypasses "bypasses" => Bypasses(u32),
    }
}

document! {
    /// A replica count within a time.
    #[non_exhaustive]
    pub Reach as "ReachDocument" {
        /// The count.
        replicas: i32,
        /// The time; default: the rest of the run.
        within: Option<SignedDuration>,
        /// From when: a time, or the name of a timeline event or of a part of the load, which begins
        /// where it first asks for more than nothing; default 0s.
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
    /// So many replicas at some time of the goal's part of the run.
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
    /// The goal in a few words.
    pub name: String,
    /// How to reach it.
    pub hint: Option<String>,
    /// Whether it is meant to be met.
    pub expect: Expect,
    /// The part of the run that counts. A [`Reach`] is judged in it alone: its times have been
    /// resolved into it.
    #[serde(flatten)]
    pub part: Part,
    /// What is checked.
    #[serde(flatten)]
    pub check: Check,
}

/// Whether a goal is meant to be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ExpectDocument", rename_all = "camelCase"))]
pub enum Expect {
    /// It is.
    #[default]
    Pass,
    /// It is not: the experiment shows a pain.
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
    /// Times per hour.
    PerHour,
    /// Rescales.
    Rescales,
    /// Changes that skip metrics, windows and policies.
    Bypasses,
    /// Pod hours.
    PodHours,
}

/// What came of one goal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The goal.
    pub goal: Goal,
    /// Whether it was met.
    pub outcome: Outcome,
    /// The measured value; `None` where a count was never reached.
    pub measured: Option<f64>,
    /// The moment of the first violation.
    pub violation: Option<Timestamp>,
}

/// Whether a goal was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It was.
    Met,
    /// It was not.
    Violated,
}

impl Goal {
    /// A check of a part of the run that is meant to be met; its name is the check in words.
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

    /// The goal under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The goal with another expectation.
    #[must_use]
    pub fn expecting(self, expect: Expect) -> Self {
        Self { expect, ..self }
    }

    /// Whether a run can judge it that ends at `end` and not, as it should, at `planned`.
    pub(super) fn fits(&self, planned: SignedDuration, end: SignedDuration) -> bool {
        let Part { from, until } = self.part;
        let waits = matches!(self.check, Check::Reaches(_) | Check::ReturnsTo(_));
        from < end && (!waits || until <= end || planned <= end)
    }
}

impl Verdict {
    /// Whether the goal came out as the experiment expects.
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
    /// A value in words.
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
            Self::Seconds => SignedDuration(moment(value).0).to_string(),
            Self::Requests => counted(rounded(1.0), "request"),
            Self::PerHour => format!("{} per hour", rounded(10.0)),
            Self::Rescales => counted(value, "rescale"),
            Self::Bypasses => counted(value, "time"),
            Self::PodHours => counted(rounded(100.0), "pod hour"),
        }
    }
}

impl Check {
    /// The unit of what is measured.
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

    /// The check in words: the name of a goal that has none of its own.
    fn words(&self, part: Part) -> String {
        let within = SignedDuration(part.until.0 - part.from.0);
        let from = part.from;
        match self {
            Self::ReplicasAtMost(count) => format!("never more than {count} replicas"),
            Self::ReplicasAtLeast(count) => format!("never fewer than {count} replicas"),
            Self::Reaches(Reach { replicas, .. }) => {
                format!("reaches {replicas} replicas within {within} from {from} on")
            }
            Self::ReturnsTo(Reach { replicas, .. }) => {
                format!("is back at {replicas} replicas within {within} from {from} on")
            }
            Self::UnmetDemand(most) => format!("unmet demand for at most {most}"),
            Self::LostRequests(Amount(most)) => {
                format!("loses at most {}", Unit::Requests.text(*most))
            }
            Self::P95Latency(most) => format!("95th percentile of latency at most {most}"),
            Self::DirectionChangesPerHour(Amount(most)) => {
                format!("changes its direction at most {most} times per hour")
            }
            Self::Rescales(most) => format!("at most {}", Unit::Rescales.text(f64::from(*most))),
            Self::PodHours(Amount(most)) => format!("uses at most {}", Unit::PodHours.text(*most)),
            Self::ScalingInactive(most) => format!("ScalingActive is False for at most {most}"),
            Self::Bypasses(most) => {
                let times = Unit::Bypasses.text(f64::from(*most));
                format!("oversteps minReplicas or maxReplicas at most {times}")
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
