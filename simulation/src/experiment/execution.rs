//! An experiment's run in slices: the simulation, then verdicts and summary.

use super::goals::{self, Outcome, Verdict};
use super::{Experiment, Run, Summary};
use crate::cluster::{Progress, Recording, Simulation, Work};

/// A run in progress. Dropping it cancels the run.
///
/// The result does not depend on the slices: it equals [`Experiment::run`] bit for bit.
#[derive(Debug)]
pub struct Execution {
    experiment: Experiment,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Simulation(Box<Simulation>),
    /// As many goals are judged as there are verdicts.
    Goals(Box<Recording>, Vec<Verdict>),
    Done(Box<Run>),
    /// Only while one stage becomes the next.
    Between,
}

impl Execution {
    /// Starts a run; the experiment is copied, its setup shared.
    pub(super) fn new(experiment: &Experiment) -> Self {
        Self {
            stage: Stage::Simulation(Box::new(Simulation::start(&experiment.setup))),
            experiment: experiment.clone(),
        }
    }

    /// Does about this much work and returns the progress; does nothing once the run is done.
    ///
    /// After the simulation a slice judges one goal, or computes the summary.
    pub fn advance(&mut self, work: Work) -> Progress {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Between) {
            Stage::Simulation(mut simulation) => match simulation.advance(work) {
                Progress::Running { .. } => Stage::Simulation(simulation),
                Progress::Done => Stage::Goals(Box::new(simulation.finish()), Vec::new()),
            },
            Stage::Goals(recording, mut verdicts) => {
                if let Some(goal) = self.experiment.goals.get(verdicts.len()) {
                    verdicts.push(goals::judge(goal, &recording.trace));
                    Stage::Goals(recording, verdicts)
                } else {
                    Stage::Done(Box::new(self.run(*recording, verdicts)))
                }
            }
            stage @ (Stage::Done(_) | Stage::Between) => stage,
        };
        self.progress()
    }

    /// The progress of the run.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match &self.stage {
            Stage::Simulation(simulation) => simulation.progress(),
            Stage::Goals(..) => Progress::Running { fraction: 1.0 },
            Stage::Done(_) | Stage::Between => Progress::Done,
        }
    }

    /// Does the remaining work.
    #[must_use]
    pub fn finish(mut self) -> Run {
        loop {
            if let Stage::Done(run) = self.stage {
                return *run;
            }
            self.advance(Work(u64::MAX));
        }
    }

    fn run(&self, recording: Recording, mut verdicts: Vec<Verdict>) -> Run {
        let Recording { trace, replay } = recording;
        if let Some(at) = trace.stopped {
            // The goals must not judge what was not simulated.
            for verdict in &mut verdicts {
                verdict.outcome = Outcome::Violated;
                verdict.violation = verdict.violation.or(Some(at));
            }
        }
        let summary = Summary::of(&self.experiment, &trace);
        Run {
            trace,
            replay,
            verdicts,
            summary,
        }
    }
}
