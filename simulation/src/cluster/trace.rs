//! The trace of a run: chart columns, syncs, pods, events, totals.

use std::sync::Arc;

use super::setup::Setup;
use hpa_core::autoscaler::explanation::{
    Bound, Branch, Calculation, MetricStep, MissingFill, PodsMeasure,
};
use hpa_core::autoscaler::{
    Event, Explanation, Histories, Observation, Report, Rescale, Spec, Status,
};
use hpa_core::time::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The trace of a run, as plain data.
///
/// Serialized with field names in camel case, times in seconds since the start, and `null` for NaN;
/// the setup is omitted.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Trace {
    /// The input of the run.
    #[serde(skip)]
    pub setup: Setup,
    /// Chart columns.
    pub steps: Steps,
    /// One record for each sync, in order of time.
    pub syncs: Vec<SyncRecord>,
    /// Pod lifecycles, in order of creation.
    pub pods: Vec<PodLifecycle>,
    /// Kubernetes events, in order of their first occurrence.
    pub events: Vec<ClusterEvent>,
    /// The starts and ends of timeline events.
    pub markers: Vec<Marker>,
    /// Sums over the whole run.
    pub totals: Totals,
    /// When the run stopped early because the rest would have been too expensive; the trace ends there.
    #[serde(serialize_with = "seconds_if_any")]
    pub stopped: Option<Timestamp>,
    /// The metrics of all syncs: see [`Trace::points`] for those of one sync.
    pub(super) points: Vec<MetricPoint>,
}

/// Chart columns. Row `i` applies from `time[i]` until `time[i + 1]`, the last one until the end;
/// equal consecutive rows are merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Steps {
    /// Start of the row [s since the start of the run].
    pub time: Vec<f64>,
    /// Requests that arrive [1/s].
    pub load: Vec<f32>,
    /// Requests that are served [1/s].
    pub served: Vec<f32>,
    /// Requests that are rejected because a queue is full or no pod is ready [1/s].
    pub dropped: Vec<f32>,
    /// Requests that time out [1/s].
    pub timed_out: Vec<f32>,
    /// Requests waiting because pods are at capacity, at the end of the row.
    pub backlog: Vec<f32>,
    /// Requests in progress or waiting, on average.
    pub in_flight: Vec<f32>,
    /// Median latency of the requests that arrive \[s\].
    pub p50: Vec<f32>,
    /// Its 95th percentile \[s\].
    pub p95: Vec<f32>,
    /// Its 99th percentile \[s\].
    pub p99: Vec<f32>,
    /// CPU usage of all pods \[cores\].
    pub cpu: Vec<f32>,
    /// CPU requests of all pods that are not terminating \[cores\].
    pub cpu_request: Vec<f32>,
    /// Memory usage of all pods \[bytes\].
    pub memory: Vec<f32>,
    /// `spec.replicas` of the workload.
    pub spec_replicas: Vec<i32>,
    /// `status.replicas` of the workload.
    pub status_replicas: Vec<i32>,
    /// Ready pods that are not terminating.
    pub ready: Vec<u32>,
    /// Running pods that are not ready.
    pub unready: Vec<u32>,
    /// Pods that are not running yet.
    pub pending: Vec<u32>,
    /// Terminating pods.
    pub terminating: Vec<u32>,
    /// Nodes.
    pub nodes: Vec<u32>,
}

/// The summary of one sync; see [`super::Replay::detail`] for its details.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SyncRecord {
    /// The time of the sync.
    #[serde(serialize_with = "seconds")]
    pub time: Timestamp,
    /// `spec.replicas` as read.
    pub current: i32,
    /// `status.replicas` as read.
    pub status_replicas: i32,
    /// Ready pods that are not terminating.
    pub ready: u32,
    /// The largest proposal; `current` if metrics were not evaluated or failed.
    pub proposal: i32,
    /// The count after stabilization.
    pub stabilized: i32,
    /// The desired replicas.
    pub desired: i32,
    /// The index of the metric with the largest proposal.
    pub winner: Option<u8>,
    /// The number of failed metrics.
    pub failed_metrics: u8,
    /// The branch of the algorithm.
    pub branch: Branch,
    /// The limit that changed the stabilized count.
    pub bound: Bound,
    /// The start and number of this sync's values in the list of points.
    pub(super) points: (u32, u8),
}

