//! Layer 4: experiments: manifests, load, cluster and timeline in one text, and what came of a run.
//!
//! Start at [`Experiment::parse`]. One text carries everything: the user's manifests as they are,
//! and optionally one document of `apiVersion: hpa-playground/v1`, `kind: Experiment`. Everything
//! has a default, so that an autoscaler alone runs.

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
pub mod presets;
mod problems;
mod provenance;
pub mod summary;
mod timeline;
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
pub use presets::Preset;
pub use problems::MAX_DURATION;
pub use provenance::{MODEL_VERSION, Provenance};
pub use summary::Summary;
pub use value::{Amount, Text};

use crate::cluster::{InvalidSetup, Replay, Setup, Trace};
use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::{
    self, Diagnostic, FieldPath, Object, Position, Severity, Source, SourceId, Span,
};
use hpa_core::time::{SignedDuration, Timestamp};

/// Everything that a run is computed from, and what it is checked against.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Experiment {
    /// The title, one line; may be empty.
    pub title: String,
    /// What to watch; may be empty.
    pub description: String,
    /// What the simulation takes.
    pub setup: Setup,
    /// What the run is checked against.
    pub goals: Vec<Goal>,
    /// A change of the text that mends what the experiment shows.
    pub fix: Option<Fix>,
    /// The price of one pod for one hour.
    pub price_per_pod_hour: Option<f64>,
}

/// What applies where a text says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defaults {
    /// The Kubernetes release whose rules apply.
    pub release: KubernetesVersion,
}

impl Default for Defaults {
    /// Those of this version, which may move on with the next one.
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

/// What a text says.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Parsed {
    /// The experiment; `None` where an error stands in the way.
    pub experiment: Option<Experiment>,
    /// The Kubernetes objects of the text, also those with problems.
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

/// What came of an experiment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// What happened over time.
    pub trace: Trace,
    /// Computes the details of each sync again.
    pub replay: Replay,
    /// What came of each goal, in the order of the experiment.
    pub verdicts: Vec<Verdict>,
    /// The run in numbers.
    pub summary: Summary,
}

impl Experiment {
    /// An experiment with this setup: without goals, and without words.
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

    /// The experiment with one goal more, over the whole run: [`Goal::new`] makes one of a part.
    #[must_use]
    pub fn expecting(mut self, check: Check) -> Self {
        let run = Part::until(self.setup.duration);
        self.goals.push(Goal::new(check, run));
        self
    }

    /// Reads a text of manifests and, at most, one experiment document.
    ///
    /// Never fails and never panics: what is wrong is in the diagnostics.
    #[must_use]
    pub fn parse(text: &str) -> Parsed {
        Self::parse_with(text, Defaults::default())
    }

    /// As [`Self::parse`], where something else applies than usual if the text says nothing of it.
    #[must_use]
    pub fn parse_with(text: &str, defaults: Defaults) -> Parsed {
        Self::parse_sources(&[Source::from(text)], defaults)
    }

    /// As [`Self::parse_with`] for several texts, which are one experiment together.
    ///
    /// The record in the last line of a saved text counts as said: see [`Provenance`].
    #[must_use]
    pub fn parse_sources(sources: &[Source<'_>], mut defaults: Defaults) -> Parsed {
        let (documents, unreadable) = manifest::read_sources(sources);
        let mut problems = Vec::new();
        let mut records = sources.iter().enumerate().filter_map(|(index, source)| {
            Some((SourceId::new(index), Provenance::of_text(source.text())?))
        });
        if let Some((source, record)) = records.next() {
            defaults = defaults.release(record.release());
            problems.extend(record.note().map(|note| {
                let span = Span::at(source, Position::START);
                let path = FieldPath::default();
                Diagnostic::new(Severity::Info, "other-model", span, path, note)
            }));
        }
        let document = own_document(&documents, &mut problems).cloned();
        let read = (documents, unreadable);
        let lowered = lower::lower(sources, read, document.as_ref(), defaults, problems);
        Parsed {
            experiment: lowered.experiment,
            objects: lowered.manifests.objects,
            diagnostics: lowered.manifests.diagnostics,
        }
    }

    /// Makes the run end elsewhere, and with it the goals that watch the run to its end. Gives the
    /// goals that such a run cannot judge, which are goals no more: parts that begin after it, and
    /// what may still be reached after it.
    ///
    /// # Errors
    ///
    /// Where a run of that length cannot be simulated; nothing is changed then.
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

    /// Begins to run the experiment, which then takes as many slices as its owner gives it.
    #[must_use]
    pub fn start(&self) -> Execution {
        Execution::new(self)
    }

    /// Runs the experiment from beginning to end.
    #[must_use]
    pub fn run(&self) -> Run {
        self.start().finish()
    }
}

/// The first document that is the playground's own; what is wrong with its kind, and any other one,
/// is a problem.
fn own_document<'a>(
    documents: &'a [manifest::Document],
    problems: &mut Vec<Diagnostic>,
) -> Option<&'a manifest::Document> {
    let mut own = documents
        .iter()
        .filter(|document| document.api_version.starts_with(manifest::OWN_API_GROUP));
    let problem = |document: &manifest::Document, field: &str, message: String| {
        let path = FieldPath::new(field);
        let span = document.locate(&path);
        Diagnostic::new(Severity::Error, "invalid-experiment", span, path, message)
    };
    let document = own.next()?;
    if document.api_version != API_VERSION {
        let message = format!(
            "{} is not supported: this version reads {API_VERSION}",
            document.api_version
        );
        problems.push(problem(document, "apiVersion", message));
    }
    if document.kind != KIND {
        let message = format!("the kind must be {KIND}, not {}", document.kind);
        problems.push(problem(document, "kind", message));
    }
    let first = document.locate(&FieldPath::new("kind"));
    problems.extend(own.map(|again| {
        let message = String::from("there can be only one Experiment document");
        problem(again, "kind", message).related(first, "the first one is here")
    }));
    Some(document)
}

impl Run {
    /// This run beside another one.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Comparison {
        Comparison::of(self, other)
    }

    /// What prevents the next scale-up and the next scale-down at `time`; `None` before the first
    /// sync.
    #[must_use]
    pub fn blockers(&self, time: Timestamp) -> Option<Blockers> {
        let detail = self.replay.detail(self.trace.sync_at(time)?)?;
        Some(Blockers::of(&detail, &self.trace.setup.controller))
    }

    /// Whether every goal came out as the experiment expects, and the run got to its end.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        self.trace.stopped.is_none() && self.verdicts.iter().all(Verdict::as_expected)
    }
}

#[cfg(test)]
mod tests;
