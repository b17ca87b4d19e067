//! What the API server answers to a request that creates or updates an autoscaler.
//!
//! Upstream: `apiserver/pkg/registry/rest`, `BeforeCreate` and `BeforeUpdate`;
//! `pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`.

mod declarative;
mod decoding;
mod update;

pub use decoding::convert;
pub use update::{Subresource, update};

use super::Options;
use super::convert::drop_disabled_fields;
use super::document::Document;
use super::path::FieldPath;
use super::validate::{FieldError, validate_new};
use super::versions::{HpaRecord, drop_round_trip, through_storage};
use crate::api::hpa::HorizontalPodAutoscaler;
use crate::api::meta::SystemMeta;
use crate::api::release::{Change, FeatureGate};

/// An answer of the API server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// What `fieldValidation=Strict` would say, which kubectl asks for by default.
    pub strict_error: Option<String>,
    /// The object as it was read, with defaults, before anything was dropped or checked; none if it
    /// could not be read.
    pub read: Option<HpaRecord>,
    /// What is stored, or why nothing is.
    pub result: Result<HpaRecord, Refusal>,
}

/// Why the API server refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The body could not be decoded; the API server's text.
    Undecodable(String),
    /// The request does not fit the object; the API server's text.
    BadRequest(String),
    /// The object is invalid.
    Invalid {
        /// What the validation of autoscalers found:
        /// [`validate_hpa`](super::validate_hpa) or its counterpart for updates.
        validation: Vec<FieldError>,
        /// The answer: in addition, what is checked of any object; in the order and number in
        /// which the release gives them.
        errors: Vec<FieldError>,
    },
}

/// The API server's answer to a request that creates the autoscaler in a namespace.
///
/// A name that the server would generate is left empty.
#[must_use]
pub fn create(body: &Document, namespace: &str, options: &Options) -> Answer {
    let (read, strict_error) = match decoding::decode(body, options.rules) {
        Ok(read) => read,
        Err(text) => return Answer::refused(None, None, Refusal::Undecodable(text)),
    };
    let mut record = read.clone();
    if let Err(refusal) = enter_namespace(&mut record.hpa, namespace) {
        return Answer::refused(strict_error, Some(read), refusal);
    }
    record.system = SystemMeta {
        owner_references: record.system.owner_references,
        finalizers: record.system.finalizers,
        ..SystemMeta::default()
    };
    prepare(&mut record.hpa, options);
    let validation = validate_new(&record.hpa, &record.system, options);
    let errors = declarative::answer(validation.clone(), &record.hpa.spec, None, options);
    let result = if errors.is_empty() {
        Ok(through_storage(record))
    } else {
        Err(Refusal::Invalid { validation, errors })
    };
    Answer {
        strict_error,
        read: Some(read),
        result,
    }
}

impl Answer {
    const fn refused(
        strict_error: Option<String>,
        read: Option<HpaRecord>,
        refusal: Refusal,
    ) -> Self {
        Self {
            strict_error,
            read,
            result: Err(refusal),
        }
    }
}

/// The autoscaler as the API server stores a new one: without status, without the fields of
/// feature gates that are off, without the annotations that carried fields between versions.
#[must_use]
pub fn stored(mut hpa: HorizontalPodAutoscaler, options: &Options) -> HorizontalPodAutoscaler {
    prepare(&mut hpa, options);
    drop_round_trip(&mut hpa.metadata);
    hpa
}

/// Upstream: `autoscalerStrategy.PrepareForCreate`. Returns the fields removed.
pub(super) fn prepare(hpa: &mut HorizontalPodAutoscaler, options: &Options) -> Vec<FieldPath> {
    hpa.status = None;
    if counts_generations(options) {
        hpa.metadata.generation = 1;
    }
    drop_disabled_fields(hpa, options)
}

const fn counts_generations(options: &Options) -> bool {
    options.rules.has(Change::GenerationOfSpec) && options.gates.is_on(FeatureGate::HpaGeneration)
}

/// Upstream: `EnsureObjectNamespaceMatchesRequestNamespace`.
fn enter_namespace(hpa: &mut HorizontalPodAutoscaler, namespace: &str) -> Result<(), Refusal> {
    let given = &mut hpa.metadata.namespace;
    if given.is_empty() {
        namespace.clone_into(given);
    }
    if given == namespace {
        return Ok(());
    }
    let text =
        "the namespace of the provided object does not match the namespace sent on the request";
    Err(Refusal::BadRequest(text.to_owned()))
}
