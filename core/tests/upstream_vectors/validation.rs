//! Defaulting, validation, and the texts of what cannot be decoded: a manifest as a text in, the
//! answer of the API server out.

use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::manifest::{Diagnostic, Options, decode, default_hpa, read, stored, validate_hpa};
use serde_json::{Value, json};

use crate::fields::{Check, Setting, same, text};

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    Box::new(|setting, expected| compare(case, setting, expected.whole()))
}

fn compare(given: &Value, setting: &Setting, case: &Value) -> Result<(), String> {
    let options = Options::default().with_gates(setting.gates);
    let manifest = given["manifest"].to_string();
    let (documents, unreadable) = read(&manifest);
    same("diagnostics of the text", &Vec::new(), &unreadable)?;
    let (mut hpa, problems) = decode::<HorizontalPodAutoscaler>(&documents[0]);

    let unknown: Vec<&str> = of(&problems, &["unknown-field"]).collect();
    let strict = if unknown.is_empty() {
        String::new()
    } else {
        format!("strict decoding error: {}", unknown.join(", "))
    };
    if case.get("decodeError").is_some() {
        // A type that reads its JSON by itself, as quantities do, stops Go's decoder at once; the
        // first other problem is only remembered until the end.
        let error = of(&problems, &["invalid-quantity"])
            .chain(of(&problems, &["wrong-type", "invalid-value"]))
            .next();
        return same(
            "decodeError",
            &text(case, "decodeError"),
            &error.unwrap_or(""),
        );
    }
    let expected_strict = text(case, "strictDecodingError");
    same("strictDecodingError", &expected_strict, &strict.as_str())?;
    let errors: Vec<&str> = of(
        &problems,
        &["invalid-quantity", "wrong-type", "invalid-value"],
    )
    .collect();
    same("problems of decoding", &Vec::new(), &errors)?;

    default_hpa(&mut hpa);
    let spec = serde_json::to_value(&hpa.spec).map_err(|error| error.to_string())?;
    same("defaultedSpec", &case["defaultedSpec"], &spec)?;

    let mut errors: Vec<Value> = validate_hpa(&hpa, &options)
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
    let mut expected = case["errors"].as_array().cloned().unwrap_or_default();
    if case["unorderedErrors"] == json!(true) {
        errors.sort_by_key(ToString::to_string);
        expected.sort_by_key(ToString::to_string);
    }
    same("errors", &expected, &errors)?;

    if let Some(expected) = case.get("stored") {
        let hpa = stored(hpa, &options);
        let found = json!({"metadata": hpa.metadata, "spec": hpa.spec});
        same("stored", expected, &found)?;
    }
    Ok(())
}

fn of<'a>(problems: &'a [Diagnostic], codes: &'a [&str]) -> impl Iterator<Item = &'a str> {
    problems
        .iter()
        .filter(|problem| codes.contains(&problem.code))
        .map(|problem| problem.message.as_str())
}
