//! What happened over time: columns for charts, one record a sync, pods, events, totals.

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

/// What happened in one run: plain data.
///
/// Serialized it has the names of its fields in camel case, times in seconds since the beginning, and
/// `null` for numbers that do not exist; the setup is left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Trace {
    /// What it was computed from.
    #[serde(skip)]
    pub setup: Setup,
    /// Columns for charts.
    pub steps: Steps,
    /// One record for each sync, in order of time.
    pub syncs: Vec<SyncRecord>,
    /// Pods that came and went, in order of creation.
    pub pods: Vec<PodLifecycle>,
    /// Kubernetes events, in order of their first time.
    pub events: Vec<ClusterEvent>,
    /// When something of the timeline happened or ended.
    pub markers: Vec<Marker>,
    /// Sums over the whole run.
    pub totals: Totals,
    /// When the run was given up, because what was left of it would have taken too long or too
    /// much memory; what was until then is all there is.
    #[serde(serialize_with = "seconds_if_any")]
    pub stopped: Option<Timestamp>,
    /// What syncs saw of each metric: [`Trace::points`] gives those of one sync.
    pub(super) points: Vec<MetricPoint>,
}

/// Columns for charts. Row `i` holds from `time[i]` until `time[i + 1]`, the last one until the
/// end; what does not change for some time is one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Steps {
    /// Start of the row [s since the beginning].
    pub time: Vec<f64>,
    /// Requests that arrive [1/s].
    pub load: Vec<f32>,
    /// Requests that are served [1/s].
    pub served: Vec<f32>,
    /// Requests that are turned away, because a queue is full or no pod is ready [1/s].
    pub dropped: Vec<f32>,
    /// Requests that give up waiting [1/s].
    pub timed_out: Vec<f32>,
    /// Requests that wait because pods are at their capacity, at the end of the row.
    pub backlog: Vec<f32>,
    /// Requests in progress or waiting, on average.
    pub in_flight: Vec<f32>,
    /// Median latency of the requests that arrive \[s\].
    pub p50: Vec<f32>,
    /// 95th percentile of it \[s\].
    pub p95: Vec<f32>,
    /// 99th percentile of it \[s\].
    pub p99: Vec<f32>,
    /// CPU usage of all pods \[cores\].
    pub cpu: Vec<f32>,
    /// CPU that all pods which are not on their way out request \[cores\].
    pub cpu_request: Vec<f32>,
    /// Memory usage of all pods \[bytes\].
    pub memory: Vec<f32>,
    /// `spec.replicas` of the workload.
    pub spec_replicas: Vec<i32>,
    /// `status.replicas` of the workload.
    pub status_replicas: Vec<i32>,
    /// Pods that are ready and not on their way out.
    pub ready: Vec<u32>,
    /// Pods that run and are not ready.
    pub unready: Vec<u32>,
    /// Pods that do not run yet.
    pub pending: Vec<u32>,
    /// Pods on their way out.
    pub terminating: Vec<u32>,
    /// Nodes.
    pub nodes: Vec<u32>,
}

/// One sync in brief; [`super::Replay::detail`] gives all of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SyncRecord {
    /// When it was.
    #[serde(serialize_with = "seconds")]
    pub time: Timestamp,
    /// `spec.replicas` as read.
    pub current: i32,
    /// `status.replicas` as read.
    pub status_replicas: i32,
    /// Pods that are ready and not on their way out.
    pub ready: u32,
    /// What the metrics proposed; `current` where they were not looked at or gave nothing.
    pub proposal: i32,
    /// What stabilization made of it.
    pub stabilized: i32,
    /// What was asked for.
    pub desired: i32,
    /// The metric that made the proposal, by its position.
    pub winner: Option<u8>,
    /// How many metrics failed.
    pub failed_metrics: u8,
    /// Which way through the algorithm was taken.
    pub branch: Branch,
    /// What cut the stabilized count.
    pub bound: Bound,
    /// Where this sync's values begin in the list of points, and how many there are.
    pub(super) points: (u32, u8),
}

impl SyncRecord {
    /// Whether the replica count was changed.
    #[must_use]
    pub const fn rescaled(&self) -> bool {
        self.desired != self.current
    }

    /// Whether a stabilization window changed what the metrics proposed.
    #[must_use]
    pub const fn held_by_window(&self) -> bool {
        self.stabilized != self.proposal
    }
}

/// What one sync saw of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricPoint {
    /// The value in its target's unit: percent of the request, or thousandths. NaN: it failed.
    pub value: f64,
    /// The target in the same unit.
    pub target: f64,
    /// Value over target as the rule that decided saw it: with samples filled in, if any were.
    pub ratio: f64,
    /// Value over target as measured, before samples were filled in.
    pub measured_ratio: f64,
    /// Unready pods for which a sample was filled in.
    pub unready_filled: u32,
    /// Pods without a sample for which one was filled in.
    pub missing_filled: u32,
    /// The replicas that it proposed; -1 where it failed.
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