impl SyncRecord {
    /// Whether the replica count was changed.
    #[must_use]
    pub const fn rescaled(&self) -> bool {
        self.desired != self.current
    }

    /// Whether a stabilization window changed the proposal.
    #[must_use]
    pub const fn held_by_window(&self) -> bool {
        self.stabilized != self.proposal
    }
}

/// One metric at one sync.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MetricPoint {
    /// The value in its target's unit: percent of the request, or thousandths. NaN: it failed.
    pub value: f64,
    /// The target in the same unit.
    pub target: f64,
    /// Value over target, including assumed samples, if any.
    pub ratio: f64,
    /// Value over target as measured, without assumed samples.
    pub measured_ratio: f64,
    /// The number of unready pods with assumed usage.
    pub unready_filled: u32,
    /// The number of pods without a sample with assumed usage.
    pub missing_filled: u32,
    /// The proposed replicas; -1 if the metric failed.
    pub proposal: i32,
}

impl MetricPoint {
    pub(super) fn of(metric: &MetricStep) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "charts need no more")]
        let float = |value: i64| value as f64;
        let mut point = Self {
            value: f64::NAN,
            target: f64::NAN,
            ratio: f64::NAN,
            measured_ratio: f64::NAN,
            unready_filled: 0,
            missing_filled: 0,
            proposal: metric.proposal.as_ref().map_or(-1, |replicas| *replicas),
        };
        match &metric.calculation {
            Calculation::None => {}
            Calculation::Pods(pods) => {
                point.value = float(pods.first.value);
                point.target = match pods.measure {
                    PodsMeasure::Utilization { target } => f64::from(target),
                    PodsMeasure::Average { target } => float(target),
                };
                point.measured_ratio = pods.first.ratio;
                point.ratio = pods.second.unwrap_or(pods.first).ratio;
                if pods.unready_filled {
                    point.unready_filled = pods.groups.unready;
                }
                if pods.missing_filled != MissingFill::None {
                    point.missing_filled = pods.groups.missing;
                }
            }
            Calculation::Total(total) => {
                point.value = float(total.usage);
                point.target = float(total.target);
                point.measured_ratio = total.ratio;
                point.ratio = total.ratio;
            }
        }
        point
    }
}

/// The lifecycle of one pod, or of several identical ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PodLifecycle {
    /// The number of the first pod, counted from 0 over the whole run.
    pub first: u32,
    /// The number of pods.
    pub count: u32,
    /// The revision of the template, counted from 0.
    pub revision: u32,
    /// The time of creation.
    #[serde(serialize_with = "seconds")]
    pub created: Timestamp,
    /// The time of binding to a node.
    #[serde(serialize_with = "seconds_if_any")]
    pub scheduled: Option<Timestamp>,
    /// The first start of their containers.
    #[serde(serialize_with = "seconds_if_any")]
    pub started: Option<Timestamp>,
    /// The first time at which they became ready.
    #[serde(serialize_with = "seconds_if_any")]
    pub ready: Option<Timestamp>,
    /// The last time at which they became unready.
    #[serde(serialize_with = "seconds_if_any")]
    pub unready: Option<Timestamp>,
    /// The time of deletion.
    #[serde(serialize_with = "seconds_if_any")]
    pub terminating: Option<Timestamp>,
    /// The time at which they were gone.
    #[serde(serialize_with = "seconds_if_any")]
    pub gone: Option<Timestamp>,
}

