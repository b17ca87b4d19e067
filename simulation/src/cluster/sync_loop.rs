//! The autoscaler's syncs in a run: schedule, observation, and effects.

use std::sync::Arc;

use hpa_core::api::{Change, HorizontalPodAutoscaler, Selector};
use hpa_core::autoscaler::explanation::Bound;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, MetricAnswer, Observation, OtherAutoscaler, PodRecord, Report,
    Rescale, Scale, ScaleError, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};

use super::answers::MetricsApis;
use super::cohort::Cohort;
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
    due: Timestamp,
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
        Self {
            autoscaler: Autoscaler::new(setup.controller.clone()),
            sources: sources::sources(&spec, setup, meter),
            spec,
            status: Status::default(),
            observation: observation(setup),
            due: Timestamp::default() + first,
            syncs: 0,
        }
    }

    /// The time of the next sync.
    pub(super) const fn due(&self) -> Timestamp {
        self.due
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
        self.observation.metrics.clear();
        if setup.controller.rules.has(Change::ImmediateSync) {
            self.due = self.due.min(now);
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
        // A starting controller enqueues existing autoscalers like new ones.
        let queued = if config.rules.has(Change::ImmediateSync) {
            SignedDuration::ZERO
        } else {
            config.sync_period
        };
        self.due = now + downtime + queued;
    }

    /// Builds the current observation.
    pub(super) fn observe(&mut self, cluster: &mut Cluster, meter: &Meter, moment: &Moment<'_>) {
        let seen = &mut self.observation;
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
            moment.recorder.event(now, About::Autoscaler, event.clone());
        }
        self.record(cluster, moment);
        if let Some(rescale) = &rescale {
            cluster.scale(rescale.to, moment);
        }
        self.syncs += 1;
        let late = moment.params.late(self.syncs);
        self.due = now + self.autoscaler.config().sync_period + late;
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
            spec: self.spec,
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
