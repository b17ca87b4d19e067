//! Copying text to the clipboard.

use leptos::prelude::window;

use crate::promise::settled;

/// Copies a text, then calls `done`. Browsers allow this only in a secure context.
pub fn copy(text: &str, done: impl FnOnce(Result<(), ()>) + 'static) {
    if !window().is_secure_context() {
        return done(Err(()));
    }
    let copying = window().navigator().clipboard().write_text(text);
    settled(&copying, move |copied| done(copied.map(drop).ok_or(())));
}
