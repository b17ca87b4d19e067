//! Validates workloads, as far as invalid values would mislead the model.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`, `ValidateDeployment` and its siblings.

use std::fmt::Write as _;

use super::{BadValue, Errors, FieldError, meta};
use crate::api::gotext::quote;
use crate::api::names::dns1123_label_errors;
use crate::api::pod::{Container, ResourceRequirements};
use crate::api::{Labels, Selector, SystemMeta};
use crate::api::{ScaleTargetKind, Workload};
use crate::manifest::Options;
use crate::manifest::path::FieldPath;

/// Validates a defaulted workload: metadata, replicas, selector against the template's labels,
/// containers with their names and requests. Fields that the model does not read are not checked.
#[must_use]
pub fn validate_workload(workload: &Workload, options: &Options) -> Errors {
    let mut errors = Errors::new();
    let system = SystemMeta::default();
    meta::validate(&workload.metadata, &system, options.rules, &mut errors);
    let path = FieldPath::new("spec");
    let spec = &workload.spec;
    if let Some(replicas) = spec.replicas
        && replicas < 0
    {
        errors.push(FieldError::invalid(
            path.child("replicas"),
            replicas,
            "must be greater than or equal to 0",
        ));
    }
    selector(workload, &path, &mut errors);
    let pod = path.child("template").child("spec");
    if spec.template.spec.containers.is_empty() {
        errors.push(FieldError::required(pod.child("containers"), ""));
    }
    let template = &spec.template.spec;
    for (name, list) in [
        ("containers", &template.containers),
        ("initContainers", &template.init_containers),
    ] {
        for (index, container) in list.iter().enumerate() {
            self::container(container, &pod.child(name).index(index), &mut errors);
        }
    }
    if let Some(resources) = &template.resources {
        requests(resources, &pod.child("resources"), &mut errors);
    }
    errors
}

fn selector(workload: &Workload, path: &FieldPath, errors: &mut Errors) {
    let selector = &workload.spec.selector;
    let labels = &workload.spec.template.metadata.labels;
    let field = path.child("selector");
    if selector.match_labels.is_empty() && selector.match_expressions.is_empty() {
        // Message and kind differ between the three for the same mistake.
        errors.push(if workload.kind == ScaleTargetKind::STATEFUL_SET {
            FieldError::required(field, "")
        } else {
            FieldError::invalid(
                field,
                BadValue::Raw("{}".to_owned()),
                "empty selector is invalid for deployment",
            )
        });
        return;
    }
    match Selector::from_label_selector(selector) {
        Err(error) => errors.push(FieldError::invalid(
            field,
            BadValue::Raw("{}".to_owned()),
            &error.0,
        )),
        Ok(parsed) if !parsed.matches(labels) => errors.push(FieldError::invalid(
            path.child("template").child("metadata").child("labels"),
            BadValue::Raw(go_map(labels)),
            "`selector` does not match template `labels`",
        )),
        Ok(_) => {}
    }
}

/// A map as Go prints it for an error.
fn go_map(labels: &Labels) -> String {
    let mut out = String::from("{");
    for (at, (key, value)) in labels.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{}:{}", quote(key), quote(value));
    }
    out.push('}');
    out
}

fn container(container: &Container, path: &FieldPath, errors: &mut Errors) {
    let field = path.child("name");
    if container.name.is_empty() {
        errors.push(FieldError::required(field, ""));
    } else {
        for text in dns1123_label_errors(&container.name) {
            errors.push(FieldError::invalid(
                field.clone(),
                container.name.as_str(),
                &text,
            ));
        }
    }
    requests(&container.resources, &path.child("resources"), errors);
    for (name, probe) in [
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ] {
        let Some(probe) = probe else { continue };
        for (field, value) in [
            ("initialDelaySeconds", probe.initial_delay_seconds),
            ("periodSeconds", probe.period_seconds),
            ("successThreshold", probe.success_threshold),
            ("failureThreshold", probe.failure_threshold),
        ] {
            if let Some(value) = value.filter(|value| *value < 0) {
                let detail = "must be greater than or equal to 0";
                errors.push(FieldError::invalid(
                    path.child(name).child(field),
                    value,
                    detail,
                ));
            }
        }
    }
}

fn requests(resources: &ResourceRequirements, path: &FieldPath, errors: &mut Errors) {
    for (kind, list) in [
        ("limits", &resources.limits),
        ("requests", &resources.requests),
    ] {
        for (name, quantity) in list {
            if quantity.sign() < 0 {
                errors.push(FieldError::invalid(
                    path.child(kind).key(name),
                    quantity,
                    "must be greater than or equal to 0",
                ));
            }
        }
    }
    for (name, request) in &resources.requests {
        if let Some(limit) = resources.limits.get(name)
            && request > limit
        {
            errors.push(FieldError::invalid(
                path.child("requests"),
                request,
                &format!("must be less than or equal to {name} limit of {limit}"),
            ));
        }
    }
}
