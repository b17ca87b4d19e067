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
use crate::api::gotext::quote;
use crate::api::hpa::{CrossVersionObjectReference, HorizontalPodAutoscaler};
use crate::api::names::path_segment_name_errors;
use crate::api::release::FeatureGate;

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
    let mut errors = Errors::new();
    meta::validate(&hpa.metadata, &"metadata".into(), &mut errors);
    let path = FieldPath::new("spec");
    let spec = &hpa.spec;
    let lowest = i32::from(!options.gates.is_on(FeatureGate::HpaScaleToZero));
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
        Group::Required,
        &mut errors,
    );
    metrics::validate(spec, &path.child("metrics"), &mut errors);
    if let Some(behavior) = &spec.behavior {
        behavior::validate(behavior, &path.child("behavior"), &mut errors);
    }
    errors
}

/// Whether the version of a referenced object must name an API group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
}

/// Upstream: `ValidateCrossVersionObjectReference`.
fn reference(
    reference: &CrossVersionObjectReference,
    path: &FieldPath,
    group: Group,
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
    let version = reference.api_version.as_str();
    let problem = match version.split_once('/') {
        Some((_, rest)) if rest.contains('/') => {
            Some(format!("unexpected GroupVersion string: {version}"))
        }
        None | Some(("", _))
            if group == Group::Required && reference.kind != "ReplicationController" =>
        {
            Some("apiVersion must specify API group".to_owned())
        }
        _ => None,
    };
    if let Some(detail) = problem {
        errors.push(FieldError::invalid(
            path.child("apiVersion"),
            version,
            &detail,
        ));
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
