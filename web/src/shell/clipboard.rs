//! Copying text to the clipboard.

use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Copies a text, then calls `done`. Browsers allow this only in a secure context.
pub fn copy(text: &str, done: impl FnOnce(Result<(), ()>) + 'static) {
    if !window().is_secure_context() {
        return done(Err(()));
    }
    let copying = window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        done(JsFuture::from(copying).await.map(drop).map_err(drop));
    });
}
