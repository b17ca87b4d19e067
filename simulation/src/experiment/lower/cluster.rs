//! Lowers workload model, startup, nodes and metrics of the experiment document.

use super::super::document::ExperimentDocument;
use super::super::document::metrics::{FeedDocument, PipelineDocument, PipelinesDocument};
use super::super::document::workload::{NodesDocument, StartupDocument, WorkloadDocument};
use super::super::load::{self, PartDocument};
use super::super::problems::{MAX_DURATION, Problems};
use super::super::timeline::ActionDocument;
use super::super::value::{Amount, Limit};
use crate::cluster::{
    ContainerShare, CpuLimit, Crash, Feed, FeedSource, MAX_PODS, NodeAutoscaler, Nodes, Pipeline,
    Pipelines, Queue, Readiness, Series, SetupDraft, Signal, Spread, Startup, WorkloadModel,
};
use hpa_core::manifest::{FieldPath, Severity};
use hpa_core::time::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_secs(24 * 3600);
const MANY: f64 = 1e15;
/// Maximum number of nodes; Kubernetes itself supports half as many.
const MAX_NODES: u32 = 10_000;
/// Maximum concurrency of a pod; computing its latency loops over it.
const MAX_CONCURRENCY: u32 = 1_000_000;

/// Sets the given numbers, each within its range.
macro_rules! amounts {
    ($problems:ident, $path:ident, $given:ident => $model:ident:
     $($field:ident $name:literal $low:literal ..= $high:expr;)*) => {$(
        if let Some(Amount(value)) = $given.$field {
            $model.$field = $problems.within(&$path.child($name), value, $low, $high);
        }
    )*};
}

/// Sets the given times, each between zero and a day.
macro_rules! times {
    ($problems:ident, $path:ident, $given:ident => $model:ident: $($field:ident $name:literal;)*) => {$(
        if let Some(value) = $given.$field {
            $model.$field = $problems.time(&$path.child($name), value, SignedDuration::ZERO, DAY);
        }
    )*};
}

pub(super) fn model(given: &WorkloadDocument, problems: &mut Problems<'_>) -> WorkloadModel {
    let path = FieldPath::new("workload");
    let mut model = WorkloadModel::default();
    amounts! { problems, path, given => model:
        cpu_per_request "cpuPerRequest" 0.0..=1e6;
        idle_cpu "idleCpu" 0.0..=1e6;
        memory "memory" 0.0..=MANY;
        memory_per_request "memoryPerRequest" 0.0..=MANY;
        memory_leak_per_hour "memoryLeakPerHour" 0.0..=MANY;
        unevenness "unevenness" 0.0..=3.0;
    }
    if let Some(time) = given.service_time {
        let path = path.child("serviceTime");
        model.service_time = problems.time(&path, time, SignedDuration(1), DAY);
    }
    match given.cpu_limit {
        None => {}
        Some(Limit::None) => model.cpu_limit = CpuLimit::Unlimited,
        Some(Limit::At(Amount(cores))) => {
            let path = path.child("cpuLimit");
            model.cpu_limit = CpuLimit::Cores(problems.within(&path, cores, 0.001, 1e6));
        }
    }
    model.service = given.service_times.unwrap_or_default();
    if let Some(count) = given.concurrency {
        if count == 0 {
            problems.error(
                &path.child("concurrency"),
                "the concurrency must be at least 1",
            );
        }
        let path = path.child("concurrency");
        model.concurrency = problems.count(&path, count, 0, MAX_CONCURRENCY).max(1);
    }
    let queue = &given.queue;
    model.queue = match queue.kind {
        Queue::WorkQueue => {
            if queue.length.is_some() || queue.timeout.is_some() {
                let path = path.child("queue");
                problems.error(
                    &path,
                    "a shared queue is lossless: it has no length and no timeout",
                );
            }
            Queue::WorkQueue
        }
        Queue::PerPod { length, timeout } => {
            let timeout = queue.timeout.map_or(timeout, Limit::value);
            let path = path.child("queue").child("timeout");
            Queue::PerPod {
                length: queue.length.map_or(length, Limit::value),
                timeout: timeout
                    .map(|time| problems.time(&path, time, SignedDuration::ZERO, MAX_DURATION)),
            }
        }
    };
    for (index, container) in given.containers.iter().enumerate() {
        let path = path.child("containers").index(index);
        let mut share = |name, Amount(share)| problems.within(&path.child(name), share, 0.0, 1e6);
        model.containers.push(ContainerShare {
            name: container.name.clone(),
            cpu: share("cpu", container.cpu),
            memory: share("memory", container.memory),
        });
    }
    model
}

