//! The API server's validation: field, kind of error and text, in upstream's order.
//!
//! Upstream: `pkg/apis/autoscaling/validation/validation.go`,
//! `ValidateHorizontalPodAutoscaler`; `apimachinery/pkg/util/validation/field`.

mod behavior;
mod meta;
mod metrics;
mod workload;

use std::fmt;

use serde::Serialize;

use super::Options;
use super::path::FieldPath;
use super::versions::HpaRecord;
use crate::api::SystemMeta;
use crate::api::gotext::quote;
use crate::api::hpa::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricSpec,
};
use crate::api::names::{in_older_words, path_segment_name_errors, qualified_name_errors};
use crate::api::release::{Change, FeatureGate, Rules};

pub use workload::validate_workload;

/// What kind of error a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum FieldErrorKind {
    /// A required value is missing.
    Required,
    /// The value is malformed or out of bounds.
    Invalid,
    /// The value is not one of the supported values.
    NotSupported,
    /// The value is forbidden.
    Forbidden,
    /// The value is too long.
    TooLong,
}

impl FieldErrorKind {
    /// Upstream's name of the kind.
    #[must_use]
    pub const fn upstream(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
        }
    }
}

/// The value that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum BadValue {
    /// Not printed: the value is missing or forbidden.
    None,
    /// A text or a quantity; printed in quotes.
    Text(String),
    /// A number.
    Number(i64),
    /// Printed as it is.
    Raw(String),
}

/// One error of validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldError {
    /// What kind of error.
    pub kind: FieldErrorKind,
    /// Which field.
    pub field: FieldPath,
    /// The refused value.
    pub bad_value: BadValue,
    /// What is expected; may be empty.
    pub detail: String,
}

impl FieldError {
    fn new(kind: FieldErrorKind, field: FieldPath, bad_value: BadValue, detail: &str) -> Self {
        Self {
            kind,
            field,
            bad_value,
            detail: detail.to_owned(),
        }
    }

    fn required(field: FieldPath, detail: &str) -> Self {
        Self::new(FieldErrorKind::Required, field, BadValue::None, detail)
    }

    fn forbidden(field: FieldPath, detail: &str) -> Self {
        Self::new(FieldErrorKind::Forbidden, field, BadValue::None, detail)
    }

    fn invalid(field: FieldPath, value: impl Into<BadValue>, detail: &str) -> Self {
        Self::new(FieldErrorKind::Invalid, field, value.into(), detail)
    }

    fn unsupported(field: FieldPath, value: &str, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|value| quote(value)).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        let kind = FieldErrorKind::NotSupported;
        Self::new(kind, field, BadValue::Text(value.to_owned()), &detail)
    }
}

impl From<&str> for BadValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i32> for BadValue {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<&crate::quantity::Quantity> for BadValue {
    fn from(quantity: &crate::quantity::Quantity) -> Self {
        Self::Text(quantity.to_string())
    }
}

/// Prints as upstream: field, kind, refused value, detail.
impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FieldErrorKind::Required => "Required value",
            FieldErrorKind::Invalid => "Invalid value",
            FieldErrorKind::NotSupported => "Unsupported value",
            FieldErrorKind::Forbidden => "Forbidden",
            FieldErrorKind::TooLong => "Too long",
        };
        write!(f, "{}: {kind}", self.field)?;
        match &self.bad_value {
            BadValue::None => {}
            BadValue::Text(text) => write!(f, ": {}", quote(text))?,
            BadValue::Number(number) => write!(f, ": {number}")?,
            BadValue::Raw(text) => write!(f, ": {text}")?,
        }
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

type Errors = Vec<FieldError>;

/// Validates a defaulted autoscaler as on creation; an empty list means that it is accepted.
#[must_use]
pub fn validate_hpa(hpa: &HorizontalPodAutoscaler, options: &Options) -> Errors {
    validate_new(hpa, &SystemMeta::default(), options)
}

