//! The requests: load balancing, queueing, outcome, and cost.

use super::arrivals::seconds;
use super::cohort::{Cohort, Stage};
use super::derived::Params;
use super::queueing::{self, Passed};
use super::recorder::Row;
use super::state::Cluster;
use super::trace::Totals;
use hpa_core::time::{SignedDuration, Timestamp};

/// The requests of a run, and the last step, which is reused for an identical step.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    /// Requests waiting in the shared queue.
    shared_backlog: f64,
    /// The signals of all pods together.
    signals: [f64; 7],
    /// The step's values for the charts.
    row: Row,
    /// Requests per second by fate, and CPU and pods, for the totals.
    rates: Rates,
    /// The sums over all steps.
    totals: Totals,
    /// The rate of the last step, if it left no requests waiting.
    steady_at: Option<f64>,
    /// Whether pods were counted after their last change.
    counted: bool,
    counts: Counts,
    /// Reused buffers, so that no step allocates.
    scratch: Scratch,
}

#[derive(Clone, Copy, Debug, Default)]
struct Rates {
    arrived: f64,
    served: f64,
    dropped: f64,
    timed_out: f64,
    cpu: f64,
    pods: f64,
}

const REQUESTS: usize = 0;
const SERVED: usize = 1;
const IN_FLIGHT: usize = 2;
const QUEUE: usize = 3;
const LATENCY: usize = 4;
const CPU: usize = 5;
const MEMORY: usize = 6;

/// The time of one step, and the load during it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    /// Requests that arrive [1/s].
    pub(super) rate: f64,
    /// The duration \[s\].
    pub(super) time: f64,
    /// The end.
    pub(super) end: Timestamp,
}

impl Requests {
    /// Forces the next step to be recomputed.
    pub(super) fn disturb(&mut self) {
        self.steady_at = None;
        self.counted = false;
    }

    /// Whether requests wait, which requires short steps.
    pub(super) fn has_backlog(&self) -> bool {
        self.row.backlog > 0.0
    }

    /// The signals of all pods together.
    pub(super) const fn signals(&self) -> &[f64; 7] {
        &self.signals
    }

    /// The last step's values for the charts.
    pub(super) const fn row(&self) -> &Row {
        &self.row
    }

    /// Resets queues and totals after warm-up.
    pub(super) fn forget(&mut self, cohorts: &mut [Cohort]) {
        self.disturb();
        for pods in cohorts {
            pods.backlog = 0.0;
        }
        self.shared_backlog = 0.0;
        self.row.backlog = 0.0;
        self.totals = Totals::default();
    }

    /// Counts requests lost with their pods.
    pub(super) fn lose(&mut self, requests: f64) {
        self.totals.dropped += requests;
    }

    /// The totals so far.
    pub(super) fn totals(&self, cohorts: &[Cohort]) -> Totals {
        let own: f64 = cohorts.iter().map(Cohort::waiting).sum();
        Totals {
            in_system: own + self.shared_backlog,
            ..self.totals
        }
    }

    /// Computes one step.
    pub(super) fn step(&mut self, cluster: &mut Cluster, params: &Params, interval: Interval) {
        let Interval { rate, time, .. } = interval;
        let leaks = params.setup.model.memory_leak_per_hour != 0.0;
        if self.steady_at != Some(rate) || leaks {
            self.compute(cluster, params, interval);
        }
        let Self { rates, totals, .. } = self;
        totals.arrived += rates.arrived * time;
        totals.served += rates.served * time;
        totals.dropped += rates.dropped * time;
        totals.timed_out += rates.timed_out * time;
        totals.cpu_seconds += rates.cpu * time;
        totals.pod_seconds += rates.pods * time;
    }

