//! Parses texts to an experiment in slices of work: read, decode, check the manifests, lower.

use super::lower::{self, Decoded};
use super::{API_VERSION, Defaults, KIND, Overrides, Parsed, Provenance};
use crate::cluster::{Progress, Work};
use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::{
    self, Checking, Diagnostic, Document, FieldPath, Position, Severity, Source, SourceId, Span,
};

/// Texts that are being parsed. Dropping it cancels that.
///
/// The result does not depend on the slices: it equals [`super::Experiment::parse_sources`]. Units of
/// work take as long as those of a run.
///
/// ```
/// use hpa_core::manifest::Source;
/// use hpa_simulation::cluster::{Progress, Work};
/// use hpa_simulation::experiment::{Defaults, Experiment};
///
/// # let text = include_str!("../../experiments/php-apache.yaml");
/// let sources = [Source::from(text)];
/// let mut reading = Experiment::read(&sources, Defaults::default());
/// while let Progress::Running { fraction } = reading.advance(Work(100_000)) {
///     assert!(fraction <= 1.0);
///     // Here a page paints, or drops the reading because its text has changed.
/// }
/// assert_eq!(reading.finish(), Experiment::parse(text));
/// ```
#[derive(Debug)]
pub struct Reading {
    /// Each with a text that it shares.
    sources: Vec<Source<'static>>,
    defaults: Defaults,
    overrides: Overrides,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The texts become documents.
    Documents(Box<manifest::Reading>),
    /// The manifests are decoded and checked.
    Manifests(Box<(Decoded, Checking)>),
    Done(Parsed),
}

/// How much of the work it is to read the documents [0..1].
const DOCUMENTS: f64 = 0.7;

impl Reading {
    /// Starts with these texts, which are copied unless they are [shared](Source::into_shared).
    pub(super) fn new(sources: &[Source<'_>], defaults: Defaults) -> Self {
        let sources = sources.iter().cloned().map(Source::into_shared);
        let sources: Vec<Source<'static>> = sources.collect();
        Self {
            stage: Stage::Documents(Box::new(manifest::Reading::new(&sources))),
            sources,
            defaults,
            overrides: Overrides::default(),
        }
    }

    /// With settings that outrank those of the texts. To be called before the first [`Self::advance`].
    #[must_use]
    pub fn overridden(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    /// Does about this much work and returns the progress; does nothing once all is parsed.
    ///
    /// A slice ends after a value of a document, an object, or some comparisons of objects. The
    /// experiment's own document is decoded at once, and so is it lowered.
    pub fn advance(&mut self, Work(work): Work) -> Progress {
        match &mut self.stage {
            Stage::Documents(reading) => {
                if reading.advance(work) {
                    self.decode();
                }
            }
            Stage::Manifests(pair) => {
                if pair.1.advance(work) {
                    self.lower();
                }
            }
            Stage::Done(_) => {}
        }
        self.progress()
    }

    /// The progress of the reading.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let fraction = match &self.stage {
            Stage::Documents(reading) => DOCUMENTS * reading.fraction(),
            Stage::Manifests(pair) => DOCUMENTS + (1.0 - DOCUMENTS) * pair.1.fraction(),
            Stage::Done(_) => return Progress::Done,
        };
        Progress::Running { fraction }
    }

    /// Does the remaining work.
    #[must_use]
    pub fn finish(mut self) -> Parsed {
        loop {
            if let Stage::Done(parsed) = self.stage {
                return parsed;
            }
            self.advance(Work(u64::MAX));
        }
    }

    /// Goes on with the documents.
    fn decode(&mut self) {
        let Stage::Documents(reading) = self.take() else {
            return;
        };
        let (documents, unreadable) = reading.finish();
        let mut problems = Vec::new();
        let own = own_document(&documents, &mut problems);
        let root = own
            .and_then(|own| documents.get(own))
            .map(|document| &document.root);
        let names_release = root.is_some_and(|root| root.entry("kubernetesVersion").is_some());
        let defaults = self.recorded(names_release, &mut problems);
        let settings = (defaults, &self.overrides);
        let decoded = Decoded::of(&documents, own, settings, problems);
        let read = (documents, unreadable);
        let checking = Checking::new(&self.sources, read, &decoded.options());
        self.stage = Stage::Manifests(Box::new((decoded, checking)));
    }

    /// Ends with the manifests.
    fn lower(&mut self) {
        if let Stage::Manifests(pair) = self.take() {
            let (decoded, checking) = *pair;
            self.stage = Stage::Done(lower::lower(decoded, checking.finish()));
        }
    }

    fn take(&mut self) -> Stage {
        std::mem::replace(&mut self.stage, Stage::Done(Parsed::default()))
    }

    /// The defaults with the release that the texts record, and what is odd about their records.
    fn recorded(&self, names_release: bool, problems: &mut Vec<Diagnostic>) -> Defaults {
        let mut records = self
            .sources
            .iter()
            .enumerate()
            .filter_map(|(index, source)| Provenance::placed(SourceId::new(index), source.text()));
        let Some((first, record)) = records.next() else {
            return self.defaults;
        };
        problems.extend(record.note().map(|note| {
            let span = Span::at(first.source, Position::START);
            let path = FieldPath::default();
            Diagnostic::new(Severity::Info, "other-model", span, path, note)
        }));
        if !names_release {
            problems.extend(records.filter_map(|(span, other)| {
                other_release((span, other.release()), (first, record.release()))
            }));
        }
        self.defaults.release(record.release())
    }
}

/// Says that a text was saved for another release than the first one, whose release counts.
fn other_release(
    (span, other): (Span, KubernetesVersion),
    (first, counts): (Span, KubernetesVersion),
) -> Option<Diagnostic> {
    let message = format!(
        "this text was made for Kubernetes {other}, but an earlier one for {counts}: the rules of {counts} apply to all of them"
    );
    let path = FieldPath::default();
    let problem = Diagnostic::new(Severity::Warning, "other-release", span, path, message)
        .hint("write kubernetesVersion into the experiment document to choose one")
        .related(first, format!("Kubernetes {counts} is recorded here"));
    (other != counts).then_some(problem)
}

/// The index of the first of the playground's own documents. A wrong kind or a second document is a
/// problem.
fn own_document(documents: &[Document], problems: &mut Vec<Diagnostic>) -> Option<usize> {
    let is_own = |document: &&Document| document.api_version.starts_with(manifest::OWN_API_GROUP);
    let index = documents.iter().position(|document| is_own(&document))?;
    let mut own = documents.iter().filter(is_own);
    let problem = |document: &Document, field: &str, message: String| {
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
        let message = String::from("only one Experiment document is allowed");
        problem(again, "kind", message).related(first, "the first one is here")
    }));
    Some(index)
}
