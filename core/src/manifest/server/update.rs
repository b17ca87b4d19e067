//! Updates of an autoscaler and of its status.
//!
//! Upstream: `apiserver/pkg/registry/rest/update.go`, `BeforeUpdate`;
//! `pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`, `PrepareForUpdate`,
//! `ValidateUpdate`, `validationOptionsForHorizontalPodAutoscaler`, `toleranceInUse`.

use super::super::Options;
use super::super::convert::drop_disabled_fields;
use super::super::document::Document;
use super::super::validate::{
    FieldError, Scope, validate_meta, validate_meta_update, validate_spec, validate_status,
};
use super::super::versions::{HpaRecord, through_storage};
use super::{Answer, Refusal, counts_generations, declarative, decoding, enter_namespace};
use crate::api::hpa::HorizontalPodAutoscalerSpec;

/// What of an object a request updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subresource {
    /// The object: its metadata and its spec.
    None,
    /// `/status`: its metadata and its status.
    Status,
}

/// The API server's answer to a request that puts a body in the place of a stored autoscaler.
///
/// That the body names another version, uid or name of the object, which is a conflict, is not
/// looked at. `old` is what [`create`](super::create), an update or
/// [`through_storage`](super::super::through_storage) gave.
#[must_use]
pub fn update(
    old: &HpaRecord,
    body: &Document,
    subresource: Subresource,
    options: &Options,
) -> Answer {
    let (read, strict_error) = match decoding::decode(body, options.rules) {
        Ok(read) => read,
        Err(text) => return Answer::refused(None, None, Refusal::Undecodable(text)),
    };
    let mut new = read.clone();
    if let Err(refusal) = enter_namespace(&mut new.hpa, &old.hpa.metadata.namespace) {
        return Answer::refused(strict_error, Some(read), refusal);
    }
    new.hpa.metadata.generation = old.hpa.metadata.generation;
    match subresource {
        Subresource::None => prepare(&mut new, old, options),
        Subresource::Status => new.hpa.spec = old.hpa.spec.clone(),
    }
    keep_system_fields(&mut new, old);
    let (validation, errors) = match subresource {
        Subresource::None => validate(&new, old, options),
        Subresource::Status => validate_status_update(&new, old, options),
    };
    let result = if errors.is_empty() {
        Ok(through_storage(new))
    } else {
        Err(Refusal::Invalid { validation, errors })
    };
    Answer {
        strict_error,
        read: Some(read),
        result,
    }
}

/// Upstream: `autoscalerStrategy.PrepareForUpdate`.
fn prepare(new: &mut HpaRecord, old: &HpaRecord, options: &Options) {
    new.hpa.status.clone_from(&old.hpa.status);
    if !tolerance_in_use(&old.hpa.spec) {
        drop_disabled_fields(&mut new.hpa, options);
    }
    if counts_generations(options) && new.hpa.spec != old.hpa.spec {
        new.hpa.metadata.generation = old.hpa.metadata.generation.wrapping_add(1);
    }
}

fn tolerance_in_use(spec: &HorizontalPodAutoscalerSpec) -> bool {
    spec.behavior.as_ref().is_some_and(|behavior| {
        let rules = [&behavior.scale_down, &behavior.scale_up];
        rules
            .into_iter()
            .flatten()
            .any(|rules| rules.tolerance.is_some())
    })
}

/// What an update cannot change.
fn keep_system_fields(new: &mut HpaRecord, old: &HpaRecord) {
    let (new, old) = (&mut new.system, &old.system);
    for (field, kept) in [
        (&mut new.uid, &old.uid),
        (&mut new.resource_version, &old.resource_version),
    ] {
        if field.is_empty() {
            kept.clone_into(field);
        }
    }
    new.creation_timestamp.clone_from(&old.creation_timestamp);
    if old.deletion_timestamp.is_some() {
        new.deletion_timestamp.clone_from(&old.deletion_timestamp);
    }
    if new.deletion_grace_period_seconds.is_none() {
        new.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    }
}

/// What validation finds, and the server's answer.
type Found = (Vec<FieldError>, Vec<FieldError>);

/// Upstream: `ValidateHorizontalPodAutoscalerUpdate`.
fn validate(new: &HpaRecord, old: &HpaRecord, options: &Options) -> Found {
    let mut validation = validate_meta_update(new, old, options.rules);
    let scope = Scope::of_update(&new.hpa.spec, &old.hpa.spec, options);
    validate_spec(&new.hpa.spec, scope, options.rules, &mut validation);
    let (new_spec, old_spec) = (&new.hpa.spec, &old.hpa.spec);
    let own = declarative::answer(validation.clone(), new_spec, Some(old_spec), options);
    let errors = with_common(own, new, old, options);
    (validation, errors)
}

/// Upstream: `ValidateHorizontalPodAutoscalerStatusUpdate`.
fn validate_status_update(new: &HpaRecord, old: &HpaRecord, options: &Options) -> Found {
    let mut validation = validate_meta_update(new, old, options.rules);
    if let Some(status) = &new.hpa.status {
        validate_status(status, &mut validation);
    }
    let errors = with_common(validation.clone(), new, old, options);
    (validation, errors)
}

/// Adds what is checked of any object before.
fn with_common(
    own: Vec<FieldError>,
    new: &HpaRecord,
    old: &HpaRecord,
    options: &Options,
) -> Vec<FieldError> {
    let mut errors = validate_meta(new, old, options.rules);
    errors.extend(own);
    declarative::distinct(errors, options)
}
