//! The tabs that switch between the panels on narrow screens, which have room for one.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::dom::{El, button, el};
use crate::options::Options;
use crate::state::{Panel, Playground};

const TABS: [(Panel, &str, &str); 3] = [
    (Panel::Manifests, "Manifests", "panel-manifests"),
    (Panel::Charts, "Charts", "panel-charts"),
    (Panel::Why, "Why", "panel-why"),
];

/// The tabs; the style sheet hides them if all panels fit.
#[must_use]
pub fn tabs(state: Playground, options: &Options) -> El {
    let tab = |(panel, name, controls)| {
        let chosen = move || state.panel.get() == panel;
        let tab = button("", name, move || state.panel.set(panel))
            .attr("role", "tab")
            .attr("aria-controls", controls)
            .live("aria-selected", move || chosen().to_string())
            .live("tabindex", move || {
                if chosen() { "0" } else { "-1" }.to_owned()
            });
        if options.shows(panel) {
            tab
        } else {
            tab.attr("hidden", "")
        }
    };
    let tabs = TABS.map(tab).to_vec();
    let turn = {
        let tabs = tabs.clone();
        move |event: KeyboardEvent| {
            let now = state.panel.get_untracked();
            let position = TABS.iter().position(|(panel, ..)| *panel == now);
            let position = position.unwrap_or_default();
            let next = match event.key().as_str() {
                "ArrowRight" => (position + 1) % TABS.len(),
                "ArrowLeft" => (position + TABS.len() - 1) % TABS.len(),
                _ => return,
            };
            event.prevent_default();
            state.panel.set(TABS[next].0);
            let _ = tabs[next].focusable().focus();
        }
    };
    let list = el("div", "")
        .attr("role", "tablist")
        .attr("aria-label", "Panels")
        .on("keydown", turn)
        .all(tabs);
    el("nav", "tabs").attr("aria-label", "Panels").child(list)
}
