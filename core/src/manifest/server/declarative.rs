//! The final list of errors, to which rules that are declared with the types contribute since 1.37.
//!
//! Upstream: `apiserver/pkg/registry/rest/validate.go`, `ValidateDeclarativelyWithMigrationChecks`.

use crate::api::hpa::HorizontalPodAutoscalerSpec;
use crate::api::release::{Change, FeatureGate};

use super::super::Options;
use super::super::path::FieldPath;
use super::super::validate::{FieldError, FieldErrorKind};

/// The server's list, from what validation by hand found of a new spec, or of one that takes the
/// place of an old one.
pub(super) fn answer(
    mut errors: Vec<FieldError>,
    new: &HorizontalPodAutoscalerSpec,
    old: Option<&HorizontalPodAutoscalerSpec>,
    options: &Options,
) -> Vec<FieldError> {
    let declared = options.rules.has(Change::DeclarativeLimits)
        && options.gates.is_on(FeatureGate::DeclarativeValidationBeta);
    if declared {
        // A declared rule skips what an update leaves alone; the one by hand then stays.
        let changed =
            |same: fn(&HorizontalPodAutoscalerSpec, &HorizontalPodAutoscalerSpec) -> bool| {
                old.is_none_or(|old| !same(old, new))
            };
        let mut last = Vec::new();
        if changed(|old, new| old.min_replicas == new.min_replicas) {
            last.extend(take(&mut errors, "spec.minReplicas"));
        }
        if changed(|old, new| old.max_replicas == new.max_replicas) {
            last.extend(take(&mut errors, "spec.maxReplicas"));
        }
        errors.append(&mut last);
    }
    distinct(errors, options)
}

/// Takes out the error of a field's lower limit.
fn take(errors: &mut Vec<FieldError>, field: &str) -> Option<FieldError> {
    let field = FieldPath::new(field);
    let index = errors.iter().position(|error| {
        error.field == field
            && (error.kind == FieldErrorKind::Required || !error.detail.contains('`'))
    })?;
    let mut error = errors.remove(index);
    if error.kind == FieldErrorKind::Required {
        error.detail.clear();
    }
    Some(error)
}

/// Errors with the same text once, where the release does so.
pub(super) fn distinct(errors: Vec<FieldError>, options: &Options) -> Vec<FieldError> {
    if !options.rules.has(Change::DistinctErrors) {
        return errors;
    }
    let mut kept: Vec<FieldError> = Vec::with_capacity(errors.len());
    for error in errors {
        if !kept.contains(&error) {
            kept.push(error);
        }
    }
    kept
}
