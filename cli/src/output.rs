//! Formats a run: goals and summary as text, or JSON, JSON lines, CSV, YAML.

use std::fmt::Write as _;

use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::{Entry, Expect, Experiment, Run, Verdict};
use serde_json::{Value, json};

use crate::reason;

/// A count with its noun: `1 file`, `2 files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The goals and the summary of a run, printed below its table.
pub(crate) fn results(run: &Run) -> String {
    let mut out = String::new();
    for verdict in &run.verdicts {
        let _ = writeln!(out, "{}", goal_line(verdict));
    }
    if !run.verdicts.is_empty() {
        out.push('\n');
    }
    for entry in run.summary.entries() {
        let _ = writeln!(out, "{:<28} {}", entry.measure.label(), number(&entry));
    }
    out
}

/// A measure of the summary with its unit.
pub(crate) fn number(entry: &Entry) -> String {
    let digits = if entry.value.abs() < 10.0 {
        1000.0
    } else {
        10.0
    };
    let value = (entry.value * digits).round() / digits;
    match entry.measure.unit().symbol() {
        "" => value.to_string(),
        unit => format!("{value} {unit}"),
    }
}

/// One line for a goal: its outcome, and whether that is as expected.
pub(crate) fn goal_line(verdict: &Verdict) -> String {
    let mark = if verdict.as_expected() {
        "ok  "
    } else {
        "FAIL"
    };
    let expected = match verdict.goal.expect {
        Expect::Pass => "",
        Expect::Violated => " (expected)",
    };
    let mut line = format!(
        "{mark}  {}: {}{}, {}",
        verdict.goal.name,
        verdict.outcome,
        if verdict.as_expected() { expected } else { "" },
        verdict.measured_text()
    );
    if let Some(at) = verdict.violation {
        let _ = write!(line, ", first at {}", SignedDuration(at.0));
    }
    line
}

/// The serialized run, with the title and the reason for each sync.
pub(crate) fn document(experiment: &Experiment, run: &Run) -> Value {
    let mut data = json!(run);
    data["title"] = experiment.title.as_str().into();
    let syncs = data["syncs"].as_array_mut().into_iter().flatten();
    for (index, sync) in syncs.enumerate() {
        sync["because"] = reason::of(&run.trace, index).into();
    }
    data
}

/// A pretty-printed JSON document.
pub(crate) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// One JSON object per sync.
pub(crate) fn json_lines(experiment: &Experiment, run: &Run) -> String {
    let data = document(experiment, run);
    let mut out = String::new();
    for sync in data["syncs"].as_array().into_iter().flatten() {
        out.push_str(&format!("{sync}\n"));
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// A cell that may contain commas.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// One line per sync, with three columns for each metric.
pub(crate) fn csv(run: &Run) -> String {
    let trace = &run.trace;
    let most = (0..trace.syncs.len())
        .map(|index| trace.points(index).len())
        .max()
        .unwrap_or(0);
    let mut out = String::from(
        "seconds,spec_replicas,status_replicas,ready_pods,proposal,stabilized,desired,because",
    );
    for metric in 1..=most {
        let _ = write!(out, ",metric_{metric},target_{metric},proposal_{metric}");
    }
    out.push('\n');
    for (index, sync) in trace.syncs.iter().enumerate() {
        let _ = write!(
            out,
            "{},{},{},{},{},{},{},{}",
            seconds(sync.time.0),
            sync.current,
            sync.status_replicas,
            sync.ready,
            sync.proposal,
            sync.stabilized,
            sync.desired,
            quoted(&reason::of(trace, index))
        );
        let points = trace.points(index);
        for metric in 0..most {
            match points.get(metric) {
                Some(point) if !point.value.is_nan() => {
                    let _ = write!(out, ",{},{},{}", point.value, point.target, point.proposal);
                }
                _ => out.push_str(",,,"),
            }
        }
        out.push('\n');
    }
    out
}
