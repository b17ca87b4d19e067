//! The results of a run in words, and a run as data: JSON, JSON lines, CSV, YAML.

use std::fmt::Write as _;

use hpa_core::time::Duration;
use hpa_simulation::experiment::summary::Entry;
use hpa_simulation::experiment::{Experiment, Run, Verdict};
use serde_json::{Value, json};

use crate::reason;

/// A count with its noun: `1 file`, `2 files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The goals and the numbers of a run, as they stand below its table.
pub(crate) fn results(run: &Run) -> String {
    let mut out = String::new();
    for verdict in &run.verdicts {
        let _ = writeln!(out, "{}", goal_line(verdict));
    }
    if !run.verdicts.is_empty() {
        out.push('\n');
    }
    for entry in run.summary.entries() {
        let _ = writeln!(out, "{:<28} {}", entry.name, number(&entry));
    }
    out
}

/// A number of the summary with its unit.
pub(crate) fn number(entry: &Entry) -> String {
    let digits = if entry.value.abs() < 10.0 {
        1000.0
    } else {
        10.0
    };
    let value = (entry.value * digits).round() / digits;
    if entry.unit.is_empty() {
        value.to_string()
    } else {
        format!("{value} {}", entry.unit)
    }
}

/// One line on a goal: what came of it, and whether that is as expected.
pub(crate) fn goal_line(verdict: &Verdict) -> String {
    let mark = if verdict.as_expected() {
        "ok  "
    } else {
        "FAIL"
    };
    let expected = match verdict.goal.expect {
        hpa_simulation::experiment::Expect::Pass => "",
        hpa_simulation::experiment::Expect::Violated => " (expected)",
    };
    let mut line = format!(
        "{mark}  {}: {}{}, {}",
        verdict.goal.name,
        verdict.outcome,
        if verdict.as_expected() { expected } else { "" },
        verdict.measured_text()
    );
    if let Some(at) = verdict.violation {
        let _ = write!(line, ", first at {}", Duration(at.0));
    }
    line
}

fn sync(run: &Run, index: usize) -> Value {
    let sync = &run.trace.syncs[index];
    let points = run.trace.points(index).iter();
    json!({
        "seconds": seconds(sync.time.0),
        "specReplicas": sync.current,
        "statusReplicas": sync.status_replicas,
        "readyPods": sync.ready,
        "proposal": sync.proposal,
        "stabilized": sync.stabilized,
        "desired": sync.desired,
        "because": reason::of(&run.trace, index),
        // NaN, a failed metric, becomes null.
        "metrics": points.map(|point| json!({
            "value": point.value, "target": point.target, "ratio": point.ratio,
            "measuredRatio": point.measured_ratio,
            "unreadyFilled": point.unready_filled, "missingFilled": point.missing_filled,
            "proposal": (point.proposal >= 0).then_some(point.proposal),
        })).collect::<Vec<_>>(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// One goal as data.
pub(crate) fn goal(verdict: &Verdict) -> Value {
    json!({
        "name": verdict.goal.name,
        "outcome": verdict.outcome.to_string(),
        "asExpected": verdict.as_expected(),
        "measured": verdict.measured,
        "measuredText": verdict.measured_text(),
        "firstViolationSeconds": verdict.violation.map(|time| seconds(time.0)),
        "hint": verdict.goal.hint,
    })
}

/// The numbers of a summary as data.
pub(crate) fn summary(entries: &[Entry]) -> Value {
    let entries = entries.iter();
    entries
        .map(|entry| (entry.name.to_owned(), json!(entry.value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The whole run as data.
pub(crate) fn document(experiment: &Experiment, run: &Run) -> Value {
    let trace = &run.trace;
    json!({
        "title": experiment.title,
        "durationSeconds": seconds(trace.setup.duration.0),
        "seed": trace.setup.seed,
        "kubernetesVersion": trace.setup.controller.version.to_string(),
        "summary": summary(&run.summary.entries()),
        "goals": run.verdicts.iter().map(goal).collect::<Vec<_>>(),
        "syncs": (0..trace.syncs.len()).map(|index| sync(run, index)).collect::<Vec<_>>(),
        "events": trace.events.iter().map(|event| json!({
            "firstSeconds": seconds(event.first.0),
            "lastSeconds": seconds(event.last.0),
            "count": event.count,
            "about": event.about.as_str(),
            "type": event.event.kind.to_string(),
            "reason": event.event.reason.to_string(),
            "message": event.event.message.to_string(),
        })).collect::<Vec<_>>(),
    })
}

/// A JSON document over several lines.
pub(crate) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// One JSON object a sync.
pub(crate) fn json_lines(run: &Run) -> String {
    let lines = (0..run.trace.syncs.len()).map(|index| format!("{}\n", sync(run, index)));
    lines.collect()
}

/// A cell that may have commas in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// One line a sync, with three columns for each metric.
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
