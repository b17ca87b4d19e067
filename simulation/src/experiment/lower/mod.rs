//! From the experiment document and the manifests to what a run is computed from.

mod budget;
mod cluster;
mod controller;
mod load;
mod subject;
mod timeline;

use super::Experiment;
use super::document::ExperimentDocument;
use super::fix::Fix;
use super::goals;
use crate::cluster::{MAX_PODS, Setup};
use hpa_core::manifest::{self, Diagnostic, Document, FieldPath, Gate, Options, Severity, Span};
use hpa_core::time::Duration;

/// The longest run.
pub const MAX_DURATION: Duration = Duration::from_secs(31 * 24 * 3600);

/// Where problems of the document are collected, each at its place.
pub(super) struct Problems<'a> {
    document: Option<&'a Document>,
    pub(super) list: Vec<Diagnostic>,
    /// Points of recorded series that may still be read: a few characters can stand for many.
    points_left: usize,
}

impl Problems<'_> {
    /// Where `path` stands in the document; the start of the text where there is no document.
    fn span(&self, path: &FieldPath) -> Span {
        self.document
            .map_or(Span::default(), |document| document.locate(path))
    }

    /// Whether something is refused so far.
    fn has_errors(&self) -> bool {
        let mut list = self.list.iter();
        list.any(|problem| problem.severity == Severity::Error)
    }

    pub(super) fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: &FieldPath,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        // Of so many most are left out in the end: their places are not looked for.
        let span = if self.list.len() > manifest::MAX_DIAGNOSTICS {
            Span::default()
        } else {
            self.span(path)
        };
        self.list
            .push(Diagnostic::new(severity, code, span, path.clone(), message));
        // It was just pushed.
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    pub(super) fn error(
        &mut self,
        path: &FieldPath,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Error, "invalid-experiment", path, message)
    }

    pub(super) fn hint(&mut self, path: &FieldPath, message: impl Into<String>, hint: &str) {
        self.error(path, message).hint = Some(hint.to_owned());
    }

    /// Says that something has exactly one of these fields.
    pub(super) fn not_one(&mut self, path: &FieldPath, message: &str, fields: &[&str]) {
        if let [most @ .., last] = fields {
            self.hint(path, message, &format!("{} or {last}", most.join(", ")));
        }
    }

    /// Refuses a value outside of a range, and gives the range's nearest value.
    pub(super) fn within(&mut self, path: &FieldPath, value: f64, low: f64, high: f64) -> f64 {
        if value >= low && value <= high {
            return value;
        }
        self.error(path, format!("{value} is not between {low} and {high}"));
        if value > high { high } else { low }
    }

    /// Refuses a count outside of a range, and gives the range's nearest value.
    pub(super) fn count(&mut self, path: &FieldPath, value: u32, low: u32, high: u32) -> u32 {
        if value < low || value > high {
            self.error(path, format!("{value} is not between {low} and {high}"));
        }
        value.clamp(low, high)
    }

    /// Refuses a replica count that no cluster runs, and gives the nearest one.
    pub(super) fn replicas(&mut self, path: &FieldPath, value: i32) -> i32 {
        if !(0..=MAX_PODS.cast_signed()).contains(&value) {
            self.error(path, format!("{value} is not between 0 and {MAX_PODS}"));
        }
        value.clamp(0, MAX_PODS.cast_signed())
    }

    /// Refuses a duration outside of a range, and gives the range's nearest value.
    pub(super) fn time(
        &mut self,
        path: &FieldPath,
        value: Duration,
        low: Duration,
        high: Duration,
    ) -> Duration {
        if value >= low && value <= high {
            return value;
        }
        self.error(path, format!("{value} is not between {low} and {high}"));
        value.clamp(low, high)
    }
}

/// What the text says, put together.
pub(super) struct Lowered {
    pub(super) experiment: Option<Experiment>,
    pub(super) manifests: manifest::Parsed,
}

/// Lowers the experiment `document` of a text that has been read.
pub(super) fn lower(
    text: &str,
    read: (Vec<Document>, Vec<Diagnostic>),
    document: Option<&Document>,
    problems: Vec<Diagnostic>,
) -> Lowered {
    let mut problems = Problems {
        document,
        list: problems,
        points_left: budget::MAX_POINTS,
    };
    let given = document.map(|document| decode(document, &mut problems));
    let mut given = given.unwrap_or_default();
    budget::cut(&mut given, &read.0, &mut problems);
    let config = controller::config(&given, &mut problems);
    let gate = |on| if on { Gate::On } else { Gate::Off };
    let options = Options {
        validation: manifest::ValidationOptions {
            scale_to_zero: gate(config.gates.hpa_scale_to_zero),
            configurable_tolerance: gate(config.gates.hpa_configurable_tolerance),
        },
        pod_level_resources: gate(config.gates.pod_level_resources),
        sync_period_seconds: i32::try_from(config.sync_period.as_secs()).unwrap_or(i32::MAX),
    };
    let mut manifests = manifest::parse_documents(text, read, &options);
    let root = FieldPath::default();
    let duration = given.duration.unwrap_or(Duration::from_secs(1800));
    let path = FieldPath::new("duration");
    let duration = problems.time(&path, duration, Duration::from_secs(1), MAX_DURATION);
    let setup = subject::find(&given, &manifests, &mut problems).map(|subject| {
        let mut setup = Setup {
            autoscaler: subject.autoscaler,
            neighbors: subject.neighbors,
            workload: subject.workload,
            controller: config,
            sync: controller::sync(&given.sync, &mut problems),
            duration,
            seed: given.seed.unwrap_or(1),
            model: cluster::model(&given.workload, &mut problems),
            startup: cluster::startup(&given.startup, &mut problems),
            nodes: cluster::nodes(&given.nodes, &mut problems),
            pipelines: cluster::pipelines(&given.pipelines, &mut problems),
            feeds: cluster::feeds(&given.metrics, duration, &mut problems),
            ..Setup::default()
        };
        setup.load = match &given.load {
            Some(parts) => load::profile(parts, &root.child("load"), duration, &mut problems),
            None => load::suggested(&setup, &mut problems),
        };
        setup.timeline = timeline::events(&given, &setup, options, &mut problems);
        cluster::check_names(&given, &setup, &mut problems);
        budget::check(&setup, &mut problems);
        setup
    });
    let load = setup.as_ref().map(|setup| &setup.load);
    let goals = goals::lower(&given, load, duration, &mut problems);
    let price = given.price_per_pod_hour;
    let path = FieldPath::new("pricePerPodHour");
    let price = price.map(|price| problems.within(&path, price.0, 0.0, 1e9));
    manifests.diagnostics.append(&mut problems.list);
    manifest::sort(&mut manifests.diagnostics);
    let refused = manifests.has_errors();
    Lowered {
        experiment: setup.filter(|_| !refused).map(|setup| Experiment {
            title: given.title,
            description: given.description,
            setup,
            goals,
            fix: given.fix.map(|fix| Fix {
                summary: fix.summary,
                edits: fix
                    .edits
                    .into_iter()
                    .map(|edit| (edit.find, edit.replace))
                    .collect(),
            }),
            price_per_pod_hour: price,
        }),
        manifests,
    }
}

/// Decodes the document. The API server drops unknown fields; here they are errors, since a
/// misspelled setting would silently be another experiment.
fn decode(document: &Document, problems: &mut Problems<'_>) -> ExperimentDocument {
    let (given, mut found) = manifest::decode(document);
    problems.list.append(&mut found);
    given
}
