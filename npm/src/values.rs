//! The values passed to JavaScript: plain data with TypeScript types, and its conversion from Rust types.

use std::slice;

use js_sys::{Float64Array, Int32Array};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use tsify::Tsify;
use wasm_bindgen::prelude::wasm_bindgen;

use super::seconds;
use hpa_core::autoscaler::EventKind;
use hpa_core::manifest::{self, Source, render};
use hpa_simulation::cluster;
use hpa_simulation::experiment::{self, Blocker};

/// Words of a type that may grow: its TypeScript type is the union of the names that the type lists.
macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident: $source:ty => $method:ident, $names:expr;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Serialize)]
        pub struct $name(&'static str);

        impl From<$source> for $name {
            fn from(source: $source) -> Self {
                Self(source.$method())
            }
        }

        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const DECLARATION: &'static str = const_str::concat!(
                "/**\n", $(" *", $doc, "\n",)* " */\nexport type ", stringify!($name), " = \"",
                const_str::join!($names, "\" | \""), "\";"
            );
        };
    )*};
}

words! {
    /// A check's name in a document.
    GoalCheck: &experiment::Check => name, experiment::Check::NAMES;
    /// The stable name of a measure; the keys of `hpa-sim -o json` are the same.
    SummaryMeasure: experiment::Measure => id, <experiment::Measure as strum::VariantNames>::VARIANTS;
    /// Hours, seconds, or nothing for counts.
    SummaryUnit: experiment::MeasureUnit => symbol, <experiment::MeasureUnit as strum::VariantNames>::VARIANTS;
    /// The first step of a sync with different results in two runs.
    Step: experiment::DivergingStep => id, <experiment::DivergingStep as strum::VariantNames>::VARIANTS;
    /// The rule that blocks a change.
    ObstacleRule: experiment::Cause => as_str, <experiment::Cause as strum::VariantNames>::VARIANTS;
}

/// How much a problem matters.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The API server refuses the object, or the text cannot be read.
    Error,
    /// Accepted, but probably unintended.
    Warning,
    /// Worth knowing.
    Info,
}

/// The type of a Kubernetes event.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
pub enum EventType {
    /// Something went as it should.
    Normal,
    /// Something went wrong.
    Warning,
}

/// The object that a Kubernetes event concerns.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
pub enum About {
    /// The autoscaler.
    Autoscaler,
    /// The workload.
    Workload,
    /// A pod.
    Pod,
    /// A node.
    Node,
}

/// One problem of a text.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The stable code of the problem.
    pub code: String,
    /// The message.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// The field concerned, such as `spec.maxReplicas`.
    pub path: String,
    /// Line of its first character, counted from 1.
    pub line: usize,
    /// Column of its first character, counted from 1.
    pub column: usize,
    /// Line after its last character.
    pub end_line: usize,
    /// Column after its last character.
    pub end_column: usize,
    /// The name of its text: `text`, or `first` and `second` where two are compared.
    #[tsify(type = "\"text\" | \"first\" | \"second\"")]
    pub source: String,
    /// The rendered diagnostic in the style of compilers, with its line and a marker.
    pub rendered: String,
}

/// The result of parsing a text.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Parsed {
    /// Whether the text can be run.
    pub ok: bool,
    /// The experiment's title; empty if it has none.
    pub title: String,
    /// Problems and assumptions, ordered by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// The verdict on one goal.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The goal's name.
    pub name: String,
    /// The check's name in a document, such as `reaches`.
    pub check: GoalCheck,
    /// How to reach it.
    pub hint: Option<String>,
    /// Whether it was met.
    pub met: bool,
    /// Whether the outcome is the expected one.
    pub as_expected: bool,
    /// The measured value; absent if a count was never reached.
    pub measured: Option<f64>,
    /// The measured value in words.
    pub measured_text: String,
    /// The time of the first violation, in seconds.
    pub violated_at: Option<f64>,
}

/// One measure of a summary.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SummaryEntry {
    /// Its stable name, such as `podHours`.
    pub id: SummaryMeasure,
    /// A description; its wording may change.
    pub label: String,
    /// The number.
    pub value: f64,
    /// `h`, `s`, or nothing for counts.
    pub unit: SummaryUnit,
}

/// The comparison of two runs.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Whether both texts ran.
    pub ok: bool,
    /// The time at which the runs diverge, in seconds; absent if they never do.
    pub diverges_at: Option<f64>,
    /// The step that made them diverge.
    pub step: Option<Step>,
    /// The step in words.
    pub step_text: Option<String>,
    /// The index of the metric that the step concerns.
    pub metric: Option<usize>,
    /// Its results in both runs.
    pub text: Option<String>,
    /// The summary of the first run.
    pub first: Vec<SummaryEntry>,
    /// The summary of the second run.
    pub second: Vec<SummaryEntry>,
    /// Problems of the first text, then of the second.
    pub diagnostics: Vec<Diagnostic>,
}

/// The content of a link.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct DecodedLink {
    /// The text; absent if the link cannot be opened.
    pub text: Option<String>,
    /// Why it cannot be opened.
    pub error: Option<String>,
    /// A note if it was made with another model version, or for an unknown release.
    pub note: Option<String>,
}

