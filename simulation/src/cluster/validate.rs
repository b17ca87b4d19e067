//! Validates a setup: every value is within its limits, and the run is bounded.

use std::ops::RangeInclusive;

use hpa_core::manifest::{self, FieldError, FieldPath, Options};
use hpa_core::time::SignedDuration;

use super::budget;
use super::invalid::{SetupProblem, SetupProblemKind, SetupValue};
use super::load::{LoadProfile, Shape};
use super::pipeline::{FeedSource, Pipeline};
use super::setup::SetupDraft;
use super::startup::{Readiness, Spread};
use super::timeline::{Action, FaultKind, TimelineEvent, in_order};
use super::value_ranges;
use super::workload::{CpuLimit, Queue};

/// All problems of a draft, in the order of its fields.
pub(super) fn problems(draft: &SetupDraft) -> Vec<SetupProblem> {
    let mut found = Found(Vec::new());
    found.manifests(draft);
    found.controller(draft);
    found.load(&draft.load, &FieldPath::new("load"));
    found.model(draft);
    found.startup(draft);
    found.nodes(draft);
    found.metrics(draft);
    found.timeline(draft);
    found.within("duration", draft.duration, &value_ranges::DURATION);
    found.within("maxStep", draft.max_step, &value_ranges::MAX_STEP);
    // The cost of a run can be estimated only for valid values.
    if found.0.is_empty()
        && let Some((field, kind)) = budget::check(draft)
    {
        found.add(FieldPath::new(field), kind);
    }
    found.0
}

struct Found(Vec<SetupProblem>);

impl Found {
    fn add(&mut self, field: FieldPath, kind: SetupProblemKind) {
        self.0.push(SetupProblem { field, kind });
    }

    /// Checks that a value is within its range; NaN never is.
    fn within<T>(&mut self, field: impl Field, value: T, range: &RangeInclusive<T>)
    where
        T: Copy + PartialOrd + Into<SetupValue>,
    {
        if !range.contains(&value) {
            self.add(field.path(), SetupProblemKind::out_of_range(value, range));
        }
    }

    fn at_most(&mut self, field: impl Field, count: usize, most: usize) {
        if count > most {
            self.add(field.path(), SetupProblemKind::TooMany { count, most });
        }
    }

    fn manifest(&mut self, field: &FieldPath, errors: Vec<FieldError>) {
        for error in errors {
            let mut path = field.clone();
            path.extend(error.field.segments().iter().cloned());
            self.add(path, SetupProblemKind::Manifest(error));
        }
    }

    fn manifests(&mut self, draft: &SetupDraft) {
        let field = FieldPath::new("manifests");
        let autoscaler = field.child("autoscaler");
        let errors = manifest::validate_hpa(&draft.autoscaler, &options(draft));
        self.manifest(&autoscaler, errors);
        let minimum = draft.autoscaler.spec.min_replicas.unwrap_or(1);
        let highest = i32::MIN..=*value_ranges::REPLICAS.end();
        self.within((&autoscaler, "spec.minReplicas"), minimum, &highest);
        let workload = field.child("workload");
        let errors = manifest::validate_workload(&draft.workload, &options(draft));
        self.manifest(&workload, errors);
        let replicas = draft.workload.spec.replicas.unwrap_or(1);
        self.within((&workload, "spec.replicas"), replicas, &highest);
    }

    fn controller(&mut self, draft: &SetupDraft) {
        let config = &draft.controller;
        let field = FieldPath::new("controller");
        self.within(
            (&field, "sync-period"),
            config.sync_period,
            &value_ranges::SYNC_PERIOD,
        );
        for (name, time) in [
            ("downscale-stabilization", config.downscale_stabilization),
            (
                "cpu-initialization-period",
                config.cpu_initialization_period,
            ),
            ("initial-readiness-delay", config.initial_readiness_delay),
        ] {
            self.within((&field, name), time, &value_ranges::UP_TO_A_DAY);
        }
        self.within(
            (&field, "tolerance"),
            config.tolerance,
            &value_ranges::TOLERANCE,
        );
        if let Some(phase) = draft.sync.phase {
            self.within("sync.phase", phase, &value_ranges::SYNC_TIMING);
        }
        self.within("sync.jitter", draft.sync.jitter, &value_ranges::SYNC_TIMING);
        self.within(
            "sync.duration",
            draft.sync.duration,
            &value_ranges::SYNC_TIMING,
        );
    }

