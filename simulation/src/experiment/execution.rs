//! An experiment's run in slices: the simulation, then verdicts and summary.

use super::goals::{self, Outcome};
use super::{Experiment, Run, Summary};
use crate::cluster::{Progress, Recording, Simulation, Work};

/// A run in progress. Dropping it cancels the run.
///
/// The result does not depend on the slices: it equals [`Experiment::run`] bit for bit.
#[derive(Debug)]
pub struct Execution {
    experiment: Experiment,
    simulation: Simulation,
}

impl Execution {
    /// Starts a run; the experiment is copied, its setup shared.
    pub(super) fn new(experiment: &Experiment) -> Self {
        Self {
            simulation: Simulation::start(&experiment.setup),
            experiment: experiment.clone(),
        }
    }

    /// Does about this much work and returns the progress; does nothing once the run is done.
    pub fn advance(&mut self, work: Work) -> Progress {
        self.simulation.advance(work)
    }

    /// The progress of the run.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.simulation.progress()
    }

    /// Does the remaining work, evaluates the goals and computes the summary.
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
            // The goals must not judge what was not simulated.
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
