//! A modal dialog, labeled by its heading, closed by its button, by Escape or by a click outside it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDialogElement, MouseEvent};

use crate::dom::{El, button, el, follow};

/// Shows the dialog. If a button is pressed while the page is still being built, the dialog is not in
/// the document yet and cannot be shown until it is.
fn show(node: HtmlDialogElement, open: RwSignal<bool>) {
    if node.show_modal().is_err() {
        request_animation_frame(move || {
            if open.get_untracked() {
                let _ = node.show_modal();
            }
        });
    }
}

/// A dialog with a title; its content is built by `inside` when it opens and dropped when it closes.
#[must_use]
pub fn dialog(
    open: RwSignal<bool>,
    id: &str,
    title: &str,
    inside: impl Fn() -> El + 'static,
) -> El {
    let head = el("header", "dialog-head")
        .child(el("h2", "").attr("id", id).text(title))
        .child(button("text-button", "Close", move || open.set(false)));
    let body = el("div", "dialog-body").part(move || open.get().then(&inside));
    let mut name = "dialog-".to_owned();
    name.push_str(id);
    let dialog = el("dialog", "dialog").attr("aria-labelledby", id).id(&name);
    let node: HtmlDialogElement = dialog.node().clone().unchecked_into();
    let own = node.clone();
    // The content fills the dialog, so that only clicks outside it hit the dialog itself.
    let beside = move |event: MouseEvent| {
        if event.target().as_ref() == Some(own.as_ref()) {
            open.set(false);
        }
    };
    follow(move || {
        let is_open = open.get();
        if is_open && !node.open() {
            show(node.clone(), open);
        } else if !is_open && node.open() {
            node.close();
        }
    });
    dialog
        .on("close", move |_: Event| open.set(false))
        .on("click", beside)
        .child(el("div", "dialog-sheet").child(head).child(body))
}
