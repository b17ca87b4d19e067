//! Validates object metadata.
//!
//! Upstream: `apimachinery/pkg/api/validation/objectmeta.go`, `ValidateObjectMetaAccessor`;
//! `apimachinery/pkg/apis/meta/v1/validation`, `ValidateLabels`.

use super::{BadValue, Errors, FieldError, FieldErrorKind};
use crate::api::ObjectMeta;
use crate::api::names::{
    dns1123_label_errors, dns1123_subdomain_errors, label_value_errors, qualified_name_errors,
};
use crate::manifest::path::FieldPath;

/// All annotations of an object together [bytes].
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// Validates the metadata of an object that lives in a namespace and has a DNS subdomain's name.
pub(super) fn validate(meta: &ObjectMeta, path: &FieldPath, errors: &mut Errors) {
    let mut all = |field: &str, value: &str, texts: Vec<String>| {
        for text in texts {
            errors.push(FieldError::invalid(path.child(field), value, &text));
        }
    };
    if !meta.generate_name.is_empty() {
        // A prefix may end in a dash, because something follows.
        let prefix = meta.generate_name.strip_suffix('-');
        let checked = prefix.map_or(meta.generate_name.clone(), |prefix| format!("{prefix}a"));
        all(
            "generateName",
            &meta.generate_name,
            dns1123_subdomain_errors(&checked),
        );
    }
    if !meta.name.is_empty() {
        all("name", &meta.name, dns1123_subdomain_errors(&meta.name));
    } else if meta.generate_name.is_empty() {
        errors.push(FieldError::required(
            path.child("name"),
            "name or generateName is required",
        ));
    }
    if meta.namespace.is_empty() {
        errors.push(FieldError::required(path.child("namespace"), ""));
    }
    for text in dns1123_label_errors(&meta.namespace) {
        if !meta.namespace.is_empty() {
            errors.push(FieldError::invalid(
                path.child("namespace"),
                meta.namespace.as_str(),
                &text,
            ));
        }
    }
    if meta.generation < 0 {
        errors.push(FieldError::invalid(
            path.child("generation"),
            BadValue::Number(meta.generation),
            "must be greater than or equal to 0",
        ));
    }
    for (key, value) in &meta.labels {
        for text in qualified_name_errors(key) {
            errors.push(FieldError::invalid(
                path.child("labels"),
                key.as_str(),
                &text,
            ));
        }
        for text in label_value_errors(value) {
            errors.push(FieldError::invalid(
                path.child("labels"),
                value.as_str(),
                &text,
            ));
        }
    }
    let annotations = path.child("annotations");
    for key in meta.annotations.keys() {
        for text in qualified_name_errors(&key.to_ascii_lowercase()) {
            errors.push(FieldError::invalid(
                annotations.clone(),
                key.as_str(),
                &text,
            ));
        }
    }
    let size: usize = meta
        .annotations
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if size > MAX_ANNOTATIONS {
        errors.push(FieldError::new(
            FieldErrorKind::TooLong,
            annotations,
            BadValue::None,
            &format!("may not be more than {MAX_ANNOTATIONS} bytes"),
        ));
    }
}
