//! Layer 2: the algorithm. It turns an [`Observation`] into a decision, both plain data.
//!
//! Start at [`Autoscaler`]. Structs that grow with upstream are `#[non_exhaustive]`: those that an
//! embedder fills have constructors and `with_…` methods, the others are results of a sync. Enums
//! whose variants are rules that every caller must handle, such as [`explanation::PodsRule`] and
//! [`spec::MetricIdentity`], are exhaustive; enums of upstream's vocabulary, such as [`Reason`], are
//! not.

// A new rule, branch or metric source must be handled everywhere.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod calculator;
mod config;
mod counterfactual;
mod draft;
pub mod explanation;
mod histories;
mod message;
pub mod metrics_client;
mod narrative;
mod next_change;
mod normalize;
mod observation;
mod pods;
mod proposals;
mod rate;
mod reconcile;
mod scale_to_zero;
mod scale_write;
pub mod spec;
mod stabilization;
mod status;
mod status_api;
pub mod sync_queue;
mod tolerance;

pub use crate::api::{FeatureGate, FeatureGates, KubernetesVersion, Rules};
pub use config::{Arch, ControllerConfig};
pub use explanation::Explanation;
pub use histories::{Histories, Recommendation, ScaleEvent};
pub use message::{Event, EventKind, Message, Reason, RescaleReason};
pub use narrative::{Paragraph, Step};
pub use next_change::{earliest_change, longest_memory};
pub use normalize::Normalizer;
pub use observation::{
    ExternalSamples, MetricAnswer, ObjectSample, Observation, OtherAutoscaler, PodPhase, PodRecord,
    PodSamples, PodShape, ReadyCondition, ReadyStatus, Sample, Scale, ScaleError,
};
pub use pods::PodGroups;
pub use rate::ReplicaRange;
pub use reconcile::{Autoscaler, Decision, Outcome, Report, Rescale};
pub use scale_to_zero::asks_metrics;
pub use scale_write::{AfterFailure, ScaleWrites};
pub use spec::Spec;
pub use stabilization::Windows;
pub use status::{
    Condition, ConditionStatus, ConditionType, Conditions, MetricReading, ReadingValue, Status,
};
pub use tolerance::Tolerances;
