//! Reasons and messages of conditions and events: data that is displayed as upstream's text.

use std::fmt;
use std::sync::Arc;

/// The one-word reason of a condition or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the word that it prints")]
#[non_exhaustive]
pub enum Reason {
    SucceededGetScale,
    FailedGetScale,
    ReadyForNewScale,
    ScaleUpStabilized,
    ScaleDownStabilized,
    SucceededRescale,
    FailedUpdateScale,
    ValidMetricFound,
    ScalingDisabled,
    SelectorRequired,
    InvalidSelector,
    AmbiguousSelector,
    FailedGetResourceMetric,
    FailedGetContainerResourceMetric,
    FailedGetPodsMetric,
    FailedGetObjectMetric,
    FailedGetExternalMetric,
    InvalidMetricSourceType,
    DesiredWithinRange,
    TooManyReplicas,
    TooFewReplicas,
    ScaleUpLimit,
    ScaleDownLimit,
    ScaledToZero,
    NotScaledToZero,
    SuccessfulRescale,
    FailedRescale,
    FailedComputeMetricsReplicas,
    FailedUpdateStatus,
    /// A reason written by another client.
    Other(Arc<str>),
}

const REASONS: [(Reason, &str); 29] = [
    (Reason::SucceededGetScale, "SucceededGetScale"),
    (Reason::FailedGetScale, "FailedGetScale"),
    (Reason::ReadyForNewScale, "ReadyForNewScale"),
    (Reason::ScaleUpStabilized, "ScaleUpStabilized"),
    (Reason::ScaleDownStabilized, "ScaleDownStabilized"),
    (Reason::SucceededRescale, "SucceededRescale"),
    (Reason::FailedUpdateScale, "FailedUpdateScale"),
    (Reason::ValidMetricFound, "ValidMetricFound"),
    (Reason::ScalingDisabled, "ScalingDisabled"),
    (Reason::SelectorRequired, "SelectorRequired"),
    (Reason::InvalidSelector, "InvalidSelector"),
    (Reason::AmbiguousSelector, "AmbiguousSelector"),
    (Reason::FailedGetResourceMetric, "FailedGetResourceMetric"),
    (
        Reason::FailedGetContainerResourceMetric,
        "FailedGetContainerResourceMetric",
    ),
    (Reason::FailedGetPodsMetric, "FailedGetPodsMetric"),
    (Reason::FailedGetObjectMetric, "FailedGetObjectMetric"),
    (Reason::FailedGetExternalMetric, "FailedGetExternalMetric"),
    (Reason::InvalidMetricSourceType, "InvalidMetricSourceType"),
    (Reason::DesiredWithinRange, "DesiredWithinRange"),
    (Reason::TooManyReplicas, "TooManyReplicas"),
    (Reason::TooFewReplicas, "TooFewReplicas"),
    (Reason::ScaleUpLimit, "ScaleUpLimit"),
    (Reason::ScaleDownLimit, "ScaleDownLimit"),
    (Reason::ScaledToZero, "ScaledToZero"),
    (Reason::NotScaledToZero, "NotScaledToZero"),
    (Reason::SuccessfulRescale, "SuccessfulRescale"),
    (Reason::FailedRescale, "FailedRescale"),
    (
        Reason::FailedComputeMetricsReplicas,
        "FailedComputeMetricsReplicas",
    ),
    (Reason::FailedUpdateStatus, "FailedUpdateStatus"),
];

impl Reason {
    /// The reason's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(text) = self {
            return text;
        }
        REASONS
            .iter()
            .find(|(reason, _)| reason == self)
            .map_or("", |(_, text)| text)
    }

    /// The reason of that name; unknown names are kept.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        REASONS
            .iter()
            .find(|(_, name)| *name == text)
            .map_or_else(|| Self::Other(text.into()), |(reason, _)| reason.clone())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The cause of a rescale; the text in `SuccessfulRescale` events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RescaleReason {
    /// None: stabilization or a limit changed the count although the metrics proposed no change.
    #[default]
    None,
    /// The metric of that name proposed more.
    AboveTarget(Arc<str>),
    /// Every metric proposed less.
    AllBelowTarget,
    /// The replica count was above `maxReplicas`.
    AboveMaximum,
    /// The replica count was below `minReplicas`.
    BelowMinimum,
}

