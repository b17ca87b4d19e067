//! A dialog: modal, called by its heading, closed by its button, by Escape and by a click beside it.

use leptos::html::Dialog as Element;
use leptos::prelude::*;

/// A dialog called `title`, with `children` in it while it is open.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The id of its heading.
    id: &'static str,
    /// What it is called.
    title: &'static str,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<Element>::new();
    Effect::new(move |_| {
        let (Some(node), open) = (node.get(), open.get()) else {
            return;
        };
        if open && !node.open() {
            let _ = node.show_modal();
        } else if !open && node.open() {
            node.close();
        }
    });
    // The dialog itself is only hit beside its content, which fills it.
    let beside = move |event: web_sys::MouseEvent| {
        let own = node
            .get_untracked()
            .is_some_and(|node| event.target().as_ref() == Some(node.as_ref()));
        if own {
            open.set(false);
        }
    };
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby=id data-testid=format!("dialog-{id}")
            on:close=move |_| open.set(false) on:click=beside>
            <div class="dialog-sheet">
                <header class="dialog-head">
                    <h2 id=id>{title}</h2>
                    <button type="button" class="text-button" on:click=move |_| open.set(false)>"Close"</button>
                </header>
                <Show when=move || open.get()>{children()}</Show>
            </div>
        </dialog>
    }
}