pub(super) fn startup(given: &StartupDocument, problems: &mut Problems<'_>) -> Startup {
    let path = FieldPath::new("startup");
    let mut startup = Startup::default();
    times! { problems, path, given => startup:
        scheduling_delay "schedulingDelay";
        first_image_pull "firstImagePull";
        later_image_pull "laterImagePull";
        drain "drain";
        initial_age "initialAge";
    }
    amounts! { problems, path, given => startup: cpu_burst "cpuBurst" 0.0..=1e6; }
    let deviation = |problems: &mut Problems<'_>, path: &FieldPath, amount: Option<Amount>| {
        amount.map_or(0.0, |amount| problems.within(path, amount.0, 0.0, 3.0))
    };
    if let Some(mean) = given.start_time {
        let path = path.child("startTime");
        startup.start_time.mean = problems.time(&path, mean, SignedDuration::ZERO, DAY);
    }
    startup.start_time.deviation = deviation(
        problems,
        &path.child("startTimeDeviation"),
        given.start_time_deviation,
    );
    startup.cpu_burst_duration = given.cpu_burst_duration.map(|time| {
        let path = path.child("cpuBurstDuration");
        problems.time(&path, time, SignedDuration::ZERO, DAY)
    });
    if let Some(after) = given.ready_after {
        let path = path.child("readyAfter");
        startup.readiness =
            Readiness::After(problems.time(&path, after, SignedDuration::ZERO, DAY));
    }
    startup.crash = given.crash.as_ref().map(|crash| {
        let path = path.child("crash");
        let after = crash.after.unwrap_or(SignedDuration::from_secs(60));
        Crash {
            after: Spread {
                mean: problems.time(
                    &path.child("after"),
                    after,
                    SignedDuration::from_secs(1),
                    DAY,
                ),
                deviation: deviation(problems, &path.child("deviation"), crash.deviation),
            },
            times: crash.times.and_then(Limit::value),
        }
    });
    startup
}

pub(super) fn nodes(given: &NodesDocument, problems: &mut Problems<'_>) -> Nodes {
    let path = FieldPath::new("nodes");
    let defaults = NodeAutoscaler::default();
    let mut count = |path: FieldPath, value: Option<u32>, default, high| {
        value.map_or(default, |value| problems.count(&path, value, 0, high))
    };
    let mut nodes = Nodes {
        count: count(path.child("count"), given.count, 1, MAX_NODES),
        pods_per_node: given
            .pods_per_node
            .and_then(Limit::value)
            .map(|pods| count(path.child("podsPerNode"), Some(pods), pods, MAX_PODS)),
        autoscaler: None,
        quota: given.quota.and_then(Limit::value),
    };
    if let Some(given) = &given.autoscaler {
        let path = path.child("autoscaler");
        let max = path.child("maxNodes");
        nodes.autoscaler = Some(NodeAutoscaler {
            max_nodes: count(max, given.max_nodes, defaults.max_nodes, MAX_NODES),
            delay: given.delay.map_or(defaults.delay, |delay| {
                problems.time(&path.child("delay"), delay, SignedDuration::ZERO, DAY)
            }),
        });
    }
    nodes
}

pub(super) fn pipelines(given: &PipelinesDocument, problems: &mut Problems<'_>) -> Pipelines {
    let path = FieldPath::new("pipelines");
    let Pipelines {
        resource,
        custom,
        external,
    } = Pipelines::default();
    Pipelines {
        resource: pipeline(&given.resource, resource, &path.child("resource"), problems),
        custom: pipeline(&given.custom, custom, &path.child("custom"), problems),
        external: pipeline(&given.external, external, &path.child("external"), problems),
    }
}

