//! Compares this controller's decision with the status that the cluster's own controller wrote.

use hpa_core::time::SignedDuration;

/// How the decisions of two controllers for one autoscaler differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disagreement {
    /// Our desired replicas minus theirs; 0 where we have none.
    pub(crate) difference: i32,
    /// The most likely reason.
    pub(crate) reason: Reason,
    /// The number of consecutive syncs.
    pub(crate) syncs: u32,
}

/// Why two controllers differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reason {
    /// They agree.
    #[default]
    None,
    /// A read failed here, so there is no decision to compare.
    Unreadable,
    /// They read the cluster at different times; their next sync will see what ours has seen.
    Timing,
    /// This controller has not run for the length of the stabilization windows and policy periods, or
    /// has seen a recommendation that the other one has not.
    Histories,
    /// The other controller's status says that it could not write the scale.
    FailedWrite,
    /// None of the above: the two decide differently.
    Decision,
}

impl Reason {
    /// Every reason.
    pub(crate) const ALL: [Self; 6] = [
        Self::None,
        Self::Unreadable,
        Self::Timing,
        Self::Histories,
        Self::FailedWrite,
        Self::Decision,
    ];

    /// The name in logs and metric labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unreadable => "unreadable",
            Self::Timing => "timing",
            Self::Histories => "histories",
            Self::FailedWrite => "failed-write",
            Self::Decision => "decision",
        }
    }
}

/// The desired replicas of both controllers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    /// Ours; `None` if a sync came to no decision.
    pub(crate) ours: Option<i32>,
    /// Our recommendation before stabilization windows and policies.
    pub(crate) recommended: Option<i32>,
    /// Theirs, from the status.
    pub(crate) theirs: i32,
    /// Their status says that the scale could not be written.
    pub(crate) failed_write: bool,
    /// How far back a decision may look, see [`longest_memory`](hpa_core::autoscaler::longest_memory).
    pub(crate) memory: SignedDuration,
}

/// The state of one autoscaler between comparisons.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DisagreementTracker {
    /// The monotonic time of the first comparison.
    first: Option<SignedDuration>,
    /// Their desired replicas at the last comparison.
    theirs: Option<i32>,
    /// The monotonic time since when the two have differed.
    differing_since: Option<SignedDuration>,
    differing_syncs: u32,
}

/// The number of consecutive syncs for which timing explains a difference: the other controller's
/// next sync comes within one period, and its status reaches us after that.
const TIMING_SYNCS: u32 = 2;

impl DisagreementTracker {
    /// Compares one sync with the status; `now` is monotonic.
    pub(crate) fn compare(&mut self, comparison: Comparison, now: SignedDuration) -> Disagreement {
        let watched = now.0 - self.first.get_or_insert(now).0;
        if self.theirs.replace(comparison.theirs) != Some(comparison.theirs) {
            // They follow; during a ramp ours is always a step ahead of what is stored.
            self.differing_syncs = 0;
        }
        let difference = comparison
            .ours
            .map(|ours| ours.wrapping_sub(comparison.theirs));
        let Some(difference) = difference.filter(|difference| *difference != 0) else {
            self.differing_syncs = 0;
            self.differing_since = None;
            return Disagreement {
                reason: if comparison.ours.is_none() {
                    Reason::Unreadable
                } else {
                    Reason::None
                },
                ..Disagreement::default()
            };
        };
        self.differing_syncs += 1;
        let since = *self.differing_since.get_or_insert(now);
        // What only one of the two has seen is forgotten after that time.
        let remembers = now.0 - since.0 <= comparison.memory.0;
        let agrees_before_windows = comparison.recommended == Some(comparison.theirs);
        let reason = if watched < comparison.memory.0 || (agrees_before_windows && remembers) {
            Reason::Histories
        } else if comparison.failed_write {
            Reason::FailedWrite
        } else if self.differing_syncs <= TIMING_SYNCS {
            Reason::Timing
        } else {
            Reason::Decision
        };
        Disagreement {
            difference,
            reason,
            syncs: self.differing_syncs,
        }
    }
}
