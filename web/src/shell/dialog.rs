//! Modal dialogs, labeled by their heading, closed by their button, by Escape or by a click outside
//! them; and which of them are open.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

/// Which dialogs are open; none by default. `App` provides it as a context.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialogs {
    /// The gallery of built-in experiments.
    pub gallery: RwSignal<bool>,
    /// Opening, saving, recent experiments.
    pub files: RwSignal<bool>,
    /// The link and other formats to copy.
    pub share: RwSignal<bool>,
    /// Additions to the run.
    pub add: RwSignal<bool>,
}

impl Dialogs {
    /// Whether any of them is open now.
    #[must_use]
    pub fn any_open(self) -> bool {
        [self.gallery, self.files, self.share, self.add]
            .into_iter()
            .any(|open| open.get_untracked())
    }
}

/// Shows the dialog. If a button is pressed while the page is still being built, the dialog is not in
/// the document yet and cannot be shown until it is.
fn show(node: HtmlDialogElement, open: RwSignal<bool>) {
    if node.show_modal().is_err() {
        request_animation_frame(move || {
            if open.get_untracked() {
                let _ = node.show_modal();
            }
        });
    }
}

/// A dialog with its children in it while it is open: modal, named by its heading, closed by its
/// button, by Escape and by a click beside it.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The id of its heading.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => show(dialog, open),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class="dialog"
            aria-labelledby=id
            data-testid=format!("dialog-{id}")
            node_ref=node
            on:close=move |_| open.set(false)
            // The sheet fills the dialog: only a click beside it has the dialog itself as its target.
            on:click=move |event| {
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <div class="dialog-sheet">
                <header class="dialog-head">
                    <h2 id=id>{title}</h2>
                    <button type="button" class="text-button" on:click=move |_| open.set(false)>
                        "Close"
                    </button>
                </header>
                <div class="dialog-body">
                    <Show when=move || open.get()>{children()}</Show>
                </div>
            </div>
        </dialog>
    }
}
