//! Where fields of `autoscaling/v2` stand in `autoscaling/v1`, and what the API server does not store.
//!
//! Upstream: `pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`, `PrepareForCreate`,
//! `dropDisabledFields`.

use super::Options;
use super::decode::decode_json;
use super::document::Document;
use super::path::{FieldPath, Segment};
use super::versions::{BEHAVIOR, LegacyMetric, METRICS};
use crate::api::hpa::{Behavior, HorizontalPodAutoscaler};
use crate::api::release::FeatureGate;

/// Where a field of the `v2` form stands in a `v1` manifest.
pub(super) fn v1_path(document: &Document, path: &FieldPath) -> FieldPath {
    let annotation = |key| FieldPath::new("metadata.annotations").key(key);
    if FieldPath::new("spec.behavior").contains(path) {
        annotation(BEHAVIOR)
    } else if !FieldPath::new("spec.metrics").contains(path) {
        path.clone()
    } else if annotated_metrics(document).is_some_and(|count| is_below(path, count)) {
        annotation(METRICS)
    } else {
        FieldPath::new("spec.targetCPUUtilizationPercentage")
    }
}

/// Whether a path is of the metrics as a whole, or of one of the first `count`.
fn is_below(path: &FieldPath, count: usize) -> bool {
    match path.0.get(2) {
        Some(Segment::Index(index)) => *index < count,
        _ => false,
    }
}

/// How many metrics of a `v1` manifest stand in its annotation.
fn annotated_metrics(document: &Document) -> Option<usize> {
    let text = annotation(document, METRICS)?;
    decode_json::<Vec<LegacyMetric>>(text, &[]).map(|metrics| metrics.len())
}

fn annotation<'a>(document: &'a Document, key: &str) -> Option<&'a str> {
    let annotations = document.root.at(&"metadata.annotations".into())?;
    annotations.text(key)
}

/// Whether `autoscaling/v1` reads fields of the spec from this annotation of the document.
pub(super) fn is_for_v1(document: &Document, key: &str) -> bool {
    document.api_version == "autoscaling/v1" && matches!(key, METRICS | BEHAVIOR)
}

/// Whether the annotation counts for the spec.
pub(super) fn is_read(document: &Document, key: &str) -> bool {
    is_for_v1(document, key)
        && match key {
            METRICS => annotated_metrics(document).is_some(),
            _ => annotation(document, key)
                .is_some_and(|text| decode_json::<Behavior>(text, &[]).is_some()),
        }
}

/// Removes the tolerances where their feature gate is off, and returns the fields removed.
pub fn drop_disabled_fields(
    hpa: &mut HorizontalPodAutoscaler,
    options: &Options,
) -> Vec<FieldPath> {
    let mut dropped = Vec::new();
    if options.gates.is_on(FeatureGate::HpaConfigurableTolerance) {
        return dropped;
    }
    if let Some(behavior) = &mut hpa.spec.behavior {
        for (name, rules) in [
            ("scaleUp", &mut behavior.scale_up),
            ("scaleDown", &mut behavior.scale_down),
        ] {
            if rules
                .as_mut()
                .and_then(|rules| rules.tolerance.take())
                .is_some()
            {
                dropped.push(
                    FieldPath::new("spec.behavior")
                        .child(name)
                        .child("tolerance"),
                );
            }
        }
    }
    dropped
}
