//! Layer 2: the algorithm. Facts come in as an [`Observation`], what to do goes out as data.
//!
//! Start at [`Autoscaler`].

// A new rule, branch or metric source must meet every place that decides by it.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod calculator;
pub mod config;
mod counterfactual;
mod draft;
pub mod explanation;
mod forecast;
pub mod histories;
pub mod message;
pub mod metrics_client;
pub mod narrative;
mod normalize;
pub mod observation;
pub mod pods;
mod proposals;
mod rate;
mod reconcile;
mod scale_to_zero;
pub mod spec;
mod stabilization;
pub mod status;
mod status_api;
mod tolerance;

pub use crate::api::{FeatureGate, FeatureGates, KubernetesVersion};
pub use config::{ControllerConfig, FloatCasts};
pub use explanation::Explanation;
pub use forecast::{earliest_change, longest_memory};
pub use histories::{Histories, Recommendation, ScaleEvent};
pub use message::{Event, EventKind, Message, Reason, RescaleReason};
pub use normalize::Normalizer;
pub use observation::{
    ExternalSamples, MetricAnswer, ObjectSample, Observation, OtherAutoscaler, PodPhase, PodRecord,
    PodSamples, PodShape, ReadyCondition, ReadyStatus, Sample, Scale, ScaleError,
};
pub use rate::ReplicaRange;
pub use reconcile::{Autoscaler, Decision, Outcome, Report, Rescale};
pub use scale_to_zero::asks_metrics;
pub use spec::Spec;
pub use stabilization::Windows;
pub use status::{Condition, ConditionStatus, ConditionType, Conditions, MetricReading, Status};
pub use tolerance::Tolerances;
