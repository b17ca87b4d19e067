//! The timeline in the experiment document: one action at each entry.

use super::value::{Amount, Limit};
use hpa_core::api::{Behavior, MetricSpec, ResourceRequirements};
use hpa_core::time::Duration;

/// The actions, of which an event has exactly one.
pub const ACTIONS: [&str; 10] = [
    "scale",
    "apply",
    "editAutoscaler",
    "rollingUpdate",
    "losePods",
    "loseNodes",
    "metricFault",
    "metricsApiDown",
    "restartController",
    "setQuota",
];

/// Something that happens at some time; exactly one action is set.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct EventDocument {
    /// When; default 0s.
    #[cfg_attr(test, schemars(with = "super::schema::DurationText"))]
    pub at: Duration,
    /// A name that goals can refer to.
    pub name: Option<String>,
    /// `kubectl scale` to this many replicas, at most 150000.
    pub scale: Option<i32>,
    /// `kubectl apply` of the workload's manifest with these changes.
    pub apply: Option<ApplyDocument>,
    /// The autoscaler with these changes.
    pub edit_autoscaler: Option<EditDocument>,
    /// `kubectl rollout restart`.
    pub rolling_update: Option<Nothing>,
    /// So many pods fail at once, the oldest first.
    pub lose_pods: Option<u32>,
    /// So many nodes stop answering, the first ones first.
    pub lose_nodes: Option<u32>,
    /// A metric is wrong for a while.
    pub metric_fault: Option<FaultDocument>,
    /// A metrics API does not answer for a while.
    pub metrics_api_down: Option<ApiDownDocument>,
    /// The controller manager restarts and has forgotten everything.
    pub restart_controller: Option<RestartDocument>,
    /// The most pods that may exist from now on, or none.
    pub set_quota: Option<Limit<u32>>,
}

/// An action that needs nothing said: write `{}`.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(default))]
pub struct Nothing {}

/// Changes of the workload's manifest.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct ApplyDocument {
    /// The manifest's replicas; default: the manifest has none, and the count stays.
    pub replicas: Option<i32>,
    /// New requests and limits of the first container, which roll the pods out anew.
    #[cfg_attr(test, schemars(with = "Option<super::schema::AnyResources>"))]
    pub resources: Option<ResourceRequirements>,
}

/// Changes of the autoscaler.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct EditDocument {
    /// New minReplicas.
    pub min_replicas: Option<i32>,
    /// New maxReplicas.
    pub max_replicas: Option<i32>,
    /// New metrics in place of all old ones.
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::AnyMetricSpec>>"))]
    pub metrics: Option<Vec<MetricSpec>>,
    /// New behavior in place of the old one.
    #[cfg_attr(test, schemars(with = "Option<super::schema::AnyBehavior>"))]
    pub behavior: Option<Behavior>,
}

/// A metric that is wrong for a while.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct FaultDocument {
    /// The name of the resource or metric; default: all metrics.
    pub metric: Option<String>,
    /// How it is wrong; default missing.
    pub kind: FaultKindDocument,
    /// The factor, for kind factor; default 2.
    pub factor: Option<Amount>,
    /// The text of the error, for kind error.
    pub message: Option<String>,
    /// The part of the pods that it concerns, 0 to 1; default 1.
    pub share: Option<Amount>,
    /// How long; default: to the end of the run.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub duration: Option<Duration>,
}

/// How a metric is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum FaultKindDocument {
    /// There is no value.
    #[default]
    Missing,
    /// The value is zero.
    Zero,
    /// The last value stays, with its time.
    Stale,
    /// The API answers with an error.
    Error,
    /// The value is multiplied.
    Factor,
}

/// A metrics API that does not answer for a while.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct ApiDownDocument {
    /// Which one; default all.
    pub api: ApiDocument,
    /// How long; default: to the end of the run.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub duration: Option<Duration>,
}

/// A metrics API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum ApiDocument {
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

/// The controller manager restarts.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct RestartDocument {
    /// How long no sync happens; default 15s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub downtime: Option<Duration>,
}