impl fmt::Display for RescaleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::AboveTarget(metric) => write!(f, "{metric} above target"),
            Self::AllBelowTarget => f.write_str("All metrics below target"),
            Self::AboveMaximum => f.write_str("Current number of replicas above Spec.MaxReplicas"),
            Self::BelowMinimum => f.write_str("Current number of replicas below Spec.MinReplicas"),
        }
    }
}

/// The message of a condition or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A literal text: an error, or a message written by another client.
    Text(Arc<str>),
    /// The scale was read.
    GotScale,
    /// The scale could not be read.
    NoScale(Arc<str>),
    /// No stabilization was needed.
    SizeMatches,
    /// A lower recommendation within the window held the count down.
    RecentLower,
    /// A higher recommendation within the window held the count up.
    RecentHigher,
    /// The scale was written.
    Rescaled(i32),
    /// The scale could not be written.
    NotRescaled(Arc<str>),
    /// A metric gave a replica count.
    ValidMetric(Arc<str>),
    /// No replica count could be computed.
    InvalidMetric(Arc<str>),
    /// The target has no replicas, and scaling from zero does not apply.
    Disabled,
    /// The scale names no selector.
    MissingSelector,
    /// Neither limits nor policies changed the count.
    WithinRange,
    /// `maxReplicas` cut the count.
    MoreThanMaximum,
    /// `minReplicas` raised the count.
    LessThanMinimum,
    /// The scale-up rate was limited.
    IncreasingTooFast,
    /// The scale-down rate was limited.
    DecreasingTooFast,
    /// The autoscaler scaled the target to zero.
    ScaledToZero,
    /// The autoscaler did not scale the target to zero.
    NotScaledToZero,
    /// A rescale succeeded.
    NewSize(i32, RescaleReason),
    /// A rescale failed.
    NewSizeFailed(i32, RescaleReason, Arc<str>),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(text) => text,
            Self::NoScale(error) => {
                return write!(
                    f,
                    "the HPA controller was unable to get the target's current scale: {error}"
                );
            }
            Self::Rescaled(to) => {
                return write!(f, "the HPA controller was able to update the target scale to {to}");
            }
            Self::NotRescaled(error) => {
                return write!(
                    f,
                    "the HPA controller was unable to update the target scale: {error}"
                );
            }
            Self::ValidMetric(name) => {
                return write!(
                    f,
                    "the HPA was able to successfully calculate a replica count from {name}"
                );
            }
            Self::InvalidMetric(error) => {
                return write!(f, "the HPA was unable to compute the replica count: {error}");
            }
            Self::NewSize(size, reason) => return write!(f, "New size: {size}; reason: {reason}"),
            Self::NewSizeFailed(size, reason, error) => {
                return write!(f, "New size: {size}; reason: {reason}; error: {error}");
            }
            Self::GotScale => "the HPA controller was able to get the target's current scale",
            Self::SizeMatches => "recommended size matches current size",
            Self::RecentLower => {
                "recent recommendations were lower than current one, applying the lowest recent recommendation"
            }
            Self::RecentHigher => {
                "recent recommendations were higher than current one, applying the highest recent recommendation"
            }
            Self::Disabled => "scaling is disabled since the replica count of the target is zero",
            Self::MissingSelector => "the HPA target's scale is missing a selector",
            Self::WithinRange => "the desired count is within the acceptable range",
            Self::MoreThanMaximum => {
                "the desired replica count is more than the maximum replica count"
            }
            Self::LessThanMinimum => {
                "the desired replica count is less than the minimum replica count"
            }
            Self::IncreasingTooFast => {
                "the desired replica count is increasing faster than the maximum scale rate"
            }
            Self::DecreasingTooFast => {
                "the desired replica count is decreasing faster than the maximum scale rate"
            }
            Self::ScaledToZero => "the HPA controller scaled the workload to zero",
            Self::NotScaledToZero => "the HPA controller did not scale the workload to zero",
        })
    }
}

/// A Kubernetes event to be emitted about the autoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// `Normal` or `Warning`.
    pub kind: EventKind,
    /// The reason.
    pub reason: Reason,
    /// The message.
    pub message: Message,
}

/// The type of a Kubernetes event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `Normal`.
    Normal,
    /// `Warning`.
    Warning,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        })
    }
}

impl Event {
    /// An event to be emitted.
    #[must_use]
    pub const fn new(kind: EventKind, reason: Reason, message: Message) -> Self {
        Self {
            kind,
            reason,
            message,
        }
    }

    pub(super) fn warning(reason: Reason, message: Message) -> Self {
        Self {
            kind: EventKind::Warning,
            reason,
            message,
        }
    }
}
