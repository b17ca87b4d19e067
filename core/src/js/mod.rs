//! What the npm package offers: experiments for JavaScript, with types that TypeScript knows.
//!
//! Nothing throws: what is wrong comes back as [`JsDiagnostic`]s with places, or as a text. Times
//! are in seconds since the beginning of the run; series are typed arrays.

#![expect(
    clippy::must_use_candidate,
    reason = "JavaScript does not know the attribute"
)]

use wasm_bindgen::prelude::wasm_bindgen;

use crate::experiment::{self, Experiment, Obstacle, link};
use crate::manifest::{self, Severity};
use crate::time::{Duration, Timestamp};

/// One problem of a text.
#[wasm_bindgen(js_name = Diagnostic, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsDiagnostic {
    /// `error`, `warning` or `info`.
    #[wasm_bindgen(readonly)]
    pub severity: String,
    /// A stable name of the kind of problem.
    #[wasm_bindgen(readonly)]
    pub code: String,
    /// What is wrong.
    #[wasm_bindgen(readonly)]
    pub message: String,
    /// How to mend it.
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
}

/// What a text says.
#[wasm_bindgen(js_name = Parsed, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsParsed {
    /// Whether it can be run.
    #[wasm_bindgen(readonly)]
    pub ok: bool,
    /// The experiment's title; empty where it has none.
    #[wasm_bindgen(readonly)]
    pub title: String,
    /// Problems and assumptions, ordered by position.
    #[wasm_bindgen(readonly)]
    pub diagnostics: Vec<JsDiagnostic>,
}

/// What came of one goal.
#[wasm_bindgen(js_name = Verdict, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsVerdict {
    /// The goal in a few words.
    #[wasm_bindgen(readonly)]
    pub name: String,
    /// How to reach it.
    #[wasm_bindgen(readonly)]
    pub hint: Option<String>,
    /// Whether it was met.
    #[wasm_bindgen(readonly)]
    pub met: bool,
    /// Whether it came out as the experiment expects.
    #[wasm_bindgen(readonly, js_name = asExpected)]
    pub as_expected: bool,
    /// The measured value; absent where a count was never reached.
    #[wasm_bindgen(readonly)]
    pub measured: Option<f64>,
    /// The measured value in words.
    #[wasm_bindgen(readonly, js_name = measuredText)]
    pub measured_text: String,
    /// The moment of the first violation, in seconds.
    #[wasm_bindgen(readonly, js_name = violatedAt)]
    pub violated_at: Option<f64>,
}

/// One number of a summary.
#[wasm_bindgen(js_name = SummaryEntry, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsEntry {
    /// What it is.
    #[wasm_bindgen(readonly)]
    pub name: String,
    /// The number.
    #[wasm_bindgen(readonly)]
    pub value: f64,
    /// `h`, `s`, or nothing for counts.
    #[wasm_bindgen(readonly)]
    pub unit: String,
}

/// What came of a run.
#[wasm_bindgen(js_name = Run)]
#[derive(Debug)]
pub struct JsRun {
    run: Option<experiment::Run>,
    diagnostics: Vec<JsDiagnostic>,
}

/// A step of a sync, or what is in the way of the next change, in words.
#[wasm_bindgen(js_name = Paragraph, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsParagraph {
    /// The step's name.
    #[wasm_bindgen(readonly)]
    pub title: String,
    /// The arithmetic.
    #[wasm_bindgen(readonly)]
    pub formula: Option<String>,
    /// What happened, and by which rule.
    #[wasm_bindgen(readonly)]
    pub text: String,
}

/// Two runs side by side.
#[wasm_bindgen(js_name = Comparison, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsComparison {
    /// Whether both texts ran.
    #[wasm_bindgen(readonly)]
    pub ok: bool,
    /// When the runs part, in seconds; absent where they never do.
    #[wasm_bindgen(readonly, js_name = divergesAt)]
    pub diverges_at: Option<f64>,
    /// The step that parted them.
    #[wasm_bindgen(readonly)]
    pub step: Option<String>,
    /// What it came to in both runs.
    #[wasm_bindgen(readonly)]
    pub text: Option<String>,
    /// The numbers of the first run.
    #[wasm_bindgen(readonly)]
    pub first: Vec<JsEntry>,
    /// The same numbers of the second run.
    #[wasm_bindgen(readonly)]
    pub second: Vec<JsEntry>,
    /// Problems of the first text, then of the second.
    #[wasm_bindgen(readonly)]
    pub diagnostics: Vec<JsDiagnostic>,
}

