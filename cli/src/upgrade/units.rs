//! Which files belong to which autoscaler: manifests meet across files, an experiment stands for itself.

use hpa_core::manifest::{self, Document, OWN_API_GROUP, Options, Resource};
use hpa_simulation::experiment::KIND;

use crate::input::Input;

/// One autoscaler and the files that it is compared with.
pub(super) struct Unit {
    /// `namespace/name`.
    pub(super) autoscaler: String,
    /// The file that it stands in.
    pub(super) file: String,
    /// The files that are read together.
    pub(super) inputs: Vec<Input>,
}

/// The units of some files.
///
/// An experiment that has an autoscaler in its file stands for itself. One without applies to every
/// autoscaler of the files without an experiment, which are read together. If there is no such
/// experiment, these run with the load that is assumed.
pub(super) fn of(inputs: &[Input]) -> Vec<Unit> {
    let mut units = Vec::new();
    let (experiments, manifests): (Vec<_>, Vec<_>) =
        inputs.iter().cloned().partition(is_experiment);
    let mut loads = Vec::new();
    for experiment in experiments {
        let [chosen, ..] = &*autoscalers(&experiment) else {
            loads.push(experiment);
            continue;
        };
        units.push(Unit {
            autoscaler: named(&experiment).unwrap_or_else(|| chosen.clone()),
            file: experiment.name().to_owned(),
            inputs: vec![experiment],
        });
    }
    for manifest in &manifests {
        for autoscaler in autoscalers(manifest) {
            let unit = |load: Option<&Input>| Unit {
                autoscaler: autoscaler.clone(),
                file: load.unwrap_or(manifest).name().to_owned(),
                inputs: manifests.iter().chain(load).cloned().collect(),
            };
            if loads.is_empty() {
                units.push(unit(None));
            }
            units.extend(loads.iter().map(|load| unit(Some(load))));
        }
    }
    units
}

/// The autoscalers that are not compared, because their version of the API is not read: each with its file.
pub(super) fn unread(inputs: &[Input]) -> Vec<String> {
    let mut found = Vec::new();
    for input in inputs {
        let parsed = manifest::parse(input.text(), &Options::default());
        let objects = parsed.objects.iter();
        let unread = objects.filter(|object| {
            object.document.kind == "HorizontalPodAutoscaler"
                && matches!(object.resource, Resource::Other)
        });
        found.extend(unread.map(|object| {
            let version = &object.document.api_version;
            format!(
                "{}: a HorizontalPodAutoscaler of {version} is not compared; convert it to autoscaling/v2",
                input.name()
            )
        }));
    }
    found
}

fn is_experiment(input: &Input) -> bool {
    let (documents, _) = manifest::read(input.text());
    documents.iter().any(is_own)
}

fn is_own(document: &Document) -> bool {
    document.api_version.starts_with(OWN_API_GROUP) || document.kind == KIND
}

/// The autoscaler that an experiment names.
fn named(input: &Input) -> Option<String> {
    let (documents, _) = manifest::read(input.text());
    let own = documents.iter().find(|document| is_own(document))?;
    own.root.text("autoscaler").map(str::to_owned)
}

/// The autoscalers of a file, as `namespace/name`, also those that a release refuses.
fn autoscalers(input: &Input) -> Vec<String> {
    let parsed = manifest::parse(input.text(), &Options::default());
    let found = parsed.objects.iter();
    let found = found.filter_map(|object| match &object.resource {
        Resource::HorizontalPodAutoscaler(hpa) => Some(&hpa.metadata),
        _ => None,
    });
    found
        .map(|metadata| format!("{}/{}", metadata.namespace, metadata.name))
        .collect()
}
