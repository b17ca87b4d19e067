//! The run itself: what happens next, and what it changes.

use std::sync::Arc;

use super::arrivals::{Arrivals, seconds};
use super::cohort::NEVER;
use super::effort::{Effort, RECORD};
use super::faults::{self, Fault, Wrong};
use super::flow::Stream;
use super::measure::{Meter, Source};
use super::params::Params;
use super::pods::Cluster;
use super::recorder::Recorder;
use super::setup::Setup;
use super::timeline::{Action, in_order};
use super::trace::{About, Checkpoint, Edge, MetricPoint, SyncDetail, SyncRecord, Totals, Trace};
use hpa_core::api::{Change, Selector};
use hpa_core::autoscaler::explanation::Bound;
use hpa_core::autoscaler::{
    Autoscaler, MetricAnswer, Observation, OtherAutoscaler, PodRecord, PodShape, Report, Rescale,
    Scale, ScaleError, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};

/// Numbers of a cohort, besides what is measured of it.
const COHORT: usize = 64;
/// How many states of a run are kept, from which parts of it can be computed again.
const CHECKPOINTS: i64 = 32;

/// Numbers in all states that are kept. Where a state holds very many, later ones are left out.
const MAX_KEPT: usize = 50_000_000;

/// The state of a run.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    params: Arc<Params>,
    now: Timestamp,
    end: Timestamp,
    arrivals: Arrivals,
    cluster: Cluster,
    stream: Stream,
    meter: Meter,
    faults: Vec<Fault>,
    totals: Totals,
    /// Positions in the timeline in order of time, and the next of them.
    order: Arc<[usize]>,
    next_event: usize,
    autoscaler: Autoscaler,
    spec: Arc<Spec>,
    sources: Vec<Source>,
    status: Status,
    observation: Observation,
    next_sync: Timestamp,
    syncs: u64,
    /// Whether pods may be alike that are counted apart.
    unmerged: bool,
    unmerged_count: usize,
}

/// Runs a simulation from beginning to end.
#[must_use]
pub fn run(setup: &Setup) -> Trace {
    let params = Arc::new(Params::new(setup));
    let mut recorder = Recorder::new(Arc::clone(&params.setup));
    let mut engine = Engine::new(params, &mut recorder);
    let mut kept = i64::MIN;
    let mut room = MAX_KEPT;
    while engine.advance(&mut recorder) {
        // One state in each part of the run, right before a sync.
        let part = engine.now.0.saturating_mul(CHECKPOINTS) / engine.end.0.max(1);
        if part > kept
            && let Some(left) = room.checked_sub(engine.size())
            && let Some(trace) = recorder.trace()
        {
            kept = part;
            room = left;
            trace.checkpoints.push(Checkpoint {
                sync: trace.syncs.len(),
                engine: engine.clone(),
            });
        }
        engine.sync(&mut recorder);
    }
    let totals = engine.totals();
    if let Some(trace) = recorder.trace() {
        trace.totals = totals;
    }
    recorder
        .finish()
        .unwrap_or_else(|| unreachable!("a recorder of a run keeps its trace"))
}

