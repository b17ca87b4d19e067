//! The npm package: experiments for JavaScript, with TypeScript types.
//!
//! Problems of a text are returned as [`Diagnostic`]s with positions, those of a link as a text; only
//! an argument of the wrong type throws, an `ArgumentError`. All but [`Run`] is plain data, which can
//! be cloned, stored and posted. Times are in seconds since the start of the run; series are typed
//! arrays.

#![expect(
    clippy::must_use_candidate,
    clippy::missing_errors_doc,
    reason = "JavaScript does not know the attribute, and all throw the same"
)]

mod arguments;
mod run;
mod values;

use std::slice;

use tsify::{Ts, Tsify as _};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

pub use arguments::Error;
pub use run::Run;
pub use values::{
    About, Checked, ClusterEvent, Comparison, DecodedLink, Diagnostic, EventType, GoalCheck,
    Metric, Obstacle, ObstacleRule, Paragraph, Parsed, Severity, Step, SummaryEntry,
    SummaryMeasure, SummaryUnit, Verdict, WhyNot,
};

use values::diagnostics;

use hpa_core::manifest::Source;
use hpa_core::time::Timestamp;
use hpa_simulation::experiment::{Defaults, Experiment, link};

/// Parses a text of manifests and at most one experiment document.
#[wasm_bindgen]
pub fn parse(
    #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
) -> Result<Ts<Parsed>, Error> {
    let text = arguments::text("text", text)?;
    let source = Source::new("text", &text);
    let parsed = Experiment::parse_sources(slice::from_ref(&source), Defaults::default());
    let parsed = Parsed {
        ok: parsed.experiment.is_some(),
        title: parsed
            .experiment
            .map_or_else(String::new, |experiment| experiment.title),
        diagnostics: diagnostics(&parsed.diagnostics, &source),
    };
    Ok(parsed.into_ts()?)
}

/// Runs a text to its end.
#[wasm_bindgen]
pub fn run(#[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue) -> Result<Run, Error> {
    let text = arguments::text("text", text)?;
    Ok(Run::of(&Source::new("text", &text)))
}

/// Runs a text and returns the verdicts on its goals.
#[wasm_bindgen]
pub fn check(
    #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
) -> Result<Ts<Checked>, Error> {
    let text = arguments::text("text", text)?;
    let Run { run, diagnostics } = Run::of(&Source::new("text", &text));
    let ok = run.is_some();
    let verdicts = run.iter().flat_map(|run| &run.verdicts).map(Verdict::of);
    let verdicts: Vec<_> = verdicts.collect();
    let checked = Checked {
        ok,
        as_expected: ok && verdicts.iter().all(|verdict| verdict.as_expected),
        verdicts,
        diagnostics,
    };
    Ok(checked.into_ts()?)
}

/// Runs two texts and compares them.
#[wasm_bindgen]
pub fn compare(
    #[wasm_bindgen(unchecked_param_type = "string")] first: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] second: &JsValue,
) -> Result<Ts<Comparison>, Error> {
    let first = arguments::text("first", first)?;
    let second = arguments::text("second", second)?;
    let a = Run::of(&Source::new("first", &first));
    let b = Run::of(&Source::new("second", &second));
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
    let divergence = divergence.as_ref();
    let comparison = Comparison {
        ok,
        diverges_at: divergence.map(|divergence| seconds(divergence.time)),
        step: divergence.map(|divergence| divergence.step.into()),
        step_text: divergence.map(|divergence| divergence.step.to_string()),
        metric: divergence.and_then(|divergence| divergence.step.metric()),
        text: divergence.map(|divergence| divergence.text.clone()),
        first: entries
            .iter()
            .map(|(entry, _)| SummaryEntry::of(entry))
            .collect(),
        second: entries
            .iter()
            .map(|(_, entry)| SummaryEntry::of(entry))
            .collect(),
        diagnostics,
    };
    Ok(comparison.into_ts()?)
}

/// The share link of a text, to be placed after `#`.
#[wasm_bindgen(js_name = encodeLink)]
pub fn encode_link(
    #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
) -> Result<String, Error> {
    let text = arguments::text("text", text)?;
    Ok(link::encode(&link::Content::of(&text)))
}

/// The text of a share link, with or without `#` before it.
#[wasm_bindgen(js_name = decodeLink)]
pub fn decode_link(
    #[wasm_bindgen(unchecked_param_type = "string")] link: &JsValue,
) -> Result<Ts<DecodedLink>, Error> {
    let link = arguments::text("link", link)?;
    let decoded = match link::decode(&link).map(link::Content::open) {
        Ok((content, note)) => DecodedLink {
            text: Some(content.text),
            error: None,
            note,
        },
        Err(error) => DecodedLink {
            text: None,
            error: Some(error.to_string()),
            note: None,
        },
    };
    Ok(decoded.into_ts()?)
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(time: Timestamp) -> f64 {
    time.0 as f64 / 1000.0
}

/// Saturates.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0) as i64)
}
