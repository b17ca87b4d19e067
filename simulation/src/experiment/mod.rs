//! Layer 4: experiments (manifests, load, cluster and timeline in one text) and the results of runs.
//!
//! Start at [`Experiment::parse`]. One text contains the user's unmodified manifests and optionally
//! one document of `apiVersion: hpa-playground/v1`, `kind: Experiment`. Everything has a default: an
//! autoscaler alone is enough.

pub mod blockers;
mod budget;
pub mod comparison;
mod complete;
mod data;
mod descriptor;
mod document;
mod execution;
mod fix;
pub mod goals;
pub mod import;
pub mod kubectl;
pub mod link;
mod load;
mod lower;
mod measure;
pub mod measures;
mod overrides;
pub mod presets;
mod problems;
mod provenance;
mod reading;
pub mod summary;
mod timeline;
pub mod upgrade;
mod value;

pub use blockers::{Blocker, Blockers, Cause};
pub use comparison::{Comparison, Divergence, DivergingStep};
pub use complete::{Completion, Role, complete};
pub use document::{API_VERSION, KIND, SCHEMA};
pub use execution::Execution;
pub use fix::Fix;
pub use goals::{Check, Expect, Goal, Outcome, Reach, Unit, Verdict};
pub use measure::Part;
pub use measures::{Entry, Measure, MeasureUnit};
pub use overrides::Overrides;
pub use presets::Preset;
pub use problems::MAX_DURATION;
pub use provenance::{MODEL_VERSION, Provenance};
pub use reading::Reading;
pub use summary::Summary;
pub use value::{Amount, Text};

use crate::cluster::{InvalidSetup, Replay, Setup, Trace};
use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::{Diagnostic, Object, Severity, Source};
use hpa_core::time::{SignedDuration, Timestamp};

/// The complete input of a run, and its goals.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Experiment {
    /// The title, one line; may be empty.
    pub title: String,
    /// What to watch; may be empty.
    pub description: String,
    /// The setup of the simulation.
    pub setup: Setup,
    /// The checks of the run.
    pub goals: Vec<Goal>,
    /// An edit of the text that fixes the problem shown.
    pub fix: Option<Fix>,
    /// The price of one pod for one hour.
    pub price_per_pod_hour: Option<f64>,
}

/// Defaults for what a text does not specify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defaults {
    /// The Kubernetes release to simulate.
    pub release: KubernetesVersion,
}

impl Default for Defaults {
    /// The defaults of this version, which may change with the next one.
    fn default() -> Self {
        Self {
            release: Provenance::current().release(),
        }
    }
}

impl Defaults {
    /// These defaults with another release.
    #[must_use]
    pub const fn release(self, release: KubernetesVersion) -> Self {
        Self { release }
    }
}

/// The result of parsing a text.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Parsed {
    /// The experiment; `None` if there is an error.
    pub experiment: Option<Experiment>,
    /// The Kubernetes objects of the text, including those with problems.
    pub objects: Vec<Object>,
    /// All problems and all assumptions, ordered by position.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether a diagnostic is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// The result of an experiment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// The recorded course of the run.
    pub trace: Trace,
    /// Recomputes the details of each sync.
    pub replay: Replay,
    /// The verdict on each goal, in the order of the experiment.
    pub verdicts: Vec<Verdict>,
    /// The summary of the run.
    pub summary: Summary,
}

impl Experiment {
    /// An experiment with this setup, without goals and texts.
    #[must_use]
    pub const fn new(setup: Setup) -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            setup,
            goals: Vec::new(),
            fix: None,
            price_per_pod_hour: None,
        }
    }

    /// Adds a goal over the whole run; see [`Goal::new`] for a part of it.
    #[must_use]
    pub fn expecting(mut self, check: Check) -> Self {
        let run = Part::until(self.setup.duration);
        self.goals.push(Goal::new(check, run));
        self
    }

    /// Parses a text of manifests and at most one experiment document.
    ///
    /// Never fails and never panics: all problems are in the diagnostics.
    #[must_use]
    pub fn parse(text: &str) -> Parsed {
        Self::parse_with(text, Defaults::default())
    }

    /// As [`Self::parse`], with other defaults.
    #[must_use]
    pub fn parse_with(text: &str, defaults: Defaults) -> Parsed {
        Self::parse_sources(&[Source::from(text)], defaults)
    }

    /// As [`Self::parse_with`] for several texts that form one experiment.
    ///
    /// The provenance record in the last line of a saved text overrides the defaults: see [`Provenance`].
    /// Of several records the first one applies, and those of another release are a problem, unless the
    /// texts name their `kubernetesVersion`.
    #[must_use]
    pub fn parse_sources(sources: &[Source<'_>], defaults: Defaults) -> Parsed {
        Self::read(sources, defaults).finish()
    }

    /// Starts to parse texts in slices, with the arguments and the result of [`Self::parse_sources`].
    #[must_use]
    pub fn read(sources: &[Source<'_>], defaults: Defaults) -> Reading {
        Reading::new(sources, defaults)
    }

    /// Changes the duration of the run, and the end of goals that last to its end. Removes and returns
    /// the goals that the new run cannot evaluate: parts that start after its end, and counts that may
    /// still be reached later.
    ///
    /// # Errors
    ///
    /// If a run of that length cannot be simulated; nothing is changed then.
    pub fn set_duration(&mut self, duration: SignedDuration) -> Result<Vec<Goal>, InvalidSetup> {
        let old = self.setup.duration;
        self.setup = self.setup.with(|draft| draft.duration = duration)?;
        let (kept, left_out) = std::mem::take(&mut self.goals)
            .into_iter()
            .partition(|goal| goal.fits(old, duration));
        self.goals = kept;
        for goal in &mut self.goals {
            goal.part.until = if goal.part.until == old {
                duration
            } else {
                goal.part.until.min(duration)
            };
        }
        Ok(left_out)
    }

    /// Starts a run in slices.
    #[must_use]
    pub fn start(&self) -> Execution {
        Execution::new(self)
    }

    /// Runs the experiment to its end.
    #[must_use]
    pub fn run(&self) -> Run {
        self.start().finish()
    }
}

impl Run {
    /// Compares this run with another one.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Comparison {
        Comparison::of(self, other)
    }

    /// The blockers of the next scale-up and the next scale-down at `time`; `None` before the first
    /// sync.
    #[must_use]
    pub fn blockers(&self, time: Timestamp) -> Option<Blockers> {
        let detail = self.replay.detail(self.trace.sync_at(time)?)?;
        Some(Blockers::of(&detail, &self.trace.setup.controller))
    }

    /// Whether every goal has its expected outcome and the run was complete.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        self.trace.stopped.is_none() && self.verdicts.iter().all(Verdict::as_expected)
    }
}

#[cfg(test)]
mod tests;