impl Engine {
    fn new(params: Arc<Params>, recorder: &mut Recorder) -> Self {
        let setup = Arc::clone(&params.setup);
        let mut meter = Meter::default();
        // Everything that any version of the autoscaler reads is measured from the beginning.
        let spec = Arc::new(Spec::from_api(&setup.autoscaler));
        let sources = meter.sources(&spec, &setup);
        for event in &setup.timeline {
            if let Action::EditAutoscaler(edited) = &event.action {
                meter.sources(&Spec::from_api(edited), &setup);
            }
        }
        let order = in_order(setup.timeline.iter().map(|event| event.at));
        let effort = Effort::new(COHORT + meter.kept());
        let cluster = Cluster::new(&params, meter.tracked.len(), effort, recorder);
        let first = setup.sync.phase.unwrap_or(setup.controller.sync_period);
        let mut engine = Self {
            now: Timestamp::default(),
            end: Timestamp(setup.duration.0.max(0)),
            arrivals: Arrivals::new(&setup.load, setup.seed, "load"),
            cluster,
            stream: Stream::default(),
            faults: Vec::new(),
            totals: Totals::default(),
            order: order.into(),
            next_event: 0,
            autoscaler: Autoscaler::new(setup.controller.clone()),
            observation: observation(&setup),
            spec,
            sources,
            status: Status::default(),
            next_sync: Timestamp(first.0.max(0)),
            syncs: 0,
            unmerged: true,
            unmerged_count: 0,
            meter,
            params,
        };
        // What there was before the beginning: the same load as at the beginning.
        let rate = engine.arrivals.rate();
        let mut before = Totals::default();
        engine
            .stream
            .step(&mut engine.cluster, rate, 1.0, engine.now, &mut before);
        engine
            .meter
            .warm_up(&mut engine.cluster.cohorts, &engine.stream.total);
        engine.stream.disturb();
        for pods in &mut engine.cluster.cohorts {
            pods.backlog = 0.0;
        }
        engine.stream.forget_backlog();
        engine
    }

    /// Goes on until a sync is due; says whether one is.
    fn advance(&mut self, recorder: &mut Recorder) -> bool {
        loop {
            self.happen(recorder);
            if self.now >= self.end {
                return false;
            }
            if self.next_sync <= self.now {
                return true;
            }
            let next = self.next_stop();
            self.step(next, recorder);
            if self.cluster.effort.is_spent() {
                self.end = self.now;
                recorder.row(seconds(self.now - Timestamp::default()), &self.stream.row);
                recorder.stopped(self.now);
                return false;
            }
        }
    }

    /// About how many numbers this state holds.
    fn size(&self) -> usize {
        let cohorts = self.cluster.cohorts.len() * (COHORT + self.meter.kept());
        cohorts + self.meter.kept() + self.cluster.nodes.len() * 2
    }

    /// When something happens next, or a step has become long enough.
    fn next_stop(&self) -> Timestamp {
        let mut next = self
            .end
            .min(self.next_sync)
            .min(self.cluster.next)
            .min(self.meter.next)
            // A break that is a rounding before a whole millisecond is passed in the next one.
            .min(ceil_to_millisecond(self.arrivals.next_break()).max(self.now + SignedDuration(1)));
        if let Some(event) = self.timeline(self.next_event) {
            next = next.min(Timestamp(self.params.setup.timeline[event].at.0));
        }
        for fault in &self.faults {
            next = next.min(fault.until);
        }
        if self.arrivals.varies() || self.stream.has_backlog() {
            next = next.min(self.now + SignedDuration(self.params.setup.max_step.0.max(100)));
        }
        next.max(self.now)
    }

    /// The position in the setup's timeline of the event that comes at this place in time.
    fn timeline(&self, place: usize) -> Option<usize> {
        self.order.get(place).copied()
    }

    /// Lets time pass until `next`.
    fn step(&mut self, next: Timestamp, recorder: &mut Recorder) {
        let time = seconds(next - self.now);
        if time <= 0.0 {
            return;
        }
        let start = seconds(self.now - Timestamp::default());
        let end = seconds(next - Timestamp::default());
        let cohorts = self.cluster.cohorts.len();
        self.cluster
            .effort
            .spend(RECORD / 4 + cohorts * (1 + self.meter.tracked.len()));
        let rate = self.arrivals.advance(end);
        self.stream
            .step(&mut self.cluster, rate, time, next, &mut self.totals);
        recorder.row(start, &self.stream.row);
        self.meter
            .add(&mut self.cluster.cohorts, &self.stream.total, time, end);
        self.now = next;
    }

