//! The toolbar: undo, redo, and the buttons that open the gallery, files and share dialogs.

use leptos::prelude::*;

use super::dialog::Dialogs;
use super::icon::Icon;
use crate::options::Access;
use crate::session::Session;

const UNDO: &str = "M6 2 1.5 6 6 10V7.2h3.2a2.4 2.4 0 0 1 0 4.8H5v1.8h4.2a4.2 4.2 0 0 0 0-8.4H6z";
const REDO: &str =
    "M10 2 14.5 6 10 10V7.2H6.8a2.4 2.4 0 0 0 0 4.8H11v1.8H6.8a4.2 4.2 0 0 1 0-8.4H10z";

/// The buttons of the header.
#[component]
pub fn Toolbar() -> impl IntoView {
    let session = expect_context::<Session>();
    let dialogs = expect_context::<Dialogs>();
    let history = session.history;
    // Both replace the text.
    let replacing = (session.state.access == Access::Edit).then(|| {
        view! {
            <OpenButton id="open-gallery" name="Gallery" dialog=dialogs.gallery />
            <OpenButton id="open-files" name="Files" dialog=dialogs.files />
        }
    });
    view! {
        <div class="tools">
            // Still focusable without a step to undo, so that the focus is not lost at the last one.
            <button
                type="button"
                class="icon"
                aria-label="Undo"
                title="Undo (Ctrl+Z)"
                data-testid="undo"
                aria-disabled=move || (!history.can_undo()).to_string()
                on:click=move |_| session.undo()
            >
                <Icon path=UNDO />
            </button>
            <button
                type="button"
                class="icon"
                aria-label="Redo"
                title="Redo (Ctrl+Shift+Z)"
                data-testid="redo"
                aria-disabled=move || (!history.can_redo()).to_string()
                on:click=move |_| session.redo()
            >
                <Icon path=REDO />
            </button>
            {replacing}
            <OpenButton id="open-share" name="Share" dialog=dialogs.share />
        </div>
    }
}

#[component]
fn OpenButton(
    /// Its `data-testid`.
    id: &'static str,
    /// Its label.
    name: &'static str,
    /// Whether the dialog that it opens is open.
    dialog: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="text-button"
            aria-haspopup="dialog"
            data-testid=id
            on:click=move |_| dialog.set(true)
        >
            {name}
        </button>
    }
}
