//! Lowers the experiment document and the manifests to an experiment.

mod cluster;
mod controller;
mod subject;

use super::document::ExperimentDocument;
use super::fix::Fix;
use super::problems::{MAX_DURATION, Problems};
use super::{Defaults, Experiment, Overrides, Parsed, budget, goals, load, timeline};
use crate::cluster::{LoadProfile, Setup, SetupDraft};
use hpa_core::autoscaler::ControllerConfig;
use hpa_core::manifest::{self, Diagnostic, Document, FieldPath, Options};
use hpa_core::time::SignedDuration;

/// An experiment document that has been decoded: what it says about reading the manifests is known.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Which document it is; none if there is none.
    own: Option<usize>,
    given: ExperimentDocument,
    config: ControllerConfig,
    problems: Vec<Diagnostic>,
}

impl Decoded {
    /// Decodes the document with the index `own`, if there is one.
    pub(super) fn of(
        documents: &[Document],
        own: Option<usize>,
        (defaults, overrides): (Defaults, &Overrides),
        problems: Vec<Diagnostic>,
    ) -> Self {
        let document = own.and_then(|own| documents.get(own));
        let mut problems = Problems::new(document, problems);
        let given = document.map(|document| decode(document, &mut problems));
        let mut given = given.unwrap_or_default();
        if let Some(name) = &overrides.autoscaler {
            given.autoscaler = Some(name.clone());
        }
        budget::cut(&mut given, documents, &mut problems);
        Self {
            own,
            config: controller::config(&given, (defaults, overrides), &mut problems),
            given,
            problems: problems.list,
        }
    }

    /// The settings that the manifests are read for.
    pub(super) fn options(&self) -> Options {
        Options::default()
            .with_rules(self.config.rules)
            .with_gates(self.config.gates)
            .with_sync_period(self.config.sync_period)
    }
}

/// Lowers a document with the manifests, which have been read for its [options](Decoded::options).
pub(super) fn lower(decoded: Decoded, mut manifests: manifest::Parsed) -> Parsed {
    let options = decoded.options();
    let Decoded {
        own,
        given,
        config,
        problems,
    } = decoded;
    let document = own.and_then(|own| manifests.objects.get(own));
    let mut problems = Problems::new(document.map(|object| &object.document), problems);
    let root = FieldPath::default();
    let duration = given.duration.unwrap_or(SignedDuration::from_secs(1800));
    let path = FieldPath::new("duration");
    let duration = problems.time(&path, duration, SignedDuration::from_secs(1), MAX_DURATION);
    let draft = subject::find(&given, &manifests, &mut problems).map(|subject| {
        let mut draft = SetupDraft {
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
            ..SetupDraft::default()
        };
        draft.load = match &given.load {
            Some(parts) => load::profile(parts, &root.child("load"), duration, &mut problems),
            None => load::suggested(&draft, &mut problems),
        };
        draft.timeline = timeline::events(&given.timeline, &draft, options, &mut problems);
        cluster::check_names(&given, &draft, &mut problems);
        draft
    });
    let load = draft.as_ref().map(|draft| &draft.load);
    let course = goals::Course {
        end: duration,
        begin: &|name| begin(name, &given, load),
    };
    let goals = goals::lower(&given.goals, &course, &mut problems);
    let price = given.price_per_pod_hour;
    let path = FieldPath::new("pricePerPodHour");
    let price = price.map(|price| problems.within(&path, price.0, 0.0, 1e9));
    let setup = draft.and_then(|draft| {
        let validated = Setup::new(draft);
        validated.map_err(|invalid| problems.invalid(&invalid)).ok()
    });
    let mut list = problems.list;
    manifests.diagnostics.append(&mut list);
    manifest::sort(&mut manifests.diagnostics);
    let refused = manifests.has_errors();
    Parsed {
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
        objects: manifests.objects,
        diagnostics: manifests.diagnostics,
    }
}

/// Decodes the document. Unlike in the API server, unknown fields are errors: a misspelled setting
/// would silently change the experiment.
fn decode(document: &Document, problems: &mut Problems<'_>) -> ExperimentDocument {
    let (given, mut found) = manifest::decode(document);
    problems.list.append(&mut found);
    given
}

/// The start times of named timeline events and parts of the load.
fn begin(
    name: &str,
    given: &ExperimentDocument,
    load: Option<&LoadProfile>,
) -> Option<SignedDuration> {
    let named = |given: &Option<String>| given.as_deref() == Some(name);
    if let Some(event) = given.timeline.iter().find(|event| named(&event.name)) {
        return Some(event.at);
    }
    let mut parts = load.into_iter().flat_map(|load| &load.parts);
    if let Some(part) = parts.find(|part| part.name == name) {
        return Some(part.shape.begin());
    }
    // A part that could not be read is reported already: its name is not another problem.
    let mut parts = given.load.iter().flatten();
    parts
        .any(|part| named(&part.name))
        .then_some(SignedDuration::ZERO)
}