    fn load(&mut self, profile: &LoadProfile, field: &FieldPath) {
        self.at_most(field, profile.parts.len(), value_ranges::MAX_PARTS);
        for (index, part) in profile.parts.iter().enumerate() {
            self.shape(&part.shape, &field.index(index));
        }
    }

    fn shape(&mut self, shape: &Shape, part: &FieldPath) {
        match shape {
            Shape::Constant { rate } => self.rate((part, "constant"), *rate),
            Shape::Step { rate, .. } => self.rate((part, "step.rate"), *rate),
            Shape::Ramp {
                start_rate,
                end_rate,
                from,
                until,
            } => {
                self.rate((part, "ramp.startRate"), *start_rate);
                self.rate((part, "ramp.endRate"), *end_rate);
                let after = *from..=SignedDuration(i64::MAX);
                self.within((part, "ramp.until"), *until, &after);
            }
            Shape::Wave {
                mean,
                amplitude,
                period,
                phase,
                form,
            } => {
                self.rate((part, "wave.mean"), *mean);
                self.rate((part, "wave.amplitude"), *amplitude);
                let period = form.period(*period);
                self.within((part, "wave.period"), period, &value_ranges::PERIOD);
                self.within((part, "wave.phase"), *phase, &value_ranges::PHASE);
            }
            Shape::Spike { height, .. } => self.rate((part, "spike.height"), *height),
            Shape::Noise {
                deviation,
                correlation,
            } => {
                self.rate((part, "noise.deviation"), *deviation);
                let field = (part, "noise.correlation");
                self.within(field, *correlation, &value_ranges::CORRELATION);
            }
            Shape::Points { points, repeat, .. } => {
                let field = part.child("points");
                self.points(points, &field.child("values"));
                if let Some(repeat) = repeat {
                    self.within((&field, "repeat"), *repeat, &value_ranges::REPEAT);
                }
            }
        }
    }

    fn points(&mut self, points: &[(SignedDuration, f64)], field: &FieldPath) {
        if points.is_empty() {
            self.add(field.clone(), SetupProblemKind::NoPoints);
        }
        if let Some(index) = points.windows(2).position(|pair| pair[0].0 > pair[1].0) {
            let kind = SetupProblemKind::UnorderedPoints;
            self.add(field.index(index + 1), kind);
        }
        let wild = |(_, rate): &(SignedDuration, f64)| !value_ranges::RATE.contains(rate);
        if let Some(index) = points.iter().position(wild) {
            self.rate((&field.index(index), "rate"), points[index].1);
        }
    }

    fn rate(&mut self, field: impl Field, rate: f64) {
        self.within(field, rate, &value_ranges::RATE);
    }

    fn model(&mut self, draft: &SetupDraft) {
        let model = &draft.model;
        let field = FieldPath::new("workload");
        for (name, value, range) in [
            ("cpuPerRequest", model.cpu_per_request, value_ranges::AMOUNT),
            ("idleCpu", model.idle_cpu, value_ranges::AMOUNT),
            ("memory", model.memory, value_ranges::MEMORY),
            (
                "memoryPerRequest",
                model.memory_per_request,
                value_ranges::MEMORY,
            ),
            (
                "memoryLeakPerHour",
                model.memory_leak_per_hour,
                value_ranges::MEMORY,
            ),
            ("unevenness", model.unevenness, value_ranges::DEVIATION),
        ] {
            self.within((&field, name), value, &range);
        }
        match model.cpu_limit {
            CpuLimit::FromManifest | CpuLimit::Unlimited => {}
            CpuLimit::Cores(cores) => {
                self.within((&field, "cpuLimit"), cores, &value_ranges::CPU_LIMIT);
            }
        }
        let time = model.service_time;
        self.within((&field, "serviceTime"), time, &value_ranges::SERVICE_TIME);
        let concurrency = model.concurrency;
        self.within(
            (&field, "concurrency"),
            concurrency,
            &value_ranges::CONCURRENCY,
        );
        match model.queue {
            Queue::WorkQueue | Queue::PerPod { timeout: None, .. } => {}
            Queue::PerPod {
                timeout: Some(timeout),
                ..
            } => self.within((&field, "queue.timeout"), timeout, &value_ranges::TIMEOUT),
        }
        for (index, share) in model.containers.iter().enumerate() {
            let field = field.child("containers").index(index);
            self.within((&field, "cpu"), share.cpu, &value_ranges::AMOUNT);
            self.within((&field, "memory"), share.memory, &value_ranges::AMOUNT);
        }
    }