/// [`validate_hpa`] with the metadata that only the API server reads.
pub(super) fn validate_new(
    hpa: &HorizontalPodAutoscaler,
    system: &SystemMeta,
    options: &Options,
) -> Errors {
    let mut errors = Errors::new();
    meta::validate(&hpa.metadata, system, options.rules, &mut errors);
    meta::kube_finalizers(system, &mut errors);
    validate_spec(&hpa.spec, Scope::new(options), options.rules, &mut errors);
    errors
}

/// Validates the metadata of an update as that of an autoscaler.
pub(super) fn validate_meta_update(new: &HpaRecord, old: &HpaRecord, rules: Rules) -> Errors {
    let mut errors = Errors::new();
    meta::validate_update(new, old, rules, &mut errors);
    meta::kube_finalizers(&new.system, &mut errors);
    errors
}

/// Validates the metadata of an update as that of any object.
pub(super) fn validate_meta(new: &HpaRecord, old: &HpaRecord, rules: Rules) -> Errors {
    let mut errors = Errors::new();
    meta::validate_any(&new.hpa.metadata, &new.system, rules, &mut errors);
    meta::validate_update(new, old, rules, &mut errors);
    errors
}

/// Upstream: `validateHorizontalPodAutoscalerStatus`.
pub(super) fn validate_status(status: &HorizontalPodAutoscalerStatus, errors: &mut Errors) {
    let path = FieldPath::new("status");
    let mut not_negative = |field: FieldPath, value: i64| {
        if value < 0 {
            let text = "must be greater than or equal to 0";
            errors.push(FieldError::invalid(field, BadValue::Number(value), text));
        }
    };
    for (index, condition) in status.conditions.iter().flatten().enumerate() {
        if let Some(generation) = condition.observed_generation {
            let condition = path.child("conditions").index(index);
            not_negative(condition.child("observedGeneration"), generation);
        }
    }
    let current = status.current_replicas.unwrap_or_default();
    not_negative(path.child("currentReplicas"), current.into());
    not_negative(
        path.child("desiredReplicas"),
        status.desired_replicas.into(),
    );
}

/// [`qualified_name_errors`] in the words of the release.
fn label_key_errors(key: &str, rules: Rules) -> Vec<String> {
    in_words(qualified_name_errors(key), rules)
}

/// Errors of a label's key or value in the words of the release.
fn in_words(mut errors: Vec<String>, rules: Rules) -> Vec<String> {
    if !rules.has(Change::LabelKeyTexts) {
        for error in &mut errors {
            *error = in_older_words(error);
        }
    }
    errors
}

/// What validation of a spec tolerates.
///
/// Upstream: `validation.HorizontalPodAutoscalerSpecValidationOptions`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The least `minReplicas`.
    pub(super) lowest: i32,
    /// Whether the version of `scaleTargetRef` is checked.
    pub(super) target_version: bool,
    /// Whether those of the described objects are.
    pub(super) object_versions: bool,
}

impl Scope {
    /// That of a new object.
    pub(super) const fn new(options: &Options) -> Self {
        let checked = options.rules.has(Change::ReferenceApiVersion);
        Self {
            lowest: if options.gates.is_on(FeatureGate::HpaScaleToZero) {
                0
            } else {
                1
            },
            target_version: checked,
            object_versions: checked,
        }
    }
}

