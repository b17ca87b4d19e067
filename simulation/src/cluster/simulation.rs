//! Runs a simulation in slices of work.

use std::sync::Arc;

use super::derived::Params;
use super::effort::Work;
use super::engine::{Engine, Next};
use super::recorder::Recorder;
use super::replay::{Checkpoint, Replay};
use super::setup::Setup;
use super::trace::Trace;

/// The number of states of a run that are kept for recomputing parts of it.
const CHECKPOINTS: i64 = 32;
/// The maximum number of values in all kept states. If states are large, later ones are dropped.
const MAX_KEPT: usize = 50_000_000;

/// A run in progress. Dropping it cancels the run.
///
/// The result does not depend on the slices, bit for bit:
///
/// ```
/// use hpa_simulation::cluster::{Progress, Setup, Simulation, Work, run};
///
/// let setup = Setup::default();
/// let mut simulation = Simulation::start(&setup);
/// while let Progress::Running { fraction } = simulation.advance(Work(100_000)) {
///     assert!(fraction <= 1.0);
///     // Here a page paints, or drops the run because its setup has changed.
/// }
/// let recording = simulation.finish();
/// assert_eq!(recording.trace.hash(), run(&setup).trace.hash());
/// ```
#[derive(Debug)]
pub struct Simulation {
    engine: Engine,
    recorder: Recorder,
    checkpoints: Vec<Checkpoint>,
    /// The last part of the run with a kept state.
    kept: i64,
    /// The remaining number of values.
    room: usize,
    over: bool,
}

/// The progress of a run, or of reading a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// There is more to do.
    Running {
        /// The fraction that is done [0..1]: of a run, the elapsed one of the simulated time.
        fraction: f64,
    },
    /// The run is complete, or stopped early: see [`Trace::stopped`]; the text is read.
    Done,
}

/// The result of a run: its trace, and the states for recomputing its details.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recording {
    /// The trace.
    pub trace: Trace,
    /// Recomputes details.
    pub replay: Replay,
}

/// Runs a simulation to its end.
#[must_use]
pub fn run(setup: &Setup) -> Recording {
    Simulation::start(setup).finish()
}

impl Simulation {
    /// Starts a run: places the initial pods, at time zero.
    #[must_use]
    pub fn start(setup: &Setup) -> Self {
        let params = Arc::new(Params::new(setup));
        let mut recorder = Recorder::new(setup.clone());
        Self {
            engine: Engine::new(params, &mut recorder),
            recorder,
            checkpoints: Vec::new(),
            kept: i64::MIN,
            room: MAX_KEPT,
            over: false,
        }
    }

    /// Does about this much work, and returns the progress.
    ///
    /// A slice ends with the first step at which the work is done: an event of the cluster, a scrape,
    /// a sync, or a few seconds of changing load. Does nothing once the run is done.
    pub fn advance(&mut self, work: Work) -> Progress {
        let until = self.engine.effort().done().saturating_add(work.0);
        while !self.over {
            self.step();
            if self.engine.effort().done() >= until {
                break;
            }
        }
        self.progress()
    }

    /// The progress of the run.
    #[must_use]
    pub fn progress(&self) -> Progress {
        if self.over {
            return Progress::Done;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run fit")]
        let float = |time: hpa_core::time::Timestamp| time.0 as f64;
        Progress::Running {
            fraction: float(self.engine.now()) / float(self.engine.end()),
        }
    }

    /// Does the remaining work, and returns the result.
    #[must_use]
    pub fn finish(mut self) -> Recording {
        while !self.over {
            self.step();
        }
        Recording {
            trace: self.recorder.finish(self.engine.totals()),
            replay: Replay::new(self.checkpoints),
        }
    }

    fn step(&mut self) {
        match self.engine.advance(&mut self.recorder) {
            Next::Step => {}
            Next::Sync => {
                self.keep();
                self.engine.sync(&mut self.recorder);
            }
            Next::End => self.over = true,
        }
    }

    /// Keeps one state in each part of the run, right before a sync.
    fn keep(&mut self) {
        let now = self.engine.now().0.saturating_mul(CHECKPOINTS);
        let part = now / self.engine.end().0;
        let size = self.engine.size();
        if part > self.kept
            && let Some(left) = self.room.checked_sub(size)
        {
            self.kept = part;
            self.room = left;
            self.engine.count_copy(size);
            self.checkpoints
                .push(Checkpoint::new(self.recorder.syncs(), self.engine.clone()));
        }
    }
}