    fn compute(&mut self, cluster: &mut Cluster, params: &Params, interval: Interval) {
        let Interval { rate, time, end } = interval;
        if !std::mem::replace(&mut self.counted, true) {
            self.counts = Counts::of(cluster);
        }
        let arrivals = rate * time;
        let (serving, weight) = (self.counts.serving, self.counts.weight);
        let mut sums = Sums::new(rate);
        sums.was_empty = self.shared_backlog == 0.0;
        let shared = params.shared_queue.then(|| {
            let capacity = params.capacity * f64::from(serving);
            let waited = self.shared_backlog;
            let passed = queueing::pass(waited, arrivals, capacity, time, params.bounds);
            self.shared_backlog = passed.backlog;
            let wait = if passed.backlog > 0.0 || waited > 0.0 {
                f64::midpoint(waited, passed.backlog) / capacity.max(1e-9)
            } else {
                0.0
            };
            (passed, wait)
        });
        let mut latency = Mixture::new(&mut self.scratch);
        let step = Step { params, time, end };
        for pods in cluster.pods_mut().cohorts_mut() {
            let own = match shared {
                Some((passed, wait)) if pods.serves() => {
                    let n = f64::from(serving);
                    step.shared(pods, rate / n, passed.served / n, wait)
                }
                None if pods.serves() => step.own(pods, rate * pods.weight / weight),
                None if pods.is_endpoint() => step.lost(pods, rate * pods.weight / weight),
                _ => step.idle(pods),
            };
            sums.add(pods, &own);
            if (own.rate > 0.0 || shared.is_some()) && pods.serves() {
                let requests = own.rate.max(own.passed.served / time) * f64::from(pods.count);
                latency.add(requests, own.load, own.wait);
            }
        }
        let mut lost = sums.dropped;
        let mut backlog = sums.backlog;
        if let Some((_, wait)) = shared {
            backlog += self.shared_backlog;
            sums.total[QUEUE] += self.shared_backlog;
            sums.total[IN_FLIGHT] += self.shared_backlog;
            if serving == 0 {
                sums.total[LATENCY] = wait;
            }
        } else if weight <= 0.0 {
            lost += rate;
        }
        let (percentiles, mean) = latency.finish(params);
        sums.total[LATENCY] = mean;
        self.signals = sums.total;
        self.rates = Rates {
            arrived: rate,
            served: sums.total[SERVED],
            dropped: lost,
            timed_out: sums.timed_out,
            cpu: sums.total[CPU],
            pods: self.counts.pods,
        };
        self.steady_at = (backlog == 0.0 && sums.was_empty).then_some(rate);
        #[expect(clippy::cast_possible_truncation, reason = "charts need no more")]
        let short = |value: f64| value as f32;
        self.row = Row {
            load: short(rate),
            served: short(self.rates.served),
            dropped: short(lost),
            timed_out: short(sums.timed_out),
            backlog: short(backlog),
            in_flight: short(sums.total[IN_FLIGHT]),
            latency: percentiles.map(short),
            cpu: short(sums.total[CPU]),
            memory: short(sums.total[MEMORY]),
            spec_replicas: i32::try_from(cluster.replicas()).unwrap_or(i32::MAX),
            ..self.counts.row
        };
    }
}

/// The numbers of pods by kind, which change only with the pods.
#[derive(Clone, Debug, Default)]
struct Counts {
    /// Pods that serve requests.
    serving: u32,
    /// The sum of their shares.
    weight: f64,
    /// All pods.
    pods: f64,
    /// The counts for the charts.
    row: Row,
}

impl Counts {
    fn of(cluster: &Cluster) -> Self {
        let mut counts = Self::default();
        let row = &mut counts.row;
        let mut request = 0.0;
        for pods in cluster.pods().cohorts() {
            let n = f64::from(pods.count);
            counts.pods += n;
            if pods.serves() {
                counts.serving += pods.count;
            }
            if pods.is_endpoint() {
                counts.weight += pods.weight * n;
            }
            if !pods.is_active() {
                row.terminating += pods.count;
                continue;
            }
            request += pods.shape.spec.requested("cpu") * n;
            if pods.running_since.is_none() {
                row.pending += pods.count;
            } else if pods.shows_ready() {
                row.ready += pods.count;
            } else {
                row.unready += pods.count;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "charts need no more")]
        let request = request as f32;
        row.cpu_request = request;
        row.status_replicas = i32::try_from(cluster.pods().active()).unwrap_or(i32::MAX);
        row.nodes = cluster.nodes().ready();
        counts
    }
}

