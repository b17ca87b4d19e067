//! The summary of a run: cost, unserved requests, and how long each cause limited the count.

use std::ptr;

use super::Experiment;
use super::measure::{self, Part, moment, rows, seconds, syncs};
use super::measures::{Entry, Measure};
use crate::cluster::{MetricPoint, Setup, SyncRecord, Trace};
use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::autoscaler::explanation::{Bound, Branch};
use hpa_core::autoscaler::spec::MetricIdentity;
use hpa_core::autoscaler::{Spec, Tolerances};
use hpa_core::time::{SignedDuration, Timestamp};

/// The summary of a run. Times are in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Total lifetime of pods \[h\].
    pub pod_hours: f64,
    /// Pod hours at the experiment's price, if it has one.
    pub cost: Option<f64>,
    /// Hours of ready pods in excess of the number that would be at the CPU target, or at their
    /// request if there is no CPU target \[h\].
    pub over_provisioned_pod_hours: f64,
    /// Time in which requests were lost or waited because pods were at capacity.
    pub unmet_demand: f64,
    /// Requests that arrived.
    pub arrived: f64,
    /// Requests that were rejected or timed out.
    pub lost: f64,
    /// Median, 95th and 99th percentile of latency, as the mean over all requests.
    pub latency: [f64; 3],
    /// The highest 95th percentile at any time.
    pub longest_p95: f64,
    /// The fewest, the mean and the most replicas.
    pub replicas: [f64; 3],
    /// Scale-ups.
    pub rescales_up: u32,
    /// Scale-downs.
    pub rescales_down: u32,
    /// Changes of direction.
    pub direction_changes: u32,
    /// The longest time from a proposal above the replica count until the count got there.
    pub longest_scale_up: f64,
    /// The longest time from a proposal below the replica count until the count got there.
    pub longest_scale_down: f64,
    /// How long each cause limited the count.
    pub limited: Limited,
}

/// How long each cause limited the count \[s\].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Limited {
    /// The ratio was not 1, but within tolerance.
    pub tolerance: f64,
    /// A stabilization window.
    pub window: f64,
    /// A scaling policy, or the fixed rate limit without behavior.
    pub policy: f64,
    /// `minReplicas`.
    pub minimum: f64,
    /// `maxReplicas`.
    pub maximum: f64,
    /// Pods that could not be created or scheduled.
    pub quota: f64,
    /// Metrics that failed.
    pub missing_metrics: f64,
}

impl Summary {
    /// The summary of a run.
    #[must_use]
    pub fn of(experiment: &Experiment, trace: &Trace) -> Self {
        let part = Part::until(trace.setup.duration);
        let totals = &trace.totals;
        let pod_hours = totals.pod_seconds / 3600.0;
        let mut summary = Self {
            pod_hours,
            cost: experiment.price_per_pod_hour.map(|price| price * pod_hours),
            arrived: totals.arrived,
            lost: totals.dropped + totals.timed_out,
            ..Self::default()
        };
        summary.steps(trace, part);
        summary.syncs(trace, part);
        summary
    }

    fn steps(&mut self, trace: &Trace, part: Part) {
        let steps = &trace.steps;
        let mut rules = Rules::default();
        let (mut weight, mut mean) = (0.0, 0.0);
        let mut replicas: Option<(i32, i32)> = None;
        for row in rows(trace, part) {
            let (index, time) = (row.index, row.seconds());
            if measure::unmet(trace, index) {
                self.unmet_demand += time;
            }
            let requests = f64::from(steps.load[index]) * time;
            // There is no latency if nothing arrives or nothing is served.
            let latency = f64::from(steps.p95[index]);
            if requests > 0.0 && !latency.is_nan() {
                self.longest_p95 = self.longest_p95.max(latency);
                weight += requests;
                for (sum, column) in self
                    .latency
                    .iter_mut()
                    .zip([&steps.p50, &steps.p95, &steps.p99])
                {
                    *sum += requests * f64::from(column[index]);
                }
            }
            let count = steps.spec_replicas[index];
            mean += f64::from(count) * time;
            let (low, high) = replicas.unwrap_or((count, count));
            replicas = Some((low.min(count), high.max(count)));
            rules.follow(&trace.setup, moment(row.start));
            if let Some(target) = rules.cpu_per_pod {
                let needed = (f64::from(steps.cpu[index]) / target).ceil().max(1.0);
                let spare = (f64::from(steps.ready[index]) - needed).max(0.0);
                self.over_provisioned_pod_hours += spare * time / 3600.0;
            }
            if steps.spec_replicas[index] > steps.status_replicas[index] {
                self.limited.quota += time;
            }
        }
        if weight > 0.0 {
            self.latency = self.latency.map(|sum| sum / weight);
        }
        let (low, high) = replicas.unwrap_or_default();
        let length = (seconds(part.until) - seconds(part.from)).max(1e-3);
        self.replicas = [f64::from(low), mean / length, f64::from(high)];
    }

