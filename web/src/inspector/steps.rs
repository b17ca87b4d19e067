//! The steps of a sync from the metrics to the desired replicas.

use hpa_core::autoscaler::{Paragraph, Step};
use hpa_simulation::cluster::SyncDetail;

use crate::dom::{El, el};
use crate::format::counted;

/// The steps of a sync in order, each with its resulting replica count.
pub(super) fn steps(detail: &SyncDetail) -> El {
    let steps = detail.explanation.paragraphs();
    el("ol", "chain")
        .id("explanation")
        .all(steps.into_iter().map(step).collect())
}

fn step(paragraph: Paragraph) -> El {
    let Paragraph {
        step,
        title,
        formula,
        text,
        replicas,
        without,
        ..
    } = paragraph;
    // A step that changed the result has the color of its cause.
    let class = match (step, without) {
        (Step::Result, _) => "step step-result",
        (Step::Stabilization, Some(_)) => "step step-held",
        (Step::Rate, Some(_)) => "step step-limit",
        _ => "step",
    };
    let mut head = el("div", "step-head").child(el("h4", "").text(&title));
    if let Some(count) = replicas {
        let gives = el("span", "visually-hidden").text("gives ");
        head = head.child(
            el("span", "step-count")
                .child(gives)
                .text(&count.to_string()),
        );
    }
    let mut item = el("li", class).child(head);
    if let Some(formula) = formula {
        item = item.child(el("p", "formula").text(&formula));
    }
    item = item.child(el("p", "").text(&text));
    if let Some(count) = without {
        let count = counted(count.into(), "replica", "replicas");
        item = item.child(el("p", "without").text("Without this step: ").text(&count));
    }
    item
}
