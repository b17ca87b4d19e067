//! Layer 3: the cluster around the algorithm: load, pods, nodes, metrics pipelines, faults, trace.
//!
//! Start at [`run`], or at [`Simulation`] for a run in slices: a [`Setup`] goes in, a [`Recording`]
//! comes out, and the same setup gives the same bits on every machine. Time starts at
//! `Timestamp(0)`; initial pods started before it. Random numbers depend only on the seed, the concern
//! and the pod's number, so that changing one setting does not shift the draws of another.
//!
//! What a setup is made of is `#[non_exhaustive]`, as the model grows: each part has a default, and a
//! constructor where something is required; the other fields are set. Shapes of load, actions, faults
//! and signals are closed, so that the compiler reports every place that has to handle a new one.
//!
//! Simultaneous events happen in this order: load changes, timeline events, pods and nodes, scrapes,
//! the autoscaler's sync. So a sync sees the events of its own time.

#![deny(clippy::wildcard_enum_match_arm)]

mod answers;
mod arrivals;
mod budget;
mod cohort;
mod creation;
mod derived;
mod effort;
mod engine;
mod faults;
mod fingerprint;
mod invalid;
mod lifecycle;
pub mod load;
mod measure;
mod moment;
mod node_pool;
pub mod nodes;
pub mod pipeline;
mod pods;
mod queueing;
mod recorder;
mod replay;
mod requests;
mod ring;
mod rng;
mod rollout;
pub mod setup;
mod simulation;
mod sources;
pub mod startup;
mod state;
mod sync_loop;
pub mod timeline;
pub mod trace;
mod validate;
pub mod value_ranges;
pub mod workload;

pub use creation::MAX_PODS;
pub use effort::Work;
pub use invalid::{InvalidSetup, SetupProblem, SetupProblemKind, SetupValue};
pub use load::{Interpolation, LoadPart, LoadProfile, Shape, WaveShape};
pub use nodes::{NodeAutoscaler, Nodes};
pub use pipeline::{Feed, FeedSource, Pipeline, Pipelines, Series, Signal};
pub use replay::Replay;
pub use setup::{Neighbor, Setup, SetupDraft, SyncTiming};
pub use simulation::{Progress, Recording, Simulation, run};
pub use startup::{Crash, Readiness, Spread, Startup};
pub use timeline::{Action, FaultKind, FaultTarget, MetricsApi, TimelineEvent, in_order};
pub use trace::{
    About, ClusterEvent, Edge, Marker, MetricPoint, PodLifecycle, Steps, SyncDetail, SyncRecord,
    Totals, Trace,
};
pub use workload::{ContainerShare, CpuLimit, Queue, ServiceTime, WorkloadModel};

/// The predicate of messages about a run that stopped early.
pub const STOPPED: &str = "stopped early because the rest would take too long: use fewer distinct pods, fewer nodes, or a shorter run";

#[cfg(test)]
mod tests;
