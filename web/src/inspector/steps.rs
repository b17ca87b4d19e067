//! The chain from the metrics to the desired replicas, one step after the other.

use hpa_core::autoscaler::narrative::{Paragraph, Step};
use hpa_core::simulation::SyncDetail;
use leptos::prelude::*;

use crate::format::counted;

/// The steps of a sync in their order; beside each the count that it hands on.
pub(super) fn steps(detail: &SyncDetail) -> impl IntoView + use<> {
    let steps = detail
        .explanation
        .paragraphs()
        .into_iter()
        .map(step)
        .collect_view();
    view! { <ol class="chain" data-testid="explanation">{steps}</ol> }
}

fn step(paragraph: Paragraph) -> impl IntoView {
    let Paragraph {
        step,
        title,
        formula,
        text,
        replicas,
        without,
    } = paragraph;
    // What changed the result has the color of what did it.
    let class = match (step, without) {
        (Step::Result, _) => "step step-result",
        (Step::Stabilization, Some(_)) => "step step-held",
        (Step::Rate, Some(_)) => "step step-limit",
        _ => "step",
    };
    view! {
        <li class=class>
            <div class="step-head">
                <h4>{title}</h4>
                {replicas.map(|count| view! {
                    <span class="step-count"><span class="visually-hidden">"gives "</span>{count}</span>
                })}
            </div>
            {formula.map(|formula| view! { <p class="formula">{formula}</p> })}
            <p>{text}</p>
            {without.map(|count| view! {
                <p class="without">{format!("Without this step: {}", counted(count.into(), "replica", "replicas"))}</p>
            })}
        </li>
    }
}
