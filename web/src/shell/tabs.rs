//! The tabs that switch between the panels on narrow screens, which have room for one.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::options::Options;
use crate::state::{Panel, Playground};

const TABS: [(Panel, &str, &str); 3] = [
    (Panel::Manifests, "Manifests", "panel-manifests"),
    (Panel::Charts, "Charts", "panel-charts"),
    (Panel::Why, "Why", "panel-why"),
];

/// The tabs; the style sheet hides them if all panels fit.
#[component]
pub fn Tabs(
    /// Which panels there are.
    options: Options,
) -> impl IntoView {
    let panel = expect_context::<Playground>().panel;
    let buttons = TABS.map(|_| NodeRef::<html::Button>::new());
    let turn = move |event: KeyboardEvent| {
        let now = panel.get_untracked();
        let position = TABS.iter().position(|(panel, ..)| *panel == now);
        let Some(next) = neighbor(position.unwrap_or_default(), &event.key()) else {
            return;
        };
        event.prevent_default();
        panel.set(TABS[next].0);
        if let Some(button) = buttons[next].get_untracked() {
            let _ = button.focus();
        }
    };
    let tab = move |((shown, name, controls), button)| {
        let chosen = move || panel.get() == shown;
        view! {
            <button
                type="button"
                role="tab"
                aria-controls=controls
                aria-selected=move || chosen().to_string()
                tabindex=move || if chosen() { "0" } else { "-1" }
                hidden=!options.shows(shown)
                node_ref=button
                on:click=move |_| panel.set(shown)
            >
                {name}
            </button>
        }
    };
    view! {
        <nav class="tabs" aria-label="Panels">
            <div role="tablist" aria-label="Panels" on:keydown=turn>
                {TABS.into_iter().zip(buttons).map(tab).collect_view()}
            </div>
        </nav>
    }
}

/// The position of the tab that a key moves to.
fn neighbor(position: usize, key: &str) -> Option<usize> {
    match key {
        "ArrowRight" => Some((position + 1) % TABS.len()),
        "ArrowLeft" => Some((position + TABS.len() - 1) % TABS.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round() {
        assert_eq!(neighbor(0, "ArrowRight"), Some(1));
        assert_eq!(neighbor(2, "ArrowRight"), Some(0));
        assert_eq!(neighbor(0, "ArrowLeft"), Some(2));
        assert_eq!(neighbor(1, "ArrowUp"), None);
    }
}
