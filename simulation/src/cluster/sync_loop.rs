//! The autoscaler's syncs in a run: schedule, observation, and effects.
//!
//! A sync observes when it begins, and decides and writes when it ends; the next one is due a period
//! after that, as upstream's. The resync of upstream's informer, which can bring the sync after a slow
//! one forward, is not modelled.

use std::sync::Arc;

use hpa_core::api::{HorizontalPodAutoscaler, Selector};
use hpa_core::autoscaler::explanation::Bound;
use hpa_core::autoscaler::sync_queue::{SyncQueue, SyncRules, Task};
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, MetricAnswer, Observation, OtherAutoscaler, PodRecord, Report,
    Rescale, Scale, ScaleError, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};

use super::answers::MetricsApis;
use super::cohort::{Cohort, NEVER};
use super::measure::Meter;
use super::moment::Moment;
use super::setup::{Neighbor, Setup};
use super::sources::{self, Source};
use super::state::Cluster;
use super::trace::{About, MetricPoint, SyncDetail, SyncRecord};

/// The autoscaler with its state and schedule.
#[derive(Clone, Debug)]
pub(super) struct SyncLoop {
    autoscaler: Autoscaler,
    spec: Arc<Spec>,
    /// The sources of its metrics.
    sources: Vec<Source>,
    status: Status,
    observation: Observation,
    /// The spec that the observation belongs to.
    observed_spec: Arc<Spec>,
    queue: SyncQueue<()>,
    /// When the controller last started or will start.
    starts: Timestamp,
    /// When the running sync ends.
    end: Option<Timestamp>,
    /// How long a sync takes.
    duration: SignedDuration,
    /// When the status was last written, and how often. A watch delivers a write a moment later.
    written: (Timestamp, u64),
    /// The number of syncs so far.
    syncs: u64,
}

/// The effects of a sync.
#[derive(Debug)]
pub(super) struct SyncOutcome {
    /// The rescale, if any.
    pub(super) rescale: Option<Rescale>,
    /// Events and error.
    pub(super) report: Report,
}

impl SyncLoop {
    /// Before the first sync.
    pub(super) fn new(setup: &Setup, meter: &mut Meter) -> Self {
        let spec = Arc::new(Spec::from_api(&setup.autoscaler));
        let first = setup.sync.phase.unwrap_or(setup.controller.sync_period);
        let mut queue = SyncQueue::new(SyncRules::of(&setup.controller));
        queue.resumed(&(), Timestamp::default() + first);
        Self {
            autoscaler: Autoscaler::new(setup.controller.clone()),
            sources: sources::sources(&spec, setup, meter),
            observed_spec: Arc::clone(&spec),
            spec,
            status: Status::default(),
            observation: observation(setup),
            queue,
            starts: Timestamp::default(),
            end: None,
            duration: setup.sync.duration,
            written: (Timestamp::default(), 0),
            syncs: 0,
        }
    }

    /// When the next sync begins, or the running one ends.
    pub(super) fn due(&self) -> Timestamp {
        if self.queue.ready() > 0 && self.end.is_none() {
            return Timestamp::default();
        }
        let next = self.queue.next_due().filter(|_| self.end.is_none());
        self.end.or(next).unwrap_or(NEVER)
    }

    /// Begins a sync if one is due and none is running. Returns whether it did: then the owner
    /// observes.
    pub(super) fn begins(&mut self, now: Timestamp) -> bool {
        // Entries that come due during a sync are kept for its end.
        self.queue.advance(now);
        if self.end.is_some() {
            return false;
        }
        let (at, writes) = self.written;
        if at < now {
            self.queue.observed(writes);
        }
        let begins = self
            .queue
            .take(now)
            .is_some_and(|turn| turn.task == Task::Sync);
        if begins {
            self.end = Some(now + self.duration);
        }
        begins
    }

    /// Whether the running sync ends.
    pub(super) fn ends(&self, now: Timestamp) -> bool {
        self.end.is_some_and(|end| end <= now)
    }

    /// The sources of the metrics.
    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The approximate work of the next sync, for pods with this number of containers.
    pub(super) fn work(&self, cohorts: usize, containers: usize) -> usize {
        4 * cohorts * (1 + self.sources.len()) * (1 + containers / 8)
    }

    /// Applies an edit of the autoscaler.
    pub(super) fn edit(
        &mut self,
        edited: &HorizontalPodAutoscaler,
        setup: &Setup,
        meter: &mut Meter,
        now: Timestamp,
    ) {
        let mut spec = Spec::from_api(edited);
        spec.generation = self.spec.generation + 1;
        self.sources = sources::sources(&spec, setup, meter);
        self.spec = Arc::new(spec);
        // A controller that is down sees the edit when it starts.
        if now >= self.starts {
            self.queue.edited(&(), now);
        }
    }

    /// Restarts the controller: clears its state, and syncs again after `downtime`.
    pub(super) fn restart(
        &mut self,
        config: &ControllerConfig,
        now: Timestamp,
        downtime: SignedDuration,
    ) {
        self.autoscaler = Autoscaler::new(config.clone());
        let rules = SyncRules::of(config);
        self.queue = SyncQueue::new(rules);
        self.end = None;
        self.starts = now + downtime;
        // A starting controller enqueues existing autoscalers like new ones.
        let wait = if rules.new_at_once {
            SignedDuration::ZERO
        } else {
            rules.period
        };
        self.queue.resumed(&(), self.starts + wait);
    }

