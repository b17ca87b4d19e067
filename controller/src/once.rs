//! `--once`: syncs every autoscaler once and prints the results as a table or as JSON.

use std::fmt::Write as _;

use hpa_core::autoscaler::{Event, EventKind, Explanation};
use serde_json::{Value, json};

use crate::api_objects::Key;
use crate::args::Output;
use crate::decision_log::reason;
use crate::mutex::lock;
use crate::sync::{Context, State, Summary, sync};

/// Syncs the autoscalers once and prints the outcome; whether something needs attention.
pub(crate) async fn once(context: &Context, output: Output) -> bool {
    let mut summaries: Vec<Summary> = Vec::new();
    for key in selected(context) {
        let mut state = State::new(&context.config);
        let Some(summary) = sync(context, &key, &mut state).await else {
            continue;
        };
        if output == Output::Json {
            println!("{}", json(&summary, state.autoscaler.explanation()));
        }
        summaries.push(summary);
    }
    if output == Output::Table {
        print!("{}", table(&summaries));
    }
    summaries.iter().any(needs_attention)
}

/// All autoscalers, or those with a changed manifest if there are any.
fn selected(context: &Context) -> Vec<Key> {
    let changed: Vec<&Key> = context.what_if.keys().collect();
    let mut keys = lock(&context.hpas).keys();
    keys.retain(|key| changed.is_empty() || changed.contains(&key));
    keys
}

/// Whether something failed, or the two controllers differ.
fn needs_attention(summary: &Summary) -> bool {
    let is_warning = |event: &Event| event.kind == EventKind::Warning;
    summary.error.is_some()
        || summary.events.iter().any(is_warning)
        || summary
            .disagreement
            .is_some_and(|found| found.difference != 0)
}

/// One sync as a JSON object.
fn json(summary: &Summary, explanation: &Explanation) -> Value {
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
fn table(summaries: &[Summary]) -> String {
    let with_what_if = summaries.iter().any(|summary| summary.what_if.is_some());
    let count = |count: Option<i32>| count.map_or_else(|| String::from("-"), |n| n.to_string());
    let cells = |summary: &Summary| {
        let mut cells = vec![
            summary.key.namespace.to_string(),
            summary.key.name.to_string(),
            summary.target.clone(),
            count(summary.current),
            count(summary.desired),
            summary.theirs.to_string(),
        ];
        if with_what_if {
            cells.push(count(summary.what_if));
        }
        cells.push(match &summary.error {
            Some(error) => error.to_string(),
            None => reason(summary),
        });
        cells
    };
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
    let mut rows: Vec<Vec<String>> = vec![head.into_iter().map(str::to_owned).collect()];
    rows.extend(summaries.iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).filter_map(width).collect();
    let mut table = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(table, "{}", line.trim_end());
    }
    table
}
