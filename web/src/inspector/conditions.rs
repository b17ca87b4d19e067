//! The conditions of the autoscaler after a sync.

use hpa_core::autoscaler::{self, ConditionStatus};
use leptos::prelude::*;

use crate::state::Playground;

/// The conditions after the sync at the cursor.
#[component]
pub(super) fn ConditionList() -> impl IntoView {
    let state = expect_context::<Playground>();
    let conditions = Memo::new(move |_| {
        let detail = state.detail.get()?;
        Some(detail.status.conditions.clone())
    });
    move || {
        let conditions = conditions.get()?;
        let conditions = conditions.as_slice().iter();
        let conditions = conditions.map(|condition| view! { <Condition condition /> });
        Some(view! {
            <dl class="conditions" data-testid="conditions">
                {conditions.collect_view()}
            </dl>
        })
    }
}

#[component]
fn Condition<'a>(
    /// The condition.
    condition: &'a autoscaler::Condition,
) -> impl IntoView + use<> {
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
