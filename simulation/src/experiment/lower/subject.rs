//! Selects the autoscaler to simulate and its scale target.

use super::super::document::ExperimentDocument;
use super::super::problems::Problems;
use crate::cluster::{MAX_PODS, Neighbor};
use hpa_core::api::{
    Container, HorizontalPodAutoscaler, Labels, ObjectMeta, PodSpec, ScaleTargetKind, Workload,
};
use hpa_core::manifest::{
    self, Diagnostic, FieldPath, Object, Parsed, Resource, Severity, Verdict,
};
use hpa_core::quantity::{Format, Quantity};

/// The simulated autoscaler and its workload.
pub(super) struct Subject {
    pub(super) autoscaler: HorizontalPodAutoscaler,
    pub(super) workload: Workload,
    pub(super) neighbors: Vec<Neighbor>,
}

/// Finds the autoscaler and its workload; `None`, with an error, if there is none.
pub(super) fn find(
    given: &ExperimentDocument,
    manifests: &Parsed,
    problems: &mut Problems<'_>,
) -> Option<Subject> {
    let wanted = given.autoscaler.as_deref();
    let mut found: Vec<(&Object, &HorizontalPodAutoscaler)> = accepted(manifests)
        .filter_map(|object| match &object.resource {
            Resource::HorizontalPodAutoscaler(hpa) => Some((object, &**hpa)),
            _ => None,
        })
        .collect();
    let named = |index: &usize| wanted.is_none_or(|name| is_named(found[*index].1, name));
    let matching: Vec<usize> = (0..found.len()).filter(named).collect();
    let position = match (matching.as_slice(), wanted) {
        ([], _) => {
            missing(wanted, &found, manifests, problems);
            return None;
        }
        ([_, _, ..], Some(name)) => {
            let path = FieldPath::new("autoscaler");
            let names = matching.iter().map(|&index| full_name(found[index].1));
            let names = names.collect::<Vec<_>>();
            let message = format!("{} autoscalers are named {name:?}", names.len());
            let problem = problems.error(&path, message);
            problem.hint = Some(format!("name one of {}", names.join(", ")));
            problem.choices = names;
            return None;
        }
        ([position, ..], _) => *position,
    };
    let (object, autoscaler) = found.remove(position);
    for (other, _) in &found {
        let name = &autoscaler.metadata.name;
        problems.list.push(
            about(
                other,
                "not-simulated",
                format!("this autoscaler is not simulated: {name} is"),
            )
            .hint("to simulate another one, set the experiment's field autoscaler"),
        );
    }
    let minimum = autoscaler.spec.min_replicas;
    runnable(object, "spec.minReplicas", minimum, problems);
    let workload = if let Some((object, workload)) = target(autoscaler, manifests) {
        runnable(object, "spec.replicas", workload.spec.replicas, problems);
        workload.clone()
    } else {
        let (workload, requests) = assumed(autoscaler);
        problems.list.push(
            about(
                object,
                "assumed-workload",
                format!(
                    "no manifest of {} {}: assuming one whose pods request {requests}",
                    autoscaler.spec.scale_target_ref.kind, autoscaler.spec.scale_target_ref.name,
                ),
            )
            .hint("add its manifest to use its requests, limits and probes"),
        );
        workload
    };
    let neighbors = found
        .iter()
        .filter(|(_, hpa)| hpa.metadata.namespace == autoscaler.metadata.namespace)
        .filter_map(|(_, hpa)| {
            Some(Neighbor {
                key: full_name(hpa),
                selector: target(hpa, manifests)?.1.spec.selector.clone(),
            })
        })
        .collect();
    Some(Subject {
        autoscaler: autoscaler.clone(),
        workload,
        neighbors,
    })
}

fn accepted(manifests: &Parsed) -> impl Iterator<Item = &Object> {
    manifests
        .objects
        .iter()
        .filter(|object| object.verdict == Verdict::Accepted)
}

fn about(object: &Object, code: &'static str, message: String) -> Diagnostic {
    let path = FieldPath::new("metadata.name");
    let span = object.document.locate(&path);
    Diagnostic::new(Severity::Info, code, span, path, message)
}