/// The sums over all pods.
struct Sums {
    total: [f64; 7],
    dropped: f64,
    timed_out: f64,
    backlog: f64,
    /// Whether no requests were waiting at the start of the step.
    was_empty: bool,
}

impl Sums {
    fn new(rate: f64) -> Self {
        let mut total = [0.0; 7];
        total[REQUESTS] = rate;
        Self {
            total,
            dropped: 0.0,
            timed_out: 0.0,
            backlog: 0.0,
            was_empty: true,
        }
    }

    fn add(&mut self, pods: &Cohort, own: &Own) {
        let n = f64::from(pods.count);
        for signal in [SERVED, IN_FLIGHT, QUEUE, CPU, MEMORY] {
            self.total[signal] += pods.signals[signal] * n;
        }
        self.dropped += own.passed.dropped / own.time * n;
        self.timed_out += own.passed.timed_out / own.time * n;
        self.backlog += pods.backlog * n;
        self.was_empty &= own.was_empty;
    }
}

/// One step of one pod.
struct Step<'a> {
    params: &'a Params,
    time: f64,
    end: Timestamp,
}

/// The result of one step of one pod.
struct Own {
    time: f64,
    /// Requests that arrive [1/s].
    rate: f64,
    passed: Passed,
    /// Arrivals over capacity.
    load: f64,
    /// Seconds that requests wait because of the backlog.
    wait: f64,
    was_empty: bool,
}

impl Step<'_> {
    /// A pod with its own queue.
    fn own(&self, pods: &mut Cohort, rate: f64) -> Own {
        let params = self.params;
        let waited = pods.backlog;
        let arrivals = rate * self.time;
        let passed = queueing::pass(waited, arrivals, params.capacity, self.time, params.bounds);
        pods.backlog = passed.backlog;
        let capacity = params.capacity.max(1e-9);
        let load = rate / capacity;
        let wait = if waited > 0.0 || passed.backlog > 0.0 {
            f64::midpoint(waited, passed.backlog) / capacity
        } else {
            0.0
        };
        let own = Own {
            time: self.time,
            rate,
            passed,
            load,
            wait,
            was_empty: waited == 0.0,
        };
        self.use_up(pods, &own, wait);
        own
    }

    /// A pod that serves a shared queue. Waiting below capacity is neglected, because it is short with
    /// one queue for all servers.
    fn shared(&self, pods: &mut Cohort, rate: f64, served: f64, wait: f64) -> Own {
        let own = Own {
            time: self.time,
            rate,
            passed: Passed {
                served,
                ..Passed::default()
            },
            load: 0.0,
            wait,
            was_empty: true,
        };
        self.use_up(pods, &own, 0.0);
        own
    }

    /// A pod that gets no new requests; a terminating pod finishes its backlog.
    fn idle(&self, pods: &mut Cohort) -> Own {
        let waited = pods.backlog;
        if pods.stage == Stage::Terminating && waited > 0.0 {
            return self.own(pods, 0.0);
        }
        let own = Own {
            time: self.time,
            rate: 0.0,
            passed: Passed::default(),
            load: 0.0,
            wait: 0.0,
            was_empty: waited == 0.0,
        };
        self.use_up(pods, &own, 0.0);
        own
    }

    /// A pod on a lost node: requests routed to it are lost.
    fn lost(&self, pods: &mut Cohort, rate: f64) -> Own {
        let dropped = rate * self.time;
        let passed = Passed {
            dropped,
            ..Passed::default()
        };
        Own {
            passed,
            ..self.idle(pods)
        }
    }

    /// The usage of a pod whose requests wait this long because of its backlog \[s\].
    fn use_up(&self, pods: &mut Cohort, own: &Own, wait: f64) {
        if !pods.runs() {
            pods.signals = [0.0; 7];
            return;
        }
        let model = &self.params.setup.model;
        let served = own.passed.served / self.time;
        let mean = self.params.latencies.mean(own.load);
        let service = self.params.service;
        let bound = self.params.longest_wait;
        let waiting = (mean - service).max(0.0).min(bound).max(wait);
        let latency = service + waiting;
        let burst = if pods.burst_until >= self.end {
            self.params.setup.startup.cpu_burst
        } else {
            0.0
        };
        let cpu = model.idle_cpu + served * model.cpu_per_request + burst;
        let in_flight = served * latency;
        let age = pods
            .running_since
            .map_or(SignedDuration::ZERO, |since| self.end - since);
        let leaked = model.memory_leak_per_hour * seconds(age) / 3600.0;
        pods.signals = [
            own.rate,
            served,
            in_flight,
            served * waiting,
            latency,
            cpu.min(self.params.cpu_limit),
            model.memory + model.memory_per_request * in_flight + leaked,
        ];
    }
}

