//! Layer 1: the Kubernetes objects that the model reads, as an API server would accept them.
//!
//! Every optional field is an `Option` or a list here; defaulting and
//! validation are [`crate::manifest`]'s, and the algorithm reads
//! [`crate::autoscaler::Spec`], in which fields with defaults are not optional.
//!
//! Kubernetes adds fields to these objects, so they are `#[non_exhaustive]`. They are read from
//! manifests and from JSON, made by their constructors, or begun with `default()` and filled field by
//! field.

pub mod gotext;
pub mod hpa;
pub mod meta;
pub mod metric_target;
pub mod metrics;
pub mod names;
pub mod pod;
pub mod release;
pub mod selector;
pub mod workload;

pub use hpa::{
    Behavior, Condition, ContainerResourceMetricSource, CrossVersionObjectReference,
    ExternalMetricSource, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricIdentifier, MetricSpec, MetricStatus, MetricTarget,
    MetricValueStatus, ObjectMetricSource, PodsMetricSource, ResourceMetricSource, ScalingPolicy,
    ScalingRules,
};
pub use meta::{
    LabelSelector, LabelSelectorRequirement, Labels, ObjectMeta, OwnerReference, SystemMeta,
};
pub use metric_target::{Target, utilization_percent};
pub use metrics::{ContainerMetrics, ExternalMetricValue, MetricValue, PodMetrics};
pub use pod::{
    Container, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements, RunningContainer,
};
pub use release::{
    Change, DEFAULT_SYNC_PERIOD, FeatureGate, FeatureGates, GateError, GateState,
    KubernetesVersion, Rules, Stage,
};
pub use selector::{Selector, SelectorError};
pub use workload::{PodTemplate, RolloutBehavior, ScaleTargetKind, Workload};
