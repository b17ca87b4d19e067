//! States of a run, from which the details of each of its syncs are computed again.

use super::engine::Engine;
use super::trace::SyncDetail;

/// States of a run, each from right before a sync. Explanations are not kept: to compute one again
/// from the nearest state costs less than keeping all of them.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    checkpoints: Vec<Checkpoint>,
}

/// The state right before a sync.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    /// The position of the sync that comes next.
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

    /// Everything about the sync at this position in [`super::Trace::syncs`]; `None` where the run
    /// has no such sync.
    #[must_use]
    pub fn detail(&self, sync: usize) -> Option<SyncDetail> {
        let next = self.checkpoints.partition_point(|kept| kept.sync <= sync);
        let kept = self.checkpoints.get(next.checked_sub(1)?)?;
        kept.engine.clone().replay(sync - kept.sync)
    }
}