/// What a link holds.
#[wasm_bindgen(js_name = DecodedLink, getter_with_clone, inspectable)]
#[derive(Clone, Debug)]
pub struct JsLink {
    /// The text; absent where the link cannot be opened.
    #[wasm_bindgen(readonly)]
    pub text: Option<String>,
    /// Why it cannot be opened.
    #[wasm_bindgen(readonly)]
    pub error: Option<String>,
}

/// Reads a text of manifests and, at most, one experiment document.
#[wasm_bindgen]
pub fn parse(text: &str) -> JsParsed {
    let parsed = Experiment::parse(text);
    JsParsed {
        ok: parsed.experiment.is_some(),
        title: parsed
            .experiment
            .map_or_else(String::new, |experiment| experiment.title),
        diagnostics: diagnostics(&parsed.diagnostics),
    }
}

/// Runs a text from beginning to end.
#[wasm_bindgen]
pub fn run(text: &str) -> JsRun {
    let parsed = Experiment::parse(text);
    JsRun {
        run: parsed.experiment.map(|experiment| experiment.run()),
        diagnostics: diagnostics(&parsed.diagnostics),
    }
}

/// Runs a text and gives what came of its goals; none where it does not run.
#[wasm_bindgen]
pub fn check(text: &str) -> Vec<JsVerdict> {
    run(text).verdicts()
}

/// Runs two texts and compares them.
#[wasm_bindgen]
pub fn compare(first: &str, second: &str) -> JsComparison {
    let (a, b) = (run(first), run(second));
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
            .map(|divergence| divergence.step.to_string()),
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

/// The share link of a text, to stand behind `#`.
#[wasm_bindgen(js_name = encodeLink)]
pub fn encode_link(text: &str) -> String {
    link::encode(&link::Content::of(text))
}

/// The text of a share link, with or without `#` before it.
#[wasm_bindgen(js_name = decodeLink)]
pub fn decode_link(link: &str) -> JsLink {
    let decoded = link::decode(link);
    JsLink {
        error: decoded.as_ref().err().map(ToString::to_string),
        text: decoded.ok().map(|content| content.text),
    }
}

/// Columns of the trace as typed arrays: row `i` holds from `time[i]` until `time[i + 1]`.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $js:literal: $type:ty;)*) => {
        #[wasm_bindgen(js_class = Run)]
        impl JsRun {$(
            $(#[$doc])*
            #[wasm_bindgen(getter, js_name = $js)]
            pub fn $name(&self) -> Vec<$type> {
                self.run.as_ref().map_or_else(Vec::new, |run| run.trace.steps.$name.clone())
            }
        )*}
    };
}

columns! {
    /// Start of each row, in seconds.
    time "time": f64;
    /// Requests that arrive [1/s].
    load "load": f32;
    /// Requests that are served [1/s].
    served "served": f32;
    /// Requests that are turned away [1/s].
    dropped "dropped": f32;
    /// Requests that give up waiting [1/s].
    timed_out "timedOut": f32;
    /// Requests that wait because pods are at their capacity.
    backlog "backlog": f32;
    /// 95th percentile of latency, in seconds.
    p95 "p95": f32;
    /// CPU usage of all pods, in cores.
    cpu "cpu": f32;
    /// `spec.replicas` of the workload.
    spec_replicas "specReplicas": i32;
    /// `status.replicas` of the workload.
    status_replicas "statusReplicas": i32;
    /// Pods that are ready.
    ready "ready": u32;
    /// Pods that run and are not ready.
    unready "unready": u32;
    /// Pods that do not run yet.
    pending "pending": u32;
}

