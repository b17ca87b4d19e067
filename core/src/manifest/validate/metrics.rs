//! Validates metric sources and their targets.
//!
//! Upstream: `pkg/apis/autoscaling/validation/validation.go`, `validateMetrics`,
//! `validateMetricSpec` and what they call; `pkg/apis/core/validation`,
//! `ValidateContainerResourceName`.

use super::{BadValue, Errors, FieldError, Group, Scope, label_key_errors, reference};
use crate::api::hpa::{HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec, MetricTarget};
use crate::api::names::{dns1123_label_errors, path_segment_name_errors, qualified_name_errors};
use crate::api::release::{Change, Rules};
use crate::manifest::path::FieldPath;

const SOURCE_TYPES: [&str; 5] = [
    "ContainerResource",
    "External",
    "Object",
    "Pods",
    "Resource",
];

/// Upstream: `validateMetrics`.
pub(super) fn validate(
    spec: &HorizontalPodAutoscalerSpec,
    path: &FieldPath,
    scope: Scope,
    rules: Rules,
    errors: &mut Errors,
) {
    let described = scope.object_versions.then_some(Group::Optional);
    for (index, metric) in spec.metrics.iter().enumerate() {
        source(metric, &path.index(index), described, rules, errors);
    }
    let wakes = |metric: &MetricSpec| matches!(metric.r#type.as_str(), "Object" | "External");
    if spec.min_replicas == Some(0) && !spec.metrics.iter().any(wakes) {
        errors.push(FieldError::forbidden(
            path.clone(),
            "must specify at least one Object or External metric to support scaling to zero replicas",
        ));
    }
}

/// Upstream: `validateMetricSpec`. Of several sources only the first is looked into.
fn source(
    metric: &MetricSpec,
    path: &FieldPath,
    described: Option<Group>,
    rules: Rules,
    errors: &mut Errors,
) {
    let unknown = |errors: &mut Errors| {
        let field = path.child("type");
        errors.push(FieldError::unsupported(
            field,
            &metric.r#type,
            &SOURCE_TYPES,
        ));
    };
    if metric.r#type.is_empty() {
        errors.push(FieldError::required(
            path.child("type"),
            "must specify a metric source type",
        ));
    }
    if !SOURCE_TYPES.contains(&metric.r#type.as_str()) {
        unknown(errors);
    }
    first_source(metric, path, described, rules, errors);
    let present = [
        ("object", metric.object.is_some()),
        ("external", metric.external.is_some()),
        ("pods", metric.pods.is_some()),
        ("resource", metric.resource.is_some()),
        ("containerResource", metric.container_resource.is_some()),
    ];
    let expected = match metric.r#type.as_str() {
        "Object" => "object",
        "External" => "external",
        "Pods" => "pods",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => "",
    };
    if expected.is_empty() {
        // Upstream says so a second time.
        unknown(errors);
    } else if !present.contains(&(expected, true)) {
        errors.push(FieldError::required(
            path.child(expected),
            "must populate information for the given metric source",
        ));
    }
    let populated = || present.iter().filter(|(_, there)| *there);
    if populated().count() != 1 {
        for (name, _) in populated().filter(|(name, _)| *name != expected) {
            errors.push(FieldError::forbidden(
                path.child(name),
                "must populate the given metric source only",
            ));
        }
    }
}

fn first_source(
    metric: &MetricSpec,
    path: &FieldPath,
    described: Option<Group>,
    rules: Rules,
    errors: &mut Errors,
) {
    if let Some(object) = &metric.object {
        let path = path.child("object");
        let place = path.child("describedObject");
        reference(&object.described_object, &place, described, errors);
        identifier(&object.metric, &path, errors);
        let path = path.child("target");
        target(&object.target, &path, errors);
        if object.target.value.is_none() && object.target.average_value.is_none() {
            errors.push(FieldError::required(
                path.child("averageValue"),
                "must set either a target value or averageValue",
            ));
        }
    } else if let Some(external) = &metric.external {
        let path = path.child("external");
        identifier(&external.metric, &path, errors);
        let path = path.child("target");
        target(&external.target, &path, errors);
        match (&external.target.value, &external.target.average_value) {
            (None, None) => errors.push(FieldError::required(
                path.child("averageValue"),
                "must set either a target value for metric or a per-pod target",
            )),
            (Some(_), Some(_)) => errors.push(FieldError::forbidden(
                path.child("value"),
                "may not set both a target value for metric and a per-pod target",
            )),
            _ => {}
        }
    } else if let Some(pods) = &metric.pods {
        let path = path.child("pods");
        identifier(&pods.metric, &path, errors);
        let path = path.child("target");
        target(&pods.target, &path, errors);
        if pods.target.average_value.is_none() {
            errors.push(FieldError::required(
                path.child("averageValue"),
                "must specify a positive target averageValue",
            ));
        }
    } else if let Some(resource) = &metric.resource {
        let path = path.child("resource");
        resource_name_given(&resource.name, &path, errors);
        resource_target(&resource.target, &path.child("target"), errors);
    } else if let Some(resource) = &metric.container_resource {
        let path = path.child("containerResource");
        if resource_name_given(&resource.name, &path, errors) {
            container_resource_name(&resource.name, &path.child("name"), rules, errors);
        }
        container_name(&resource.container, &path.child("container"), errors);
        resource_target(&resource.target, &path.child("target"), errors);
    }
}

