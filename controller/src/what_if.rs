//! Changed manifests: what they would have decided from what the cluster shows.
//!
//! The cluster does not follow them: the replica count is the one that its own manifest led to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hpa_core::autoscaler::{Autoscaler, ControllerConfig, Observation, Spec};
use hpa_core::manifest::{self, Diagnostic, Gate, Options, Severity, ValidationOptions};
use hpa_core::time::Timestamp;

use super::api_objects::Key;
use super::hpa_store::Hpa;
use super::observe::Subject;
use super::sync::{Context, State};

/// The changed manifests by autoscaler.
#[derive(Clone, Debug, Default)]
pub(crate) struct WhatIf {
    specs: BTreeMap<Key, Arc<Spec>>,
}

/// The algorithm with a changed manifest, beside the one with the cluster's.
#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) autoscaler: Autoscaler,
    pub(crate) spec: Arc<Spec>,
}

impl WhatIf {
    /// Reads the manifests of a file or a folder, by the rules of the cluster's release.
    ///
    /// # Errors
    /// Everything that is wrong with them, a line each; a folder without an autoscaler is wrong too.
    pub(crate) fn read(path: &Path, config: &ControllerConfig) -> Result<Self, String> {
        let gate = |on| if on { Gate::On } else { Gate::Off };
        let options = Options {
            validation: ValidationOptions {
                scale_to_zero: gate(config.gates.hpa_scale_to_zero),
                configurable_tolerance: gate(config.gates.hpa_configurable_tolerance),
            },
            ..Options::default()
        };
        let mut specs = BTreeMap::new();
        let mut problems = Vec::new();
        for file in files(path)? {
            let text = match fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) => {
                    problems.push(format!("{}: {error}", file.display()));
                    continue;
                }
            };
            let parsed = manifest::parse(&text, &options);
            let errors = parsed.diagnostics.iter();
            let errors = errors.filter(|problem| problem.severity == Severity::Error);
            problems.extend(errors.map(|problem| told(&file, problem)));
            for hpa in parsed.autoscalers() {
                let key = Key::new(&hpa.metadata.namespace, &hpa.metadata.name);
                specs.insert(key, Arc::new(Spec::from_api(hpa)));
            }
        }
        if !problems.is_empty() {
            return Err(problems.join("\n"));
        }
        if specs.is_empty() {
            let shown = path.display();
            return Err(format!(
                "{shown}: there is no HorizontalPodAutoscaler in it"
            ));
        }
        Ok(Self { specs })
    }

    /// The autoscalers that are changed.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.specs.keys()
    }

    /// The replicas that the changed manifest asks for, if there is one and it comes to a decision.
    pub(crate) async fn decide(
        &self,
        context: &Context,
        hpa: &Hpa,
        state: &mut State,
        observation: &Observation,
        now: Timestamp,
    ) -> Option<i32> {
        let spec = self.specs.get(&hpa.key)?;
        let scale = observation.scale.as_ref().ok()?.clone();
        let current = scale.spec_replicas;
        let alternative = state.alternative.get_or_insert_with(|| Alternative {
            autoscaler: Autoscaler::new(context.config.clone()),
            spec: Arc::clone(spec),
        });
        let (observation, _) = context
            .observer
            .rest(
                hpa,
                spec,
                &hpa.stored,
                Ok(scale),
                &context.config,
                Subject::WhatIf,
            )
            .await;
        let decision = alternative
            .autoscaler
            .decide(spec, &hpa.stored, &observation, now);
        let to = decision.rescale.as_ref().map(|rescale| rescale.to);
        if to.is_none() {
            // Nothing to carry out: the error says whether it was a decision at all.
            let outcome = alternative.autoscaler.complete(decision, Ok(()), now);
            if outcome.finish(Ok(())).error.is_some() {
                return None;
            }
        }
        Some(to.unwrap_or(current))
    }
}

/// A problem in one line: its place, what is wrong, and how to mend it.
fn told(file: &Path, problem: &Diagnostic) -> String {
    let (file, line) = (file.display(), problem.span.start.line);
    let mut told = format!("{file}, line {line}: {}", problem.message);
    if let Some(hint) = &problem.hint {
        told.push_str(": ");
        told.push_str(hint);
    }
    told
}

/// The YAML and JSON files of a folder, in the order of their names, or the one file.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(fail)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(fail)? {
        let file = entry.map_err(fail)?.path();
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
