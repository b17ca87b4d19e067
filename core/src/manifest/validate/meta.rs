//! Validates object metadata.
//!
//! Upstream: `apimachinery/pkg/api/validation/objectmeta.go`, `ValidateObjectMetaAccessor` and
//! `ValidateObjectMetaAccessorUpdate`; `apimachinery/pkg/apis/meta/v1/validation`,
//! `ValidateLabels`; `pkg/apis/core/validation`, `validateKubeFinalizerName`.

use super::{BadValue, Errors, FieldError, FieldErrorKind, in_words, label_key_errors};
use crate::api::gotext::{go_list, json_list, quote};
use crate::api::meta::{ObjectMeta, OwnerReference, SystemMeta};
use crate::api::names::{
    dns1123_label_errors, dns1123_subdomain_errors, label_value_errors, path_segment_name_errors,
};
use crate::api::release::{Change, Rules};
use crate::manifest::path::FieldPath;
use crate::manifest::versions::HpaRecord;

/// All annotations of an object together [bytes].
const MAX_ANNOTATIONS: usize = 256 * 1024;

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

fn metadata(field: &str) -> FieldPath {
    FieldPath::new("metadata").child(field)
}

/// Validates the metadata of an object that lives in a namespace and has a DNS subdomain's name.
pub(super) fn validate(meta: &ObjectMeta, system: &SystemMeta, rules: Rules, errors: &mut Errors) {
    validate_named(meta, system, rules, subdomain_errors, errors);
}

/// Validates the metadata of any object in a namespace: its name has to fit into a path.
pub(super) fn validate_any(
    meta: &ObjectMeta,
    system: &SystemMeta,
    rules: Rules,
    errors: &mut Errors,
) {
    validate_named(meta, system, rules, path_segment_errors, errors);
}

/// Upstream: `NameIsDNSSubdomain`, `maskTrailingDash`.
fn subdomain_errors(name: &str, is_prefix: bool) -> Vec<String> {
    // A prefix may end in a dash, because something follows; upstream overlooks one character more.
    let masked = name.strip_suffix('-').filter(|_| is_prefix);
    match masked.and_then(|rest| rest.get(..rest.len().checked_sub(1)?)) {
        Some(rest) => dns1123_subdomain_errors(&format!("{rest}a")),
        None => dns1123_subdomain_errors(name),
    }
}

/// Upstream: `ValidatePathSegmentName`.
fn path_segment_errors(name: &str, is_prefix: bool) -> Vec<String> {
    if is_prefix && matches!(name, "." | "..") {
        return Vec::new();
    }
    path_segment_name_errors(name)
}

fn validate_named(
    meta: &ObjectMeta,
    system: &SystemMeta,
    rules: Rules,
    name_errors: fn(&str, bool) -> Vec<String>,
    errors: &mut Errors,
) {
    let mut all = |field: &str, value: &str, texts: Vec<String>| {
        for text in texts {
            errors.push(FieldError::invalid(metadata(field), value, &text));
        }
    };
    if !meta.generate_name.is_empty() {
        let prefix = &meta.generate_name;
        all("generateName", prefix, name_errors(prefix, true));
    }
    if !meta.name.is_empty() {
        all("name", &meta.name, name_errors(&meta.name, false));
    } else if meta.generate_name.is_empty() {
        errors.push(FieldError::required(
            metadata("name"),
            "name or generateName is required",
        ));
    }
    if meta.namespace.is_empty() {
        errors.push(FieldError::required(metadata("namespace"), ""));
    } else {
        for text in dns1123_label_errors(&meta.namespace) {
            let namespace = meta.namespace.as_str();
            errors.push(FieldError::invalid(metadata("namespace"), namespace, &text));
        }
    }
    if meta.generation < 0 {
        errors.push(FieldError::invalid(
            metadata("generation"),
            BadValue::Number(meta.generation),
            NOT_NEGATIVE,
        ));
    }
    described(meta, system, rules, errors);
    finalizers(system, rules, errors);
}