    fn syncs(&mut self, trace: &Trace, part: Part) {
        let all = syncs(trace, part);
        let mut pending: [Option<f64>; 2] = [None, None];
        let mut rules = Rules::default();
        for (index, sync) in all.iter().enumerate() {
            let now = seconds(SignedDuration(sync.time.0));
            let next = all.get(index + 1).map_or(part.until.0, |next| next.time.0);
            rules.follow(&trace.setup, sync.time);
            let time = seconds(SignedDuration(next - sync.time.0));
            self.limits((sync, trace.points(index)), &rules, trace, time);
            if sync.desired > sync.current {
                self.rescales_up += 1;
            } else if sync.desired < sync.current {
                self.rescales_down += 1;
            }
            // max, then min: clamp would panic if the minimum exceeds the maximum.
            let wanted = sync.proposal.max(rules.minimum).min(rules.maximum);
            let asks = [wanted > sync.current, wanted < sync.current];
            let longest = [&mut self.longest_scale_up, &mut self.longest_scale_down];
            for ((since, asks), longest) in pending.iter_mut().zip(asks).zip(longest) {
                if asks {
                    let start = *since.get_or_insert(now);
                    if sync.desired == wanted {
                        *longest = longest.max(now - start);
                        *since = None;
                    }
                } else {
                    *since = None;
                }
            }
        }
        let changes = measure::direction_changes(all).len();
        self.direction_changes = u32::try_from(changes).unwrap_or(u32::MAX);
    }

    /// Adds `time` to each cause that limits the count at a sync with these metrics.
    fn limits(
        &mut self,
        (sync, points): (&SyncRecord, &[MetricPoint]),
        rules: &Rules<'_>,
        trace: &Trace,
        time: f64,
    ) {
        let limited = &mut self.limited;
        if sync.failed_metrics > 0 || sync.branch == Branch::NoMetrics {
            limited.missing_metrics += time;
        }
        if sync.held_by_window() {
            limited.window += time;
        }
        match sync.bound {
            Bound::None => {}
            Bound::Minimum => limited.minimum += time,
            Bound::Maximum => limited.maximum += time,
            Bound::ScaleUpLimit | Bound::ScaleDownLimit => limited.policy += time,
        }
        let winner = sync
            .winner
            .and_then(|winner| points.get(usize::from(winner)));
        let follows = trace.setup.controller.rules;
        if sync.branch == Branch::Metrics
            && sync.proposal == sync.current
            && winner.is_some_and(|point| {
                (point.ratio - 1.0).abs() > 1e-9 && rules.tolerances.contain(point.ratio, follows)
            })
        {
            limited.tolerance += time;
        }
    }

    /// One measure, in its unit; `None` if the summary has none, such as the cost without a price.
    #[must_use]
    pub fn value(&self, measure: Measure) -> Option<f64> {
        measure.of(self)
    }

    /// All measures in display order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let entry = |&measure: &Measure| {
            let value = self.value(measure)?;
            Some(Entry { measure, value })
        };
        Measure::ALL.iter().filter_map(entry).collect()
    }
}

/// The autoscaler's settings that the summary needs; edits change them during the run.
#[derive(Default)]
struct Rules<'a> {
    autoscaler: Option<&'a HorizontalPodAutoscaler>,
    minimum: i32,
    maximum: i32,
    tolerances: Tolerances,
    /// The CPU usage of a pod at its target \[cores\]; `None` if pods request none.
    cpu_per_pod: Option<f64>,
}

impl<'a> Rules<'a> {
    /// The settings of the autoscaler at `time`.
    fn follow(&mut self, setup: &'a Setup, time: Timestamp) {
        let autoscaler = setup.autoscaler_at(time);
        if self
            .autoscaler
            .is_some_and(|known| ptr::eq(known, autoscaler))
        {
            return;
        }
        let spec = Spec::from_api(autoscaler);
        *self = Self {
            autoscaler: Some(autoscaler),
            minimum: spec.min_replicas,
            maximum: spec.max_replicas.max(1),
            tolerances: spec.tolerances(&setup.controller),
            cpu_per_pod: cpu_per_pod_at_target(setup, &spec),
        };
    }
}

/// The CPU usage of a pod at its target, or at its request if there is no CPU target \[cores\];
/// `None` if pods request none.
fn cpu_per_pod_at_target(setup: &Setup, spec: &Spec) -> Option<f64> {
    let requested = setup.workload.spec.template.spec.requested("cpu");
    let target = spec.metrics.iter().find_map(|metric| {
        let is_cpu = matches!(&*metric.identity, MetricIdentity::Resource { resource } if **resource == *"cpu");
        is_cpu.then(|| metric.target.per_pod(requested))?
    });
    Some(target.unwrap_or(requested)).filter(|&cores| cores > 0.0)
}
