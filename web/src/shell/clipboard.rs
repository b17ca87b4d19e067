//! Copying text to the clipboard.

use std::fmt;

use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// The browser does not let the page copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyDenied;

impl fmt::Display for CopyDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The browser does not allow copying")
    }
}

impl std::error::Error for CopyDenied {}

/// Copies a text.
///
/// # Errors
/// Where the browser denies it, and outside a secure context, where no browser allows it.
pub async fn copy(text: &str) -> Result<(), CopyDenied> {
    if !window().is_secure_context() {
        return Err(CopyDenied);
    }
    let copying = window().navigator().clipboard().write_text(text);
    let copied = JsFuture::from(copying).await;
    copied.map(drop).map_err(|_| CopyDenied)
}
