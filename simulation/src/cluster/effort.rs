//! Tracks the cost of a run against limits that are far above realistic runs.
//!
//! Most of the cost is unknown before the run: any number of identical pods costs as much as one,
//! but pods that differ in node, start or load share do not.

/// An amount of work: one unit is about the cost of a step for one cohort, 10 to 20 ns on a typical
/// computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work(pub u64);

/// The maximum number of cohorts.
const MAX_COHORTS: usize = 10_000;
/// The maximum number of values kept for all cohorts.
const MAX_KEPT: usize = 10_000_000;
/// The maximum work of a run: some five seconds on a typical computer.
const MAX_WORK: u64 = 400_000_000;
/// The cost of a permanent record: a lifecycle or an event.
pub(super) const RECORD: usize = 100;

/// The cost of a run so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Work that counts towards the limit.
    work: u64,
    /// Work that does not: costs that are bounded in advance, and saving states.
    more: u64,
    /// The maximum number of cohorts of this run.
    room: usize,
}

impl Effort {
    /// The start of a run that keeps `kept` values of each cohort.
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

    /// Adds work that does not count towards the limit.
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

    /// Ends the run if there are too many cohorts.
    pub(super) const fn hold(&mut self, cohorts: usize) {
        if cohorts > self.room {
            self.give_up();
        }
    }

    /// Whether the run has to end.
    pub(super) const fn is_spent(&self) -> bool {
        self.work > MAX_WORK
    }
}