/// Whether it is the one that `name` or `namespace/name` means.
fn is_named(hpa: &HorizontalPodAutoscaler, name: &str) -> bool {
    let metadata = &hpa.metadata;
    match name.split_once('/') {
        Some((namespace, name)) => metadata.namespace == namespace && metadata.name == name,
        None => metadata.name == name,
    }
}

/// `namespace/name`.
fn full_name(hpa: &HorizontalPodAutoscaler) -> String {
    format!("{}/{}", hpa.metadata.namespace, hpa.metadata.name)
}

/// Reports a missing autoscaler, unless one was refused.
fn missing(
    wanted: Option<&str>,
    found: &[(&Object, &HorizontalPodAutoscaler)],
    manifests: &Parsed,
    problems: &mut Problems<'_>,
) {
    if let Some(name) = wanted {
        let path = FieldPath::new("autoscaler");
        let problem = problems.error(&path, format!("no autoscaler is named {name:?}"));
        let names: Vec<String> = found.iter().map(|(_, hpa)| full_name(hpa)).collect();
        if !names.is_empty() {
            let verb = if names.len() == 1 { "is" } else { "are" };
            problem.hint = Some(format!("there {verb} {}", names.join(", ")));
            problem.choices = names;
        }
    } else if !manifests.has_errors() && !problems.has_errors() {
        problems.hint(
            &FieldPath::default(),
            "no HorizontalPodAutoscaler found",
            "paste one: apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler",
        );
    }
}

fn target<'a>(
    hpa: &HorizontalPodAutoscaler,
    manifests: &'a Parsed,
) -> Option<(&'a Object, &'a Workload)> {
    let wanted = &hpa.spec.scale_target_ref;
    accepted(manifests).find_map(|object| match &object.resource {
        Resource::Workload(workload)
            if workload.metadata.name == wanted.name
                && workload.metadata.namespace == hpa.metadata.namespace
                && workload.kind.kind() == wanted.kind =>
        {
            Some((object, &**workload))
        }
        _ => None,
    })
}

/// Refuses an initial replica count beyond what any cluster runs.
fn runnable(object: &Object, field: &str, count: Option<i32>, problems: &mut Problems<'_>) {
    if count.is_some_and(|count| count > MAX_PODS.cast_signed()) {
        let path = FieldPath::new(field);
        let span = object.document.locate(&path);
        let message = format!("at most {MAX_PODS} pods are simulated");
        let error = Diagnostic::new(Severity::Error, "invalid-experiment", span, path, message);
        problems.list.push(error);
    }
}

/// A workload for an autoscaler without one, and its requests in words.
fn assumed(hpa: &HorizontalPodAutoscaler) -> (Workload, String) {
    let spec = &hpa.spec;
    let mut names: Vec<&str> = Vec::new();
    let sources = spec.metrics.iter();
    for source in sources.filter_map(|metric| metric.container_resource.as_ref()) {
        if !names.contains(&&*source.container) {
            names.push(&source.container);
        }
    }
    if names.is_empty() {
        names.push(&spec.scale_target_ref.name);
    }
    let target = &spec.scale_target_ref;
    let kind = ScaleTargetKind::KNOWN
        .iter()
        .find(|known| known.kind() == target.kind);
    let container = |name| {
        Container::new(name)
            .with_request("cpu", Quantity::from_milli(200, Format::DecimalSi))
            .with_request("memory", Quantity::from_int(256 << 20, Format::BinarySi))
    };
    let mut workload = Workload::new(
        kind.cloned().unwrap_or_default(),
        ObjectMeta::new(&*hpa.metadata.namespace, &*target.name),
        Labels::from([(String::from("app"), target.name.clone())]),
        PodSpec::new(names.into_iter().map(container)),
    )
    .with_replicas(spec.lower_limit().max(1));
    manifest::default_workload(&mut workload);
    (workload, String::from("200m CPU and 256Mi memory"))
}
