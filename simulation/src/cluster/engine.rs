//! The simulation engine: the state of a run and its events.

use std::sync::Arc;

use hpa_core::autoscaler::Spec;
use hpa_core::time::{SignedDuration, Timestamp};

use super::arrivals::{Arrivals, seconds};
use super::cohort::NEVER;
use super::derived::Params;
use super::effort::{Effort, RECORD};
use super::faults::{Faults, Span};
use super::measure::Meter;
use super::moment::Moment;
use super::recorder::Recorder;
use super::requests::{Interval, Requests};
use super::sources;
use super::state::Cluster;
use super::sync_loop::{SyncLoop, SyncOutcome};
use super::timeline::{Action, in_order};
use super::trace::{Edge, SyncDetail, Totals};

/// The number of values of a cohort besides scraped ones.
const COHORT: usize = 64;

/// The state of a run.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    params: Arc<Params>,
    now: Timestamp,
    end: Timestamp,
    effort: Effort,
    arrivals: Arrivals,
    cluster: Cluster,
    requests: Requests,
    meter: Meter,
    faults: Faults,
    events: Events,
    sync_loop: SyncLoop,
}

/// The timeline's events and the index of the next one.
#[derive(Clone, Debug)]
struct Events {
    /// Indexes into the setup's timeline in order of time.
    order: Arc<[usize]>,
    next: usize,
}

/// Builds a [`Moment`] from parts of an engine.
macro_rules! moment {
    ($engine:ident, $recorder:ident) => {
        Moment {
            now: $engine.now,
            params: &$engine.params,
            faults: &$engine.faults,
            effort: &mut $engine.effort,
            recorder: $recorder,
        }
    };
}

impl Engine {
    /// The initial state.
    pub(super) fn new(params: Arc<Params>, recorder: &mut Recorder) -> Self {
        let setup = params.setup.clone();
        let mut meter = Meter::new();
        // Metrics of every later version of the autoscaler are scraped from the start.
        let sync_loop = SyncLoop::new(&setup, &mut meter);
        for event in &setup.timeline {
            if let Action::EditAutoscaler(edited) = &event.action {
                sources::sources(&Spec::from_api(edited), &setup, &mut meter);
            }
        }
        let mut effort = Effort::new(COHORT + meter.kept());
        let mut moment = Moment {
            now: Timestamp::default() - setup.startup.initial_age,
            params: &params,
            faults: &Faults::default(),
            effort: &mut effort,
            recorder,
        };
        let cluster = Cluster::new(&setup, meter.len(), &mut moment);
        let mut engine = Self {
            now: Timestamp::default(),
            end: Timestamp::default() + setup.duration,
            effort,
            arrivals: Arrivals::new(&setup.load, setup.seed, "load"),
            cluster,
            requests: Requests::default(),
            meter,
            faults: Faults::default(),
            events: Events {
                order: in_order(setup.timeline.iter().map(|event| event.at)).into(),
                next: 0,
            },
            sync_loop,
            params,
        };
        engine.warm_up();
        engine
    }

    /// Warm-up: assumes the initial load before t = 0.
    fn warm_up(&mut self) {
        let before = Interval {
            rate: self.arrivals.rate(),
            time: 1.0,
            end: self.now,
        };
        self.requests.step(&mut self.cluster, &self.params, before);
        let cohorts = self.cluster.pods_mut().cohorts_mut();
        self.meter.warm_up(cohorts, self.requests.signals());
        self.requests.forget(cohorts);
    }

    /// Advances to the next event, scrape or sync, or to the end of a short step, and returns what is
    /// next.
    pub(super) fn advance(&mut self, recorder: &mut Recorder) -> Next {
        self.happen(recorder);
        if self.now >= self.end {
            return Next::End;
        }
        if self.sync_loop.begins(self.now) {
            let moment = moment!(self, recorder);
            self.sync_loop
                .observe(&mut self.cluster, &self.meter, &moment);
        }
        if self.sync_loop.ends(self.now) {
            return Next::Sync;
        }
        let next = self.next_stop();
        self.step(next, recorder);
        if self.effort.is_spent() {
            self.end = self.now;
            recorder.row(
                seconds(self.now - Timestamp::default()),
                self.requests.row(),
            );
            recorder.stopped(self.now);
            return Next::End;
        }
        Next::Step
    }

