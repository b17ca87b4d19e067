//! The address of the page and the link in its fragment.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The fragment of the address, with its `#`; empty without one.
#[must_use]
pub(super) fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The page's address without a fragment.
#[must_use]
pub fn address() -> String {
    let location = window().location();
    format!(
        "{}{}",
        location.origin().unwrap_or_default(),
        location.pathname().unwrap_or_default()
    )
}

/// Removes the fragment from the address, without a step in the browser's history.
pub(super) fn forget_fragment() {
    if fragment().is_empty() {
        return;
    }
    let path = window().location().pathname().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}