/// One number of each sync as a typed array.
macro_rules! sync_columns {
    ($($(#[$doc:meta])* $name:ident $js:literal: $field:ident $type:ty;)*) => {
        #[wasm_bindgen(js_class = Run)]
        impl JsRun {$(
            $(#[$doc])*
            #[wasm_bindgen(getter, js_name = $js)]
            pub fn $name(&self) -> Vec<$type> {
                let syncs = self.run.iter().flat_map(|run| &run.trace.syncs);
                syncs.map(|sync| sync.$field).collect()
            }
        )*}
    };
}

sync_columns! {
    /// `spec.replicas` as each sync read it.
    sync_current "syncCurrent": current i32;
    /// What each sync's metrics proposed.
    sync_proposal "syncProposal": proposal i32;
    /// What stabilization made of it.
    sync_stabilized "syncStabilized": stabilized i32;
    /// What each sync asked for.
    sync_desired "syncDesired": desired i32;
}

#[wasm_bindgen(js_class = Run)]
impl JsRun {
    /// Whether the text could be run; if not, the diagnostics say why and all series are empty.
    #[wasm_bindgen(getter)]
    pub fn ok(&self) -> bool {
        self.run.is_some()
    }

    /// Problems and assumptions, ordered by position.
    #[wasm_bindgen(getter)]
    pub fn diagnostics(&self) -> Vec<JsDiagnostic> {
        self.diagnostics.clone()
    }

    /// When each sync was, in seconds.
    #[wasm_bindgen(getter, js_name = syncTime)]
    pub fn sync_time(&self) -> Vec<f64> {
        let syncs = self.run.iter().flat_map(|run| &run.trace.syncs);
        syncs.map(|sync| seconds(sync.time)).collect()
    }

    /// What came of each goal.
    #[wasm_bindgen(getter)]
    pub fn verdicts(&self) -> Vec<JsVerdict> {
        let verdicts = self.run.iter().flat_map(|run| &run.verdicts);
        verdicts.map(JsVerdict::of).collect()
    }

    /// The run in numbers.
    #[wasm_bindgen(getter)]
    pub fn summary(&self) -> Vec<JsEntry> {
        let entries = self.run.iter().flat_map(|run| run.summary.entries());
        entries.map(|entry| JsEntry::of(&entry)).collect()
    }

    /// The last sync at or before a time, in seconds in words, step by step; empty before the first one.
    pub fn explain(&self, time: f64) -> Vec<JsParagraph> {
        let detail = self.run.as_ref().and_then(|run| {
            let index = run.trace.sync_at(timestamp(time))?;
            run.trace.detail(index)
        });
        let paragraphs = detail.map_or_else(Vec::new, |detail| detail.explanation.paragraphs());
        paragraphs
            .into_iter()
            .map(|paragraph| JsParagraph {
                title: paragraph.title,
                formula: paragraph.formula,
                text: paragraph.text,
            })
            .collect()
    }

    /// What is in the way of more and of fewer replicas at a time, in seconds; empty before the first
    /// sync.
    #[wasm_bindgen(js_name = whyNot)]
    pub fn why_not(&self, time: f64) -> Vec<JsParagraph> {
        let why_not = self
            .run
            .as_ref()
            .and_then(|run| run.why_not(timestamp(time)));
        let paragraph = |title: &str, obstacle: Obstacle| JsParagraph {
            title: title.to_owned(),
            formula: obstacle
                .earliest
                .map(|at| format!("at {} at the earliest", Duration(at.0))),
            text: obstacle.text,
        };
        why_not.map_or_else(Vec::new, |why_not| {
            vec![
                paragraph("more", why_not.up),
                paragraph("fewer", why_not.down),
            ]
        })
    }
}

impl JsVerdict {
    fn of(verdict: &experiment::Verdict) -> Self {
        Self {
            name: verdict.goal.name.clone(),
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
    fn of(entry: &experiment::summary::Entry) -> Self {
        Self {
            name: entry.name.to_owned(),
            value: entry.value,
            unit: entry.unit.to_owned(),
        }
    }
}

fn diagnostics(list: &[manifest::Diagnostic]) -> Vec<JsDiagnostic> {
    list.iter()
        .map(|diagnostic| JsDiagnostic {
            severity: String::from(match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            }),
            code: diagnostic.code.to_owned(),
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
            path: diagnostic.path.to_string(),
            line: diagnostic.span.start.line,
            column: diagnostic.span.start.column,
            end_line: diagnostic.span.end.line,
            end_column: diagnostic.span.end.column,
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(time: Timestamp) -> f64 {
    time.0 as f64 / 1000.0
}

/// Saturates; NaN is the beginning.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0) as i64)
}
