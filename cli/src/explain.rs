//! `hpa-sim run --explain T`: one sync step by step, and what blocks the next change.

use std::fmt::Write as _;

use anyhow::Context as _;
use hpa_core::time::{SignedDuration, Timestamp};
use hpa_simulation::experiment::{Blocker, Run};

pub(crate) fn explain(run: &Run, at: Timestamp) -> anyhow::Result<String> {
    let index = run.trace.sync_at(at).with_context(|| {
        let first = run.trace.syncs.first().map_or(0, |sync| sync.time.0);
        format!("the first sync is at {}", SignedDuration(first))
    })?;
    let detail = run
        .replay
        .detail(index)
        .context("the sync cannot be recomputed")?;
    let mut out = format!("sync {index} at {}\n", SignedDuration(detail.time.0));
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
    if let Some(blockers) = run.blockers(at) {
        let _ = writeln!(out, "\nnext scale-up:   {}", in_words(&blockers.up));
        let _ = writeln!(out, "next scale-down: {}", in_words(&blockers.down));
    }
    Ok(out)
}

fn in_words(blocker: &Blocker) -> String {
    match blocker.earliest {
        Some(at) => format!("{} (earliest: {})", blocker.text, SignedDuration(at.0)),
        None => blocker.text.clone(),
    }
}