    /// Builds the current observation.
    pub(super) fn observe(&mut self, cluster: &mut Cluster, meter: &Meter, moment: &Moment<'_>) {
        let seen = &mut self.observation;
        if !Arc::ptr_eq(&self.observed_spec, &self.spec) {
            self.observed_spec = Arc::clone(&self.spec);
            seen.metrics.clear();
        }
        if let Ok(scale) = &mut seen.scale {
            scale.spec_replicas = signed(cluster.replicas());
            scale.status_replicas = signed(cluster.pods().active());
        }
        let changed = cluster.pods_mut().take_changed();
        let cohorts = cluster.pods().cohorts();
        if changed && let Ok(pods) = &mut seen.pods {
            pods.clear();
            pods.extend(cohorts.iter().map(|cohort| {
                let shape = Arc::clone(&cohort.shape);
                let mut record = PodRecord::new(Arc::clone(&cohort.name), shape);
                record.count = cohort.count;
                record.phase = cohort.phase();
                record.deleting = !cohort.is_active();
                record.start_time = cohort.start_time;
                record.ready = cohort.ready;
                record
            }));
        }
        let apis = MetricsApis {
            meter,
            cohorts,
            faults: moment.faults,
            now: moment.now,
        };
        seen.metrics
            .resize(self.sources.len(), MetricAnswer::NotRead);
        for (answer, source) in seen.metrics.iter_mut().zip(&self.sources) {
            apis.answer(source, answer);
        }
    }

    /// Performs one sync on the observation, and scales the cluster.
    pub(super) fn sync(&mut self, cluster: &mut Cluster, moment: &mut Moment<'_>) -> SyncOutcome {
        let now = moment.now;
        let decision =
            self.autoscaler
                .decide(&self.observed_spec, &self.status, &self.observation, now);
        let rescale = decision.rescale.clone();
        let mut outcome = self.autoscaler.complete(decision, Ok(()), now);
        if let Some(status) = outcome.status.take() {
            self.status = status.as_stored();
            self.written = (now, self.written.1 + 1);
            self.queue.status_written(&(), self.written.1);
        }
        let report = outcome.finish(Ok(()));
        for event in &report.events {
            moment.recorder.event(now, About::Autoscaler, event.clone());
        }
        self.record(cluster, moment);
        if let Some(rescale) = &rescale {
            cluster.scale(rescale.to, moment);
        }
        self.syncs += 1;
        let late = moment.params.late(self.syncs);
        self.end = None;
        self.queue.ended(&(), now + late);
        SyncOutcome { rescale, report }
    }

    fn record(&self, cluster: &Cluster, moment: &mut Moment<'_>) {
        let why = self.autoscaler.explanation();
        let ready = |pods: &Cohort| pods.is_active() && pods.shows_ready();
        let step = why.stabilization;
        let combined = why.combination;
        let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let record = SyncRecord {
            time: moment.now,
            current: why.current,
            status_replicas: signed(cluster.pods().active()),
            ready: cluster.pods().count(ready),
            proposal: step.map_or(why.current, |step| step.recommended),
            stabilized: step.map_or(why.current, |step| step.stabilized),
            desired: why.desired,
            winner: combined.and_then(|combined| combined.winner).map(small),
            failed_metrics: combined.map_or(0, |combined| small(combined.failed)),
            branch: why.branch,
            bound: why.rate.map_or(Bound::None, |rate| rate.bound),
            points: (0, 0),
        };
        moment
            .recorder
            .sync(record, why.metrics.iter().map(MetricPoint::of));
    }

    /// The details of the sync just performed at `time` with `spec`.
    pub(super) fn into_detail(self, time: Timestamp, outcome: SyncOutcome) -> SyncDetail {
        SyncDetail {
            time,
            spec: self.observed_spec,
            observation: self.observation,
            explanation: self.autoscaler.explanation().clone(),
            histories: self.autoscaler.histories().clone(),
            status: self.status,
            rescale: outcome.rescale,
            report: outcome.report,
        }
    }
}

/// A number of pods as an API count.
fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The initial, empty observation.
fn observation(setup: &Setup) -> Observation {
    let neighbor = |neighbor: &Neighbor| {
        let selector = Selector::from_label_selector(&neighbor.selector).unwrap_or_default();
        OtherAutoscaler::new(neighbor.key.as_str(), selector)
    };
    Observation::new(scale(setup)).with_other_autoscalers(setup.neighbors.iter().map(neighbor))
}

/// The scale of the workload; an error if the autoscaler has another target.
fn scale(setup: &Setup) -> Result<Scale, ScaleError> {
    let target = &setup.autoscaler.spec.scale_target_ref;
    let workload = &setup.workload;
    if target.kind != workload.kind.kind() || target.name != workload.metadata.name {
        let plural = format!("{}s", target.kind.to_ascii_lowercase());
        let group = target
            .api_version
            .split_once('/')
            .map_or("", |(group, _)| group);
        let dot = if group.is_empty() { "" } else { "." };
        let text = format!("{plural}{dot}{group} \"{}\" not found", target.name);
        return Err(ScaleError::Query(text.into()));
    }
    let selector = Selector::from_label_selector(&workload.spec.selector).unwrap_or_default();
    let replicas = workload.spec.replicas.unwrap_or(1);
    Ok(Scale::settled(replicas, selector.to_string()))
}
