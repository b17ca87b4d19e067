//! Parameters derived from a setup that are constant during a run.

use super::arrivals::seconds;
use super::queueing::{Bounds, Cell, Latencies};
use super::rng::Rng;
use super::setup::Setup;
use super::startup::{Readiness, Spread};
use super::workload::{CpuLimit, Queue, ServiceTime};
use hpa_core::api::{Container, PodSpec};
use hpa_core::quantity::Quantity;
use hpa_core::time::{SignedDuration, Timestamp};

/// Parameters derived from a setup.
#[derive(Debug)]
pub(super) struct Params {
    /// The setup itself.
    pub(super) setup: Setup,
    /// The CPU limit of a pod \[cores\].
    pub(super) cpu_limit: f64,
    /// The capacity of a pod [requests/s].
    pub(super) capacity: f64,
    /// The latency of a pod below capacity.
    pub(super) latencies: Latencies,
    /// The latency of an idle pod.
    pub(super) idle: Cell,
    /// The service time of a request in an idle pod \[s\].
    pub(super) service: f64,
    /// The timeout of a waiting request \[s\].
    pub(super) longest_wait: f64,
    /// The queue limit of a pod, or of the shared queue.
    pub(super) bounds: Bounds,
    /// Whether all pods share one queue.
    pub(super) shared_queue: bool,
    pub(super) start_rng: Rng,
    pub(super) share_rng: Rng,
    pub(super) crash_rng: Rng,
    pub(super) fault_rng: Rng,
    pub(super) sync_rng: Rng,
}

impl Params {
    pub(super) fn new(setup: &Setup) -> Self {
        let model = &setup.model;
        let cpu_limit = match model.cpu_limit {
            CpuLimit::FromManifest => manifest_limit(&setup.workload.spec.template.spec),
            CpuLimit::Unlimited => f64::INFINITY,
            CpuLimit::Cores(cores) => cores,
        };
        let service = seconds(model.service_time);
        let servers = f64::from(model.concurrency);
        let by_cpu = if model.cpu_per_request > 0.0 {
            (cpu_limit - model.idle_cpu).max(0.0) / model.cpu_per_request
        } else {
            f64::INFINITY
        };
        let capacity = (servers / service).min(by_cpu);
        // If CPU is the bottleneck, fewer servers than the concurrency are busy.
        let busy = (capacity * service).ceil().clamp(1.0, servers);
        let effective = if capacity > 0.0 {
            busy / capacity
        } else {
            service
        };
        let deterministic = model.service == ServiceTime::Deterministic;
        let (bounds, shared_queue) = match model.queue {
            Queue::PerPod { length, timeout } => (
                Bounds {
                    length: length.map_or(f64::INFINITY, f64::from),
                    timeout: timeout.map_or(f64::INFINITY, seconds),
                },
                false,
            ),
            Queue::WorkQueue => (
                Bounds {
                    length: f64::INFINITY,
                    timeout: f64::INFINITY,
                },
                true,
            ),
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the concurrency"
        )]
        let latencies = Latencies::new(busy as u32, effective, deterministic);
        let longest_wait = (bounds.length / capacity.max(1e-9)).min(bounds.timeout);
        let rng = |concern| Rng::new(setup.seed, concern);
        Self {
            cpu_limit,
            capacity,
            idle: latencies.at(0.0),
            latencies,
            service: effective,
            longest_wait,
            bounds,
            shared_queue,
            start_rng: rng("start"),
            share_rng: rng("share"),
            crash_rng: rng("crash"),
            fault_rng: rng("fault"),
            sync_rng: rng("sync"),
            setup: setup.clone(),
        }
    }

    /// The time from the start of the containers until the application of a pod of this class responds.
    pub(super) fn start_time(&self, class: u8) -> SignedDuration {
        spread(self.setup.startup.start_time, class)
    }

    /// The delay of the sync with this number.
    pub(super) fn late(&self, syncs: u64) -> SignedDuration {
        let jitter = self.setup.sync.jitter;
        if jitter > SignedDuration::ZERO {
            self.sync_rng.up_to(syncs, jitter)
        } else {
            SignedDuration::ZERO
        }
    }

    /// The time at which a pod becomes ready whose containers start at `now` and respond after `start`.
    pub(super) fn ready_at(
        &self,
        spec: &PodSpec,
        now: Timestamp,
        start: SignedDuration,
    ) -> Timestamp {
        match self.setup.startup.readiness {
            Readiness::After(delay) => now + delay,
            Readiness::FromProbes => {
                let answers = now + start;
                let mut containers = spec.containers.iter();
                let first = containers
                    .next()
                    .map_or(answers, |c| probed(c, now, answers));
                containers
                    .map(|container| probed(container, now, now))
                    .fold(first, Ord::max)
            }
        }
    }
}

/// The time at which the probes of a container succeed.
fn probed(container: &Container, start: Timestamp, answers: Timestamp) -> Timestamp {
    let mut ready = answers;
    let mut from = start;
    for probe in [&container.startup_probe, &container.readiness_probe]
        .into_iter()
        .flatten()
    {
        let at_least = |value: Option<i32>, default: i32, least: i32| {
            i64::from(value.unwrap_or(default).max(least))
        };
        let period = at_least(probe.period_seconds, 10, 1) * 1000;
        let first = from + SignedDuration::from_secs(at_least(probe.initial_delay_seconds, 0, 0));
        // The first probe at or after the time at which the application responds.
        let late = (ready - first).0.max(0);
        let success = first
            + SignedDuration(late.div_euclid(period) * period)
            + SignedDuration(if late % period > 0 { period } else { 0 });
        let more = at_least(probe.success_threshold, 1, 1) - 1;
        ready = success + SignedDuration(more.saturating_mul(period));
        from = ready;
    }
    ready
}

/// A random time, for pods of this class.
pub(super) fn spread(spread: Spread, class: u8) -> SignedDuration {
    if spread.deviation == 0.0 {
        return spread.mean;
    }
    let factor = (1.0 + spread.deviation * super::rng::normal_class(class)).max(0.1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds of a run are far below 2^53"
    )]
    SignedDuration((spread.mean.0 as f64 * factor).round() as i64)
}

/// The sum of the containers' CPU limits \[cores\]; infinite if one has none.
fn manifest_limit(spec: &PodSpec) -> f64 {
    if let Some(limit) = spec
        .resources
        .as_ref()
        .and_then(|pod| pod.limits.get("cpu"))
    {
        return limit.approximate_f64();
    }
    let limits = spec.running_containers().map(|running| {
        let limit = running.container.resources.limits.get("cpu");
        limit.map_or(f64::INFINITY, Quantity::approximate_f64)
    });
    let sum: f64 = limits.sum();
    if sum > 0.0 { sum } else { f64::INFINITY }
}
