//! Layer 3: the cluster around the algorithm: load, pods, nodes, metrics pipelines, faults, trace.
//!
//! Start at [`run`]: a [`Setup`] goes in, a [`Trace`] comes out, and the same setup gives the same
//! bits on every machine. Time starts at `Timestamp(0)`; pods that are there from the beginning
//! started before it. Everything that is drawn at random is drawn from the seed, the concern and
//! the pod's number, so that changing one setting does not shift what another one draws.
//!
//! Events at the same time happen in this order: load changes, timeline events, pods and nodes,
//! scrapes of metrics, the autoscaler's sync. So a sync sees what happened at its own moment.

mod arrivals;
mod birth;
mod cohort;
mod controller;
mod effort;
mod engine;
mod faults;
mod fingerprint;
mod flow;
pub mod load;
mod measure;
pub mod nodes;
mod params;
pub mod pipeline;
mod pods;
mod queueing;
mod recorder;
mod rng;
mod scheduler;
pub mod setup;
pub mod startup;
pub mod timeline;
pub mod trace;
pub mod workload;

pub use birth::MAX_PODS;
pub use engine::run;
pub use load::{Interpolation, LoadPart, LoadProfile, Shape, WaveShape};
pub use nodes::{NodeAutoscaler, Nodes};
pub use pipeline::{Feed, FeedSource, Pipeline, Pipelines, Series, Signal};
pub use setup::{Neighbor, Setup, SyncTiming};
pub use startup::{Crash, Readiness, Spread, Startup};
pub use timeline::{Action, FaultKind, FaultTarget, MetricsApi, TimelineEvent, in_order};
pub use trace::{
    About, ClusterEvent, Edge, Marker, MetricPoint, PodLifecycle, Steps, SyncDetail, SyncRecord,
    Totals, Trace,
};
pub use workload::{ContainerShare, CpuLimit, Queue, ServiceTime, WorkloadModel};

/// What is said of a run that was given up, after its subject and with what to do about it.
pub const STOPPED: &str = "stopped early because the rest would take too long: use fewer distinct pods, fewer nodes, or a shorter run";

#[cfg(test)]
mod tests;
