//! Reads and runs a text in slices, so that no input blocks the page.
//!
//! Most texts are done in the first slice, within the task of the change itself: a slider then paints
//! in the same frame. What takes longer goes on in tasks of its own, until a newer text replaces it.

mod job;
pub mod progress;

use gloo_timers::future::TimeoutFuture;
use hpa_simulation::cluster::Trace;
use hpa_simulation::experiment::{Parsed, Run};
use leptos::prelude::*;
use leptos::task::spawn_local;

pub use self::job::{Job, Step};
pub use self::progress::ComputationProgress;
use crate::model::{self, Shared};

/// How long a slice may take \[ms\]: less than a frame.
const SLICE: f64 = 12.0;
/// The work on longer texts begins in a task of its own \[bytes\].
const LONG: usize = 65_536;
/// How long a computation takes before its progress is shown \[ms\].
const PATIENCE: f64 = 200.0;

/// The last complete run.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest {
    /// The run; `None` until a text could be run.
    pub run: Option<Shared<Run>>,
    /// Whether it is the run of the text that was read last.
    pub freshness: Freshness,
}

/// Whether the last complete run is the run of the text that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It is.
    Fresh,
    /// The text has errors: this is the last run that worked.
    Stale,
}

/// A computation that takes long enough to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activity {
    /// It goes on; the fraction that is done \[0..1\].
    Running(f64),
    /// It was stopped.
    Stopped,
}

/// How far the work on the present text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    Running,
    Idle,
}

/// The task in which a slice of the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    /// The one in which the text changes.
    OfChange,
    /// One of its own.
    Own,
}

type Waiting = Vec<Box<dyn FnOnce()>>;

/// Reads and runs a text whenever it changes. Copies are handles of the same computation.
#[derive(Clone, Copy, Debug)]
pub struct Computation {
    /// What the text says.
    pub read: RwSignal<Shared<Parsed>>,
    /// Its run.
    pub latest: RwSignal<Latest>,
    /// What is going on; `None` if nothing is, or only for a moment.
    pub activity: RwSignal<Option<Activity>>,
    /// Whether the run on screen is about to be replaced: the first slice was not enough.
    pub busy: RwSignal<bool>,
    /// What the last step came to, if that has not been dealt with.
    step: StoredValue<Option<Step>, LocalStorage>,
    phase: StoredValue<Phase>,
    /// Counts texts, stops and resumptions, so that the tasks of an earlier one end.
    generation: StoredValue<u64>,
    /// What waits for the present text.
    waiting: StoredValue<Waiting, LocalStorage>,
}

impl Latest {
    /// Its trace.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.run.as_deref().map(|run| &run.trace)
    }

    /// The run, if it is the run of the text that was read last.
    #[must_use]
    pub fn fresh(&self) -> Option<Shared<Run>> {
        let run = self.run.clone();
        run.filter(|_| self.freshness == Freshness::Fresh)
    }

    const NONE: Self = Self {
        run: None,
        freshness: Freshness::Stale,
    };
}

impl Default for Computation {
    fn default() -> Self {
        Self {
            read: RwSignal::new(Shared::new(model::read(""))),
            latest: RwSignal::new(Latest::NONE),
            activity: RwSignal::new(None),
            busy: RwSignal::new(false),
            step: StoredValue::new_local(None),
            phase: StoredValue::new(Phase::Idle),
            generation: StoredValue::new(0),
            waiting: StoredValue::new_local(Vec::new()),
        }
    }
}

impl Computation {
    /// Reads and runs `text` now and whenever it changes. Where there is none, there is no run.
    pub fn follow(self, text: impl Fn() -> Option<String> + Send + Sync + 'static) {
        ImmediateEffect::new_scoped(move || {
            let text = text();
            untrack(|| self.begin(text.as_deref()));
        });
    }

    /// Calls `then` once the work on the present text is done, at once if it is; not at all if
    /// another text comes before.
    pub fn once_done(self, then: impl FnOnce() + 'static) {
        if self.phase.get_value() == Phase::Idle {
            then();
        } else {
            self.waiting
                .update_value(|waiting| waiting.push(Box::new(then)));
        }
    }

    /// Whether the text has changed since it was read.
    #[must_use]
    pub fn is_reading(self) -> bool {
        self.phase.get_value() == Phase::Reading
    }

    /// Stops the work. The last complete run stays.
    pub fn stop(self) {
        self.next_generation();
        self.busy.set(false);
        self.activity.set(Some(Activity::Stopped));
    }

    /// Goes on after [`Self::stop`].
    pub fn resume(self) {
        self.activity.set(Some(Activity::Running(self.fraction())));
        self.go_on(now());
    }

