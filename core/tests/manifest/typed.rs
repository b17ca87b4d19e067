//! Decoding a document of one's own with the same machinery: all problems at once, with places.

use hpa_core::manifest::{Cursor, Decode, Severity, Unfit, decode, read};

#[derive(Debug, Default, PartialEq)]
struct Plan {
    duration: String,
    seed: u64,
    load_parts: Vec<Part>,
    mode: Mode,
}

#[derive(Debug, Default, PartialEq)]
struct Part {
    rate: f64,
    r#type: Option<Mode>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Mode {
    #[default]
    Constant,
    Ramp,
}

impl Decode for Plan {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let Self {
            duration,
            seed,
            load_parts,
            mode,
        } = self;
        cursor.fields(&mut [
            ("duration", duration),
            ("seed", seed),
            ("load_parts", load_parts),
            ("mode", mode),
        ])
    }
}

impl Decode for Part {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let Self { rate, r#type } = self;
        cursor.fields(&mut [("rate", rate), ("type", r#type)])
    }
}

impl Decode for Mode {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        *self = cursor.choice(&[("constant", Self::Constant), ("ramp", Self::Ramp)])?;
        Ok(())
    }
}

#[track_caller]
fn check(text: &str, plan: &Plan, expected: &[&str]) {
    let (documents, _) = read(&format!(
        "apiVersion: hpa-playground/v1\nkind: Plan\n{text}"
    ));
    let (decoded, problems) = decode::<Plan>(&documents[0]);
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            let line = problem.span.start.line;
            format!("{line} {}: {}", problem.path, problem.message)
        })
        .collect();
    assert_eq!(found, expected);
    assert!(
        problems
            .iter()
            .all(|problem| problem.severity == Severity::Error)
    );
    assert_eq!(&decoded, plan);
}

#[test]
fn problems_are_in_plain_words_and_leave_the_rest() {
    let parts = |rates: [f64; 2], r#type: Option<Mode>| {
        let part = |rate, r#type| Part { rate, r#type };
        vec![part(rates[0], None), part(rates[1], r#type)]
    };
    check(
        "duration: 15s\nloadParts: [{rate: 1.5}, {rate: 2, type: ramp}]\nmode: ramp\n",
        &Plan {
            duration: "15s".to_owned(),
            seed: 0,
            load_parts: parts([1.5, 2.0], Some(Mode::Ramp)),
            mode: Mode::Ramp,
        },
        &[],
    );
    check(
        "duration: 15\nseed: -1\nlaodParts: []\nloadParts: [{rate: much}, {rate: 2, type: ramps}]\nmode: [x]\n",
        &Plan {
            load_parts: parts([0.0, 2.0], None),
            ..Plan::default()
        },
        &[
            "3 duration: expected a text, found a number",
            "4 seed: -1 is not a whole number of at least 0",
            "5 laodParts: unknown field \"laodParts\"",
            "6 loadParts[0].rate: expected a number, found a text",
            "6 loadParts[1].type: unknown value `ramps`: use one of constant, ramp",
            "7 mode: expected a text, found a list",
        ],
    );
}
