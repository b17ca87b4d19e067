//! What the page shows after a panic: that the text is saved, and what to do.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::session::persist;

/// On a panic, saves the text and says what happened.
pub fn watch() {
    std::panic::set_hook(Box::new(|panic| tell(&panic.to_string())));
}

fn tell(panic: &str) {
    // After a panic the state is unreliable, so the text is read from the document. Where
    // it has none yet, the saved text caused the panic, unless a link was opened.
    let area = document().query_selector("textarea.editor-text");
    if let Ok(Some(area)) = area {
        let area: web_sys::HtmlTextAreaElement = area.unchecked_into();
        persist::keep_broken(Some(&area.value()));
    } else if window().location().hash().is_ok_and(|hash| hash.is_empty()) {
        persist::keep_broken(None);
    }
    let message = document().get_element_by_id("broken");
    let Some(message) = message else { return };
    if let Some(line) = message.first_element_child() {
        line.set_text_content(Some(&format!(
            "HPA Playground crashed. Your text is saved: after reloading, find it under Files. Please report this: {panic}"
        )));
    }
    let _ = message.remove_attribute("hidden");
}
