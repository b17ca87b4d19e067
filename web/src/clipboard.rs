//! Knows how a text gets onto the clipboard.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Copies a text, then calls `done`. Only a page that was served securely may copy.
pub fn copy(text: &str, done: impl FnOnce(Result<(), ()>) + 'static) {
    if !window().is_secure_context() {
        return done(Err(()));
    }
    let copying = window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        done(JsFuture::from(copying).await.map(drop).map_err(drop));
    });
}
