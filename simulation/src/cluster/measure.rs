//! Scrapes signals of pods and of the whole cluster, and serves the values after their lag.

use std::sync::Arc;

use hpa_core::autoscaler::Sample;
use hpa_core::time::{SignedDuration, Timestamp};
use smallvec::SmallVec;

use super::arrivals::{Arrivals, seconds};
use super::cohort::{Cohort, NEVER};
use super::pipeline::{Pipeline, Signal};
use super::ring::{Frozen, Ring};
use super::sources::SeriesPart;

/// The source of a measured quantity.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A signal of each pod; kept with the pods.
    Pods(Signal),
    /// A signal of all pods together.
    Total(Signal),
    /// A profile of its own, with the metric's name and the index of the series.
    Profile(Box<Arrivals>, (Arc<str>, usize)),
}

/// One measured quantity.
#[derive(Clone, Debug)]
struct Tracked {
    what: What,
    pipeline: Pipeline,
    /// The number of scrapes that a window spans.
    span: usize,
    /// The number of scrapes that are kept.
    keep: usize,
    /// The times of the kept scrapes, newest last.
    times: SmallVec<[Timestamp; 4]>,
    /// The values, unless pods keep them.
    ring: Ring,
    next: Timestamp,
}

impl Tracked {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a thousand"
    )]
    fn new(what: What, pipeline: Pipeline) -> Self {
        let interval = pipeline.interval;
        let scrapes = |time: SignedDuration| (time.0 / interval.0) as usize;
        let span = scrapes(pipeline.window).max(1);
        // The latest scrape at or before the start.
        let first = pipeline.phase.0.rem_euclid(interval.0);
        Self {
            what,
            pipeline,
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

    /// The newest readable scrape: its distance from the last one, and its time.
    fn newest(&self, now: Timestamp) -> Option<(usize, Timestamp)> {
        self.times
            .iter()
            .rev()
            .enumerate()
            .find(|(_, time)| **time + self.pipeline.lag <= now)
            .map(|(back, time)| (back, *time))
    }

    /// The readable value of `ring` at `now`, multiplied by `factor`.
    fn read(&self, ring: &Ring, factor: f64, now: Timestamp) -> Option<Sample> {
        if let Frozen::At(sample) = ring.frozen() {
            return sample;
        }
        let (back, timestamp) = self.newest(now)?;
        let values = ring.values(back, self.span)?;
        #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let window = if self.is_instant() {
            // The default for adapters that report no window.
            SignedDuration::from_secs(60)
        } else {
            #[expect(clippy::cast_possible_wrap, reason = "at most a thousand")]
            SignedDuration(self.pipeline.interval.0 * values.len() as i64)
        };
        Some(Sample::new(milli(mean * factor), timestamp, window))
    }
}

/// Converts to thousandths, rounded up like quantities, from whole billionths as measured.
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

/// All measured quantities.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    tracked: Vec<Tracked>,
    /// The next scrape.
    due: Timestamp,
}

impl Meter {
    /// A meter without quantities.
    pub(super) const fn new() -> Self {
        Self {
            tracked: Vec::new(),
            due: NEVER,
        }
    }

    /// Adds a quantity with its pipeline; returns its index.
    pub(super) fn track(&mut self, what: What, pipeline: Pipeline) -> usize {
        let tracked = Tracked::new(what, pipeline);
        let same = |known: &Tracked| {
            known.pipeline == tracked.pipeline
                && match (&known.what, &tracked.what) {
                    (What::Pods(a), What::Pods(b)) | (What::Total(a), What::Total(b)) => a == b,
                    (What::Profile(_, a), What::Profile(_, b)) => a == b,
                    (What::Pods(_) | What::Total(_) | What::Profile(..), _) => false,
                }
        };
        if let Some(index) = self.tracked.iter().position(same) {
            return index;
        }
        self.due = self.due.min(tracked.next);
        self.tracked.push(tracked);
        self.tracked.len() - 1
    }

    fn reschedule(&mut self) {
        let scrapes = self.tracked.iter().map(|tracked| tracked.next);
        self.due = scrapes.fold(NEVER, Ord::min);
    }

    /// The time of the next scrape.
    pub(super) const fn due(&self) -> Timestamp {
        self.due
    }

    /// The number of quantities.
    pub(super) const fn len(&self) -> usize {
        self.tracked.len()
    }

