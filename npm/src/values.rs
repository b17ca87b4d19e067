//! The values passed to JavaScript, and their conversion from Rust types.

use std::slice;

use wasm_bindgen::prelude::wasm_bindgen;

use super::seconds;
use hpa_core::manifest::{Diagnostic, Source, render};
use hpa_simulation::cluster::ClusterEvent;
use hpa_simulation::experiment::{self, Blocker};

/// One problem of a text.
#[wasm_bindgen(js_name = Diagnostic, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsDiagnostic {
    /// `error`, `warning` or `info`.
    #[wasm_bindgen(readonly)]
    pub severity: String,
    /// The stable code of the problem.
    #[wasm_bindgen(readonly)]
    pub code: String,
    /// The message.
    #[wasm_bindgen(readonly)]
    pub message: String,
    /// How to fix it.
    #[wasm_bindgen(readonly)]
    pub hint: Option<String>,
    /// The field concerned, such as `spec.maxReplicas`.
    #[wasm_bindgen(readonly)]
    pub path: String,
    /// Line of its first character, counted from 1.
    #[wasm_bindgen(readonly)]
    pub line: usize,
    /// Column of its first character, counted from 1.
    #[wasm_bindgen(readonly)]
    pub column: usize,
    /// Line after its last character.
    #[wasm_bindgen(readonly, js_name = endLine)]
    pub end_line: usize,
    /// Column after its last character.
    #[wasm_bindgen(readonly, js_name = endColumn)]
    pub end_column: usize,
    /// The name of its text: `text`, or `first` and `second` where two are compared.
    #[wasm_bindgen(readonly)]
    pub source: String,
    /// The rendered diagnostic in the style of compilers, with its line and a marker.
    #[wasm_bindgen(readonly)]
    pub rendered: String,
}

/// The result of parsing a text.
#[wasm_bindgen(js_name = Parsed, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsParsed {
    /// Whether the text can be run.
    #[wasm_bindgen(readonly)]
    pub ok: bool,
    /// The experiment's title; empty if it has none.
    #[wasm_bindgen(readonly)]
    pub title: String,
    /// Problems and assumptions, ordered by position.
    #[wasm_bindgen(readonly)]
    pub diagnostics: Vec<JsDiagnostic>,
}

/// The verdict on one goal.
#[wasm_bindgen(js_name = Verdict, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsVerdict {
    /// The goal's name.
    #[wasm_bindgen(readonly)]
    pub name: String,
    /// The check's name in a document, such as `reaches`.
    #[wasm_bindgen(readonly)]
    pub check: String,
    /// How to reach it.
    #[wasm_bindgen(readonly)]
    pub hint: Option<String>,
    /// Whether it was met.
    #[wasm_bindgen(readonly)]
    pub met: bool,
    /// Whether the outcome is the expected one.
    #[wasm_bindgen(readonly, js_name = asExpected)]
    pub as_expected: bool,
    /// The measured value; absent if a count was never reached.
    #[wasm_bindgen(readonly)]
    pub measured: Option<f64>,
    /// The measured value in words.
    #[wasm_bindgen(readonly, js_name = measuredText)]
    pub measured_text: String,
    /// The time of the first violation, in seconds.
    #[wasm_bindgen(readonly, js_name = violatedAt)]
    pub violated_at: Option<f64>,
}

/// One measure of a summary.
#[wasm_bindgen(js_name = SummaryEntry, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsEntry {
    /// Its stable name, such as `podHours`; the keys of `hpa-sim -o json` are the same.
    #[wasm_bindgen(readonly)]
    pub id: String,
    /// A description; its wording may change.
    #[wasm_bindgen(readonly)]
    pub label: String,
    /// The number.
    #[wasm_bindgen(readonly)]
    pub value: f64,
    /// `h`, `s`, or nothing for counts.
    #[wasm_bindgen(readonly)]
    pub unit: String,
}

