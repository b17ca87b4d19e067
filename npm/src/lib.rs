//! The npm package: experiments for JavaScript, with TypeScript types.
//!
//! Nothing throws: problems are returned as [`JsDiagnostic`]s with positions, or as a text. Times are
//! in seconds since the start of the run; series are typed arrays.

#![expect(
    clippy::must_use_candidate,
    reason = "JavaScript does not know the attribute"
)]

mod run;
mod values;

use std::slice;

use wasm_bindgen::prelude::wasm_bindgen;

pub use run::JsRun;
pub use values::{
    JsChecked, JsComparison, JsDiagnostic, JsEntry, JsEvent, JsLink, JsMetric, JsObstacle,
    JsParagraph, JsParsed, JsVerdict, JsWhyNot,
};

use values::diagnostics;

use hpa_core::manifest::Source;
use hpa_core::time::Timestamp;
use hpa_simulation::experiment::{Defaults, Experiment, link};

/// Parses a text of manifests and at most one experiment document.
#[wasm_bindgen]
pub fn parse(text: &str) -> JsParsed {
    let source = Source::new("text", text);
    let parsed = Experiment::parse_sources(slice::from_ref(&source), Defaults::default());
    JsParsed {
        ok: parsed.experiment.is_some(),
        title: parsed
            .experiment
            .map_or_else(String::new, |experiment| experiment.title),
        diagnostics: diagnostics(&parsed.diagnostics, &source),
    }
}

/// Runs a text to its end.
#[wasm_bindgen]
pub fn run(text: &str) -> JsRun {
    run_source(&Source::new("text", text))
}

fn run_source(source: &Source<'_>) -> JsRun {
    let parsed = Experiment::parse_sources(slice::from_ref(source), Defaults::default());
    JsRun {
        run: parsed.experiment.map(|experiment| experiment.run()),
        diagnostics: diagnostics(&parsed.diagnostics, source),
    }
}

/// Runs a text and returns the verdicts on its goals.
#[wasm_bindgen]
pub fn check(text: &str) -> JsChecked {
    let run = run(text);
    let verdicts = run.verdicts();
    JsChecked {
        ok: run.ok(),
        as_expected: run.ok() && verdicts.iter().all(|verdict| verdict.as_expected),
        verdicts,
        diagnostics: run.diagnostics,
    }
}

/// Runs two texts and compares them.
#[wasm_bindgen]
pub fn compare(first: &str, second: &str) -> JsComparison {
    let [a, b] = [("first", first), ("second", second)]
        .map(|(name, text)| run_source(&Source::new(name, text)));
    let mut diagnostics = a.diagnostics;
    diagnostics.extend(b.diagnostics);
    let compared = match (&a.run, &b.run) {
        (Some(a), Some(b)) => Some(a.compare(b)),
        _ => None,
    };
    let ok = compared.is_some();
    let (divergence, entries) = compared.map_or((None, Vec::new()), |compared| {
        (compared.divergence, compared.entries)
    });
    JsComparison {
        ok,
        diverges_at: divergence
            .as_ref()
            .map(|divergence| seconds(divergence.time)),
        step: divergence
            .as_ref()
            .map(|divergence| divergence.step.id().to_owned()),
        step_text: divergence
            .as_ref()
            .map(|divergence| divergence.step.to_string()),
        metric: divergence
            .as_ref()
            .and_then(|divergence| divergence.step.metric()),
        text: divergence.map(|divergence| divergence.text),
        first: entries
            .iter()
            .map(|(entry, _)| JsEntry::of(entry))
            .collect(),
        second: entries
            .iter()
            .map(|(_, entry)| JsEntry::of(entry))
            .collect(),
        diagnostics,
    }
}

/// The share link of a text, to be placed after `#`.
#[wasm_bindgen(js_name = encodeLink)]
pub fn encode_link(text: &str) -> String {
    link::encode(&link::Content::of(text))
}

/// The text of a share link, with or without `#` before it.
#[wasm_bindgen(js_name = decodeLink)]
pub fn decode_link(link: &str) -> JsLink {
    match link::decode(link).map(link::Content::open) {
        Ok((content, note)) => JsLink {
            text: Some(content.text),
            error: None,
            note,
        },
        Err(error) => JsLink {
            text: None,
            error: Some(error.to_string()),
            note: None,
        },
    }
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(time: Timestamp) -> f64 {
    time.0 as f64 / 1000.0
}

/// Saturates; NaN becomes zero.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0) as i64)
}
