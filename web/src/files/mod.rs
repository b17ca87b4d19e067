//! Files: the dialog that opens and saves them, files dropped on the page, and pasted series.

mod content;
mod drops;
mod name;
mod open;
mod pastes;

use leptos::prelude::*;

use self::content::FilesContent;
pub use self::drops::accept_drops;
pub use self::pastes::accept_pastes;
use crate::lazy::{LazyView, lazy_part};
use crate::shell::dialog::Dialog;

/// The dialog for files.
#[component]
pub fn Files(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open id="files" title="Files">
            <LazyView part=move || content(open) />
        </Dialog>
    }
}

lazy_part! {
    part = files, preload = preload;
    pub(crate) fn content(open: RwSignal<bool>) -> AnyView {
        view! { <FilesContent open /> }.into_any()
    }
}