    /// Reads one series, from the pod if pods keep it.
    pub(super) fn read(
        &self,
        series: SeriesPart,
        pods: Option<&Cohort>,
        now: Timestamp,
    ) -> Option<Sample> {
        let tracked = self.tracked.get(series.tracked)?;
        let ring = match (&tracked.what, pods) {
            (What::Pods(_), Some(pods)) => pods.rings.get(series.tracked)?,
            // A profile's value applies to each running pod.
            (_, Some(pods)) if !pods.runs() => return None,
            _ => &tracked.ring,
        };
        tracked.read(ring, series.factor, now)
    }

    /// Freezes the readable value of a series for the pods with the bit, and for the whole.
    pub(super) fn freeze(
        &mut self,
        series: SeriesPart,
        cohorts: &mut [Cohort],
        bit: u64,
        now: Timestamp,
    ) {
        for pods in cohorts {
            if pods.faults & bit != 0 {
                let sample = self.read(series, Some(pods), now);
                if let Some(ring) = pods.rings.get_mut(series.tracked) {
                    ring.freeze(Frozen::At(sample));
                }
            }
        }
        let sample = self.read(series, None, now);
        self.tracked[series.tracked].ring.freeze(Frozen::At(sample));
    }

    /// Reverts [`Meter::freeze`] for all series.
    pub(super) fn thaw(&mut self, cohorts: &mut [Cohort]) {
        let own = self.tracked.iter_mut().map(|tracked| &mut tracked.ring);
        for ring in own.chain(cohorts.iter_mut().flat_map(|pods| &mut pods.rings)) {
            ring.freeze(Frozen::No);
        }
    }

    /// The number of scrapes after which a cohort's past no longer matters.
    pub(super) fn memory(&self) -> usize {
        self.tracked
            .iter()
            .map(|tracked| tracked.keep)
            .fold(0, Ord::max)
    }

    /// The number of values kept for each cohort and for the whole.
    pub(super) fn kept(&self) -> usize {
        self.tracked.iter().map(|tracked| tracked.keep + 16).sum()
    }

    /// Integrates the signals over a step of `time` seconds.
    pub(super) fn add(&mut self, cohorts: &mut [Cohort], total: &[f64; 7], time: f64, end: f64) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            match &mut tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        cohort.rings[index].add(cohort.signals[*signal as usize] * time);
                    }
                }
                What::Total(signal) => tracked.ring.add(total[*signal as usize] * time),
                What::Profile(arrivals, _) => tracked.ring.add(walk(arrivals, end)),
            }
        }
    }

    /// Performs due scrapes.
    pub(super) fn scrape(&mut self, cohorts: &mut [Cohort], total: &[f64; 7], now: Timestamp) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            if tracked.next != now {
                continue;
            }
            let elapsed = tracked
                .times
                .last()
                .map_or(0.0, |last| seconds(now - *last));
            let keep = tracked.keep;
            let instant = tracked.is_instant();
            match &tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        if cohort.runs() {
                            let value = cohort.signals[*signal as usize];
                            let value = instant.then_some(value);
                            cohort.rings[index].scrape(value, elapsed, keep);
                        } else {
                            cohort.rings[index].clear();
                        }
                    }
                }
                What::Total(signal) => {
                    let value = total[*signal as usize];
                    let value = instant.then_some(value);
                    tracked.ring.scrape(value, elapsed, keep);
                }
                What::Profile(arrivals, _) => {
                    let value = instant.then_some(arrivals.rate());
                    tracked.ring.scrape(value, elapsed, keep);
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

    /// Fills the past with the current values.
    pub(super) fn warm_up(&mut self, cohorts: &mut [Cohort], total: &[f64; 7]) {
        for (index, tracked) in self.tracked.iter_mut().enumerate() {
            let interval = tracked.pipeline.interval;
            // The latest scrape is at or before the start.
            let mut time = tracked.next;
            tracked.next = time + interval;
            for _ in 0..tracked.keep {
                tracked.times.insert(0, time);
                time = time - interval;
            }
            let keep = tracked.keep;
            match &tracked.what {
                What::Pods(signal) => {
                    for cohort in &mut *cohorts {
                        cohort.rings[index].fill(cohort.signals[*signal as usize], keep);
                    }
                }
                What::Total(signal) => tracked.ring.fill(total[*signal as usize], keep),
                What::Profile(arrivals, _) => tracked.ring.fill(arrivals.rate(), keep),
            }
        }
        self.reschedule();
    }
}

/// The integral of a profile from its current time to `end`, break by break.
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