/// The life of one pod, or of several that lived alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PodLifecycle {
    /// The number of the first one, counted from 0 over the whole run.
    pub first: u32,
    /// How many they are.
    pub count: u32,
    /// Which version of the template, counted from 0.
    pub revision: u32,
    /// When they were created.
    #[serde(serialize_with = "seconds")]
    pub created: Timestamp,
    /// When they were bound to a node.
    #[serde(serialize_with = "seconds_if_any")]
    pub scheduled: Option<Timestamp>,
    /// When their containers started, the first time.
    #[serde(serialize_with = "seconds_if_any")]
    pub started: Option<Timestamp>,
    /// When they turned ready, the first time.
    #[serde(serialize_with = "seconds_if_any")]
    pub ready: Option<Timestamp>,
    /// When they turned unready, the last time.
    #[serde(serialize_with = "seconds_if_any")]
    pub unready: Option<Timestamp>,
    /// When they were told to stop.
    #[serde(serialize_with = "seconds_if_any")]
    pub terminating: Option<Timestamp>,
    /// When they were gone.
    #[serde(serialize_with = "seconds_if_any")]
    pub gone: Option<Timestamp>,
}

/// A Kubernetes event; the same event again and again is one with a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClusterEvent {
    /// When it was emitted first.
    #[serde(serialize_with = "seconds")]
    pub first: Timestamp,
    /// When it was emitted last.
    #[serde(serialize_with = "seconds")]
    pub last: Timestamp,
    /// How many times.
    pub count: u32,
    /// What it is about.
    pub about: About,
    /// Type, reason, message.
    #[serde(flatten, serialize_with = "event")]
    pub event: Event,
    #[serde(skip)]
    pub(super) times: Vec<Timestamp>,
}

impl ClusterEvent {
    /// When it was emitted last up to `time`, and how many times by then; `None` before its first
    /// time.
    #[must_use]
    pub fn as_of(&self, time: Timestamp) -> Option<(Timestamp, u32)> {
        let count = self.times.partition_point(|emitted| *emitted <= time);
        let last = self.times.get(count.checked_sub(1)?)?;
        Some((*last, u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

/// What a Kubernetes event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum About {
    /// The autoscaler.
    Autoscaler,
    /// The workload.
    Workload,
    /// Some pod.
    Pod,
    /// Some node.
    Node,
}

impl About {
    /// One word, as data formats name it.
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

/// When something of the timeline happened or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Marker {
    /// When.
    #[serde(serialize_with = "seconds")]
    pub time: Timestamp,
    /// Its position in the setup's timeline.
    pub event: usize,
    /// Whether this is its beginning or its end.
    pub edge: Edge,
}

/// Beginning or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Edge {
    /// It happened, or it began.
    Begin,
    /// It was over.
    End,
}

/// Sums over the whole run. `arrived = served + dropped + timed_out + in_system`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Requests that arrived.
    pub arrived: f64,
    /// Requests that were served.
    pub served: f64,
    /// Requests that were turned away.
    pub dropped: f64,
    /// Requests that gave up waiting.
    pub timed_out: f64,
    /// Requests that wait at the end.
    pub in_system: f64,
    /// Time that pods existed, each from its creation until it was gone \[s\].
    pub pod_seconds: f64,
    /// CPU time used [core seconds].
    pub cpu_seconds: f64,
}

/// Everything about one sync.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncDetail {
    /// When it was.
    pub time: Timestamp,
    /// The autoscaler's specification at that time.
    pub spec: Arc<Spec>,
    /// The facts that it was decided from.
    pub observation: Observation,
    /// Why it came out as it did.
    pub explanation: Explanation,
    /// What is remembered after it.
    pub histories: Histories,
    /// The status after it, as stored.
    pub status: Status,
    /// The change that it made.
    pub rescale: Option<Rescale>,
    /// Events and error.
    pub report: Report,
}

impl Trace {
    /// What sync `index` saw of each metric, in the order of the autoscaler's metrics at that
    /// time; empty where the metrics were not looked at.
    #[must_use]
    pub fn points(&self, index: usize) -> &[MetricPoint] {
        let Some(SyncRecord { points, .. }) = self.syncs.get(index) else {
            return &[];
        };
        let start = points.0 as usize;
        &self.points[start..start + usize::from(points.1)]
    }

    /// The position of the last sync at or before `time`.
    #[must_use]
    pub fn sync_at(&self, time: Timestamp) -> Option<usize> {
        self.syncs
            .partition_point(|sync| sync.time <= time)
            .checked_sub(1)
    }

    /// A number that two traces share only if all their bits are the same.
    #[must_use]
    pub fn hash(&self) -> u64 {
        super::fingerprint::of(self)
    }
}

/// A time in seconds since the beginning.
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

/// An event as kubectl shows it.
fn event<S: Serializer>(event: &Event, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("type", &event.kind.to_string())?;
    map.serialize_entry("reason", event.reason.as_str())?;
    map.serialize_entry("message", &event.message.to_string())?;
    map.end()
}