/// The verdicts on a text's goals.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Whether the text ran; if not, the diagnostics say why, and there are no verdicts.
    pub ok: bool,
    /// Whether it ran and all its goals have their expected outcome.
    pub as_expected: bool,
    /// The verdict on each goal.
    pub verdicts: Vec<Verdict>,
    /// Problems and assumptions, ordered by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// One metric of the autoscaler over the run; element `i` belongs to the sync at `syncTime[i]`.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// The metric's name in the controller's messages.
    pub name: String,
    /// The value in its target's unit: percent of the request, or thousandths. NaN if the metric
    /// failed or was not evaluated.
    #[serde(serialize_with = "preserve::serialize")]
    #[tsify(type = "Float64Array")]
    pub value: Float64Array,
    /// The target in the same unit.
    #[serde(serialize_with = "preserve::serialize")]
    #[tsify(type = "Float64Array")]
    pub target: Float64Array,
    /// Value over target, including assumed samples.
    #[serde(serialize_with = "preserve::serialize")]
    #[tsify(type = "Float64Array")]
    pub ratio: Float64Array,
    /// The proposed replicas; -1 if the metric failed or was not evaluated.
    #[serde(serialize_with = "preserve::serialize")]
    #[tsify(type = "Int32Array")]
    pub proposal: Int32Array,
}

/// One Kubernetes event with its count.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClusterEvent {
    /// The time of the first occurrence, in seconds.
    pub first: f64,
    /// The time of the last occurrence, in seconds.
    pub last: f64,
    /// The number of occurrences.
    pub count: u32,
    /// The kind of object concerned.
    pub about: About,
    /// Its type.
    pub r#type: EventType,
    /// The reason in one word; the list of reasons grows with Kubernetes.
    pub reason: String,
    /// The message.
    pub message: String,
}

/// The explanation of one step of a sync.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Paragraph {
    /// The step's name.
    pub title: String,
    /// The arithmetic.
    pub formula: Option<String>,
    /// The outcome and the rule that decided it.
    pub text: String,
    /// The replica count after the step.
    pub replicas: Option<i32>,
    /// The sync's result without the step, if it differs.
    pub without: Option<i32>,
}

/// The blockers of a scale-up and a scale-down.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WhyNot {
    /// The blocker of a scale-up.
    pub up: Obstacle,
    /// The blocker of a scale-down.
    pub down: Obstacle,
}

/// Why a change is blocked.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Obstacle {
    /// The rule.
    pub by: ObstacleRule,
    /// The explanation.
    pub text: String,
    /// The first sync, in seconds, at which the change could happen if the metrics stay as they
    /// are; absent where that depends on the metrics or on an edit.
    pub earliest: Option<f64>,
}

impl From<manifest::Severity> for Severity {
    fn from(severity: manifest::Severity) -> Self {
        match severity {
            manifest::Severity::Error => Self::Error,
            manifest::Severity::Warning => Self::Warning,
            manifest::Severity::Info => Self::Info,
        }
    }
}

impl From<EventKind> for EventType {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Normal => Self::Normal,
            EventKind::Warning => Self::Warning,
        }
    }
}

impl From<cluster::About> for About {
    fn from(about: cluster::About) -> Self {
        match about {
            cluster::About::Autoscaler => Self::Autoscaler,
            cluster::About::Workload => Self::Workload,
            cluster::About::Pod => Self::Pod,
            cluster::About::Node => Self::Node,
        }
    }
}

impl Verdict {
    pub(super) fn of(verdict: &experiment::Verdict) -> Self {
        Self {
            name: verdict.goal.name.clone(),
            check: (&verdict.goal.check).into(),
            hint: verdict.goal.hint.clone(),
            met: verdict.outcome == experiment::Outcome::Met,
            as_expected: verdict.as_expected(),
            measured: verdict.measured,
            measured_text: verdict.measured_text(),
            violated_at: verdict.violation.map(seconds),
        }
    }
}

impl SummaryEntry {
    pub(super) fn of(entry: &experiment::Entry) -> Self {
        Self {
            id: entry.measure.into(),
            label: entry.measure.label().to_owned(),
            value: entry.value,
            unit: entry.measure.unit().into(),
        }
    }
}

impl ClusterEvent {
    pub(super) fn of(event: &cluster::ClusterEvent) -> Self {
        Self {
            first: seconds(event.first),
            last: seconds(event.last),
            count: event.count,
            about: event.about.into(),
            r#type: event.event.kind.into(),
            reason: event.event.reason.as_str().to_owned(),
            message: event.event.message.to_string(),
        }
    }
}

impl Obstacle {
    pub(super) fn of(blocker: Blocker) -> Self {
        Self {
            by: blocker.cause.into(),
            text: blocker.text,
            earliest: blocker.earliest.map(seconds),
        }
    }
}

pub(super) fn diagnostics(list: &[manifest::Diagnostic], source: &Source<'_>) -> Vec<Diagnostic> {
    list.iter()
        .map(|diagnostic| Diagnostic {
            severity: diagnostic.severity.into(),
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
