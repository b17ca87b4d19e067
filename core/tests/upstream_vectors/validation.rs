//! Creation of an autoscaler: the body of a request in, the answer of the API server out.

use hpa_core::manifest::{
    Answer, Document, FieldError, HpaRecord, HpaVersion, Options, Refusal, create, in_version,
    read_json,
};
use serde_json::{Value, json};

use crate::fields::{Check, Setting, same, text};

/// The namespace that was asked.
pub(crate) const NAMESPACE: &str = "prod";

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    Box::new(|setting, expected| check(case, setting, expected.whole()))
}

fn check(case: &Value, setting: &Setting, out: &Value) -> Result<(), String> {
    let options = options(setting);
    let body = body(case, "manifest");
    let answer = create(&body, NAMESPACE, &options);
    if let Some(expected) = out.get("defaultedSpec") {
        let read = answer.read.as_ref().ok_or("not read")?;
        same("defaultedSpec", expected, &in_v2(read)["spec"])?;
    }
    compare(out, &answer)?;
    if let Some(expected) = out.get("stored") {
        let stored = answer.result.as_ref().map_err(|_| "refused")?;
        let found = in_v2(stored);
        let found = json!({"metadata": found["metadata"], "spec": found["spec"]});
        same("stored", expected, &found)?;
        if let Some(expected) = out.get("storedV1") {
            let v1 = encode(stored, HpaVersion::V1);
            let found = json!({"metadata": v1["metadata"], "spec": v1["spec"]});
            same("storedV1", expected, &found)?;
        }
    }
    Ok(())
}

pub(crate) fn options(setting: &Setting) -> Options {
    Options::default()
        .with_rules(setting.rules)
        .with_gates(setting.gates)
}

/// A recorded body. What a decoder meets first depends on the order of the keys in the request: that
/// of the alphabet in the base cases, that of the API's fields in those of several releases, whose
/// recording sorted them.
pub(crate) fn body(case: &Value, field: &str) -> Document {
    let recorded = &case[field];
    let text = if case.get("outs").is_some() && text(case, "id").starts_with("r-") {
        in_api_order(recorded)
    } else {
        recorded.to_string()
    };
    read_json(&text).expect("JSON")
}

fn in_api_order(value: &Value) -> String {
    const FIRST: [&str; 6] = [
        "apiVersion",
        "kind",
        "metadata",
        "scaleTargetRef",
        "minReplicas",
        "maxReplicas",
    ];
    const LAST: [&str; 2] = ["behavior", "status"];
    let rank = |key: &str| {
        let last = LAST.iter().position(|name| *name == key);
        let first = || FIRST.iter().position(|name| *name == key);
        last.map_or_else(|| first().unwrap_or(FIRST.len()), |index| 10 + index)
    };
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| rank(key));
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", json!(key), in_api_order(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_api_order).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Compares the errors of an answer.
pub(crate) fn compare(out: &Value, answer: &Answer) -> Result<(), String> {
    // The recording sorted the keys of the body, so that the order of unknown fields is lost.
    let parts = |text: &str| {
        let mut parts: Vec<String> = text
            .trim_start_matches("strict decoding error: ")
            .split(", ")
            .map(str::to_owned)
            .collect();
        parts.sort();
        parts
    };
    let strict = answer.strict_error.as_deref().unwrap_or("");
    same(
        "strictDecodingError",
        &parts(text(out, "strictDecodingError")),
        &parts(strict),
    )?;
    let none = (Vec::new(), Vec::new());
    let (decode, request, (validation, errors)) = match &answer.result {
        Ok(_) => ("", "", none),
        Err(Refusal::Undecodable(text)) => (text.as_str(), "", none),
        Err(Refusal::BadRequest(text)) => ("", text.as_str(), none),
        Err(Refusal::Invalid { validation, errors }) => {
            ("", "", (validation.clone(), errors.clone()))
        }
        Err(other) => return Err(format!("{other:?}")),
    };
    same("decodeError", &text(out, "decodeError"), &decode)?;
    same("requestError", &text(out, "requestError"), &request)?;
    let unordered = out["unorderedErrors"] == json!(true);
    let expected = out["errors"].as_array().cloned().unwrap_or_default();
    same_errors("errors", &expected, &validation, unordered)?;
    let last = out["strategyErrors"]
        .as_array()
        .cloned()
        .unwrap_or(expected);
    same_errors("strategyErrors", &last, &errors, unordered)?;
    same(
        "stored",
        &out.get("stored").is_some(),
        &answer.result.is_ok(),
    )
}

fn same_errors(
    what: &str,
    expected: &[Value],
    found: &[FieldError],
    unordered: bool,
) -> Result<(), String> {
    let mut expected = expected.to_vec();
    let mut found: Vec<Value> = found
        .iter()
        .map(|error| {
            json!({
                "type": error.kind.upstream(),
                "field": error.field.to_string(),
                "detail": error.detail,
                "message": error.to_string(),
            })
        })
        .collect();
    if unordered {
        expected.sort_by_key(ToString::to_string);
        found.sort_by_key(ToString::to_string);
    }
    // 1.33 shows quantities and owners as Go structs.
    for (expected, found) in expected.iter_mut().zip(&mut found) {
        let shown = text(expected, "message");
        if shown.contains("resource.Quantity{") || shown.contains("v1.OwnerReference{") {
            expected["message"].take();
            found["message"].take();
        }
    }
    same(what, &expected, &found)
}

pub(crate) fn encode(record: &HpaRecord, version: HpaVersion) -> Value {
    let mut value = serde_json::to_value(in_version(record, version)).expect("JSON");
    drop_nulls(&mut value);
    if let Some(metadata) = value["metadata"].as_object_mut() {
        for name in [
            "uid",
            "creationTimestamp",
            "resourceVersion",
            "managedFields",
        ] {
            metadata.remove(name);
        }
    }
    value
}

fn in_v2(record: &HpaRecord) -> Value {
    encode(record, HpaVersion::V2)
}

/// The recording left out what is null.
pub(crate) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