    fn startup(&mut self, draft: &SetupDraft) {
        let startup = &draft.startup;
        let field = FieldPath::new("startup");
        for (name, time) in [
            ("schedulingDelay", startup.scheduling_delay),
            ("firstImagePull", startup.first_image_pull),
            ("laterImagePull", startup.later_image_pull),
            ("drain", startup.drain),
            ("initialAge", startup.initial_age),
        ] {
            self.within((&field, name), time, &value_ranges::UP_TO_A_DAY);
        }
        let names = ["startTime", "startTimeDeviation"];
        self.spread(
            &field,
            names,
            startup.start_time,
            &value_ranges::UP_TO_A_DAY,
        );
        self.within(
            (&field, "cpuBurst"),
            startup.cpu_burst,
            &value_ranges::AMOUNT,
        );
        if let Some(time) = startup.cpu_burst_duration {
            self.within(
                (&field, "cpuBurstDuration"),
                time,
                &value_ranges::UP_TO_A_DAY,
            );
        }
        match startup.readiness {
            Readiness::FromProbes => {}
            Readiness::After(time) => {
                self.within((&field, "readyAfter"), time, &value_ranges::UP_TO_A_DAY);
            }
        }
        if let Some(crash) = startup.crash {
            let names = ["crash.after", "crash.deviation"];
            self.spread(&field, names, crash.after, &value_ranges::CRASH_AFTER);
        }
    }

    fn spread(
        &mut self,
        field: &FieldPath,
        [mean, deviation]: [&str; 2],
        spread: Spread,
        range: &RangeInclusive<SignedDuration>,
    ) {
        self.within((field, mean), spread.mean, range);
        self.within(
            (field, deviation),
            spread.deviation,
            &value_ranges::DEVIATION,
        );
    }

    fn nodes(&mut self, draft: &SetupDraft) {
        let nodes = &draft.nodes;
        let field = FieldPath::new("nodes");
        self.within((&field, "count"), nodes.count, &value_ranges::NODES);
        if let Some(pods) = nodes.pods_per_node {
            self.within((&field, "podsPerNode"), pods, &value_ranges::PODS_PER_NODE);
        }
        if let Some(autoscaler) = nodes.autoscaler {
            let field = field.child("autoscaler");
            self.within(
                (&field, "maxNodes"),
                autoscaler.max_nodes,
                &value_ranges::NODES,
            );
            self.within(
                (&field, "delay"),
                autoscaler.delay,
                &value_ranges::UP_TO_A_DAY,
            );
        }
    }

    fn metrics(&mut self, draft: &SetupDraft) {
        let field = FieldPath::new("pipelines");
        let pipelines = &draft.pipelines;
        self.pipeline(pipelines.resource, &field.child("resource"));
        self.pipeline(pipelines.custom, &field.child("custom"));
        self.pipeline(pipelines.external, &field.child("external"));
        let field = FieldPath::new("metrics");
        self.at_most(&field, draft.feeds.len(), value_ranges::MAX_PARTS);
        for (index, feed) in draft.feeds.iter().enumerate() {
            let field = field.index(index);
            if let Some(pipeline) = feed.pipeline {
                self.pipeline(pipeline, &field.child("pipeline"));
            }
            for (index, series) in feed.series.iter().enumerate() {
                let field = field.child("series").index(index);
                self.rate((&field, "factor"), series.factor);
                match &series.source {
                    FeedSource::Signal(_) => {}
                    FeedSource::Profile(profile) => self.load(profile, &field.child("profile")),
                }
            }
        }
    }

    fn pipeline(&mut self, pipeline: Pipeline, field: &FieldPath) {
        let interval = pipeline.interval;
        self.within((field, "interval"), interval, &value_ranges::INTERVAL);
        self.within((field, "phase"), pipeline.phase, &value_ranges::UP_TO_A_DAY);
        // Scrapes are kept for the longest of these.
        let kept = SignedDuration(value_ranges::MAX_SCRAPES.saturating_mul(interval.0.max(0)))
            .min(value_ranges::DAY);
        for (name, time) in [("window", pipeline.window), ("lag", pipeline.lag)] {
            self.within((field, name), time, &(SignedDuration::ZERO..=kept));
        }
    }