/// Labels, annotations and owners, which creation and updates check alike.
fn described(meta: &ObjectMeta, system: &SystemMeta, rules: Rules, errors: &mut Errors) {
    for (key, value) in &meta.labels {
        let mut invalid = |value: &str, texts: Vec<String>| {
            for text in texts {
                errors.push(FieldError::invalid(metadata("labels"), value, &text));
            }
        };
        invalid(key, label_key_errors(key, rules));
        invalid(value, in_words(label_value_errors(value), rules));
    }
    for key in meta.annotations.keys() {
        for text in label_key_errors(&key.to_ascii_lowercase(), rules) {
            errors.push(FieldError::invalid(
                metadata("annotations"),
                key.as_str(),
                &text,
            ));
        }
    }
    let entries = meta.annotations.iter();
    let size: usize = entries.map(|(key, value)| key.len() + value.len()).sum();
    if size > MAX_ANNOTATIONS {
        errors.push(FieldError::new(
            FieldErrorKind::TooLong,
            metadata("annotations"),
            BadValue::None,
            &format!("may not be more than {MAX_ANNOTATIONS} bytes"),
        ));
    }
    owners(&system.owner_references, rules, errors);
}

/// Upstream: `ValidateOwnerReferences`.
fn owners(references: &[OwnerReference], rules: Rules, errors: &mut Errors) {
    let path = metadata("ownerReferences");
    let mut manager: Option<String> = None;
    for (index, reference) in references.iter().enumerate() {
        let place = if rules.has(Change::OwnerReferencePaths) {
            path.index(index)
        } else {
            path.clone()
        };
        owner(reference, &place, rules, errors);
        if reference.controller != Some(true) {
            continue;
        }
        let name = format!("{}/{}", reference.kind, reference.name);
        if let Some(first) = &manager {
            let shown: Vec<String> = references.iter().map(shown).collect();
            let detail = format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
            );
            let list = BadValue::Raw(format!("[{}]", shown.join(",")));
            errors.push(FieldError::invalid(path.clone(), list, &detail));
        } else {
            manager = Some(name);
        }
    }
}

/// Upstream: `validateOwnerReference`.
fn owner(reference: &OwnerReference, path: &FieldPath, rules: Rules, errors: &mut Errors) {
    let required = rules.has(Change::OwnerReferencePaths);
    let (group, version) = match reference.api_version.split_once('/') {
        // Upstream takes what does not parse for no version at all.
        Some((_, rest)) if rest.contains('/') && reference.api_version != "/" => ("", ""),
        Some(parts) => parts,
        None => ("", reference.api_version.as_str()),
    };
    let is_missing = [
        ("apiVersion", version.is_empty()),
        ("kind", reference.kind.is_empty()),
        ("name", reference.name.is_empty()),
        ("uid", reference.uid.is_empty()),
    ];
    for (name, _) in is_missing.into_iter().filter(|(_, missing)| *missing) {
        let detail = match name {
            _ if required => "must not be empty".to_owned(),
            "apiVersion" => "version must not be empty".to_owned(),
            _ if rules.has(Change::OwnerReferenceTexts) => "must not be empty".to_owned(),
            name => format!("{name} must not be empty"),
        };
        let field = path.child(name);
        errors.push(if required {
            FieldError::required(field, &detail)
        } else {
            let given = if name == "apiVersion" {
                reference.api_version.as_str()
            } else {
                ""
            };
            FieldError::invalid(field, given, &detail)
        });
    }
    if (group, version, reference.kind.as_str()) == ("", "v1", "Event") {
        errors.push(FieldError::invalid(
            path.clone(),
            BadValue::Raw(shown(reference)),
            "/v1, Kind=Event is disallowed from being an owner",
        ));
    }
}

/// The reference as JSON.
fn shown(reference: &OwnerReference) -> String {
    let flag = |name: &str, flag: Option<bool>| {
        flag.map_or(String::new(), |value| format!(",\"{name}\":{value}"))
    };
    format!(
        "{{\"apiVersion\":{},\"kind\":{},\"name\":{},\"uid\":{}{}{}}}",
        quote(&reference.api_version),
        quote(&reference.kind),
        quote(&reference.name),
        quote(&reference.uid),
        flag("controller", reference.controller),
        flag("blockOwnerDeletion", reference.block_owner_deletion),
    )
}

