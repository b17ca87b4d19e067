//! An experiment under way: its simulation in slices, then its verdicts and its summary.

use super::goals::{self, Outcome};
use super::{Experiment, Run, Summary};
use crate::cluster::{Progress, Recording, Simulation, Work};

/// An experiment under way. Dropping it cancels the run.
///
/// However it is cut into slices, it comes out the same as [`Experiment::run`], bit by bit.
#[derive(Debug)]
pub struct Execution {
    experiment: Experiment,
    simulation: Simulation,
}

impl Execution {
    /// The beginning of a run; the experiment is copied, its setup shared.
    pub(super) fn new(experiment: &Experiment) -> Self {
        Self {
            simulation: Simulation::start(&experiment.setup),
            experiment: experiment.clone(),
        }
    }

    /// Goes on for about so much work, and says how far the run has got. Once it is done, this does
    /// nothing.
    pub fn advance(&mut self, work: Work) -> Progress {
        self.simulation.advance(work)
    }

    /// How far the run has got.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.simulation.progress()
    }

    /// Does what is left to do, judges the goals and sums up.
    #[must_use]
    pub fn finish(self) -> Run {
        let Self {
            experiment,
            simulation,
        } = self;
        let Recording { trace, replay } = simulation.finish();
        let goals = experiment.goals.iter();
        let mut verdicts: Vec<_> = goals.map(|goal| goals::judge(goal, &trace)).collect();
        if let Some(at) = trace.stopped {
            // Of what was not simulated nothing is known.
            for verdict in &mut verdicts {
                verdict.outcome = Outcome::Violated;
                verdict.violation = verdict.violation.or(Some(at));
            }
        }
        let summary = Summary::of(&experiment, &trace);
        Run {
            trace,
            replay,
            verdicts,
            summary,
        }
    }
}
