//! Saved states of a run, from which the details of its syncs are recomputed.

use super::engine::Engine;
use super::trace::SyncDetail;

/// States of a run, each from right before a sync. Explanations are not kept: recomputing one from
/// the nearest state is cheaper than keeping all of them.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    checkpoints: Vec<Checkpoint>,
}

/// The state right before a sync.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    /// The index of the next sync.
    sync: usize,
    engine: Engine,
}

impl Checkpoint {
    /// The state right before sync `sync`.
    pub(super) const fn new(sync: usize, engine: Engine) -> Self {
        Self { sync, engine }
    }
}

impl Replay {
    pub(super) const fn new(checkpoints: Vec<Checkpoint>) -> Self {
        Self { checkpoints }
    }

    /// The details of the sync at this index in [`super::Trace::syncs`]; `None` if there is no such
    /// sync.
    #[must_use]
    pub fn detail(&self, sync: usize) -> Option<SyncDetail> {
        let next = self.checkpoints.partition_point(|kept| kept.sync <= sync);
        let kept = self.checkpoints.get(next.checked_sub(1)?)?;
        kept.engine.clone().replay(sync - kept.sync)
    }
}