    /// Everything that happens at this moment, before a sync: the timeline, pods, scrapes.
    fn happen(&mut self, recorder: &mut Recorder) {
        let now = self.now;
        while let Some(event) = self.timeline(self.next_event) {
            if self.params.setup.timeline[event].at.0 > now.0 {
                break;
            }
            self.next_event += 1;
            recorder.marker(now, event, Edge::Begin);
            self.act(event, recorder);
        }
        while let Some(over) = self.faults.iter().position(|fault| fault.until <= now) {
            let fault = self.faults.swap_remove(over);
            recorder.marker(now, fault.event, Edge::End);
            self.end_fault(&fault);
        }
        while self.cluster.next <= now && !self.cluster.effort.is_spent() {
            self.cluster.advance(now, recorder);
            self.cluster.reconcile(now, recorder);
        }
        if self.cluster.changed {
            self.after_change();
        }
        if self.meter.next <= now {
            let kept = self.cluster.cohorts.len() * self.meter.kept();
            self.cluster.effort.spend(kept / 32);
            self.meter
                .scrape(&mut self.cluster.cohorts, &self.stream.total, now);
            if self.unmerged {
                self.merge();
            }
        }
    }

    fn after_change(&mut self) {
        self.stream.disturb();
        self.totals.dropped += std::mem::take(&mut self.cluster.lost_requests);
        self.unmerged = true;
        self.unmerged_count = 0;
    }

    /// Counts pods together that have become alike.
    fn merge(&mut self) {
        let config = &self.params.setup.controller;
        let longest = config
            .cpu_initialization_period
            .max(config.initial_readiness_delay);
        let memory = SignedDuration(longest.0 + 60_000);
        let before = self.cluster.cohorts.len();
        self.cluster.merge(self.now, memory, self.meter.memory());
        // Settled pods differ for ever once they have differed this long.
        self.unmerged_count += 1;
        let changed = self.cluster.cohorts.len() != before;
        if before <= 1 || (!changed && self.unmerged_count > 64) {
            self.unmerged = false;
        }
    }

    /// Carries out an event of the timeline.
    fn act(&mut self, event: usize, recorder: &mut Recorder) {
        let params = Arc::clone(&self.params);
        let now = self.now;
        self.stream.disturb();
        match &params.setup.timeline[event].action {
            Action::Scale { replicas } => {
                self.cluster.spec_replicas = *replicas;
                self.cluster.reconcile(now, recorder);
            }
            Action::ApplyWorkload(workload) => {
                if let Some(replicas) = workload.spec.replicas {
                    self.cluster.spec_replicas = replicas;
                }
                self.cluster.strategy.clone_from(&workload.spec.strategy);
                let template = &workload.spec.template;
                let shape = self.cluster.shape();
                if template.spec != shape.spec || template.metadata.labels != shape.labels {
                    self.cluster.roll_out(Arc::new(PodShape::from(template)));
                }
                self.cluster.reconcile(now, recorder);
            }
            Action::RollingUpdate => {
                let shape = self.cluster.shape();
                self.cluster.roll_out(Arc::new((*shape).clone()));
                self.cluster.reconcile(now, recorder);
            }
            Action::EditAutoscaler(edited) => {
                let mut spec = Spec::from_api(edited);
                spec.generation = self.spec.generation + 1;
                self.sources = self.meter.sources(&spec, &params.setup);
                self.spec = Arc::new(spec);
                self.observation.metrics.clear();
                if params.setup.controller.version.has(Change::ImmediateSync) {
                    self.next_sync = self.next_sync.min(now);
                }
            }
            Action::LosePods { count } => {
                self.cluster.lose_pods(*count, now, recorder);
                self.cluster.reconcile(now, recorder);
            }
            Action::LoseNodes { count } => self.cluster.lose_nodes(*count, now, recorder),
            Action::MetricFault {
                target,
                fault,
                share,
                duration,
            } => {
                let used = self.faults.iter().fold(0, |bits, fault| match fault.wrong {
                    Wrong::Metrics { bit, .. } => bits | bit,
                    Wrong::Api(_) => bits,
                });
                let bit = 1_u64
                    .checked_shl((!used).trailing_zeros())
                    .unwrap_or(1 << 63);
                self.cluster.begin_fault(bit, *share, recorder);
                let wrong = Wrong::Metrics {
                    target: target.clone(),
                    kind: fault.clone(),
                    bit,
                };
                let fault = self.begin_fault(event, *duration, wrong);
                let cohorts = &mut self.cluster.cohorts;
                faults::freeze(&mut self.meter, cohorts, &self.sources, &fault, now);
                self.faults.push(fault);
            }
            Action::MetricsApiDown { api, duration } => {
                let fault = self.begin_fault(event, *duration, Wrong::Api(*api));
                self.faults.push(fault);
            }
            Action::RestartController { downtime } => {
                self.autoscaler = Autoscaler::new(params.setup.controller.clone());
                // A controller that starts puts what it finds into its queue like anything new.
                let config = self.autoscaler.config();
                let queued = if config.version.has(Change::ImmediateSync) {
                    SignedDuration::ZERO
                } else {
                    config.sync_period
                };
                self.next_sync = Timestamp(now.0 + downtime.0.max(0) + queued.0);
            }
            Action::SetQuota { pods } => {
                self.cluster.quota = *pods;
                self.cluster.reconcile(now, recorder);
            }
        }
    }

