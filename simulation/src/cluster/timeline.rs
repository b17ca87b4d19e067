//! What happens from outside while time passes: orders, edits, losses, faults.

use hpa_core::api::{HorizontalPodAutoscaler, Workload};
use hpa_core::time::SignedDuration;

/// Something that happens at some time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEvent {
    /// When.
    pub at: SignedDuration,
    /// What.
    pub action: Action,
}

/// The places of events in the order of their times; those at the same time keep theirs.
#[must_use]
pub fn in_order(times: impl Iterator<Item = SignedDuration>) -> Vec<usize> {
    let mut order: Vec<(SignedDuration, usize)> = times.zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

/// What can happen.
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
    /// Pods fail at once and are replaced.
    LosePods {
        /// How many, the oldest first.
        count: u32,
    },
    /// Nodes stop answering: their pods serve nothing at once, are unready after 40 s, and are
    /// replaced after 5 min more.
    LoseNodes {
        /// How many, the first ones first.
        count: u32,
    },
    /// A metric is wrong for a while.
    MetricFault {
        /// Which metrics.
        target: FaultTarget,
        /// How.
        fault: FaultKind,
        /// The part of the pods that it concerns [0..1]; other metrics fail as a whole.
        share: f64,
        /// How long.
        duration: SignedDuration,
    },
    /// A metrics API does not answer for a while.
    MetricsApiDown {
        /// Which one.
        api: MetricsApi,
        /// How long.
        duration: SignedDuration,
    },
    /// The controller manager restarts and has forgotten everything.
    RestartController {
        /// How long no sync happens.
        downtime: SignedDuration,
    },
    /// The quota changes.
    SetQuota {
        /// The most pods that may exist; `None` is no bound.
        pods: Option<u32>,
    },
}

impl Action {
    /// The autoscaler that it puts in place, if it edits the autoscaler.
    #[must_use]
    pub fn edited(&self) -> Option<&HorizontalPodAutoscaler> {
        if let Self::EditAutoscaler(edited) = self {
            Some(edited)
        } else {
            None
        }
    }
}

/// Which metrics a fault concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FaultTarget {
    /// All of the autoscaler's metrics.
    #[default]
    All,
    /// Those that measure the resource or metric of this name.
    Named(String),
}

/// How a metric is wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FaultKind {
    /// There is no value.
    #[default]
    Missing,
    /// The value is zero.
    Zero,
    /// The last value stays, with its time.
    Stale,
    /// The API answers with this error.
    Error(String),
    /// The value is multiplied with this.
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
    /// Its name in messages, and its API group; all of them answer as the resource API does.
    pub(super) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Custom => ("custom", "custom.metrics.k8s.io"),
            Self::External => ("external", "external.metrics.k8s.io"),
            Self::All | Self::Resource => ("resource", "metrics.k8s.io"),
        }
    }
}