fn identifier(metric: &MetricIdentifier, source: &FieldPath, errors: &mut Errors) {
    let path = source.child("metric").child("name");
    if metric.name.is_empty() {
        errors.push(FieldError::required(
            path.clone(),
            "must specify a metric name",
        ));
    }
    for text in path_segment_name_errors(&metric.name) {
        errors.push(FieldError::invalid(
            path.clone(),
            metric.name.as_str(),
            &text,
        ));
    }
}

/// Upstream: `validateMetricTarget`. The type is not compared with the field that is set.
fn target(target: &MetricTarget, path: &FieldPath, errors: &mut Errors) {
    let r#type = target.r#type.as_str();
    if r#type.is_empty() {
        errors.push(FieldError::required(
            path.child("type"),
            "must specify a metric target type",
        ));
    }
    if !matches!(r#type, "Utilization" | "Value" | "AverageValue") {
        errors.push(FieldError::invalid(
            path.child("type"),
            r#type,
            "must be either Utilization, Value, or AverageValue",
        ));
    }
    for (name, value) in [
        ("value", &target.value),
        ("averageValue", &target.average_value),
    ] {
        if let Some(value) = value
            && value.sign() != 1
        {
            errors.push(FieldError::invalid(
                path.child(name),
                value,
                "must be positive",
            ));
        }
    }
    if let Some(utilization) = target.average_utilization
        && utilization < 1
    {
        errors.push(FieldError::invalid(
            path.child("averageUtilization"),
            utilization,
            "must be greater than 0",
        ));
    }
}

fn resource_target(given: &MetricTarget, path: &FieldPath, errors: &mut Errors) {
    target(given, path, errors);
    match (given.average_utilization, &given.average_value) {
        (None, None) => errors.push(FieldError::required(
            path.child("averageUtilization"),
            "must set either a target raw value or a target utilization",
        )),
        (Some(_), Some(_)) => errors.push(FieldError::forbidden(
            path.child("averageValue"),
            "may not set both a target raw value and a target utilization",
        )),
        _ => {}
    }
}

fn resource_name_given(name: &str, source: &FieldPath, errors: &mut Errors) -> bool {
    if name.is_empty() {
        errors.push(FieldError::required(
            source.child("name"),
            "must specify a resource name",
        ));
    }
    !name.is_empty()
}

/// Upstream: `ValidateContainerResourceName`.
fn container_resource_name(name: &str, path: &FieldPath, rules: Rules, errors: &mut Errors) {
    let malformed = label_key_errors(name, rules);
    for text in &malformed {
        errors.push(FieldError::invalid(path.clone(), name, text));
    }
    // What is left has the name as one of a resource.
    let mut invalid = |text: &str| {
        let value = if rules.has(Change::JsonInFieldErrors) {
            BadValue::from(name)
        } else {
            BadValue::Raw(name.to_owned())
        };
        errors.push(FieldError::invalid(path.clone(), value, text));
    };
    if !name.contains('/') {
        if malformed.is_empty() && !is_standard_resource(name) {
            invalid("must be a standard resource type or fully qualified");
        }
        if !matches!(name, "cpu" | "memory" | "ephemeral-storage")
            && !name.starts_with("hugepages-")
        {
            invalid("must be a standard resource for containers");
        }
    } else if !name.contains("kubernetes.io/") {
        let extended = !name.starts_with("requests.")
            && qualified_name_errors(&format!("requests.{name}")).is_empty();
        if !extended {
            invalid("doesn't follow extended resource name standard");
        }
    }
}

/// Upstream: `pkg/apis/core/helper`, `IsStandardResourceName`.
fn is_standard_resource(name: &str) -> bool {
    let compute = name
        .strip_prefix("requests.")
        .or_else(|| name.strip_prefix("limits."))
        .unwrap_or(name);
    matches!(compute, "cpu" | "memory" | "ephemeral-storage")
        || matches!(
            name,
            "pods"
                | "resourcequotas"
                | "services"
                | "replicationcontrollers"
                | "secrets"
                | "configmaps"
                | "persistentvolumeclaims"
                | "storage"
                | "requests.storage"
                | "services.nodeports"
                | "services.loadbalancers"
        )
        || name.starts_with("hugepages-")
        || name.starts_with("requests.hugepages-")
}

fn container_name(name: &str, path: &FieldPath, errors: &mut Errors) {
    if name.is_empty() {
        errors.push(FieldError::required(
            path.clone(),
            "must specify a container",
        ));
        return;
    }
    for text in dns1123_label_errors(name) {
        errors.push(FieldError::invalid(path.clone(), name, &text));
    }
}
