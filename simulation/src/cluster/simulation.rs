//! A run in slices: started, advanced by so much work at a time, finished.

use std::sync::Arc;

use super::effort::Work;
use super::engine::{Engine, Next};
use super::params::Params;
use super::recorder::Recorder;
use super::replay::{Checkpoint, Replay};
use super::setup::Setup;
use super::trace::Trace;

/// How many states of a run are kept, from which parts of it can be computed again.
const CHECKPOINTS: i64 = 32;
/// Numbers in all states that are kept. Where a state holds very many, later ones are left out.
const MAX_KEPT: usize = 50_000_000;

/// A run under way. Dropping it cancels the run.
///
/// However it is cut into slices, it comes out the same, bit by bit:
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
    /// The last part of the run of which a state is kept.
    kept: i64,
    /// Numbers that may still be kept.
    room: usize,
    over: bool,
}

/// How far a run has got.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// There is more to do.
    Running {
        /// The part of the simulated time that is over [0..1].
        fraction: f64,
    },
    /// The run is at its end, or was given up: [`Trace::stopped`] says which.
    Done,
}

/// What came of a run: what happened, and the states from which its details are computed again.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What happened.
    pub trace: Trace,
    /// Computes details again.
    pub replay: Replay,
}

/// Runs a simulation from beginning to end.
#[must_use]
pub fn run(setup: &Setup) -> Recording {
    Simulation::start(setup).finish()
}

impl Simulation {
    /// The beginning of a run: the pods that are there from the beginning are placed, no time has
    /// passed.
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

    /// Goes on for about so much work, and says how far the run has got.
    ///
    /// A slice ends with the first step at which the work is done: an event of the cluster, a scrape,
    /// a sync, or a few seconds of changing load. Once it is done, this does nothing.
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

    /// How far the run has got.
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

    /// Does what is left to do, and gives what came of the run.
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
