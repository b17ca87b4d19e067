//! `hpa-sim run --explain T`: one sync step by step, and what is in the way of the next change.

use std::fmt::Write as _;

use anyhow::Context as _;
use hpa_core::time::{Duration, Timestamp};
use hpa_simulation::experiment::{Obstacle, Run};

pub(crate) fn explain(run: &Run, at: Timestamp) -> anyhow::Result<String> {
    let index = run.trace.sync_at(at).with_context(|| {
        let first = run.trace.syncs.first().map_or(0, |sync| sync.time.0);
        format!("the first sync is at {}", Duration(first))
    })?;
    let detail = run
        .trace
        .detail(index)
        .context("the sync cannot be computed again")?;
    let mut out = format!("sync {index} at {}\n", Duration(detail.time.0));
    for paragraph in detail.explanation.paragraphs() {
        let _ = write!(out, "\n{paragraph}");
    }
    out.push_str("\nconditions\n");
    for condition in detail.status.conditions.as_slice() {
        let _ = writeln!(
            out,
            "  {}={}  {}: {}",
            condition.kind, condition.status, condition.reason, condition.message
        );
    }
    if let Some(why_not) = run.why_not(at) {
        let _ = writeln!(out, "\nwhy not more?   {}", obstacle(&why_not.up));
        let _ = writeln!(out, "why not fewer?  {}", obstacle(&why_not.down));
    }
    Ok(out)
}

fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle.earliest {
        Some(at) => format!("{} (at {} at the earliest)", obstacle.text, Duration(at.0)),
        None => obstacle.text.clone(),
    }
}
