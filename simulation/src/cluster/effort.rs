//! How much a run has taken: what it may take at most is far above anything real.
//!
//! Most of it cannot be known before the run: pods that nothing tells apart are counted as one,
//! however many they are, and those that differ in their node, their start or their share are not.

/// An amount of work: one unit is about what a step takes for one kind of pods, 10 to 20 ns of a usual
/// computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work(pub u64);

/// Pods, or groups of them, that are counted apart at a time.
const MAX_COHORTS: usize = 10_000;
/// Numbers that are kept of all of them at a time.
const MAX_KEPT: usize = 10_000_000;
/// Work of a whole run: some five seconds of a usual computer.
const MAX_WORK: u64 = 400_000_000;
/// The same for what is kept for ever: a life, an event.
pub(super) const RECORD: usize = 100;

/// How much a run has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Work that counts against the limit.
    work: u64,
    /// Work that does not: what is known to be bounded before the run, and what keeping states costs.
    more: u64,
    /// Cohorts that there may be.
    room: usize,
}

impl Effort {
    /// The beginning of a run that keeps `kept` numbers of each cohort.
    pub(super) fn new(kept: usize) -> Self {
        Self {
            work: 0,
            more: 0,
            room: (MAX_KEPT / kept.max(1)).clamp(1, MAX_COHORTS),
        }
    }

    /// Adds work.
    pub(super) const fn spend(&mut self, work: usize) {
        self.work = self.work.saturating_add(work as u64);
    }

    /// Adds work that does not count against the limit.
    pub(super) const fn spend_bounded(&mut self, work: usize) {
        self.more = self.more.saturating_add(work as u64);
    }

    /// All work so far.
    pub(super) const fn done(&self) -> u64 {
        self.work.saturating_add(self.more)
    }

    /// Ends the run.
    pub(super) const fn give_up(&mut self) {
        self.work = u64::MAX;
    }

    /// Ends the run if there are more cohorts than may be.
    pub(super) const fn hold(&mut self, cohorts: usize) {
        if cohorts > self.room {
            self.give_up();
        }
    }

    /// Whether the run ends here.
    pub(super) const fn is_spent(&self) -> bool {
        self.work > MAX_WORK
    }
}
