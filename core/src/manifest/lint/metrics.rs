//! Lints of metric targets: fields that the controller ignores, and unsuitable metrics.
//!
//! [`Target::of`] determines the field that the controller reads.

use super::{Autoscaler, found, value_span};
use crate::api::hpa::{MetricIdentifier, MetricSpec, MetricTarget};
use crate::api::{Selector, Target};
use crate::manifest::diagnostic::{Diagnostic, Severity};
use crate::manifest::path::FieldPath;

pub(super) fn lint(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // A v1 manifest has none of these fields.
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

/// The target of a metric source.
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
    // The field that the controller reads, and the matching type.
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
                .hint("for an Object metric the type decides: use type: Value with value, type: AverageValue with averageValue"),
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
                        "{field} has no effect: for {} metrics, {decides} takes precedence",
                        source.name
                    ),
                )
                .hint("remove it to avoid confusion"),
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
            "the target's type is {given}, but {field} takes precedence: for {} metrics, the controller ignores the type",
            source.name
        ),
    )
    .hint(format!("set type: {fits}, or set the intended field"));
    match span {
        Some(span) => diagnostic.fix(format!("set type: {fits}"), span, fits.to_owned()),
        None => diagnostic,
    }
}

/// The API server does not validate a metric's selector; the controller fails on an invalid one.
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
                    "processes seldom release memory: an autoscaler on memory often scales up but never down",
                )
                .hint("scale on what drives the load (CPU, requests, queue length), and size memory by requests and limits"),
            );
        }
    }
}
