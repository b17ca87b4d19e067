//! From a request's body to an autoscaler, with the API server's errors.
//!
//! Upstream: `apimachinery/pkg/runtime/serializer/json`, `Serializer.Decode`;
//! `apimachinery/pkg/runtime`, `NewNotRegisteredErrForKind`; Go's `encoding/json`.

use super::super::diagnostic::Diagnostic;
use super::super::document::Document;
use super::super::known;
use super::super::node::Value;
use super::super::versions::{
    HpaRecord, HpaVersion, ReadHpa, VersionedHpa, in_version, read_version, through_storage,
};
use crate::api::release::{Change, Rules};

/// Reads a body, with the error of strict decoding.
pub(super) fn decode(body: &Document, rules: Rules) -> Result<(HpaRecord, Option<String>), String> {
    let version = version(body, rules)?;
    let ReadHpa {
        record, problems, ..
    } = read_version(body, version, rules)?;
    if let Some(text) = first_error(&problems) {
        return Err(text.to_owned());
    }
    let unknown: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.code == "unknown-field")
        .map(|problem| problem.message.as_str())
        .collect();
    let strict = format!("strict decoding error: {}", unknown.join(", "));
    Ok((record, (!unknown.is_empty()).then_some(strict)))
}

/// Converts an autoscaler from the version that it is written in, without validating it; `stored`
/// asks for what the storage gives out after it has been written there.
///
/// # Errors
/// The API server's text.
pub fn convert(
    document: &Document,
    to: HpaVersion,
    stored: bool,
    rules: Rules,
) -> Result<VersionedHpa, String> {
    let (record, _) = decode(document, rules)?;
    let record = if stored {
        through_storage(record)
    } else {
        record
    };
    Ok(in_version(&record, to))
}

/// What Go's decoder reports of several problems: a type that reads its JSON by itself stops it at
/// once, the first other one is only remembered until the end.
fn first_error(problems: &[Diagnostic]) -> Option<&str> {
    let of = |codes: &[&str]| {
        let found = problems
            .iter()
            .find(|problem| codes.contains(&problem.code));
        found.map(|problem| problem.message.as_str())
    };
    of(&["invalid-quantity", "invalid-time"]).or_else(|| of(&["wrong-type", "invalid-value"]))
}

/// The version of a body; one that names none is taken for what the request is for.
fn version(body: &Document, rules: Rules) -> Result<HpaVersion, String> {
    let Value::Map(entries) = &body.root.value else {
        let found = known::json_type(&body.root.value);
        return Err(format!(
            "couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
        ));
    };
    for entry in entries {
        if matches!(entry.key.as_str(), "apiVersion" | "kind")
            && !matches!(entry.value.value, Value::String(_) | Value::Null)
        {
            let found = known::json_type(&entry.value.value);
            return Err(format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go struct field .{} of type string",
                entry.key
            ));
        }
    }
    let given = body.api_version.as_str();
    let (group, name) = match given.split_once('/') {
        Some((_, rest)) if rest.contains('/') && given != "/" => {
            return Err(format!("unexpected GroupVersion string: {given}"));
        }
        Some(parts) => parts,
        None => ("", given),
    };
    let kind = match body.kind.as_str() {
        "" => "HorizontalPodAutoscaler",
        kind => kind,
    };
    let (group, name) = if group.is_empty() && name.is_empty() {
        ("autoscaling", "v2")
    } else {
        (group, name)
    };
    let shown = match group {
        "" => name.to_owned(),
        group => format!("{group}/{name}"),
    };
    HpaVersion::parse(&shown)
        .filter(|version| version.is_known(rules) && kind == "HorizontalPodAutoscaler")
        .ok_or_else(|| {
            let line = if rules.has(Change::SchemeName) { 111 } else { 110 };
            format!(
                "no kind \"{kind}\" is registered for version \"{shown}\" in scheme \"pkg/runtime/scheme.go:{line}\""
            )
        })
}
