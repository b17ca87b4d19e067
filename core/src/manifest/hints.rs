//! Hints for problems that decoding and validation report.

use super::OWN_API_GROUP;
use super::convert;
use super::diagnostic::{Diagnostic, Severity};
use super::document::Document;
use super::known;
use super::node::Node;
use super::path::FieldPath;
use super::validate::{BadValue, FieldError, FieldErrorKind};
use crate::api::release::FeatureGate;

/// A validation error as a diagnostic at its place, with a hint.
pub(super) fn explain(document: &Document, error: &FieldError) -> Diagnostic {
    let code = match error.kind {
        FieldErrorKind::Required => "required",
        FieldErrorKind::Invalid => "invalid",
        FieldErrorKind::NotSupported => "unsupported",
        FieldErrorKind::Forbidden => "forbidden",
        FieldErrorKind::TooLong => "too-long",
    };
    let written = if document.api_version == "autoscaling/v1" {
        convert::v1_path(document, &error.field)
    } else if error.field == "spec.metrics".into() && document.root.at(&error.field).is_none() {
        // Metrics that were filled in cannot be pointed at; the zero that needs others can.
        FieldPath::new("spec.minReplicas")
    } else {
        error.field.clone()
    };
    let span = document.locate(&written);
    let message = error.to_string();
    let mut diagnostic = Diagnostic::new(Severity::Error, code, span, error.field.clone(), message);
    if let (FieldErrorKind::NotSupported, BadValue::Text(text)) = (error.kind, &error.bad_value) {
        let supported = || error.detail.split('"').skip(1).step_by(2);
        diagnostic = diagnostic.choices(supported());
        if let Some(nearest) = known::nearest(text, supported()) {
            diagnostic = diagnostic.hint(format!("did you mean {nearest}?"));
            let stands_here = |node: &Node| node.span == span && written == error.field;
            if document.root.at(&written).is_some_and(stands_here) {
                diagnostic = diagnostic.fix(format!("write {nearest}"), span, nearest.to_owned());
            }
        }
    }
    if diagnostic.hint.is_none() {
        diagnostic.hint = hint(error).map(str::to_owned);
    }
    diagnostic
}

fn hint(error: &FieldError) -> Option<&'static str> {
    let field = error.field.to_string();
    let detail = error.detail.as_str();
    Some(match detail {
        "must be greater than or equal to 1" if field == "spec.minReplicas" => {
            "minReplicas: 0 needs the feature gate HPAScaleToZero (off by default up to Kubernetes 1.36) and an Object or External metric"
        }
        _ if detail.starts_with("must specify at least one Object or External") => {
            "with no pods there is no CPU or memory to measure: only a metric from outside of the pods can wake the workload"
        }
        "must be greater than or equal to `minReplicas`" => "minReplicas is 1 where it is absent",
        "must be set and greater than 0" => "maxReplicas has no default",
        "must specify a metric target type"
        | "must be either Utilization, Value, or AverageValue" => {
            "write type: Utilization beside averageUtilization, AverageValue beside averageValue, Value beside value"
        }
        "must set either a target raw value or a target utilization" => {
            "a resource target has averageUtilization (percent of the request) or averageValue"
        }
        "may not set both a target raw value and a target utilization" => {
            "keep one: averageUtilization (percent of the request) or averageValue"
        }
        "must specify a positive target averageValue" => {
            "a Pods metric is averaged over the pods: it has averageValue only"
        }
        "must populate information for the given metric source" => {
            "the field named after the type holds the source: resource for type Resource, and so on"
        }
        "must populate the given metric source only" => "write one list element per metric",
        "must specify at least one Policy" => {
            "leave policies out to get the default ones, or set selectPolicy: Disabled to forbid this direction"
        }
        "apiVersion must specify API group" => {
            "a Deployment, StatefulSet or ReplicaSet has apiVersion: apps/v1"
        }
        "`selector` does not match template `labels`" => {
            "every label of spec.selector must be among spec.template.metadata.labels"
        }
        "may not contain '/'" | "may not contain '%'" if field.ends_with("metric.name") => {
            "a metric's name becomes part of a URL's path"
        }
        _ => return None,
    })
}

/// That a tolerance is dropped because its feature gate is off.
pub(super) fn dropped_tolerance(document: &Document, path: FieldPath) -> Diagnostic {
    let gate = FeatureGate::HpaConfigurableTolerance;
    let since = gate.on_since();
    Diagnostic::new(
        Severity::Warning,
        "tolerance-dropped",
        document.locate(&path),
        path,
        format!("the tolerance is dropped: the feature gate {gate} is off"),
    )
    .hint(format!(
        "the gate is on from Kubernetes {since}; without it the controller's tolerance holds"
    ))
}

const MODELLED: [(&str, &str); 4] = [
    ("HorizontalPodAutoscaler", "autoscaling/v2"),
    ("Deployment", "apps/v1"),
    ("StatefulSet", "apps/v1"),
    ("ReplicaSet", "apps/v1"),
];

/// The diagnostic for a document of a kind that is not modeled; none for the playground's own kinds.
pub(super) fn not_modelled(document: &Document) -> Option<Diagnostic> {
    let Document {
        api_version, kind, ..
    } = document;
    if api_version.starts_with(OWN_API_GROUP) || kind.is_empty() || api_version.is_empty() {
        return None;
    }
    let at = |field: &str| (document.locate(&field.into()), FieldPath::new(field));
    if let Some((_, version)) = MODELLED.iter().find(|(name, _)| name == kind) {
        let (span, path) = at("apiVersion");
        let message = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        let diagnostic = Diagnostic::new(Severity::Error, "no-such-version", span, path, message)
            .choices([*version]);
        return Some(match api_version.as_str() {
            "autoscaling/v2beta2" => diagnostic
                .hint("removed in Kubernetes 1.26; autoscaling/v2 has the same fields")
                .fix("write autoscaling/v2".to_owned(), span, (*version).to_owned()),
            "autoscaling/v2beta1" => diagnostic.hint(
                "removed in Kubernetes 1.25; in autoscaling/v2 each metric source has a `target` with a type, and names its metric under `metric`",
            ),
            "extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2" => diagnostic
                .hint("removed in Kubernetes 1.16; write apps/v1")
                .fix("write apps/v1".to_owned(), span, (*version).to_owned()),
            _ => diagnostic
                .hint(format!("a {kind} has apiVersion: {version}"))
                .fix(format!("write {version}"), span, (*version).to_owned()),
        });
    }
    let (span, path) = at("kind");
    let kinds = || MODELLED.iter().map(|(name, _)| *name);
    if let Some(nearest) = known::nearest(kind, kinds()) {
        let message = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        return Some(
            Diagnostic::new(Severity::Error, "no-such-kind", span, path, message)
                .choices(kinds())
                .hint(format!("did you mean {nearest}?"))
                .fix(format!("write {nearest}"), span, nearest.to_owned()),
        );
    }
    let message = format!("{kind} is not modelled; the document is ignored");
    Some(Diagnostic::new(Severity::Info, "not-modelled", span, path, message).choices(kinds()))
}