    /// Advances until a sync is due; false if the run ends first.
    fn advance_to_sync(&mut self, recorder: &mut Recorder) -> bool {
        loop {
            match self.advance(recorder) {
                Next::Step => {}
                Next::Sync => return true,
                Next::End => return false,
            }
        }
    }

    /// The time.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The end of the run.
    pub(super) const fn end(&self) -> Timestamp {
        self.end
    }

    /// The work done so far.
    pub(super) const fn effort(&self) -> &Effort {
        &self.effort
    }

    /// The approximate number of values in this state.
    pub(super) fn size(&self) -> usize {
        let cohorts = self.cluster.pods().cohorts().len() * (COHORT + self.meter.kept());
        cohorts + self.meter.kept() + self.cluster.nodes().len() * 2
    }

    /// Accounts for copying a state with this number of values.
    pub(super) const fn count_copy(&mut self, numbers: usize) {
        self.effort.spend_bounded(numbers / 8);
    }

    /// The totals so far.
    pub(super) fn totals(&self) -> Totals {
        self.requests.totals(self.cluster.pods().cohorts())
    }

    /// The time of the next event, or the end of a maximum step.
    fn next_stop(&self) -> Timestamp {
        let setup = &self.params.setup;
        let mut next = self
            .end
            .min(self.sync_loop.due())
            .min(self.cluster.due())
            .min(self.meter.due())
            .min(self.faults.due())
            // A break just before a whole millisecond, due to rounding, is passed in the next step.
            .min(ceil_to_millisecond(self.arrivals.next_break()).max(self.now + SignedDuration(1)));
        if let Some(event) = self.events.peek() {
            next = next.min(Timestamp::default() + setup.timeline[event].at);
        }
        if self.arrivals.varies() || self.requests.has_backlog() {
            next = next.min(self.now + setup.max_step);
        }
        next.max(self.now)
    }

    /// Advances the time to `next`.
    fn step(&mut self, next: Timestamp, recorder: &mut Recorder) {
        let time = seconds(next - self.now);
        if time <= 0.0 {
            return;
        }
        let start = seconds(self.now - Timestamp::default());
        let end = seconds(next - Timestamp::default());
        let cohorts = self.cluster.pods().cohorts().len();
        self.effort
            .spend(RECORD / 4 + cohorts * (1 + self.meter.len()));
        self.effort.spend_bounded(2 * self.arrivals.parts());
        let interval = Interval {
            rate: self.arrivals.advance(end),
            time,
            end: next,
        };
        self.requests
            .step(&mut self.cluster, &self.params, interval);
        recorder.row(start, self.requests.row());
        let cohorts = self.cluster.pods_mut().cohorts_mut();
        self.meter.add(cohorts, self.requests.signals(), time, end);
        self.now = next;
    }

    /// Processes everything due before a sync: timeline, pods, scrapes.
    fn happen(&mut self, recorder: &mut Recorder) {
        let now = self.now;
        while let Some(event) = self.events.peek() {
            if Timestamp::default() + self.params.setup.timeline[event].at > now {
                break;
            }
            self.events.next += 1;
            recorder.marker(now, event, Edge::Begin);
            self.act(event, recorder);
        }
        while let Some(fault) = self.faults.end_next(now) {
            recorder.marker(now, fault.event(), Edge::End);
            if fault.bit() != 0 {
                self.cluster.pods_mut().unmark(fault.bit());
                if !self.faults.keep_values() {
                    self.meter.thaw(self.cluster.pods_mut().cohorts_mut());
                }
            }
        }
        while self.cluster.due() <= now && !self.effort.is_spent() {
            self.cluster.advance(&mut moment!(self, recorder));
        }
        if self.cluster.pods().has_changed() {
            self.requests.disturb();
            let pods = self.cluster.pods_mut();
            self.requests.lose(pods.take_lost_requests());
            pods.restart_merging();
        }
        if self.meter.due() <= now {
            self.scrape(recorder);
        }
    }

