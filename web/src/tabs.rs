//! The tabs by which a narrow screen, which has room for one panel, changes between them.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::state::{Panel, Playground};

const TABS: [(Panel, &str, &str); 3] = [
    (Panel::Manifests, "Manifests", "panel-manifests"),
    (Panel::Charts, "Charts", "panel-charts"),
    (Panel::Why, "Why", "panel-why"),
];

/// The tabs; the style sheet hides them where all panels have room.
#[component]
pub fn Tabs(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let turn = move |event: KeyboardEvent| {
        let position = TABS
            .iter()
            .position(|(panel, ..)| *panel == state.panel.get_untracked())
            .unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (position + 1) % TABS.len(),
            "ArrowLeft" => (position + TABS.len() - 1) % TABS.len(),
            _ => return,
        };
        event.prevent_default();
        state.panel.set(TABS[next].0);
        let tab = node
            .get_untracked()
            .and_then(|node| node.children().item(u32::try_from(next).ok()?));
        if let Some(tab) = tab {
            let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let tabs = TABS.map(|(panel, name, controls)| {
        let chosen = move || state.panel.get() == panel;
        view! {
            <button type="button" role="tab" aria-controls=controls
                aria-selected=move || chosen().to_string()
                tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=move |_| state.panel.set(panel)>
                {name}
            </button>
        }
    });
    view! {
        <nav class="tabs" aria-label="Panels">
            <div role="tablist" aria-label="Panels" node_ref=node on:keydown=turn>
                {tabs.collect_view()}
            </div>
        </nav>
    }
}
