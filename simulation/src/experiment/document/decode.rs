//! Which fields and words of an experiment document are read, and how its scalars are.

use super::goals::{ExpectDocument, GoalDocument, ReachDocument};
use super::load::{
    FormDocument, InterpolationDocument, NoiseDocument, PartDocument, PointDocument,
    PointsDocument, RampDocument, SeriesDocument, SpikeDocument, StepDocument, WaveDocument,
};
use super::metrics::{
    FeedDocument, PipelineDocument, PipelinesDocument, SeriesFeedDocument, SignalDocument,
};
use super::timeline::{
    ApiDocument, ApiDownDocument, ApplyDocument, EditDocument, EventDocument, FaultDocument,
    FaultKindDocument, Nothing, RestartDocument,
};
use super::value::{Amount, Limit, Scalar, Text};
use super::workload::{
    ContainerDocument, CrashDocument, NodeAutoscalerDocument, NodesDocument, QueueDocument,
    QueueKind, ServiceTimesDocument, StartupDocument, WorkloadDocument,
};
use super::{EditTextDocument, ExperimentDocument, FixDocument, SyncDocument};
use hpa_core::manifest::{Cursor, Decode, Unfit};
use hpa_core::{fields, words};

fields! {
    ExperimentDocument as "Experiment" { metadata, title, description, duration, seed, kubernetes_version, feature_gates, controller, sync, autoscaler, load, workload, startup, nodes, metrics, pipelines, timeline, goals, fix, price_per_pod_hour }
    FixDocument as "Fix" { summary, edits }
    EditTextDocument as "EditText" { find, replace }
    SyncDocument as "Sync" { phase, jitter }
    PartDocument as "Part" { name, constant, step, ramp, wave, spike, noise, points, series }
    StepDocument as "Step" { rate, from, until }
    RampDocument as "Ramp" { start_rate, end_rate, from, until }
    WaveDocument as "Wave" { mean, amplitude, period, phase, form }
    SpikeDocument as "Spike" { height, at, rise, hold, decay }
    NoiseDocument as "Noise" { deviation, correlation }
    PointsDocument as "Points" { values, interpolation, repeat }
    PointDocument as "Point" { at, rate }
    SeriesDocument as "Series" { prometheus, csv, promtool, interval, column, factor, interpolation, repeat }
    WorkloadDocument as "Workload" { cpu_per_request, idle_cpu, cpu_limit, memory, memory_per_request, memory_leak_per_hour, service_time, service_times, concurrency, queue, unevenness, containers }
    QueueDocument as "Queue" { kind, length, timeout }
    ContainerDocument as "Container" { name, cpu, memory }
    StartupDocument as "Startup" { scheduling_delay, first_image_pull, later_image_pull, start_time, start_time_deviation, cpu_burst, cpu_burst_duration, ready_after, drain, crash, initial_age }
    CrashDocument as "Crash" { after, deviation, times }
    NodesDocument as "Nodes" { count, pods_per_node, autoscaler, quota }
    NodeAutoscalerDocument as "NodeAutoscaler" { delay, max_nodes }
    FeedDocument as "Feed" { name, signal, profile, factor, series, pipeline }
    SeriesFeedDocument as "SeriesFeed" { labels, signal, profile, factor }
    PipelinesDocument as "Pipelines" { resource, custom, external }
    PipelineDocument as "Pipeline" { interval, window, lag, phase }
    EventDocument as "Event" { at, name, scale, apply, edit_autoscaler, rolling_update, lose_pods, lose_nodes, metric_fault, metrics_api_down, restart_controller, set_quota }
    ApplyDocument as "Apply" { replicas, resources }
    EditDocument as "Edit" { min_replicas, max_replicas, metrics, behavior }
    FaultDocument as "Fault" { metric, kind, factor, message, share, duration }
    ApiDownDocument as "ApiDown" { api, duration }
    RestartDocument as "Restart" { downtime }
    GoalDocument as "Goal" { name, hint, expect, from, until, replicas_at_most, replicas_at_least, reaches, returns_to, unmet_demand, lost_requests, p95_latency, direction_changes_per_hour, rescales, pod_hours, scaling_inactive, bypasses }
    Nothing as "Nothing" {}
    ReachDocument as "Reach" { replicas, within, after }
}

words! {
    FormDocument { "sine" => Sine, "triangle" => Triangle, "square" => Square, "day" => Day, "week" => Week }
    InterpolationDocument { "linear" => Linear, "hold" => Hold }
    ServiceTimesDocument { "exponential" => Exponential, "deterministic" => Deterministic }
    QueueKind { "perPod" => PerPod, "workQueue" => WorkQueue }
    SignalDocument { "requests" => Requests, "served" => Served, "inFlight" => InFlight, "queueDepth" => QueueDepth, "latency" => Latency, "cpu" => Cpu, "memory" => Memory }
    FaultKindDocument { "missing" => Missing, "zero" => Zero, "stale" => Stale, "error" => Error, "factor" => Factor }
    ApiDocument { "all" => All, "resource" => Resource, "custom" => Custom, "external" => External }
    ExpectDocument { "pass" => Pass, "violated" => Violated }
}

/// Reads a scalar from its text.
fn scalar<T: Scalar>(cursor: &Cursor<'_>) -> Result<T, Unfit> {
    let text = cursor.scalar(T::EXPECTED)?;
    T::read(&text).map_err(|message| cursor.reject(&message, None))
}

macro_rules! scalars {
    ($($type:ty $(, $param:ident)?;)*) => {$(
        impl$(<$param: Scalar>)? Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                *self = scalar(cursor)?;
                Ok(())
            }
        }
    )*};
}

scalars! {
    Amount;
    Text;
    Limit<T>, T;
}
