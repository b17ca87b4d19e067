//! The work on one text, step by step: read it, then run it.

use hpa_core::manifest::Source;
use hpa_simulation::cluster::{Progress, Work};
use hpa_simulation::experiment::{Defaults, Execution, Experiment, Parsed, Reading, Run};

/// The work of a step, some milliseconds on a slow phone.
const STEP: Work = Work(50_000);

/// The work that is left on a text.
#[derive(Debug)]
pub enum Job {
    /// The text is being read.
    Read(Box<Reading>),
    /// What was read is being run.
    Run(Box<Execution>),
}

/// The outcome of a step.
#[derive(Debug)]
pub enum Step {
    /// There is more to do.
    More(Job),
    /// The text has been read; it is run next, unless it has errors.
    Read(Box<Parsed>, Option<Job>),
    /// The run is complete.
    Done(Box<Run>),
}

impl Job {
    /// The work on a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let sources = [Source::from(text)];
        Self::Read(Box::new(Experiment::read(&sources, Defaults::default())))
    }

    /// Does the next step.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::Read(mut reading) => match reading.advance(STEP) {
                Progress::Running { .. } => Step::More(Self::Read(reading)),
                Progress::Done => {
                    let parsed = reading.finish();
                    let run = parsed.experiment.as_ref().map(Experiment::start);
                    Step::Read(Box::new(parsed), run.map(Box::new).map(Self::Run))
                }
            },
            Self::Run(mut execution) => match execution.advance(STEP) {
                Progress::Running { .. } => Step::More(Self::Run(execution)),
                Progress::Done => Step::Done(Box::new(execution.finish())),
            },
        }
    }

    /// The fraction that is done \[0..1\].
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let progress = match self {
            Self::Read(reading) => reading.progress(),
            Self::Run(execution) => execution.progress(),
        };
        match progress {
            Progress::Running { fraction } => fraction,
            Progress::Done => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{self, PHP_APACHE};

    fn in_steps(text: &str) -> (Parsed, Option<Run>) {
        let mut job = Job::new(text);
        let mut read = None;
        loop {
            match job.step() {
                Step::More(left) => job = left,
                Step::Read(parsed, left) => {
                    read = Some(*parsed);
                    match left {
                        Some(left) => job = left,
                        None => return (read.expect("read"), None),
                    }
                }
                Step::Done(run) => return (read.expect("read"), Some(*run)),
            }
        }
    }

    #[test]
    fn steps_give_what_one_go_gives() {
        let day = PHP_APACHE.replace("duration: 30m", "duration: 24h");
        let broken = PHP_APACHE.replace("maxReplicas: 10", "maxReplicas: ten");
        for text in [PHP_APACHE, &day, &broken, "", "a: ["] {
            let (parsed, run) = in_steps(text);
            let expected = model::read(text);
            assert_eq!(parsed.diagnostics, expected.diagnostics, "{text}");
            let expected = model::run(&expected);
            assert_eq!(
                run.map(|run| run.trace.hash()),
                expected.map(|run| run.trace.hash()),
                "{text}"
            );
        }
    }
}
