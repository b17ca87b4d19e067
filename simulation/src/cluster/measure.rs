//! Scraping: what is measured of pods and of the whole, and what of it can be read when.

use std::sync::Arc;

use smallvec::SmallVec;

use super::arrivals::{Arrivals, seconds};
use super::cohort::{Cohort, NEVER};
use super::pipeline::{FeedSource, Pipeline, Signal};
use super::setup::Setup;
use super::timeline::MetricsApi;
use hpa_core::autoscaler::spec::MetricIdentity;
use hpa_core::autoscaler::{Sample, Spec};
use hpa_core::time::{SignedDuration, Timestamp};

/// Values of one thing, one for each scrape, newest last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ring {
    /// Integral since the last scrape.
    pub(super) sum: f64,
    /// Means between scrapes, or values at scrapes.
    values: SmallVec<[f64; 4]>,
    /// Whether there was a scrape to count from.
    counts: bool,
    /// What is read instead while the value is stale.
    pub(super) frozen: Frozen,
}

/// Whether a value is stale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Frozen {
    /// It is not.
    #[default]
    No,
    /// What was read last is read for ever; there may have been nothing.
    At(Option<Sample>),
}

impl Ring {
    fn push(&mut self, value: f64, keep: usize) {
        if self.values.len() >= keep {
            self.values.remove(0);
        }
        self.values.push(value);
    }

    /// Forgets everything, as when a container starts anew.
    pub(super) fn clear(&mut self) {
        *self = Self {
            frozen: self.frozen,
            ..Self::default()
        };
    }

    /// Whether `keep` scrapes are kept.
    pub(super) fn is_full(&self, keep: usize) -> bool {
        self.values.len() >= keep
    }

    fn scrape(&mut self, tracked: &Tracked, instant: f64, elapsed: f64) {
        if tracked.is_instant() {
            self.push(instant, tracked.keep);
        } else if self.counts && elapsed > 0.0 {
            self.push(self.sum / elapsed, tracked.keep);
        }
        self.sum = 0.0;
        self.counts = true;
    }
}

/// What is measured.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A signal of each pod; kept with the pods.
    Pods(Signal),
    /// A signal of all pods together.
    Total(Signal),
    /// A profile of its own, with the metric's name and its place among the metric's series.
    Profile(Box<Arrivals>, (Arc<str>, usize)),
}

/// One thing that is measured.
#[derive(Clone, Debug)]
pub(super) struct Tracked {
    pub(super) what: What,
    pipeline: Pipeline,
    /// Scrapes that one window spans.
    span: usize,
    /// Scrapes that are kept.
    keep: usize,
    /// The times of the scrapes that are kept, newest last.
    times: SmallVec<[Timestamp; 4]>,
    /// The values, where pods do not keep them.
    pub(super) ring: Ring,
    next: Timestamp,
}

impl Tracked {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded on both sides"
    )]
    fn new(what: What, pipeline: Pipeline) -> Self {
        let interval = SignedDuration(pipeline.interval.0.max(1000));
        let scrapes = |time: SignedDuration| (time.0.max(0) / interval.0).min(1000) as usize;
        let span = scrapes(pipeline.window).max(1);
        // The latest scrape that lies before the beginning or on it.
        let first = pipeline.phase.0.rem_euclid(interval.0);
        Self {
            what,
            pipeline: Pipeline {
                interval,
                ..pipeline
            },
            span,
            keep: span + scrapes(pipeline.lag) + 1,
            times: SmallVec::new(),
            ring: Ring::default(),
            next: Timestamp(if first == 0 { 0 } else { first - interval.0 }),
        }
    }

    fn is_instant(&self) -> bool {
        self.pipeline.window == SignedDuration::ZERO
    }

    /// How many scrapes back the newest one is that can be read, and when it was.
    fn newest(&self, now: Timestamp) -> Option<(usize, Timestamp)> {
        self.times
            .iter()
            .rev()
            .enumerate()
            .find(|(_, time)| **time + self.pipeline.lag <= now)
            .map(|(back, time)| (back, *time))
    }

    /// What can be read of `ring` at `now`, multiplied with `factor`.
    pub(super) fn read(&self, ring: &Ring, factor: f64, now: Timestamp) -> Option<Sample> {
        if let Frozen::At(sample) = ring.frozen {
            return sample;
        }
        let (back, timestamp) = self.newest(now)?;
        let end = ring.values.len().checked_sub(back).filter(|end| *end > 0)?;
        let values = &ring.values[end.saturating_sub(self.span)..end];
        #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let window = if self.is_instant() {
            // What an adapter that gives no window is taken for.
            SignedDuration::from_secs(60)
        } else {
            #[expect(clippy::cast_possible_wrap, reason = "at most a thousand")]
            SignedDuration(self.pipeline.interval.0 * values.len() as i64)
        };
        Some(Sample {
            milli_value: milli(mean * factor),
            timestamp,
            window,
        })
    }
}

