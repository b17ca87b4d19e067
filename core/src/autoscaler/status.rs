//! The autoscaler's status as plain data: metrics, replicas and conditions.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::message::{Message, Reason};
use super::spec::MetricIdentity;
use crate::time::Timestamp;

/// The status; [`Status::to_api`] converts it to the API object.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Status {
    /// The observed generation; set since 1.37.
    pub observed_generation: Option<i64>,
    /// The time of the last rescale.
    pub last_scale_time: Option<Timestamp>,
    /// Replicas at the start of the sync.
    pub current_replicas: i32,
    /// Desired replicas.
    pub desired_replicas: i32,
    /// The current metrics, in the order of the spec.
    pub current_metrics: SmallVec<[MetricReading; 2]>,
    /// Conditions in order of first appearance.
    pub conditions: Conditions,
}

/// The current value of one metric.
#[derive(Clone, Debug)]
pub enum MetricReading {
    /// The metric failed; the API shows an empty record.
    Failed,
    /// The metric has a value.
    Read {
        /// The identity of the metric.
        identity: Arc<MetricIdentity>,
        /// The value in the form of the target.
        value: ReadingValue,
    },
}

/// A value in the form of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingValue {
    /// Percent of the request, and the average usage in thousandths.
    Utilization {
        /// Whole percent, truncated.
        percent: i32,
        /// Average usage per pod in thousandths, truncated.
        average_milli: i64,
    },
    /// The value per pod in thousandths.
    AverageValue(i64),
    /// The whole value in thousandths.
    Value(i64),
}

impl PartialEq for MetricReading {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Failed, Self::Failed) => true,
            (
                Self::Read {
                    identity: a,
                    value: x,
                },
                Self::Read {
                    identity: b,
                    value: y,
                },
            ) => x == y && (Arc::ptr_eq(a, b) || a == b),
            _ => false,
        }
    }
}

/// The type of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionType {
    /// Whether the scale can be read and written, and the effect of stabilization.
    AbleToScale,
    /// Whether a replica count can be computed from the metrics.
    ScalingActive,
    /// Whether a limit changed the result.
    ScalingLimited,
    /// Whether the autoscaler itself scaled the target to zero.
    ScaledToZero,
    /// A type written by another client.
    Other(Arc<str>),
}

impl ConditionType {
    /// The type's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::AbleToScale => "AbleToScale",
            Self::ScalingActive => "ScalingActive",
            Self::ScalingLimited => "ScalingLimited",
            Self::ScaledToZero => "ScaledToZero",
            Self::Other(name) => name,
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "AbleToScale" => Self::AbleToScale,
            "ScalingActive" => Self::ScalingActive,
            "ScalingLimited" => Self::ScalingLimited,
            "ScaledToZero" => Self::ScaledToZero,
            _ => Self::Other(text.into()),
        }
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionStatus {
    /// `True`.
    True,
    /// `False`.
    False,
    /// `Unknown`.
    Unknown,
}

impl ConditionStatus {
    /// The API's text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }

    /// Parses the API's text; anything but `True` and `False` is `Unknown`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "True" => Self::True,
            "False" => Self::False,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for ConditionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One condition.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Condition {
    /// The type.
    pub kind: ConditionType,
    /// The status.
    pub status: ConditionStatus,
    /// The time of the last change of `status`.
    pub last_transition: Option<Timestamp>,
    /// The reason.
    pub reason: Reason,
    /// The message.
    pub message: Message,
    /// The observed generation; the controller sets none.
    pub observed_generation: Option<i64>,
}

impl PartialEq for Condition {
    /// Messages are compared by their texts, because one may come from the API as text.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.status == other.status
            && self.last_transition == other.last_transition
            && self.observed_generation == other.observed_generation
            && (self.reason == other.reason || self.reason.as_str() == other.reason.as_str())
            && (self.message == other.message
                || (matches!(self.message, Message::Text(_))
                    != matches!(other.message, Message::Text(_))
                    && self.message.to_string() == other.message.to_string()))
    }
}

impl FromIterator<Condition> for Conditions {
    fn from_iter<T: IntoIterator<Item = Condition>>(conditions: T) -> Self {
        Self(conditions.into_iter().collect())
    }
}

/// The conditions of a status, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions(SmallVec<[Condition; 4]>);

impl Conditions {
    /// The conditions.
    #[must_use]
    pub fn as_slice(&self) -> &[Condition] {
        &self.0
    }

    /// The condition of that type.
    #[must_use]
    pub fn find(&self, kind: &ConditionType) -> Option<&Condition> {
        self.0.iter().find(|condition| condition.kind == *kind)
    }

    /// Whether the condition is present and true.
    #[must_use]
    pub fn is_true(&self, kind: &ConditionType) -> bool {
        self.find(kind)
            .is_some_and(|condition| condition.status == ConditionStatus::True)
    }

    /// Sets a condition; its transition time changes only with its status.
    ///
    /// Upstream: `horizontal.go`, `setConditionInList`.
    pub(super) fn set(&mut self, new: Condition) {
        if let Some(old) = self.0.iter_mut().find(|old| old.kind == new.kind) {
            let last_transition = if old.status == new.status {
                old.last_transition
            } else {
                new.last_transition
            };
            *old = Condition {
                last_transition,
                observed_generation: old.observed_generation,
                ..new
            };
        } else {
            self.0.push(new);
        }
    }

    /// Removes a condition.
    pub(super) fn remove(&mut self, kind: &ConditionType) {
        self.0.retain(|condition| condition.kind != *kind);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        self.0.iter_mut()
    }
}

impl Status {
    /// The status after a round trip through the API: times in whole seconds.
    #[must_use]
    pub fn as_stored(mut self) -> Self {
        self.last_scale_time = self.last_scale_time.map(Timestamp::truncated_to_second);
        for condition in self.conditions.iter_mut() {
            condition.last_transition = condition
                .last_transition
                .map(Timestamp::truncated_to_second);
        }
        self
    }

    /// Whether writing `self` over `stored` would change nothing.
    ///
    /// Upstream: `updateStatusIfNeeded`, semantic deep equality; absent and empty lists are equal.
    #[must_use]
    pub fn is_same(&self, stored: &Self) -> bool {
        self.observed_generation == stored.observed_generation
            && self.last_scale_time == stored.last_scale_time
            && self.current_replicas == stored.current_replicas
            && self.desired_replicas == stored.desired_replicas
            && self.current_metrics == stored.current_metrics
            && self.conditions == stored.conditions
    }
}
