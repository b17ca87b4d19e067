//! The share dialog: the link and the other formats in which the experiment can be copied.

mod content;
pub mod forms;
pub mod patch;

use leptos::prelude::*;

use self::content::ShareContent;
use crate::lazy::{LazyView, lazy_part};
use crate::shell::dialog::Dialog;

/// The share dialog.
#[component]
pub fn Share(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open id="share" title="Share">
            <LazyView part=content />
        </Dialog>
    }
}

lazy_part! {
    part = share, preload = preload;
    pub(crate) fn content() -> AnyView {
        view! { <ShareContent /> }.into_any()
    }
}