/// In thousandths, rounded up as quantities round, from whole billionths as they are measured.
#[expect(clippy::cast_possible_truncation, reason = "saturation is wanted")]
fn milli(value: f64) -> i64 {
    let nano = (value * 1e9).round();
    if nano.abs() < 9e18 {
        let nano = nano as i64;
        nano.div_euclid(1_000_000) + i64::from(nano.rem_euclid(1_000_000) > 0)
    } else {
        (value * 1e3).ceil() as i64
    }
}

/// Where the autoscaler's metric comes from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Which API answers.
    pub(super) api: MetricsApi,
    /// The metric's or resource's name.
    pub(super) name: Arc<str>,
    /// What answers.
    pub(super) kind: SourceKind,
}

/// What answers.
#[derive(Clone, Debug)]
pub(super) enum SourceKind {
    /// One value per pod: which thing, of which part.
    Pods(Option<(usize, f64)>),
    /// One value.
    Object(Option<(usize, f64)>),
    /// Any number of values.
    External(SmallVec<[(usize, f64); 2]>),
}

/// Everything that is measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    pub(super) tracked: Vec<Tracked>,
    /// The next scrape.
    pub(super) next: Timestamp,
}

impl Meter {
    /// Finds the sources of an autoscaler's metrics, and tracks what they need.
    pub(super) fn sources(&mut self, spec: &Spec, setup: &Setup) -> Vec<Source> {
        let sources = spec
            .metrics
            .iter()
            .map(|metric| match &*metric.identity {
                MetricIdentity::Resource { resource } => self.resource(resource, setup, Some(1.0)),
                MetricIdentity::ContainerResource {
                    resource,
                    container,
                } => self.resource(resource, setup, container_share(setup, resource, container)),
                MetricIdentity::Pods { metric: named } => Source {
                    api: MetricsApi::Custom,
                    name: named.name.as_str().into(),
                    kind: SourceKind::Pods(
                        self.series(metric, &named.name, setup, MetricsApi::Custom, true)
                            .first()
                            .copied(),
                    ),
                },
                MetricIdentity::Object { metric: named, .. } => Source {
                    api: MetricsApi::Custom,
                    name: named.name.as_str().into(),
                    kind: SourceKind::Object(
                        self.series(metric, &named.name, setup, MetricsApi::Custom, false)
                            .first()
                            .copied(),
                    ),
                },
                MetricIdentity::External { metric: named } => Source {
                    api: MetricsApi::External,
                    name: named.name.as_str().into(),
                    kind: SourceKind::External(
                        self.series(metric, &named.name, setup, MetricsApi::External, false)
                            .into(),
                    ),
                },
                MetricIdentity::Unknown { source_type } => Source {
                    api: MetricsApi::Custom,
                    name: Arc::clone(source_type),
                    kind: SourceKind::Object(None),
                },
            })
            .collect();
        self.reschedule();
        sources
    }

    fn resource(&mut self, resource: &Arc<str>, setup: &Setup, share: Option<f64>) -> Source {
        let signal = match &**resource {
            "cpu" => Some(Signal::Cpu),
            "memory" => Some(Signal::Memory),
            _ => None,
        };
        let tracked = signal.zip(share).map(|(signal, share)| {
            (
                self.track(What::Pods(signal), setup.pipelines.resource),
                share,
            )
        });
        Source {
            api: MetricsApi::Resource,
            name: Arc::clone(resource),
            kind: SourceKind::Pods(tracked),
        }
    }

    /// The series of a named metric that its selector selects.
    fn series(
        &mut self,
        metric: &hpa_core::autoscaler::spec::Metric,
        name: &str,
        setup: &Setup,
        api: MetricsApi,
        per_pod: bool,
    ) -> Vec<(usize, f64)> {
        let default = if api == MetricsApi::External {
            setup.pipelines.external
        } else {
            setup.pipelines.custom
        };
        let Some(feed) = setup.feeds.iter().find(|feed| feed.metric == name) else {
            let signal = Signal::suggested_by(name);
            let what = if per_pod {
                What::Pods(signal)
            } else {
                What::Total(signal)
            };
            return vec![(self.track(what, default), 1.0)];
        };
        let pipeline = feed.pipeline.unwrap_or(default);
        let mut found = Vec::new();
        for (index, series) in feed.series.iter().enumerate() {
            if !metric
                .selector
                .as_ref()
                .is_ok_and(|selector| selector.matches(&series.labels))
            {
                continue;
            }
            let what = match &series.source {
                FeedSource::Signal(signal) if per_pod => What::Pods(*signal),
                FeedSource::Signal(signal) => What::Total(*signal),
                FeedSource::Profile(profile) => {
                    let concern = format!("feed/{name}/{index}");
                    let arrivals = Arrivals::new(profile, setup.seed, &concern);
                    What::Profile(Box::new(arrivals), (name.into(), index))
                }
            };
            found.push((self.track(what, pipeline), series.factor));
        }
        found
    }