    fn begin_fault(&self, event: usize, duration: SignedDuration, wrong: Wrong) -> Fault {
        let since = self.now;
        Fault {
            event,
            since,
            until: since + duration.max(SignedDuration(1)),
            wrong,
        }
    }

    fn end_fault(&mut self, fault: &Fault) {
        if let Wrong::Metrics { bit, .. } = fault.wrong {
            self.cluster.end_fault(bit);
            if !self.faults.iter().any(Fault::is_stale) {
                faults::thaw(&mut self.meter, &mut self.cluster.cohorts);
            }
        }
    }

    /// Reads all facts as the autoscaler would find them now.
    fn observe(&mut self) {
        let cluster = &mut self.cluster;
        let seen = &mut self.observation;
        if let Ok(scale) = &mut seen.scale {
            scale.spec_replicas = cluster.spec_replicas;
            scale.status_replicas = i32::try_from(cluster.active()).unwrap_or(i32::MAX);
        }
        if std::mem::take(&mut cluster.changed)
            && let Ok(pods) = &mut seen.pods
        {
            pods.clear();
            pods.extend(cluster.cohorts.iter().map(|cohort| {
                let shape = Arc::clone(&cluster.shapes[cohort.revision as usize]);
                let mut record = PodRecord::new(Arc::clone(&cohort.name), shape);
                record.count = cohort.count;
                record.phase = cohort.phase();
                record.deleting = !cohort.is_active();
                record.start_time = cohort.start_time;
                record.ready = cohort.ready;
                record
            }));
        }
        seen.metrics
            .resize(self.sources.len(), MetricAnswer::NotRead);
        for (answer, source) in seen.metrics.iter_mut().zip(&self.sources) {
            faults::answer(
                answer,
                source,
                &self.meter,
                &cluster.cohorts,
                &self.faults,
                self.now,
            );
        }
    }