fn pipeline(
    given: &PipelineDocument,
    mut pipeline: Pipeline,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Pipeline {
    times! { problems, path, given => pipeline: window "window"; lag "lag"; phase "phase"; }
    if let Some(interval) = given.interval {
        let path = path.child("interval");
        pipeline.interval = problems.time(&path, interval, SignedDuration::from_secs(1), DAY);
    }
    pipeline
}

pub(super) fn feeds(
    given: &[FeedDocument],
    end: SignedDuration,
    problems: &mut Problems<'_>,
) -> Vec<Feed> {
    let path = FieldPath::new("metrics");
    let mut feeds = Vec::new();
    for (index, feed) in given.iter().enumerate() {
        let path = path.index(index);
        let own = feed.signal.is_some() || feed.profile.is_some() || feed.factor.is_some();
        if own && !feed.series.is_empty() {
            problems.error(
                &path,
                "with series, set signal, profile and factor on each series",
            );
        }
        let mut source = |signal: Option<Signal>,
                          profile: Option<&Vec<PartDocument>>,
                          factor: Option<Amount>,
                          path: &FieldPath| {
            let source = match (signal, profile) {
                (Some(_), Some(_)) => {
                    problems.error(path, "a series has a signal or a profile, not both");
                    FeedSource::default()
                }
                (None, Some(parts)) => {
                    let path = path.child("profile");
                    FeedSource::Profile(load::profile(parts, &path, end, problems))
                }
                (Some(signal), None) => FeedSource::Signal(signal),
                (None, None) => FeedSource::Signal(Signal::suggested_by(&feed.name)),
            };
            Series {
                source,
                factor: factor.map_or(1.0, |Amount(factor)| {
                    problems.within(&path.child("factor"), factor, -MANY, MANY)
                }),
                ..Series::default()
            }
        };
        let series = if feed.series.is_empty() {
            vec![source(
                feed.signal,
                feed.profile.as_ref(),
                feed.factor,
                &path,
            )]
        } else {
            let paths = (0..).map(|at| path.child("series").index(at));
            let given = feed.series.iter().zip(paths);
            given
                .map(|(one, path)| Series {
                    labels: one.labels.clone(),
                    ..source(one.signal, one.profile.as_ref(), one.factor, &path)
                })
                .collect()
        };
        // The metric's type, and so its default pipeline, is unknown here; custom is the middle one.
        let own = feed.pipeline.as_ref().map(|given| {
            let path = path.child("pipeline");
            pipeline(given, Pipelines::default().custom, &path, problems)
        });
        feeds.push(Feed {
            metric: feed.name.clone(),
            series,
            pipeline: own,
        });
    }
    feeds
}

/// Warns of names that do not occur in the manifests, which are usually misspelled.
pub(super) fn check_names(
    given: &ExperimentDocument,
    setup: &SetupDraft,
    problems: &mut Problems<'_>,
) {
    let known: Vec<&str> = setup
        .autoscaler
        .spec
        .metrics
        .iter()
        .filter_map(|metric| {
            let identifier = (metric.pods.as_ref().map(|source| &source.metric))
                .or(metric.object.as_ref().map(|source| &source.metric))
                .or(metric.external.as_ref().map(|source| &source.metric));
            identifier.map(|metric| metric.name.as_str())
        })
        .collect();
    let edited = given
        .timeline
        .iter()
        .flat_map(|event| &event.chosen)
        .any(|action| matches!(action, ActionDocument::EditAutoscaler(_)));
    for (index, feed) in given.metrics.iter().enumerate() {
        if !edited && !known.contains(&feed.name.as_str()) {
            let path = FieldPath::new("metrics").index(index).child("name");
            let message = format!("the autoscaler names no metric {:?}", feed.name);
            problems.add(Severity::Warning, "unused-metric", &path, message);
        }
    }
    let containers = &setup.workload.spec.template.spec;
    for (index, share) in given.workload.containers.iter().enumerate() {
        let mut all = containers
            .containers
            .iter()
            .chain(&containers.init_containers);
        if !all.any(|container| container.name == share.name) {
            let path = FieldPath::new("workload.containers")
                .index(index)
                .child("name");
            problems.error(&path, format!("no container is named {:?}", share.name));
        }
    }
}
