//! A small fake cluster, and the operations on it between two syncs.

use std::sync::Arc;

use hpa_core::autoscaler::{
    ExternalSamples, MetricAnswer, Observation, PodRecord, PodSamples, PodShape, ReadyStatus,
    Rescale, Sample, Scale, ScaleError, Spec,
};
use hpa_core::time::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::testing;

/// What happens before a sync.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation {
    /// Time passes; every sync has at least this.
    Wait(i64),
    /// The pods' usage, in millicores each.
    Usage(i64),
    /// The length of the queue, in thousandths.
    Queue(i64),
    /// Somebody sets the replicas.
    Scale(i32),
    /// So many pods are not ready.
    Unready(u32),
    /// So many pods have no sample.
    Missing(u32),
    /// The metrics API fails, or works again.
    Metrics(bool),
    /// The scale can be read, or not.
    ScaleReadable(bool),
    /// The scale can be written, or not.
    ScaleWritable(bool),
    /// The controller loses its memory.
    Restart,
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (0_i64..200_000).prop_map(Operation::Wait),
        // With the second that every sync has, these meet the edges of windows and periods.
        3 => prop_oneof![Just(14), Just(29), Just(44), 0_i64..200]
            .prop_map(|seconds| Operation::Wait(1000 * seconds)),
        3 => (0_i64..2_000).prop_map(Operation::Usage),
        // Around the target and around both ends of the tolerance.
        2 => (44_i64..57).prop_map(|percent| Operation::Usage(5 * percent)),
        4 => (0_i64..200_000).prop_map(Operation::Queue),
        1 => (0_i32..60).prop_map(Operation::Scale),
        1 => (0_u32..5).prop_map(Operation::Unready),
        1 => (0_u32..5).prop_map(Operation::Missing),
        1 => any::<bool>().prop_map(Operation::Metrics),
        1 => proptest::bool::weighted(0.8).prop_map(Operation::ScaleReadable),
        1 => proptest::bool::weighted(0.8).prop_map(Operation::ScaleWritable),
        1 => Just(Operation::Restart),
    ]
}

/// What one metric finds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measured {
    /// The usage of pods.
    Cpu(Cpu),
    /// The length of the queue, in thousandths.
    Queue(i64),
    /// Nothing: its API fails.
    Failed,
}

/// The usage of pods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpu {
    /// Pods that are ready and have a sample.
    pub(crate) ready: i64,
    /// Pods that are not ready.
    pub(crate) unready: i64,
    /// Pods without a sample.
    pub(crate) missing: i64,
    /// What each of the ready ones uses, in millicores.
    pub(crate) usage: i64,
}

/// The cluster.
#[derive(Clone, Debug)]
pub(crate) struct World {
    spec: Spec,
    shape: Arc<PodShape>,
    now: Timestamp,
    replicas: i32,
    usage: i64,
    queue: i64,
    unready: u32,
    missing: u32,
    metrics: bool,
    readable: bool,
    writable: bool,
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let metrics = prop_oneof![
        Just(vec![testing::cpu()]),
        Just(vec![testing::queue()]),
        Just(vec![testing::cpu(), testing::queue()])
    ];
    let spec = (
        1_i32..6,
        0_i32..40,
        metrics,
        proptest::option::of(behavior()),
    );
    (spec, 1_i32..40).prop_map(|((min, more, metrics, behavior), replicas)| World {
        spec: testing::spec(
            "web",
            min..=min + more,
            &metrics,
            &behavior.unwrap_or_default(),
        ),
        shape: testing::shape("500m"),
        now: Timestamp(1_000_000_000),
        replicas,
        usage: 250,
        queue: 10_000,
        unready: 0,
        missing: 0,
        metrics: true,
        readable: true,
        writable: true,
    })
}

/// A window or a period: often one that the syncs' times meet to the millisecond.
fn seconds() -> impl Strategy<Value = i32> {
    prop_oneof![Just(15), Just(30), Just(45), Just(60), 1_i32..300]
}