    fn scrape(&mut self, recorder: &mut Recorder) {
        let pods = self.cluster.pods_mut();
        let kept = pods.cohorts().len() * self.meter.kept();
        self.effort.spend(kept / 32);
        let signals = self.requests.signals();
        self.meter.scrape(pods.cohorts_mut(), signals, self.now);
        let config = &self.params.setup.controller;
        let longest = config
            .cpu_initialization_period
            .max(config.initial_readiness_delay);
        let memory = SignedDuration(longest.0 + 60_000);
        pods.merge(memory, self.meter.memory(), &mut moment!(self, recorder));
    }

    /// Executes a timeline event.
    fn act(&mut self, event: usize, recorder: &mut Recorder) {
        let params = Arc::clone(&self.params);
        let setup = &params.setup;
        let span = |duration| Span {
            event,
            since: self.now,
            duration,
        };
        self.requests.disturb();
        let cluster = &mut self.cluster;
        match &setup.timeline[event].action {
            Action::Scale { replicas } => {
                cluster.scale(*replicas, &mut moment!(self, recorder));
            }
            Action::ApplyWorkload(workload) => {
                cluster.apply(&workload.spec, &mut moment!(self, recorder));
            }
            Action::RollingUpdate => cluster.restart(&mut moment!(self, recorder)),
            Action::EditAutoscaler(edited) => {
                self.sync_loop
                    .edit(edited, setup, &mut self.meter, self.now);
            }
            Action::LosePods { count } => cluster.lose_pods(*count, &mut moment!(self, recorder)),
            Action::LoseNodes { count } => {
                cluster.lose_nodes(*count, &mut moment!(self, recorder));
            }
            Action::MetricFault {
                target,
                fault,
                share,
                duration,
            } => {
                let begun =
                    self.faults
                        .begin_fault(span(*duration), target.clone(), fault.clone(), *share);
                let (bit, stale) = (begun.bit(), begun.is_stale().then(|| begun.clone()));
                let pods = cluster.pods_mut();
                pods.mark(bit, *share, &mut moment!(self, recorder));
                if let Some(fault) = stale {
                    let sources = self.sync_loop.sources().iter();
                    for source in sources.filter(|source| fault.concerns(source)) {
                        for series in source.series() {
                            self.meter
                                .freeze(*series, pods.cohorts_mut(), bit, self.now);
                        }
                    }
                }
            }
            Action::MetricsApiDown { api, duration } => {
                self.faults.begin_outage(span(*duration), *api);
            }
            Action::RestartController { downtime } => {
                self.sync_loop
                    .restart(&setup.controller, self.now, *downtime);
            }
            Action::SetQuota { pods } => cluster.set_quota(*pods, &mut moment!(self, recorder)),
        }
    }

    /// The end of a sync of the autoscaler, which has observed at its beginning.
    pub(super) fn sync(&mut self, recorder: &mut Recorder) -> SyncOutcome {
        let pod = &self.params.setup.workload.spec.template.spec;
        let containers = pod.containers.len() + pod.init_containers.len();
        let cohorts = self.cluster.pods().cohorts().len();
        self.effort
            .spend(RECORD + self.sync_loop.work(cohorts, containers));
        let mut moment = moment!(self, recorder);
        let outcome = self.sync_loop.sync(&mut self.cluster, &mut moment);
        if outcome.rescale.is_some() {
            self.requests.disturb();
        }
        outcome
    }

    /// Recomputes from this state, which is right before a sync, up to and including the sync after
    /// `skipped` more.
    pub(super) fn replay(mut self, skipped: usize) -> Option<SyncDetail> {
        let mut recorder = Recorder::silent();
        for _ in 0..skipped {
            self.sync(&mut recorder);
            if !self.advance_to_sync(&mut recorder) {
                return None;
            }
        }
        let outcome = self.sync(&mut recorder);
        Some(self.sync_loop.into_detail(self.now, outcome))
    }
}

/// The next thing to do in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Time goes on.
    Step,
    /// A sync is due.
    Sync,
    /// The run is over.
    End,
}

impl Events {
    /// The index of the next event in the setup's timeline.
    fn peek(&self) -> Option<usize> {
        self.order.get(self.next).copied()
    }
}

/// The first whole millisecond at or after `seconds`.
#[expect(clippy::cast_possible_truncation, reason = "saturation is wanted")]
fn ceil_to_millisecond(seconds: f64) -> Timestamp {
    if seconds.is_finite() {
        Timestamp((seconds * 1000.0).ceil() as i64)
    } else {
        NEVER
    }
}
