//! A menu that opens below its button.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, KeyboardEvent, Node};

/// A menu that closes when the focus leaves it, or with Escape.
#[component]
pub(super) fn Menu(
    /// The text on its button.
    name: &'static str,
    /// What its button is called.
    #[prop(into)]
    label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let button = NodeRef::<html::Summary>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let on_leave = move |event: FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Node>().ok());
        let stays = menu
            .get_untracked()
            .is_some_and(|menu| menu.contains(to.as_ref()));
        if !stays {
            close();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close();
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    view! {
        <details class="menu" node_ref=menu on:focusout=on_leave on:keydown=on_key>
            <summary class="tool tool-text" aria-label=label node_ref=button>
                {name}
            </summary>
            // Focusable, so that a click between the items does not close the menu.
            <div class="menu-items" tabindex="-1">
                {children()}
            </div>
        </details>
    }
}
