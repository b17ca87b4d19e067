//! The steps of a sync from the metrics to the desired replicas.

use hpa_core::autoscaler::{self, Paragraph};
use leptos::prelude::*;

use crate::format::counted;
use crate::state::Playground;

/// The steps of the sync at the cursor in order, each with its resulting replica count.
#[component]
pub(super) fn Steps() -> impl IntoView {
    let state = expect_context::<Playground>();
    // Rendering again updates the elements in place.
    move || {
        let detail = state.detail.get()?;
        let steps = detail.explanation.paragraphs().into_iter();
        let steps = steps.map(|paragraph| view! { <Step paragraph /> });
        Some(view! {
            <ol class="chain" data-testid="explanation">
                {steps.collect_view()}
            </ol>
        })
    }
}

#[component]
fn Step(
    /// The step in words.
    paragraph: Paragraph,
) -> impl IntoView {
    let class = class(&paragraph);
    let count = paragraph.replicas.map(|count| {
        view! {
            <span class="step-count">
                <span class="visually-hidden">"gives "</span>
                {count}
            </span>
        }
    });
    let formula = paragraph
        .formula
        .map(|formula| view! { <p class="formula">{formula}</p> });
    let without = paragraph.without.map(|count| {
        let count = counted(count.into(), "replica", "replicas");
        view! { <p class="without">"Without this step: " {count}</p> }
    });
    view! {
        <li class=class>
            <div class="step-head">
                <h4>{paragraph.title}</h4>
                {count}
            </div>
            {formula}
            <p>{paragraph.text}</p>
            {without}
        </li>
    }
}

/// A step that changed the result has the color of its cause.
fn class(paragraph: &Paragraph) -> &'static str {
    match (paragraph.step, paragraph.without) {
        (autoscaler::Step::Result, _) => "step step-result",
        (autoscaler::Step::Stabilization, Some(_)) => "step step-held",
        (autoscaler::Step::Rate, Some(_)) => "step step-limit",
        _ => "step",
    }
}