    fn timeline(&mut self, draft: &SetupDraft) {
        let field = FieldPath::new("timeline");
        self.at_most(&field, draft.timeline.len(), value_ranges::MAX_EVENTS);
        for (index, event) in draft.timeline.iter().enumerate() {
            let field = field.index(index);
            self.within((&field, "at"), event.at, &value_ranges::EVENT_TIME);
            self.action(&event.action, draft, &field);
        }
        if let Some(index) = one_fault_too_many(&draft.timeline) {
            let most = value_ranges::MAX_FAULTS;
            self.add(field.index(index), SetupProblemKind::TooManyFaults { most });
        }
    }

    fn action(&mut self, action: &Action, draft: &SetupDraft, event: &FieldPath) {
        match action {
            Action::Scale { replicas } => {
                self.within((event, "scale"), *replicas, &value_ranges::REPLICAS);
            }
            Action::ApplyWorkload(workload) => {
                if let Some(replicas) = workload.spec.replicas {
                    let field = (event, "apply.replicas");
                    self.within(field, replicas, &value_ranges::REPLICAS);
                }
            }
            Action::EditAutoscaler(edited) => {
                let errors = manifest::validate_hpa(edited, &options(draft));
                self.manifest(&event.child("editAutoscaler"), errors);
                let minimum = edited.spec.min_replicas.unwrap_or(1);
                let highest = i32::MIN..=*value_ranges::REPLICAS.end();
                let field = (event, "editAutoscaler.minReplicas");
                self.within(field, minimum, &highest);
            }
            Action::MetricFault {
                fault,
                share,
                duration,
                ..
            } => {
                let field = event.child("metricFault");
                self.within((&field, "share"), *share, &value_ranges::SHARE);
                self.within((&field, "duration"), *duration, &value_ranges::FAULT_TIME);
                match fault {
                    FaultKind::Factor(factor) => self.rate((&field, "factor"), *factor),
                    FaultKind::Missing
                    | FaultKind::Zero
                    | FaultKind::Stale
                    | FaultKind::Error(_) => {}
                }
            }
            Action::MetricsApiDown { duration, .. } => {
                let field = (event, "metricsApiDown.duration");
                self.within(field, *duration, &value_ranges::FAULT_TIME);
            }
            Action::RestartController { downtime } => {
                let field = (event, "restartController.downtime");
                self.within(field, *downtime, &value_ranges::FAULT_TIME);
            }
            Action::RollingUpdate
            | Action::LosePods { .. }
            | Action::LoseNodes { .. }
            | Action::SetQuota { .. } => {}
        }
    }
}

/// The manifest features that the setup's feature gates allow.
fn options(draft: &SetupDraft) -> Options {
    Options::default()
        .with_rules(draft.controller.rules)
        .with_gates(draft.controller.gates)
}

/// The index of the first metric fault that starts while too many others are active.
fn one_fault_too_many(timeline: &[TimelineEvent]) -> Option<usize> {
    let mut ends: Vec<SignedDuration> = Vec::new();
    in_order(timeline.iter().map(|event| event.at))
        .into_iter()
        .find(|index| {
            let TimelineEvent { at, action } = &timeline[*index];
            let Action::MetricFault { duration, .. } = action else {
                return false;
            };
            ends.retain(|end| *end >= *at);
            ends.push(SignedDuration(at.0.saturating_add(duration.0.max(1))));
            ends.len() > value_ranges::MAX_FAULTS
        })
}

/// A field by its path, or by its parent's path and its relative path.
trait Field {
    fn path(self) -> FieldPath;
}

impl Field for &str {
    fn path(self) -> FieldPath {
        FieldPath::new(self)
    }
}

impl Field for &FieldPath {
    fn path(self) -> FieldPath {
        self.clone()
    }
}

impl Field for (&FieldPath, &str) {
    fn path(self) -> FieldPath {
        let (parent, name) = self;
        name.split('.')
            .fold(parent.clone(), |path, name| path.child(name))
    }
}
