//! What follows when a write of the scale fails.
//!
//! Upstream: `horizontal.go`, `reconcileAutoscaler`, `retry.RetryOnConflict` with
//! `retry.DefaultRetry`.

use crate::api::{Change, Rules};
use crate::time::SignedDuration;

/// The writes of one rescale.
///
/// The caller writes, and after each failure asks [`Self::failed`] what to do. A read that fails
/// leaves the scale as it was; the count to write never changes.
#[derive(Clone, Debug)]
pub struct ScaleWrites {
    again: bool,
    left: u32,
}

/// What to do after a failed write of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// Nothing: the rescale has failed.
    GiveUp,
    /// Read the scale, whose answer is not used: the rescale has failed.
    ReadAndGiveUp,
    /// Read the scale, pause, and write the same count to what was read.
    ReadAndWrite,
}

impl ScaleWrites {
    /// The pause before another write, to which up to a tenth is added at random.
    pub const PAUSE: SignedDuration = SignedDuration(10);
    /// The number of writes at most.
    pub const MOST: u32 = 5;

    /// The writes of a rescale by these rules.
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        Self {
            again: rules.has(Change::ScaleConflictRetry),
            left: Self::MOST - 1,
        }
    }

    /// What follows a failed write; `conflict` means that someone else had changed the scale.
    pub const fn failed(&mut self, conflict: bool) -> AfterFailure {
        if !self.again {
            AfterFailure::GiveUp
        } else if conflict && self.left > 0 {
            self.left -= 1;
            AfterFailure::ReadAndWrite
        } else {
            AfterFailure::ReadAndGiveUp
        }
    }
}
