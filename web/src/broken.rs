//! What a person sees when the page itself breaks: that their text is kept, and what to do.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::persist;

/// Keeps the text and says what happened, should the page panic.
pub fn watch() {
    std::panic::set_hook(Box::new(|panic| tell(&panic.to_string())));
}

fn tell(panic: &str) {
    // After a panic nothing of the page's state may be relied on: the document has the text. Where
    // it has none yet, the text that was kept is what the page broke on, unless a link was opened.
    let area = document().query_selector("textarea.editor-text");
    if let Ok(Some(area)) = area {
        let area: web_sys::HtmlTextAreaElement = area.unchecked_into();
        persist::keep_broken(Some(&area.value()));
    } else if window().location().hash().is_ok_and(|hash| hash.is_empty()) {
        persist::keep_broken(None);
    }
    let message = document().get_element_by_id("broken");
    let Some(message) = message else { return };
    if let Ok(Some(line)) = message.query_selector("p") {
        line.set_text_content(Some(&format!(
            "HPA Playground crashed. Your text is saved: after reloading, find it under Files. Please report this: {panic}"
        )));
    }
    let _ = message.remove_attribute("hidden");
}
