//! Decides with changed manifests on what is observed in the cluster.
//!
//! The cluster does not follow them: its replica count results from its own manifest.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::autoscaler::{Autoscaler, ControllerConfig, Spec};
use hpa_core::manifest::{
    self, Object, Options, Parsed, Resource, Severity, Source, Verdict, place,
};

use crate::api_objects::Key;
use crate::file_problems::FileProblems;
use crate::observe::{Observer, Snapshot};

/// The changed manifests by autoscaler; empty if there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct WhatIf {
    specs: BTreeMap<Key, Arc<Spec>>,
}

/// The autoscaler that runs with a changed manifest, beside the one that runs with the cluster's.
#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) autoscaler: Autoscaler,
    pub(crate) spec: Arc<Spec>,
}

impl WhatIf {
    /// Reads the manifests of a file or directory and validates them by the rules of `config`.
    ///
    /// # Errors
    /// All problems of the manifests, including that there is no autoscaler.
    pub(crate) fn read(path: &Path, config: &ControllerConfig) -> Result<Self, FileProblems> {
        let options = Options::default()
            .with_rules(config.rules)
            .with_gates(config.gates)
            .with_sync_period(config.sync_period);
        let mut specs = BTreeMap::new();
        let mut problems = FileProblems::default();
        let mut places = BTreeMap::new();
        let files = files(path).map_err(|error| FileProblems::io(path, &error))?;
        for file in files {
            let text = match fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) => {
                    problems.extend(FileProblems::io(&file, &error));
                    continue;
                }
            };
            let source = [Source::new(file.display().to_string(), text)];
            let mut parsed = manifest::parse_sources(&source, &options);
            for (object, hpa) in accepted(&parsed) {
                let key = Key::new(&hpa.metadata.namespace, &hpa.metadata.name);
                let here = place(object.document.locate(&"metadata.name".into()), &source);
                // The order of the files must not decide between duplicates.
                if let Some(first) = places.insert(key.clone(), here.clone()) {
                    problems.extend(FileProblems::duplicate(&key, &here, &first));
                }
                specs.insert(key, Arc::new(Spec::from_api(hpa)));
            }
            let errors = &mut parsed.diagnostics;
            errors.retain(|problem| problem.severity == Severity::Error);
            problems.extend(FileProblems::diagnostics(&source[0], errors));
        }
        let what_if = problems.or(Self { specs })?;
        if what_if.specs.is_empty() {
            return Err(FileProblems::no_autoscaler(path));
        }
        Ok(what_if)
    }

    /// The autoscalers with a changed manifest.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.specs.keys()
    }

    /// The desired replicas under the changed manifest; `None` if there is none, or if it comes to
    /// no decision.
    pub(crate) async fn decide(
        &self,
        observer: &Observer,
        alternative: &mut Option<Alternative>,
        snapshot: Snapshot<'_>,
    ) -> Option<i32> {
        let Snapshot {
            hpa,
            observation,
            now,
        } = snapshot;
        let spec = self.specs.get(&hpa.key)?;
        let scale = observation.scale.as_ref().ok()?.clone();
        let current = scale.spec_replicas;
        let Alternative { autoscaler, spec } = alternative.get_or_insert_with(|| Alternative {
            autoscaler: Autoscaler::new(observer.config.clone()),
            spec: Arc::clone(spec),
        });
        let (observation, _) = observer.pods_and_metrics(hpa, spec, Ok(scale)).await;
        let decision = autoscaler.decide(spec, &hpa.stored, &observation, now);
        let to = decision.rescale.as_ref().map(|rescale| rescale.to);
        if to.is_none() {
            // Nothing to carry out; an error means that there was no decision.
            let outcome = autoscaler.complete(decision, Ok(()), now);
            if outcome.finish(Ok(())).error.is_some() {
                return None;
            }
        }
        Some(to.unwrap_or(current))
    }
}

/// The autoscalers that an API server would accept, each with its object.
fn accepted(parsed: &Parsed) -> impl Iterator<Item = (&Object, &HorizontalPodAutoscaler)> {
    let objects = parsed.objects.iter();
    objects.filter_map(|object| match (&object.resource, object.verdict) {
        (Resource::HorizontalPodAutoscaler(hpa), Verdict::Accepted) => Some((object, &**hpa)),
        _ => None,
    })
}

/// The YAML and JSON files of a directory, sorted by name, or the one file.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let is_manifest = file.extension().is_some_and(|extension| {
            ["yaml", "yml", "json"]
                .iter()
                .any(|known| extension == *known)
        });
        if is_manifest {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}