/// A Kubernetes event; repetitions are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClusterEvent {
    /// The first occurrence.
    #[serde(serialize_with = "seconds")]
    pub first: Timestamp,
    /// The last occurrence.
    #[serde(serialize_with = "seconds")]
    pub last: Timestamp,
    /// The number of occurrences.
    pub count: u32,
    /// The object concerned.
    pub about: About,
    /// Type, reason, message.
    #[serde(flatten, serialize_with = "event")]
    pub event: Event,
    #[serde(skip)]
    pub(super) times: Vec<Timestamp>,
}

impl ClusterEvent {
    /// The last occurrence up to `time` and the count by then; `None` before the first occurrence.
    #[must_use]
    pub fn as_of(&self, time: Timestamp) -> Option<(Timestamp, u32)> {
        let count = self.times.partition_point(|emitted| *emitted <= time);
        let last = self.times.get(count.checked_sub(1)?)?;
        Some((*last, u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

/// The object that a Kubernetes event concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum About {
    /// The autoscaler.
    Autoscaler,
    /// The workload.
    Workload,
    /// A pod.
    Pod,
    /// A node.
    Node,
}

impl About {
    /// Its stable name in data formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Autoscaler => "Autoscaler",
            Self::Workload => "Workload",
            Self::Pod => "Pod",
            Self::Node => "Node",
        }
    }
}

/// The starts and ends of timeline events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Marker {
    /// The time.
    #[serde(serialize_with = "seconds")]
    pub time: Timestamp,
    /// Its index in the setup's timeline.
    pub event: usize,
    /// Whether this is its start or its end.
    pub edge: Edge,
}

/// Start or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Edge {
    /// It happened or started.
    Begin,
    /// It ended.
    End,
}

/// Totals of the run. `arrived = served + dropped + timed_out + in_system`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Requests that arrived.
    pub arrived: f64,
    /// Requests that were served.
    pub served: f64,
    /// Requests that were rejected.
    pub dropped: f64,
    /// Requests that timed out.
    pub timed_out: f64,
    /// Requests waiting at the end.
    pub in_system: f64,
    /// Total lifetime of pods, each from its creation until it was gone \[s\].
    pub pod_seconds: f64,
    /// CPU time used [core seconds].
    pub cpu_seconds: f64,
}

/// The details of one sync.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncDetail {
    /// The time of the sync.
    pub time: Timestamp,
    /// The autoscaler's specification at that time.
    pub spec: Arc<Spec>,
    /// The observation.
    pub observation: Observation,
    /// The explanation.
    pub explanation: Explanation,
    /// The histories after the sync.
    pub histories: Histories,
    /// The status after the sync, as stored.
    pub status: Status,
    /// The rescale, if any.
    pub rescale: Option<Rescale>,
    /// Events and error.
    pub report: Report,
}

impl Trace {
    /// The metrics of sync `index`, in the order of the autoscaler's metrics at that time; empty if
    /// metrics were not evaluated.
    #[must_use]
    pub fn points(&self, index: usize) -> &[MetricPoint] {
        let Some(SyncRecord { points, .. }) = self.syncs.get(index) else {
            return &[];
        };
        let start = points.0 as usize;
        &self.points[start..start + usize::from(points.1)]
    }

    /// The index of the last sync at or before `time`.
    #[must_use]
    pub fn sync_at(&self, time: Timestamp) -> Option<usize> {
        self.syncs
            .partition_point(|sync| sync.time <= time)
            .checked_sub(1)
    }

    /// A hash of all bits of the trace.
    #[must_use]
    pub fn hash(&self) -> u64 {
        super::fingerprint::of(self)
    }
}

/// Serializes a time as seconds since the start.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")
)]
fn seconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(super::arrivals::seconds(*time - Timestamp::default()))
}

#[expect(clippy::ref_option, reason = "as serde calls it")]
fn seconds_if_any<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// Serializes an event in kubectl's form.
fn event<S: Serializer>(event: &Event, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("type", &event.kind.to_string())?;
    map.serialize_entry("reason", event.reason.as_str())?;
    map.serialize_entry("message", &event.message.to_string())?;
    map.end()
}
