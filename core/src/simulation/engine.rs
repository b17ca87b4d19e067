//! The run itself: what happens next, and what it changes.

use super::setup::Setup;
use super::trace::{SyncDetail, Trace};

/// The state of a run.
#[derive(Clone, Debug)]
pub(super) struct Engine {}

impl Engine {
    pub(super) fn replay(self, _syncs: usize) -> Option<SyncDetail> {
        None
    }
}

/// Runs a simulation from beginning to end.
#[must_use]
pub fn run(setup: &Setup) -> Trace {
    Trace {
        setup: std::sync::Arc::new(setup.clone()),
        steps: super::Steps::default(),
        syncs: Vec::new(),
        pods: Vec::new(),
        events: Vec::new(),
        markers: Vec::new(),
        totals: super::Totals::default(),
        points: Vec::new(),
        checkpoints: Vec::new(),
    }
}
