//! What stands at the right of the title: undo, redo, and the doors to gallery, files and sharing;
//! and the line below it that says what happened.

use leptos::prelude::*;

use crate::session::{Session, Tone};

/// Which dialog is open.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    /// The experiments that are shipped.
    pub gallery: RwSignal<bool>,
    /// Opening, saving, what was open before.
    pub files: RwSignal<bool>,
    /// The link and other forms to copy.
    pub share: RwSignal<bool>,
}

impl Doors {
    /// All closed.
    #[must_use]
    pub fn closed() -> Self {
        Self {
            gallery: RwSignal::new(false),
            files: RwSignal::new(false),
            share: RwSignal::new(false),
        }
    }
}

/// The buttons.
#[component]
pub fn Toolbar(
    /// The visit.
    session: Session,
    /// The dialogs.
    doors: Doors,
) -> impl IntoView {
    let history = session.history;
    let door = |name: &'static str, id: &'static str, door: RwSignal<bool>| {
        view! {
            <button type="button" class="text-button" aria-haspopup="dialog" data-testid=id
                on:click=move |_| door.set(true)>{name}</button>
        }
    };
    view! {
        <div class="tools">
            <button type="button" class="icon" aria-label="Undo" title="Undo (Ctrl+Z)" data-testid="undo"
                aria-disabled=move || (!history.can_undo()).to_string() on:click=move |_| session.undo()>
                <svg aria-hidden="true" viewBox="0 0 16 16"><path d="M6 2 1.5 6 6 10V7.2h3.2a2.4 2.4 0 0 1 0 4.8H5v1.8h4.2a4.2 4.2 0 0 0 0-8.4H6z" /></svg>
            </button>
            <button type="button" class="icon" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" data-testid="redo"
                aria-disabled=move || (!history.can_redo()).to_string() on:click=move |_| session.redo()>
                <svg aria-hidden="true" viewBox="0 0 16 16"><path d="M10 2 14.5 6 10 10V7.2H6.8a2.4 2.4 0 0 0 0 4.8H11v1.8H6.8a4.2 4.2 0 0 1 0-8.4H10z" /></svg>
            </button>
            {door("Gallery", "open-gallery", doors.gallery)}
            {door("Files", "open-files", doors.files)}
            {door("Share", "open-share", doors.share)}
        </div>
    }
}

/// What the person was told last.
#[component]
pub fn NoticeLine(
    /// The visit.
    session: Session,
) -> impl IntoView {
    let line = move || {
        session.notice.get().map(|notice| {
            let class = match notice.tone {
                Tone::Failed => "note-line note-failed",
                Tone::Done | Tone::Undoable => "note-line",
            };
            view! {
                <div class=class>
                    <p class="note-text">{notice.text}</p>
                    {(notice.tone == Tone::Undoable).then(|| view! {
                        <button type="button" class="text-button" data-testid="notice-undo" on:click=move |_| session.undo()>"Undo"</button>
                    })}
                    <button type="button" class="text-button" on:click=move |_| session.notice.set(None)>"Dismiss"</button>
                </div>
            }
        })
    };
    // The region is there before what it announces.
    view! { <div class="note" role="status" data-testid="notice">{line}</div> }
}
