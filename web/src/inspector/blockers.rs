//! What keeps a sync from scaling up or down.

use hpa_core::time::Timestamp;
use hpa_simulation::experiment::{Blocker, Blockers};
use leptos::prelude::*;

use crate::format::clock;
use crate::model::seconds;
use crate::state::Playground;

/// Why the sync at the cursor did not go further up or down.
#[component]
pub(super) fn WhyNot() -> impl IntoView {
    let state = expect_context::<Playground>();
    move || {
        let detail = state.detail.get()?;
        let controller = state.latest.with_untracked(|latest| {
            let trace = latest.trace()?;
            Some(trace.setup.controller.clone())
        });
        let Blockers { up, down, .. } = Blockers::of(&detail, &controller.unwrap_or_default());
        let now = detail.time;
        Some(view! {
            <dl class="facts">
                <Direction title="Up" blocker=up now /> <Direction title="Down" blocker=down now />
            </dl>
        })
    }
}

#[component]
fn Direction(
    /// The direction.
    title: &'static str,
    /// What blocks it.
    blocker: Blocker,
    /// The time of the sync.
    now: Timestamp,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let earliest = blocker.earliest.filter(|time| *time > now).map(|time| {
        let time = seconds(time);
        view! {
            " "
            <button type="button" class="link" on:click=move |_| state.go(time)>
                {format!("Earliest: {}", clock(time))}
            </button>
        }
    });
    view! {
        <dt>{title}</dt>
        <dd>{sentence(&blocker.text)} {earliest}</dd>
    }
}

/// The text with a capital letter at the beginning and a period at the end.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    // Field names keep their case.
    let word = text.split(' ').next().unwrap_or_default();
    let name = word.contains(|c: char| c.is_ascii_uppercase());
    let capital = |first: char| {
        if name {
            first
        } else {
            first.to_ascii_uppercase()
        }
    };
    let first = rest.next().map(capital);
    let mut sentence: String = first.into_iter().chain(rest).collect();
    if !sentence.is_empty() && !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blockers_are_sentences() {
        assert_eq!(sentence("this sync goes to 4"), "This sync goes to 4.");
        assert_eq!(sentence(""), "");
    }
}