fn behavior() -> impl Strategy<Value = Value> {
    let policy = || {
        (prop_oneof![Just("Pods"), Just("Percent")], 1_i32..150, seconds())
            .prop_map(|(kind, value, period)| json!({"type": kind, "value": value, "periodSeconds": period}))
    };
    let rules = || {
        let select = prop_oneof![3 => Just("Max"), 2 => Just("Min"), 1 => Just("Disabled")];
        (seconds(), select, proptest::collection::vec(policy(), 1..4)).prop_map(
            |(window, select, policies)| {
                json!({
                    "stabilizationWindowSeconds": window,
                    "selectPolicy": select,
                    "policies": policies,
                })
            },
        )
    };
    (rules(), rules()).prop_map(|(up, down)| json!({"scaleUp": up, "scaleDown": down}))
}

impl World {
    pub(crate) fn apply(&mut self, operation: &Operation) {
        self.now = self.now + SignedDuration::from_secs(1);
        match *operation {
            Operation::Wait(millis) => self.now = self.now + SignedDuration(millis),
            Operation::Usage(usage) => self.usage = usage,
            Operation::Queue(queue) => self.queue = queue,
            Operation::Scale(replicas) => self.replicas = replicas,
            Operation::Unready(count) => self.unready = count,
            Operation::Missing(count) => self.missing = count,
            Operation::Metrics(works) => self.metrics = works,
            Operation::ScaleReadable(readable) => self.readable = readable,
            Operation::ScaleWritable(writable) => self.writable = writable,
            Operation::Restart => {}
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn spec(&self) -> Spec {
        self.spec.clone()
    }

    pub(crate) fn replicas(&self) -> i32 {
        self.replicas
    }

    pub(crate) fn scale_is_readable(&self) -> bool {
        self.readable
    }

    pub(crate) fn write_scale(&mut self, rescale: &Rescale) -> Result<(), Arc<str>> {
        if self.writable {
            self.replicas = rescale.to;
            Ok(())
        } else {
            Err("conflict".into())
        }
    }

    /// What each metric finds while there are `replicas` pods.
    pub(crate) fn measured(&self, replicas: i32) -> Vec<Measured> {
        let [ready, unready, missing] = self.groups(replicas.unsigned_abs()).map(i64::from);
        let cpu = Cpu {
            ready,
            unready,
            missing,
            usage: self.usage,
        };
        let metrics = self.spec.metrics.iter();
        metrics
            .map(
                |metric| match (metric.name.starts_with("cpu"), self.metrics) {
                    (true, true) => Measured::Cpu(cpu),
                    (true, false) => Measured::Failed,
                    (false, _) => Measured::Queue(self.queue),
                },
            )
            .collect()
    }

    /// Ready pods, unready pods, and pods without a sample.
    fn groups(&self, replicas: u32) -> [u32; 3] {
        let unready = self.unready.min(replicas);
        let missing = self.missing.min(replicas - unready);
        [replicas - unready - missing, unready, missing]
    }

    /// Three records: ready pods, unready pods, and pods without a sample.
    pub(crate) fn observation(&self) -> Observation {
        let [ready, unready, missing] = self.groups(self.replicas.unsigned_abs());
        let counts = [
            (ready, ReadyStatus::True),
            (unready, ReadyStatus::False),
            (missing, ReadyStatus::True),
        ];
        let present = || {
            counts
                .iter()
                .enumerate()
                .filter(|(_, (count, _))| *count > 0)
        };
        let pods = present().map(|(index, &(count, status))| {
            PodRecord::new(format!("web-{index}"), Arc::clone(&self.shape))
                .with_count(count)
                .with_start_time(self.now - SignedDuration::from_secs(100))
                .with_ready(status, self.now - SignedDuration::from_secs(80))
        });
        let sample = Sample::new(self.usage, self.now, SignedDuration::from_secs(15));
        let samples = present()
            .map(|(index, _)| (index != 2).then_some(sample))
            .collect::<PodSamples>()
            .with_timestamp(Some(self.now));
        let external = ExternalSamples::new([self.queue], self.now);
        let failed = || Arc::from("the server is currently unable to handle the request");
        let metrics = self.spec.metrics.iter().map(|metric| {
            if metric.name.starts_with("cpu") {
                // The resource API is the one that fails.
                MetricAnswer::Pods(if self.metrics {
                    Ok(samples.clone())
                } else {
                    Err(failed())
                })
            } else {
                MetricAnswer::External(Ok(external.clone()))
            }
        });
        let scale = if self.readable {
            Ok(Scale::settled(self.replicas, "app=web"))
        } else {
            Err(ScaleError::Query(failed()))
        };
        Observation::new(scale)
            .with_pods(pods)
            .with_metrics(metrics)
    }
}
