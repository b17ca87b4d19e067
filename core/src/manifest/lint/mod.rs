//! Lints across all objects of a text: valid, but probably not intended.

mod behavior;
mod metrics;
mod targets;

use super::convert::ALPHA_ANNOTATIONS;
use super::diagnostic::{Diagnostic, Severity, Span};
use super::document::Document;
use super::path::FieldPath;
use super::source::Source;
use super::{Object, Options, Resource, Verdict};
use crate::api::hpa::HorizontalPodAutoscaler;
use crate::api::workload::Workload;

/// An autoscaler and its position.
#[derive(Clone, Copy)]
struct Autoscaler<'a> {
    document: &'a Document,
    hpa: &'a HorizontalPodAutoscaler,
    verdict: Verdict,
}

/// A workload and its position.
#[derive(Clone, Copy)]
struct Target<'a> {
    document: &'a Document,
    workload: &'a Workload,
}

/// Adds the lints of `objects`, which were parsed from `sources`.
pub(super) fn lint(
    sources: &[Source<'_>],
    objects: &[Object],
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let autoscalers: Vec<Autoscaler<'_>> = objects
        .iter()
        .filter_map(|object| match &object.resource {
            Resource::HorizontalPodAutoscaler(hpa) => Some(Autoscaler {
                document: &object.document,
                hpa,
                verdict: object.verdict,
            }),
            _ => None,
        })
        .collect();
    let workloads: Vec<Target<'_>> = objects
        .iter()
        .filter_map(|object| match &object.resource {
            Resource::Workload(workload) => Some(Target {
                document: &object.document,
                workload,
            }),
            _ => None,
        })
        .collect();
    for autoscaler in &autoscalers {
        annotations(autoscaler, diagnostics);
        // Too little is known of an invalid autoscaler for the other lints.
        if autoscaler.verdict == Verdict::Accepted {
            limits(autoscaler, diagnostics);
            metrics::lint(autoscaler, diagnostics);
            behavior::lint(autoscaler, options, diagnostics);
        }
    }
    targets::lint(sources, &autoscalers, &workloads, options, diagnostics);
}

fn found(
    severity: Severity,
    code: &'static str,
    document: &Document,
    path: FieldPath,
    message: impl Into<String>,
) -> Diagnostic {
    Diagnostic::new(severity, code, document.locate(&path), path, message)
}

/// The span of a single-line value, for a fix.
fn value_span(document: &Document, path: &FieldPath) -> Option<Span> {
    let span = document.root.at(path)?.span;
    span.is_one_line().then_some(span)
}

fn annotations(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let path = FieldPath::new("metadata.annotations");
    for key in ALPHA_ANNOTATIONS {
        if autoscaler.hpa.metadata.annotations.contains_key(key) {
            diagnostics.push(
                found(
                    Severity::Warning,
                    "alpha-annotation",
                    autoscaler.document,
                    path.key(key),
                    format!("the annotation {key} is ignored"),
                )
                .hint("it holds autoscaling/v2 fields in autoscaling/v1: use an autoscaling/v2 manifest, as printed by `kubectl get hpa.v2.autoscaling -o yaml`"),
            );
        }
    }
}

fn limits(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let spec = &autoscaler.hpa.spec;
    let min = spec.lower_limit();
    if min == spec.max_replicas {
        diagnostics.push(
            found(
                Severity::Info,
                "fixed-size",
                autoscaler.document,
                FieldPath::new("spec.maxReplicas"),
                format!("minReplicas and maxReplicas are both {min}: the autoscaler never scales"),
            )
            .hint("set maxReplicas above minReplicas"),
        );
    }
    if min == 0 {
        diagnostics.push(
            found(
                Severity::Info,
                "scale-to-zero",
                autoscaler.document,
                FieldPath::new("spec.minReplicas"),
                "at zero replicas, only Object and External metrics have values",
            )
            .hint("enable the feature gate HPAScaleToZero in API server and controller manager; a target that was manually scaled to 0 stays at 0"),
        );
    }
}