/// The comparison of two runs.
#[wasm_bindgen(js_name = Comparison, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsComparison {
    /// Whether both texts ran.
    #[wasm_bindgen(readonly)]
    pub ok: bool,
    /// The time at which the runs diverge, in seconds; absent if they never do.
    #[wasm_bindgen(readonly, js_name = divergesAt)]
    pub diverges_at: Option<f64>,
    /// The step that made them diverge: `timing`, `start`, `measurement`, `proposal`, `combination`,
    /// `stabilization` or `rate`.
    #[wasm_bindgen(readonly)]
    pub step: Option<String>,
    /// The step in words.
    #[wasm_bindgen(readonly, js_name = stepText)]
    pub step_text: Option<String>,
    /// The index of the metric that the step concerns.
    #[wasm_bindgen(readonly)]
    pub metric: Option<usize>,
    /// Its results in both runs.
    #[wasm_bindgen(readonly)]
    pub text: Option<String>,
    /// The summary of the first run.
    #[wasm_bindgen(readonly)]
    pub first: Vec<JsEntry>,
    /// The summary of the second run.
    #[wasm_bindgen(readonly)]
    pub second: Vec<JsEntry>,
    /// Problems of the first text, then of the second.
    #[wasm_bindgen(readonly)]
    pub diagnostics: Vec<JsDiagnostic>,
}

/// The content of a link.
#[wasm_bindgen(js_name = DecodedLink, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsLink {
    /// The text; absent if the link cannot be opened.
    #[wasm_bindgen(readonly)]
    pub text: Option<String>,
    /// Why it cannot be opened.
    #[wasm_bindgen(readonly)]
    pub error: Option<String>,
    /// A note if it was made with another model version, or for an unknown release.
    #[wasm_bindgen(readonly)]
    pub note: Option<String>,
}

/// The verdicts on a text's goals.
#[wasm_bindgen(js_name = Checked, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsChecked {
    /// Whether the text ran; if not, the diagnostics say why, and there are no verdicts.
    #[wasm_bindgen(readonly)]
    pub ok: bool,
    /// Whether it ran and all its goals have their expected outcome.
    #[wasm_bindgen(readonly, js_name = asExpected)]
    pub as_expected: bool,
    /// The verdict on each goal.
    #[wasm_bindgen(readonly)]
    pub verdicts: Vec<JsVerdict>,
    /// Problems and assumptions, ordered by position.
    #[wasm_bindgen(readonly)]
    pub diagnostics: Vec<JsDiagnostic>,
}

/// One metric of the autoscaler over the run; element `i` belongs to the sync at `syncTime[i]`.
#[wasm_bindgen(js_name = Metric, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsMetric {
    /// The metric's name in the controller's messages.
    #[wasm_bindgen(readonly)]
    pub name: String,
    /// The value in its target's unit: percent of the request, or thousandths. NaN if the metric
    /// failed or was not evaluated.
    #[wasm_bindgen(readonly)]
    pub value: Vec<f64>,
    /// The target in the same unit.
    #[wasm_bindgen(readonly)]
    pub target: Vec<f64>,
    /// Value over target, including assumed samples.
    #[wasm_bindgen(readonly)]
    pub ratio: Vec<f64>,
    /// The proposed replicas; -1 if the metric failed or was not evaluated.
    #[wasm_bindgen(readonly)]
    pub proposal: Vec<i32>,
}

/// One Kubernetes event with its count.
#[wasm_bindgen(js_name = ClusterEvent, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsEvent {
    /// The time of the first occurrence, in seconds.
    #[wasm_bindgen(readonly)]
    pub first: f64,
    /// The time of the last occurrence, in seconds.
    #[wasm_bindgen(readonly)]
    pub last: f64,
    /// The number of occurrences.
    #[wasm_bindgen(readonly)]
    pub count: u32,
    /// `Autoscaler`, `Workload`, `Pod` or `Node`.
    #[wasm_bindgen(readonly)]
    pub about: String,
    /// `Normal` or `Warning`.
    #[wasm_bindgen(readonly)]
    pub r#type: String,
    /// The reason.
    #[wasm_bindgen(readonly)]
    pub reason: String,
    /// The message.
    #[wasm_bindgen(readonly)]
    pub message: String,
}