    fn track(&mut self, what: What, pipeline: Pipeline) -> usize {
        let tracked = Tracked::new(what, pipeline);
        let same = |known: &Tracked| {
            known.pipeline == tracked.pipeline
                && match (&known.what, &tracked.what) {
                    (What::Pods(a), What::Pods(b)) | (What::Total(a), What::Total(b)) => a == b,
                    (What::Profile(_, a), What::Profile(_, b)) => a == b,
                    _ => false,
                }
        };
        if let Some(index) = self.tracked.iter().position(same) {
            return index;
        }
        self.tracked.push(tracked);
        self.tracked.len() - 1
    }

    fn reschedule(&mut self) {
        self.next = self
            .tracked
            .iter()
            .map(|tracked| tracked.next)
            .fold(NEVER, Ord::min);
    }

    /// How many scrapes a cohort must have been through before its past is forgotten.
    pub(super) fn memory(&self) -> usize {
        self.tracked
            .iter()
            .map(|tracked| tracked.keep)
            .fold(0, Ord::max)
    }

    /// The numbers that are kept of each cohort, and of the whole.
    pub(super) fn kept(&self) -> usize {
        self.tracked.iter().map(|tracked| tracked.keep + 16).sum()
    }

    /// Adds up what happens during a step of `time` seconds.
    pub(super) fn add(&mut self, cohorts: &mut [Cohort], total: &[f64; 7], time: f64, end: f64) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            match &mut tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        cohort.rings[index].sum += cohort.signals[*signal as usize] * time;
                    }
                }
                What::Total(signal) => tracked.ring.sum += total[*signal as usize] * time,
                What::Profile(arrivals, _) => tracked.ring.sum += walk(arrivals, end),
            }
        }
    }

    /// Scrapes what is due.
    pub(super) fn scrape(&mut self, cohorts: &mut [Cohort], total: &[f64; 7], now: Timestamp) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            if tracked.next != now {
                continue;
            }
            let elapsed = tracked
                .times
                .last()
                .map_or(0.0, |last| seconds(now - *last));
            match &tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        if cohort.runs() {
                            let instant = cohort.signals[*signal as usize];
                            cohort.rings[index].scrape(tracked, instant, elapsed);
                        } else {
                            cohort.rings[index].clear();
                        }
                    }
                }
                What::Total(signal) => {
                    let mut ring = std::mem::take(&mut tracked.ring);
                    ring.scrape(tracked, total[*signal as usize], elapsed);
                    tracked.ring = ring;
                }
                What::Profile(arrivals, _) => {
                    let instant = arrivals.rate();
                    let mut ring = std::mem::take(&mut tracked.ring);
                    ring.scrape(tracked, instant, elapsed);
                    tracked.ring = ring;
                }
            }
            if tracked.times.len() >= tracked.keep {
                tracked.times.remove(0);
            }
            tracked.times.push(now);
            tracked.next = now + tracked.pipeline.interval;
        }
        self.reschedule();
    }

    /// Pretends that everything had been as it is now for as long as anyone looks back.
    pub(super) fn warm_up(&mut self, cohorts: &mut [Cohort], total: &[f64; 7]) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            let interval = tracked.pipeline.interval;
            // The latest scrape lies at or before the beginning.
            let mut time = tracked.next;
            tracked.next = time + interval;
            for _ in 0..tracked.keep {
                tracked.times.insert(0, time);
                time = time - interval;
            }
            let keep = tracked.keep;
            let fill = |ring: &mut Ring, value: f64| {
                ring.values = SmallVec::from_elem(value, keep);
                ring.counts = true;
            };
            match &tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        fill(&mut cohort.rings[index], cohort.signals[*signal as usize]);
                    }
                }
                What::Total(signal) => fill(&mut tracked.ring, total[*signal as usize]),
                What::Profile(arrivals, _) => fill(&mut tracked.ring, arrivals.rate()),
            }
        }
        self.reschedule();
    }
}

/// The integral of a profile from where it stands up to `end`, break by break.
fn walk(arrivals: &mut Arrivals, end: f64) -> f64 {
    let mut sum = 0.0;
    loop {
        let start = arrivals.time();
        let stop = arrivals.next_break().min(end);
        sum += arrivals.advance(stop) * (stop - start);
        if stop >= end {
            return sum;
        }
    }
}

/// The part of its pod's usage that a container has; by default the first one has all of it.
fn container_share(setup: &Setup, resource: &str, container: &str) -> Option<f64> {
    let spec = &setup.workload.spec.template.spec;
    let position = spec
        .running_containers()
        .position(|running| running.container.name == container)?;
    let shares = &setup.model.containers;
    if shares.is_empty() {
        return Some(if position == 0 { 1.0 } else { 0.0 });
    }
    let share = shares.iter().find(|share| share.name == container);
    Some(share.map_or(0.0, |share| {
        if resource == "memory" {
            share.memory
        } else {
            share.cpu
        }
    }))
}
