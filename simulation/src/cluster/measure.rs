//! Scraping: what is measured of pods and of the whole, and what of it can be read when.

use std::sync::Arc;

use hpa_core::autoscaler::Sample;
use hpa_core::time::{SignedDuration, Timestamp};
use smallvec::SmallVec;

use super::arrivals::{Arrivals, seconds};
use super::cohort::{Cohort, NEVER};
use super::pipeline::{Pipeline, Signal};
use super::ring::{Frozen, Ring};
use super::sources::SeriesPart;

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
struct Tracked {
    what: What,
    pipeline: Pipeline,
    /// Scrapes that one window spans.
    span: usize,
    /// Scrapes that are kept.
    keep: usize,
    /// The times of the scrapes that are kept, newest last.
    times: SmallVec<[Timestamp; 4]>,
    /// The values, where pods do not keep them.
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
        // The latest scrape that lies before the beginning or on it.
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
    fn read(&self, ring: &Ring, factor: f64, now: Timestamp) -> Option<Sample> {
        if let Frozen::At(sample) = ring.frozen() {
            return sample;
        }
        let (back, timestamp) = self.newest(now)?;
        let values = ring.values(back, self.span)?;
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

/// Everything that is measured.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    tracked: Vec<Tracked>,
    /// The next scrape.
    due: Timestamp,
}

impl Meter {
    /// Nothing is measured.
    pub(super) const fn new() -> Self {
        Self {
            tracked: Vec::new(),
            due: NEVER,
        }
    }

    /// Measures something that is carried by a pipeline; gives its position.
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

    /// When the next scrape is.
    pub(super) const fn due(&self) -> Timestamp {
        self.due
    }

    /// Things that are measured.
    pub(super) const fn len(&self) -> usize {
        self.tracked.len()
    }

    /// Reads one series; that of pods where they keep it.
    pub(super) fn read(
        &self,
        series: SeriesPart,
        pods: Option<&Cohort>,
        now: Timestamp,
    ) -> Option<Sample> {
        let tracked = self.tracked.get(series.tracked)?;
        let ring = match (&tracked.what, pods) {
            (What::Pods(_), Some(pods)) => pods.rings.get(series.tracked)?,
            // Each pod that runs has the value of a profile.
            (_, Some(pods)) if !pods.runs() => return None,
            _ => &tracked.ring,
        };
        tracked.read(ring, series.factor, now)
    }

    /// From now on what can be read of a series is what can be read of it now, for the pods that
    /// carry the bit, and for all of them together.
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

    /// Takes back what [`Meter::freeze`] did, to all series.
    pub(super) fn thaw(&mut self, cohorts: &mut [Cohort]) {
        let own = self.tracked.iter_mut().map(|tracked| &mut tracked.ring);
        for ring in own.chain(cohorts.iter_mut().flat_map(|pods| &mut pods.rings)) {
            ring.freeze(Frozen::No);
        }
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
                        cohort.rings[index].add(cohort.signals[*signal as usize] * time);
                    }
                }
                What::Total(signal) => tracked.ring.add(total[*signal as usize] * time),
                What::Profile(arrivals, _) => tracked.ring.add(walk(arrivals, end)),
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