/// The explanation of one step of a sync.
#[wasm_bindgen(js_name = Paragraph, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsParagraph {
    /// The step's name.
    #[wasm_bindgen(readonly)]
    pub title: String,
    /// The arithmetic.
    #[wasm_bindgen(readonly)]
    pub formula: Option<String>,
    /// The outcome and the rule that decided it.
    #[wasm_bindgen(readonly)]
    pub text: String,
    /// The replica count after the step.
    #[wasm_bindgen(readonly)]
    pub replicas: Option<i32>,
    /// The sync's result without the step, if it differs.
    #[wasm_bindgen(readonly)]
    pub without: Option<i32>,
}

/// The blockers of a scale-up and a scale-down.
#[wasm_bindgen(js_name = WhyNot, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsWhyNot {
    /// The blocker of a scale-up.
    #[wasm_bindgen(readonly)]
    pub up: JsObstacle,
    /// The blocker of a scale-down.
    #[wasm_bindgen(readonly)]
    pub down: JsObstacle,
}

/// Why a change is blocked.
#[wasm_bindgen(js_name = Obstacle, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsObstacle {
    /// The rule: `nothing`, `inactive`, `limit`, `failedMetric`, `demand`, `tolerance`, `rounding`,
    /// `filling`, `window`, `policy` or `disabled`.
    #[wasm_bindgen(readonly)]
    pub by: String,
    /// The explanation.
    #[wasm_bindgen(readonly)]
    pub text: String,
    /// The first sync, in seconds, at which the change could happen if the metrics stay as they
    /// are; absent where that depends on the metrics or on an edit.
    #[wasm_bindgen(readonly)]
    pub earliest: Option<f64>,
}

impl JsVerdict {
    pub(super) fn of(verdict: &experiment::Verdict) -> Self {
        Self {
            name: verdict.goal.name.clone(),
            check: verdict.goal.check.name().to_owned(),
            hint: verdict.goal.hint.clone(),
            met: verdict.outcome == experiment::Outcome::Met,
            as_expected: verdict.as_expected(),
            measured: verdict.measured,
            measured_text: verdict.measured_text(),
            violated_at: verdict.violation.map(seconds),
        }
    }
}

impl JsEntry {
    pub(super) fn of(entry: &experiment::Entry) -> Self {
        Self {
            id: entry.measure.id().to_owned(),
            label: entry.measure.label().to_owned(),
            value: entry.value,
            unit: entry.measure.unit().symbol().to_owned(),
        }
    }
}

impl JsEvent {
    pub(super) fn of(event: &ClusterEvent) -> Self {
        Self {
            first: seconds(event.first),
            last: seconds(event.last),
            count: event.count,
            about: event.about.as_str().to_owned(),
            r#type: event.event.kind.to_string(),
            reason: event.event.reason.as_str().to_owned(),
            message: event.event.message.to_string(),
        }
    }
}

impl JsObstacle {
    pub(super) fn of(blocker: Blocker) -> Self {
        Self {
            by: blocker.cause.as_str().to_owned(),
            text: blocker.text,
            earliest: blocker.earliest.map(seconds),
        }
    }
}

pub(super) fn diagnostics(list: &[Diagnostic], source: &Source<'_>) -> Vec<JsDiagnostic> {
    list.iter()
        .map(|diagnostic| JsDiagnostic {
            severity: diagnostic.severity.to_string(),
            code: diagnostic.code.to_owned(),
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
            path: diagnostic.path.to_string(),
            line: diagnostic.span.start.line,
            column: diagnostic.span.start.column,
            end_line: diagnostic.span.end.line,
            end_column: diagnostic.span.end.column,
            source: source.name().to_owned(),
            rendered: render(diagnostic, slice::from_ref(source)).to_string(),
        })
        .collect()
}