/// Upstream: `ValidateFinalizers`.
fn finalizers(system: &SystemMeta, rules: Rules, errors: &mut Errors) {
    let path = metadata("finalizers");
    for name in &system.finalizers {
        for text in label_key_errors(name, rules) {
            errors.push(FieldError::invalid(path.clone(), name.as_str(), &text));
        }
    }
    let has = |wanted: &str| system.finalizers.iter().any(|name| name == wanted);
    if has("orphan") && has("foregroundDeletion") {
        let list = if rules.has(Change::JsonInFieldErrors) {
            json_list(&system.finalizers)
        } else {
            go_list(&system.finalizers)
        };
        errors.push(FieldError::invalid(
            path,
            BadValue::Raw(list),
            "finalizer orphan and foregroundDeletion cannot be both set",
        ));
    }
}

/// Upstream: `validateKubeFinalizerName`.
pub(super) fn kube_finalizers(system: &SystemMeta, errors: &mut Errors) {
    for (index, name) in system.finalizers.iter().enumerate() {
        let standard = matches!(
            name.as_str(),
            "kubernetes" | "orphan" | "foregroundDeletion"
        );
        if !name.contains('/') && !standard {
            errors.push(FieldError::invalid(
                metadata("finalizers").index(index),
                name.as_str(),
                "name is neither a standard finalizer name nor is it fully qualified",
            ));
        }
    }
}

/// Validates the metadata of an object that takes the place of an old one.
pub(super) fn validate_update(new: &HpaRecord, old: &HpaRecord, rules: Rules, errors: &mut Errors) {
    let (meta, system) = (&new.hpa.metadata, &new.system);
    let (old_meta, old_system) = (&old.hpa.metadata, &old.system);
    let is_old = |name: &&String| old_system.finalizers.contains(name);
    let mut added: Vec<&String> = system
        .finalizers
        .iter()
        .filter(|name| !is_old(name))
        .collect();
    if old_system.deletion_timestamp.is_some() && !added.is_empty() {
        added.sort();
        added.dedup();
        let names: Vec<String> = added.iter().map(|name| quote(name)).collect();
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            names.join(", ")
        );
        errors.push(FieldError::forbidden(metadata("finalizers"), &detail));
    }
    if meta.generation < old_meta.generation {
        errors.push(FieldError::invalid(
            metadata("generation"),
            BadValue::Number(meta.generation),
            "must not be decremented",
        ));
    }
    let text = |text: &str| BadValue::from(text);
    let time = |time: &Option<String>| {
        let shown = |time: &String| {
            if rules.has(Change::JsonInFieldErrors) {
                BadValue::Text(time.clone())
            } else {
                BadValue::Raw(time.replace('T', " ").replace('Z', " +0000 UTC"))
            }
        };
        time.as_ref()
            .map_or(BadValue::Raw("null".to_owned()), shown)
    };
    let count =
        |count: Option<i64>| count.map_or(BadValue::Raw("null".to_owned()), BadValue::Number);
    let immutable = [
        ("name", text(&meta.name), text(&old_meta.name)),
        (
            "namespace",
            text(&meta.namespace),
            text(&old_meta.namespace),
        ),
        ("uid", text(&system.uid), text(&old_system.uid)),
        (
            "creationTimestamp",
            time(&system.creation_timestamp),
            time(&old_system.creation_timestamp),
        ),
        (
            "deletionTimestamp",
            time(&system.deletion_timestamp),
            time(&old_system.deletion_timestamp),
        ),
        (
            "deletionGracePeriodSeconds",
            count(system.deletion_grace_period_seconds),
            count(old_system.deletion_grace_period_seconds),
        ),
    ];
    for (field, new, old) in immutable {
        if new != old {
            errors.push(FieldError::invalid(
                metadata(field),
                new,
                "field is immutable",
            ));
        }
    }
    described(meta, system, rules, errors);
}
