//! What is told of a sync: a line of the log, a row of the table of `--once`.

use std::fmt::Write as _;

use hpa_core::autoscaler::{Event, EventKind, Explanation};
use serde_json::{Value, json};

use super::disagreement::{Disagreement, Why};
use super::sync::Summary;

/// Writes the decision of one sync to the log. What needs attention is a warning, and what both
/// controllers should differ on for a moment only is none.
pub(crate) fn log(summary: &Summary, explanation: &Explanation) {
    let Summary {
        key,
        current,
        desired,
        theirs,
        what_if,
        error,
        ..
    } = summary;
    let role = summary.role.as_str();
    let reason = reason(summary);
    let found = summary.disagreement.unwrap_or(Disagreement {
        difference: 0,
        reason: Why::None,
        syncs: 0,
    });
    let error = error.as_deref();
    if found.reason == Why::Decision {
        tracing::warn!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, syncs = found.syncs, why = found.reason.as_str(), error,
            explanation = %explanation, "disagrees"
        );
    } else if error.is_some() {
        tracing::warn!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(), error, "failed"
        );
    } else if tracing::enabled!(tracing::Level::DEBUG) {
        tracing::info!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(),
            explanation = %explanation, "decided"
        );
    } else {
        tracing::info!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(), "decided"
        );
    }
}

/// Why the count is what it is: the reason of the rescale, or of the condition that says most.
fn reason(summary: &Summary) -> String {
    if let Some(rescale) = &summary.rescale {
        let text = rescale.reason.to_string();
        if !text.is_empty() {
            return text;
        }
    }
    let conditions = summary.status.conditions.as_slice();
    let telling = conditions
        .iter()
        .rev()
        .map(|condition| condition.reason.to_string())
        .find(|reason| {
            !matches!(
                reason.as_str(),
                "DesiredWithinRange"
                    | "ValidMetricFound"
                    | "ReadyForNewScale"
                    | "SucceededGetScale"
                    | "NotScaledToZero"
            )
        });
    telling.unwrap_or_else(|| String::from("within range"))
}

/// Whether a person should look at it: something failed, or the two controllers differ.
pub(crate) fn needs_attention(summary: &Summary) -> bool {
    summary.error.is_some()
        || summary.events.iter().any(is_warning)
        || summary
            .disagreement
            .is_some_and(|found| found.difference != 0)
}

fn is_warning(event: &Event) -> bool {
    event.kind == EventKind::Warning
}

/// One sync as an object.
pub(crate) fn json(summary: &Summary, explanation: &Explanation) -> Value {
    json!({
        "namespace": &*summary.key.namespace,
        "name": &*summary.key.name,
        "target": summary.target,
        "current": summary.current,
        "desired": summary.desired,
        "theirs": summary.theirs,
        "whatIf": summary.what_if,
        "reason": reason(summary),
        "error": summary.error.as_deref(),
        "explanation": explanation.to_string(),
    })
}

/// All syncs as a table.
pub(crate) fn table(summaries: &[Summary]) -> String {
    let with_what_if = summaries.iter().any(|summary| summary.what_if.is_some());
    let mut head = vec![
        "NAMESPACE",
        "NAME",
        "TARGET",
        "CURRENT",
        "DESIRED",
        "THEIRS",
    ];
    if with_what_if {
        head.push("WHAT-IF");
    }
    head.push("REASON");
    let count =
        |count: Option<i32>| count.map_or_else(|| String::from("-"), |count| count.to_string());
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for summary in summaries {
        let mut row = vec![
            summary.key.namespace.to_string(),
            summary.key.name.to_string(),
            summary.target.clone(),
            count(summary.current),
            count(summary.desired),
            summary.theirs.to_string(),
        ];
        if with_what_if {
            row.push(count(summary.what_if));
        }
        row.push(match &summary.error {
            Some(error) => error.to_string(),
            None => reason(summary),
        });
        rows.push(row);
    }
    let columns = rows[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            rows.iter()
                .map(|row| row[at].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut table = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(table, "{}", line.trim_end());
    }
    table
}