    /// One sync of the autoscaler.
    fn sync(&mut self, recorder: &mut Recorder) -> (Option<Rescale>, Report) {
        let now = self.now;
        let pod = &self.params.setup.workload.spec.template.spec;
        let containers = 1 + (pod.containers.len() + pod.init_containers.len()) / 8;
        let pods = self.cluster.cohorts.len() * (1 + self.sources.len());
        self.cluster.effort.spend(RECORD + 4 * pods * containers);
        self.observe();
        let decision = self
            .autoscaler
            .decide(&self.spec, &self.status, &self.observation, now);
        let rescale = decision.rescale.clone();
        let mut outcome = self.autoscaler.complete(decision, Ok(()), now);
        if let Some(status) = outcome.status.take() {
            self.status = status.as_stored();
        }
        let report = outcome.finish(Ok(()));
        for event in &report.events {
            recorder.event(now, About::Autoscaler, event.clone());
        }
        let ready = self
            .cluster
            .count(|pods| pods.is_active() && pods.shows_ready());
        self.record(ready, recorder);
        if let Some(rescale) = &rescale {
            self.cluster.spec_replicas = rescale.to;
            self.cluster.reconcile(now, recorder);
            self.stream.disturb();
        }
        self.syncs += 1;
        let timing = &self.params.setup.sync;
        let late = if timing.jitter > SignedDuration::ZERO {
            self.params.sync_rng.up_to(self.syncs, timing.jitter)
        } else {
            SignedDuration::ZERO
        };
        let period = self.autoscaler.config().sync_period.0.max(1000);
        self.next_sync = now + SignedDuration(period) + late;
        (rescale, report)
    }

    fn record(&self, ready: u32, recorder: &mut Recorder) {
        let why = self.autoscaler.explanation();
        let proposal = why
            .stabilization
            .map_or(why.current, |step| step.recommended);
        let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let record = SyncRecord {
            time: self.now,
            current: why.current,
            status_replicas: i32::try_from(self.cluster.active()).unwrap_or(i32::MAX),
            ready,
            proposal,
            stabilized: why
                .stabilization
                .map_or(why.current, |step| step.stabilized),
            desired: why.desired,
            winner: why
                .combination
                .and_then(|combined| combined.winner)
                .map(small),
            failed_metrics: why.combination.map_or(0, |combined| small(combined.failed)),
            branch: why.branch,
            bound: why.rate.map_or(Bound::None, |rate| rate.bound),
            points: (0, 0),
        };
        recorder.sync(record, why.metrics.iter().map(MetricPoint::of));
    }

    /// The sums up to now.
    fn totals(&self) -> Totals {
        Totals {
            in_system: self.stream.waiting(&self.cluster.cohorts),
            ..self.totals
        }
    }

    /// Computes again what follows from this state up to the sync after `skipped` more.
    pub(super) fn replay(mut self, skipped: usize) -> Option<SyncDetail> {
        let mut recorder = Recorder::silent();
        for _ in 0..skipped {
            self.sync(&mut recorder);
            if !self.advance(&mut recorder) {
                return None;
            }
        }
        let time = self.now;
        let spec = Arc::clone(&self.spec);
        let (rescale, report) = self.sync(&mut recorder);
        Some(SyncDetail {
            time,
            spec,
            observation: self.observation,
            explanation: self.autoscaler.explanation().clone(),
            histories: self.autoscaler.histories().clone(),
            status: self.status,
            rescale,
            report,
        })
    }
}

/// The observation before anything was read.
fn observation(setup: &Setup) -> Observation {
    let target = &setup.autoscaler.spec.scale_target_ref;
    let workload = &setup.workload;
    let kind = workload.kind.as_str();
    let scale = if target.kind != kind || target.name != workload.metadata.name {
        let plural = format!("{}s", target.kind.to_ascii_lowercase());
        let group = target
            .api_version
            .split_once('/')
            .map_or("", |(group, _)| group);
        let dot = if group.is_empty() { "" } else { "." };
        let text = format!("{plural}{dot}{group} \"{}\" not found", target.name);
        Err(ScaleError::Query(text.into()))
    } else {
        let selector = Selector::from_label_selector(&workload.spec.selector).unwrap_or_default();
        let replicas = workload.spec.replicas.unwrap_or(1);
        Ok(Scale::settled(replicas, selector.to_string()))
    };
    let neighbor = |neighbor: &super::Neighbor| {
        let selector = Selector::from_label_selector(&neighbor.selector).unwrap_or_default();
        OtherAutoscaler::new(neighbor.key.as_str(), selector)
    };
    Observation::new(scale).with_other_autoscalers(setup.neighbors.iter().map(neighbor))
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
