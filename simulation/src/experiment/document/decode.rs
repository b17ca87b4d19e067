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

/// Lists the fields that are read of structures; one that is left out does not compile.
macro_rules! fields {
    ($($type:ty { $($field:ident),* })*) => {$(
        impl Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                let Self { $($field),* } = self;
                cursor.fields(&mut [$((stringify!($field), $field)),*])
            }
        }
    )*};
}

/// Lists the words of enumerations.
macro_rules! words {
    ($($type:ty { $($word:literal => $variant:ident),* })*) => {$(
        impl Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                *self = cursor.choice(&[$(($word, Self::$variant)),*])?;
                Ok(())
            }
        }
    )*};
}

fields! {
    ExperimentDocument { metadata, title, description, duration, seed, kubernetes_version, feature_gates, controller, sync, autoscaler, load, workload, startup, nodes, metrics, pipelines, timeline, goals, fix, price_per_pod_hour }
    FixDocument { summary, edits }
    EditTextDocument { find, replace }
    SyncDocument { phase, jitter }
    PartDocument { name, constant, step, ramp, wave, spike, noise, points, series }
    StepDocument { rate, from, until }
    RampDocument { start_rate, end_rate, from, until }
    WaveDocument { mean, amplitude, period, phase, form }
    SpikeDocument { height, at, rise, hold, decay }
    NoiseDocument { deviation, correlation }
    PointsDocument { values, interpolation, repeat }
    PointDocument { at, rate }
    SeriesDocument { prometheus, csv, promtool, interval, column, factor, interpolation, repeat }
    WorkloadDocument { cpu_per_request, idle_cpu, cpu_limit, memory, memory_per_request, memory_leak_per_hour, service_time, service_times, concurrency, queue, unevenness, containers }
    QueueDocument { kind, length, timeout }
    ContainerDocument { name, cpu, memory }
    StartupDocument { scheduling_delay, first_image_pull, later_image_pull, start_time, start_time_deviation, cpu_burst, cpu_burst_duration, ready_after, drain, crash, initial_age }
    CrashDocument { after, deviation, times }
    NodesDocument { count, pods_per_node, autoscaler, quota }
    NodeAutoscalerDocument { delay, max_nodes }
    FeedDocument { name, signal, profile, factor, series, pipeline }
    SeriesFeedDocument { labels, signal, profile, factor }
    PipelinesDocument { resource, custom, external }
    PipelineDocument { interval, window, lag, phase }
    EventDocument { at, name, scale, apply, edit_autoscaler, rolling_update, lose_pods, lose_nodes, metric_fault, metrics_api_down, restart_controller, set_quota }
    ApplyDocument { replicas, resources }
    EditDocument { min_replicas, max_replicas, metrics, behavior }
    FaultDocument { metric, kind, factor, message, share, duration }
    ApiDownDocument { api, duration }
    RestartDocument { downtime }
    GoalDocument { name, hint, expect, from, until, replicas_at_most, replicas_at_least, reaches, returns_to, unmet_demand, lost_requests, p95_latency, direction_changes_per_hour, rescales, pod_hours, scaling_inactive, bypasses }
    Nothing {}
    ReachDocument { replicas, within, after }
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
