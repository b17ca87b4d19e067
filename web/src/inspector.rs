//! The inspector: why the sync under the cursor came out as it did.

use hpa_core::autoscaler::narrative::{Paragraph, Step};
use hpa_core::autoscaler::{Condition, ConditionStatus, Event};
use hpa_core::simulation::SyncDetail;
use leptos::prelude::*;

use crate::format::{clock, counted};
use crate::model::{Shared, seconds};
use crate::state::Playground;

/// Why the sync under the cursor came out as it did.
#[component]
pub fn Inspector(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    view! {
        <div class="inspector" data-testid="inspector">
            {move || match state.detail.get() {
                Some(detail) => sync(&detail).into_any(),
                None => view! { <p class="quiet">"No sync has happened yet. The first one comes after one sync period."</p> }.into_any(),
            }}
        </div>
    }
}

fn sync(detail: &Shared<SyncDetail>) -> impl IntoView {
    let explanation = &detail.explanation;
    let (current, desired) = (explanation.current, explanation.desired);
    let outcome = if current == desired {
        format!(
            "stays at {}",
            counted(desired.into(), "replica", "replicas")
        )
    } else {
        format!(
            "{current} → {}",
            counted(desired.into(), "replica", "replicas")
        )
    };
    let steps = explanation
        .paragraphs()
        .into_iter()
        .map(step)
        .collect_view();
    let conditions = detail
        .status
        .conditions
        .as_slice()
        .iter()
        .map(condition)
        .collect_view();
    let events = detail.report.events.iter().map(event).collect_view();
    let quiet = detail.report.events.is_empty();
    view! {
        <p class="outcome">
            <span class="outcome-number" data-testid="outcome">{outcome}</span>
            <span class="quiet">" at the sync of "{clock(seconds(detail.time))}</span>
        </p>
        <ol class="chain" data-testid="explanation">{steps}</ol>
        <h3>"Conditions"</h3>
        <dl class="conditions" data-testid="conditions">{conditions}</dl>
        <h3>"Events of this sync"</h3>
        {if quiet { view! { <p class="quiet">"none"</p> }.into_any() } else { view! { <ul class="events">{events}</ul> }.into_any() }}
    }
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
                <h3>{title}</h3>
                {replicas.map(|count| view! { <span class="step-count">{count}</span> })}
            </div>
            {formula.map(|formula| view! { <p class="formula">{formula}</p> })}
            <p>{text}</p>
            {without.map(|count| view! {
                <p class="without">{format!("Without this step: {}", counted(count.into(), "replica", "replicas"))}</p>
            })}
        </li>
    }
}

fn condition(condition: &Condition) -> impl IntoView {
    let class = match condition.status {
        ConditionStatus::True => "condition-status is-true",
        ConditionStatus::False => "condition-status is-false",
        ConditionStatus::Unknown => "condition-status is-unknown",
    };
    view! {
        <div class="condition">
            <dt>{condition.kind.to_string()}</dt>
            <dd>
                <span class=class>{condition.status.as_str()}</span>
                <span class="reason">{condition.reason.to_string()}</span>
                <span class="message">{condition.message.to_string()}</span>
            </dd>
        </div>
    }
}

fn event(event: &Event) -> impl IntoView {
    view! {
        <li>
            <span class="event-kind">{event.kind.to_string()}</span>" "
            <span class="reason">{event.reason.to_string()}</span>
            <span class="message">{event.message.to_string()}</span>
        </li>
    }
}
