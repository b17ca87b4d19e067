//! Decoding a document of one's own with the same machinery: all problems at once, with places.

use hpa_core::manifest::{Document, Severity, decode, read};
use serde::Deserialize;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Plan {
    duration: String,
    seed: u64,
    load: Vec<Part>,
    mode: Mode,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Part {
    rate: f64,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Mode {
    #[default]
    Constant,
    Ramp(Part),
}

#[track_caller]
fn check(text: &str, plan: &Plan, expected: &[&str]) {
    let (documents, _) = read(&format!(
        "apiVersion: hpa-playground/v1\nkind: Plan\n{text}"
    ));
    let document: &Document = &documents[0];
    let (decoded, problems) = decode::<Plan>(document);
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!(
                "{} {}: {}",
                problem.span.start.line, problem.path, problem.message
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(
        problems
            .iter()
            .all(|problem| problem.severity == Severity::Error)
    );
    assert_eq!(decoded.as_ref(), Some(plan));
}

#[test]
fn problems_are_in_plain_words_and_leave_the_rest() {
    check(
        "duration: 15s\nload: [{rate: 1.5}, {rate: 2}]\nmode: {ramp: {rate: 3}}\n",
        &Plan {
            duration: "15s".to_owned(),
            seed: 0,
            load: vec![Part { rate: 1.5 }, Part { rate: 2.0 }],
            mode: Mode::Ramp(Part { rate: 3.0 }),
        },
        &[],
    );
    check(
        "duration: 15\nseed: -1\nlaod: []\nload: [{rate: much}, {rate: 2}]\nmode: ramps\n",
        &Plan {
            load: vec![Part::default(), Part { rate: 2.0 }],
            ..Plan::default()
        },
        &[
            "3 duration: expected a text, found a number",
            "4 seed: -1 is not a whole number from 0 on",
            "6 load[0].rate: expected a number, found a text",
            "7 mode: unknown value `ramps`: use one of constant, ramp",
            "5 laod: unknown field \"laod\"",
        ],
    );
}
