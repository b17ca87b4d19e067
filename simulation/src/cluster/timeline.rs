//! Timeline events: actions of people, edits, losses, faults.

use hpa_core::api::{HorizontalPodAutoscaler, Workload};
use hpa_core::time::SignedDuration;

/// A timed event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TimelineEvent {
    /// The time.
    pub at: SignedDuration,
    /// The action.
    pub action: Action,
}

impl TimelineEvent {
    /// Something that happens this long after the beginning.
    #[must_use]
    pub const fn new(at: SignedDuration, action: Action) -> Self {
        Self { at, action }
    }
}

/// The indexes of events in order of time; simultaneous ones keep their order.
#[must_use]
pub fn in_order(times: impl Iterator<Item = SignedDuration>) -> Vec<usize> {
    let mut order: Vec<(SignedDuration, usize)> = times.zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

/// An action of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `kubectl scale`.
    Scale {
        /// The new replica count.
        replicas: i32,
    },
    /// `kubectl apply` of the workload's manifest: sets the replica count if the manifest has
    /// one, and rolls out the template if it differs.
    ApplyWorkload(Box<Workload>),
    /// An edited autoscaler, defaulted and validated.
    EditAutoscaler(Box<HorizontalPodAutoscaler>),
    /// `kubectl rollout restart`, with the manifest's surge.
    RollingUpdate,
    /// Pods fail and are replaced.
    LosePods {
        /// The number, the oldest first.
        count: u32,
    },
    /// Nodes become unreachable: their pods stop serving immediately, are unready after 40 s, and are
    /// replaced after another 5 min.
    LoseNodes {
        /// The number, the first ones first.
        count: u32,
    },
    /// A temporary fault of a metric.
    MetricFault {
        /// The affected metrics.
        target: FaultTarget,
        /// The kind of fault.
        fault: FaultKind,
        /// The fraction of pods affected [0..1]; other metrics fail as a whole.
        share: f64,
        /// The duration.
        duration: SignedDuration,
    },
    /// A temporary outage of a metrics API.
    MetricsApiDown {
        /// The API.
        api: MetricsApi,
        /// The duration.
        duration: SignedDuration,
    },
    /// A restart of the controller manager, which loses its state.
    RestartController {
        /// The time without syncs.
        downtime: SignedDuration,
    },
    /// The quota changes.
    SetQuota {
        /// The maximum number of pods; `None` for no limit.
        pods: Option<u32>,
    },
}

impl Action {
    /// The new autoscaler, if the action is an edit.
    #[must_use]
    pub fn edited(&self) -> Option<&HorizontalPodAutoscaler> {
        if let Self::EditAutoscaler(edited) = self {
            Some(edited)
        } else {
            None
        }
    }
}

/// The metrics that a fault affects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FaultTarget {
    /// All of the autoscaler's metrics.
    #[default]
    All,
    /// The metrics on the resource or metric of this name.
    Named(String),
}

/// How a metric fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FaultKind {
    /// The metric has no value.
    #[default]
    Missing,
    /// The value is zero.
    Zero,
    /// The last value is repeated with its original timestamp.
    Stale,
    /// The API returns this error.
    Error(String),
    /// The value is multiplied by this factor.
    Factor(f64),
}

/// A metrics API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ApiDocument", rename_all = "camelCase"))]
pub enum MetricsApi {
    /// All three.
    #[default]
    All,
    /// `metrics.k8s.io`.
    Resource,
    /// `custom.metrics.k8s.io`.
    Custom,
    /// `external.metrics.k8s.io`.
    External,
}

impl MetricsApi {
    /// Its name in messages, and its API group; `All` uses those of the resource API.
    pub(super) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Custom => ("custom", "custom.metrics.k8s.io"),
            Self::External => ("external", "external.metrics.k8s.io"),
            Self::All | Self::Resource => ("resource", "metrics.k8s.io"),
        }
    }
}