    fn begin(self, text: Option<&str>) {
        self.waiting.set_value(Vec::new());
        let generation = self.next_generation();
        let start = now();
        if self.activity.get_untracked() == Some(Activity::Stopped) {
            self.activity.set(None);
        }
        let Some(text) = text else {
            self.step.set_value(None);
            self.idle();
            self.latest.set(Latest::NONE);
            return;
        };
        let before = self.step.try_update_value(Option::take);
        self.step.set_value(Some(Step::More(Job::new(text))));
        self.phase.set_value(Phase::Reading);
        // The editor has enough to do with a long text in the task that changes it; to drop what was
        // read of the one before may take as long as a slice.
        if text.len() > LONG {
            drop_later(before);
            self.go_on(start);
        } else if !self.work(generation, Task::OfChange) {
            self.go_on(start);
        }
    }

    fn idle(self) {
        self.phase.set_value(Phase::Idle);
        // Each only where it changes: a signal that is set runs what follows it.
        if self.busy.get_untracked() {
            self.busy.set(false);
        }
        if self.activity.with_untracked(Option::is_some) {
            self.activity.set(None);
        }
    }

    fn next_generation(self) -> u64 {
        self.generation.update_value(|generation| *generation += 1);
        self.generation.get_value()
    }

    fn is_current(self, generation: u64) -> bool {
        self.generation.try_get_value() == Some(generation)
    }

    fn fraction(self) -> f64 {
        self.step.with_value(|step| match step {
            Some(Step::More(job)) => job.fraction(),
            Some(Step::Read(..)) | None => 0.0,
            Some(Step::Done(_)) => 1.0,
        })
    }

    /// Works on in tasks of their own, between which the browser paints and responds.
    fn go_on(self, start: f64) {
        let generation = self.next_generation();
        self.busy.set(true);
        spawn_local(async move {
            loop {
                TimeoutFuture::new(0).await;
                if !self.is_current(generation) || self.work(generation, Task::Own) {
                    return;
                }
                if now() - start > PATIENCE {
                    self.activity.set(Some(Activity::Running(self.fraction())));
                }
            }
        });
    }

    /// Works for a slice; true if nothing is left to do for this generation.
    fn work(self, generation: u64, task: Task) -> bool {
        let until = now() + SLICE;
        let Some(mut step) = self.step.try_update_value(Option::take).flatten() else {
            return true;
        };
        loop {
            let shows = !matches!(step, Step::More(_));
            step = match step {
                Step::More(job) => job.step(),
                Step::Read(parsed, left) => {
                    self.phase.set_value(Phase::Running);
                    self.read.set(Shared::new(*parsed));
                    // What follows the signal may have changed the text.
                    if !self.is_current(generation) {
                        return true;
                    }
                    match left {
                        Some(left) => Step::More(left),
                        None => return self.publish(None),
                    }
                }
                Step::Done(run) => return self.publish(Some(*run)),
            };
            // The page shows what was read, or the run, in a task of its own.
            let full = task == Task::Own && (shows || !matches!(step, Step::More(_)));
            if full || now() >= until {
                self.step.set_value(Some(step));
                return false;
            }
        }
    }

    /// Shows the run, or that there is none; returns true, as nothing is left to do.
    fn publish(self, run: Option<Run>) -> bool {
        self.idle();
        let waiting = self.waiting.try_update_value(std::mem::take);
        self.latest.update(|latest| match run {
            Some(run) => {
                latest.run = Some(Shared::new(run));
                latest.freshness = Freshness::Fresh;
            }
            None => latest.freshness = Freshness::Stale,
        });
        waiting.into_iter().flatten().for_each(|then| then());
        true
    }
}

/// Drops a value in a task of its own.
fn drop_later(value: impl Sized + 'static) {
    spawn_local(async move {
        TimeoutFuture::new(0).await;
        drop(value);
    });
}

/// Slices of the work on something else than the page's own text: of one task until its slice is over,
/// then of others, between which the browser paints and responds.
#[derive(Debug)]
pub struct Slices {
    until: f64,
}

impl Slices {
    /// The first slice begins.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            until: now() + SLICE,
        }
    }

    /// Ends the task if its slice is over. Returns whether it did.
    pub async fn pause(&mut self) -> bool {
        let over = now() >= self.until;
        if over {
            TimeoutFuture::new(0).await;
            *self = Self::begin();
        }
        over
    }
}

/// Reads a text that is not the page's own, in slices.
pub async fn read(text: &str, slices: &mut Slices) -> Parsed {
    let mut job = Job::new(text);
    loop {
        match job.step() {
            Step::More(left) => job = left,
            Step::Read(parsed, _) => return *parsed,
            Step::Done(_) => unreachable!("a text is read before it is run"),
        }
        slices.pause().await;
    }
}

/// Reads and runs a text that is not the page's own, in slices.
pub async fn compute(text: &str) -> (Parsed, Option<Run>) {
    let mut slices = Slices::begin();
    let mut job = Job::new(text);
    let mut parsed = None;
    loop {
        match job.step() {
            Step::More(left) => job = left,
            Step::Read(read, None) => return (*read, None),
            Step::Read(read, Some(left)) => {
                parsed = Some(*read);
                job = left;
            }
            Step::Done(run) => return (parsed.unwrap_or_else(|| model::read("")), Some(*run)),
        }
        slices.pause().await;
    }
}

/// The time \[ms\], which never goes back.
fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}
