//! Metric targets in which the controller reads another field than the reader thinks.
//!
//! Which field that is stands in [`Target::of`].

use super::{Autoscaler, found, value_span};
use crate::api::hpa::{MetricIdentifier, MetricSpec, MetricTarget};
use crate::api::{Selector, Target};
use crate::manifest::diagnostic::{Diagnostic, Severity};
use crate::manifest::path::FieldPath;

pub(super) fn lint(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // A v1 manifest has no field for any of this.
    if autoscaler.document.api_version == "autoscaling/v1" {
        return;
    }
    for (index, metric) in autoscaler.hpa.spec.metrics.iter().enumerate() {
        let path = FieldPath::new("spec.metrics").index(index);
        if let Some(source) = source(metric, &path) {
            target(autoscaler, metric, &source, diagnostics);
            if let Some(metric) = source.metric {
                selector(autoscaler, metric, &source.path, diagnostics);
            }
        }
        memory(autoscaler, metric, &path, diagnostics);
    }
}

/// A metric source as far as its target is concerned.
struct Source<'a> {
    name: &'static str,
    path: FieldPath,
    target: &'a MetricTarget,
    metric: Option<&'a MetricIdentifier>,
}

fn source<'a>(metric: &'a MetricSpec, path: &FieldPath) -> Option<Source<'a>> {
    let (field, name, target, metric) = if let Some(source) = &metric.resource {
        ("resource", "Resource", &source.target, None)
    } else if let Some(source) = &metric.container_resource {
        (
            "containerResource",
            "ContainerResource",
            &source.target,
            None,
        )
    } else if let Some(source) = &metric.pods {
        ("pods", "Pods", &source.target, Some(&source.metric))
    } else if let Some(source) = &metric.object {
        ("object", "Object", &source.target, Some(&source.metric))
    } else if let Some(source) = &metric.external {
        ("external", "External", &source.target, Some(&source.metric))
    } else {
        return None;
    };
    Some(Source {
        name,
        path: path.child(field),
        target,
        metric,
    })
}

/// The three fields of a target.
const FIELDS: [&str; 3] = ["averageValue", "averageUtilization", "value"];

fn is_set(target: &MetricTarget, field: &str) -> bool {
    match field {
        "averageValue" => target.average_value.is_some(),
        "averageUtilization" => target.average_utilization.is_some(),
        _ => target.value.is_some(),
    }
}

fn target(
    autoscaler: &Autoscaler<'_>,
    metric: &MetricSpec,
    source: &Source<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let path = source.path.child("target");
    let given = source.target.r#type.as_str();
    // The field that the controller reads, and the type that belongs to it.
    let decides = Target::of(metric).field();
    if let Some((field, fits)) = decides {
        if fits != given {
            diagnostics.push(mismatch(autoscaler, source, field, fits));
        }
    } else if source.name == "Object" {
        let message = "invalid object metric source: neither a value target nor an average value target was set";
        let type_path = path.child("type");
        diagnostics.push(
            found(Severity::Warning, "target-type-mismatch", autoscaler.document, type_path, message)
                .hint("an Object metric goes by its type: write type: Value beside value, type: AverageValue beside averageValue"),
        );
    }
    for field in FIELDS {
        if let Some((decides, _)) = decides
            && is_set(source.target, field)
            && decides != field
        {
            diagnostics.push(
                found(
                    Severity::Warning,
                    "ignored-field",
                    autoscaler.document,
                    path.child(field),
                    format!(
                        "{field} has no effect here: for a {} metric {decides} decides",
                        source.name
                    ),
                )
                .hint("remove it, so that the manifest says what happens"),
            );
        }
    }
}

fn mismatch(
    autoscaler: &Autoscaler<'_>,
    source: &Source<'_>,
    field: &str,
    fits: &str,
) -> Diagnostic {
    let path = source.path.child("target").child("type");
    let given = &source.target.r#type;
    let span = value_span(autoscaler.document, &path);
    let diagnostic = found(
        Severity::Warning,
        "target-type-mismatch",
        autoscaler.document,
        path,
        format!(
            "the target's type is {given}, but {field} decides: for a {} metric the controller does not look at the type",
            source.name
        ),
    )
    .hint(format!("write type: {fits}, or set the field that you meant"));
    match span {
        Some(span) => diagnostic.fix(format!("write type: {fits}"), span, fits.to_owned()),
        None => diagnostic,
    }
}

/// The API server does not look into a metric's selector; the controller fails on a bad one.
fn selector(
    autoscaler: &Autoscaler<'_>,
    metric: &MetricIdentifier,
    source: &FieldPath,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(selector) = &metric.selector
        && let Err(error) = Selector::from_label_selector(selector)
    {
        diagnostics.push(
            found(
                Severity::Warning,
                "invalid-metric-selector",
                autoscaler.document,
                source.child("metric").child("selector"),
                error.0,
            )
            .hint("the API server accepts this, but the metric fails at each sync"),
        );
    }
}

fn memory(
    autoscaler: &Autoscaler<'_>,
    metric: &MetricSpec,
    path: &FieldPath,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let named = [
        metric
            .resource
            .as_ref()
            .map(|source| (&source.name, "resource")),
        metric
            .container_resource
            .as_ref()
            .map(|source| (&source.name, "containerResource")),
    ];
    for (name, field) in named.into_iter().flatten() {
        if name == "memory" {
            diagnostics.push(
                found(
                    Severity::Info,
                    "memory-target",
                    autoscaler.document,
                    path.child(field).child("name"),
                    "memory that a process took is seldom given back: such an autoscaler often scales up and never down",
                )
                .hint("scale by what causes the work (CPU, requests, queue length), and let requests and limits take care of memory"),
            );
        }
    }
}