/// Accumulates the latencies of different pods.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Requests \[1/s\], load and wait \[s\] of each kind of pod.
    parts: Vec<(f64, f64, f64)>,
    /// Requests, and the sum of their latencies, in buckets of 6 percent.
    buckets: Vec<(f64, f64)>,
}

/// The latency of all requests, combined from different pods.
struct Mixture<'a> {
    scratch: &'a mut Scratch,
    requests: f64,
}

impl<'a> Mixture<'a> {
    fn new(scratch: &'a mut Scratch) -> Self {
        scratch.parts.clear();
        Self {
            scratch,
            requests: 0.0,
        }
    }

    fn add(&mut self, requests: f64, load: f64, wait: f64) {
        if requests <= 0.0 {
            return;
        }
        self.requests += requests;
        match self.scratch.parts.last_mut() {
            Some(last) if (last.1, last.2) == (load, wait) => last.0 += requests,
            _ => self.scratch.parts.push((requests, load, wait)),
        }
    }

    /// The percentiles and the mean \[s\]; negative percentiles if no request arrives.
    fn finish(self, params: &Params) -> ([f64; 3], f64) {
        let Scratch { parts, buckets } = self.scratch;
        let [(_, load, wait), others @ ..] = &parts[..] else {
            return ([-1.0; 3], 0.0);
        };
        let with_wait = |value: f64, least: f64, wait: f64| {
            // A short queue bounds the wait.
            value.min(least + params.longest_wait).max(least + wait)
        };
        let idle = &params.idle;
        if others.is_empty() {
            let (load, wait) = (*load, *wait);
            let (values, least) = (params.latencies.percentiles(load), idle.percentiles());
            let percentiles = std::array::from_fn(|i| with_wait(values[i], least[i], wait));
            let mean = with_wait(params.latencies.mean(load), idle.mean, wait);
            return (percentiles, mean);
        }
        buckets.resize(BUCKETS, (0.0, 0.0));
        let mut mean = 0.0;
        let (mut lowest, mut highest) = (BUCKETS, 0);
        for (requests, load, wait) in parts.iter().copied() {
            let cell = params.latencies.at(load);
            for ((value, weight), (least, _)) in cell.atoms().zip(idle.atoms()) {
                let value = with_wait(value, least, wait);
                let mass = requests * weight;
                let at = bucket(value);
                (lowest, highest) = (lowest.min(at), highest.max(at));
                buckets[at].0 += mass;
                buckets[at].1 += mass * value;
                mean += mass * value;
            }
        }
        let used = &mut buckets[lowest.min(highest)..=highest];
        let mut percentiles = [0.0; 3];
        let mut passed = 0.0;
        let mut value = 0.0;
        let mut filled = used.iter().filter(|(mass, _)| *mass > 0.0);
        for (percentile, level) in percentiles.iter_mut().zip([0.5, 0.95, 0.99]) {
            while passed < level * self.requests {
                let Some((mass, sum)) = filled.next() else {
                    break;
                };
                passed += mass;
                value = sum / mass;
            }
            *percentile = value;
        }
        used.fill((0.0, 0.0));
        (percentiles, mean / self.requests)
    }
}

const BUCKETS: usize = 512;

/// Sixteen buckets per doubling, from a microsecond up; computed without a logarithm.
fn bucket(value: f64) -> usize {
    let lowest = 1e-6_f64.to_bits() >> 48;
    let position = (value.max(1e-6).to_bits() >> 48) - lowest;
    usize::try_from(position).map_or(BUCKETS - 1, |position| position.min(BUCKETS - 1))
}