impl Scope {
    /// That of an update, which may leave some things as they are.
    pub(super) fn of_update(
        new: &HorizontalPodAutoscalerSpec,
        old: &HorizontalPodAutoscalerSpec,
        options: &Options,
    ) -> Self {
        let mut scope = Self::new(options);
        if old.min_replicas == Some(0) {
            scope.lowest = 0;
        }
        let target = |spec: &HorizontalPodAutoscalerSpec| {
            let reference = &spec.scale_target_ref;
            (reference.api_version.clone(), reference.kind.clone())
        };
        if target(new) == target(old) {
            scope.target_version = false;
        }
        let was_malformed = |metric: &MetricSpec| {
            let object = metric.object.as_ref().filter(|_| metric.r#type == "Object");
            object.is_some_and(|object| {
                version_problem(&object.described_object, Group::Optional).is_some()
            })
        };
        if old.metrics.iter().any(was_malformed) {
            scope.object_versions = false;
        }
        scope
    }
}

/// Upstream: `validateHorizontalPodAutoscalerSpec`.
pub(super) fn validate_spec(
    spec: &HorizontalPodAutoscalerSpec,
    scope: Scope,
    rules: Rules,
    errors: &mut Errors,
) {
    let path = FieldPath::new("spec");
    let lowest = scope.lowest;
    if let Some(min) = spec.min_replicas
        && min < lowest
    {
        errors.push(FieldError::invalid(
            path.child("minReplicas"),
            min,
            &format!("must be greater than or equal to {lowest}"),
        ));
    }
    let max_path = path.child("maxReplicas");
    let max = spec.max_replicas;
    match max {
        ..=0 if !rules.has(Change::MaxReplicasRequired) => errors.push(FieldError::invalid(
            max_path.clone(),
            max,
            "must be greater than 0",
        )),
        0 => errors.push(FieldError::required(
            max_path.clone(),
            "must be set and greater than 0",
        )),
        ..0 => errors.push(FieldError::invalid(
            max_path.clone(),
            max,
            "must be greater than or equal to 1",
        )),
        _ => {}
    }
    if spec.min_replicas.is_some_and(|min| max < min) {
        errors.push(FieldError::invalid(
            max_path,
            max,
            "must be greater than or equal to `minReplicas`",
        ));
    }
    reference(
        &spec.scale_target_ref,
        &path.child("scaleTargetRef"),
        scope.target_version.then_some(Group::Required),
        errors,
    );
    metrics::validate(spec, &path.child("metrics"), scope, rules, errors);
    if let Some(behavior) = &spec.behavior {
        behavior::validate(behavior, &path.child("behavior"), errors);
    }
}

/// Whether the version of a referenced object must name an API group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
}

/// Upstream: `ValidateCrossVersionObjectReference`. The version is checked only where something is
/// said about its group.
fn reference(
    reference: &CrossVersionObjectReference,
    path: &FieldPath,
    group: Option<Group>,
    errors: &mut Errors,
) {
    for (name, value) in [("kind", &reference.kind), ("name", &reference.name)] {
        if value.is_empty() {
            errors.push(FieldError::required(path.child(name), ""));
        }
        for text in path_segment_name_errors(value) {
            errors.push(FieldError::invalid(path.child(name), value.as_str(), &text));
        }
    }
    if let Some(detail) = group.and_then(|group| version_problem(reference, group)) {
        errors.push(FieldError::invalid(
            path.child("apiVersion"),
            reference.api_version.as_str(),
            &detail,
        ));
    }
}

/// Upstream: `ValidateAPIVersion`; `apimachinery/pkg/runtime/schema`, `ParseGroupVersion`.
fn version_problem(reference: &CrossVersionObjectReference, group: Group) -> Option<String> {
    let version = reference.api_version.as_str();
    match version.split_once('/') {
        Some((_, rest)) if version != "/" && rest.contains('/') => {
            Some(format!("unexpected GroupVersion string: {version}"))
        }
        None | Some(("", _))
            if group == Group::Required && reference.kind != "ReplicationController" =>
        {
            Some("apiVersion must specify API group".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn prints_like_upstream() {
        let field = || FieldPath::new("spec.maxReplicas");
        check_each(
            [
                (
                    FieldError::required(field(), ""),
                    "spec.maxReplicas: Required value",
                ),
                (
                    FieldError::invalid(field(), -1, "must be"),
                    "spec.maxReplicas: Invalid value: -1: must be",
                ),
                (
                    FieldError::unsupported(field(), "x\"", &["A", "B"]),
                    r#"spec.maxReplicas: Unsupported value: "x\"": supported values: "A", "B""#,
                ),
                (
                    FieldError::forbidden(field(), "no"),
                    "spec.maxReplicas: Forbidden: no",
                ),
            ],
            |(error, expected)| {
                assert_eq!(error.to_string(), expected);
            },
        );
    }
}
