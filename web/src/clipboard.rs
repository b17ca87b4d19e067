//! Knows how a text gets onto the clipboard.

use leptos::prelude::window;

use crate::promise::settled;

/// Copies a text, then calls `done`. Only a page that was served securely may copy.
pub fn copy(text: &str, done: impl FnOnce(Result<(), ()>) + 'static) {
    if !window().is_secure_context() {
        return done(Err(()));
    }
    let copying = window().navigator().clipboard().write_text(text);
    settled(&copying, move |copied| done(copied.map(drop).ok_or(())));
}
