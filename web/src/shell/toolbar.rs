//! The toolbar: undo, redo, and the buttons that open the gallery, files and share dialogs.

use crate::dom::{El, button, html};
use crate::options::Access;
use crate::session::Session;
use leptos::prelude::*;

/// Which dialogs are open.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    /// The gallery of built-in experiments.
    pub gallery: RwSignal<bool>,
    /// Opening, saving, recent experiments.
    pub files: RwSignal<bool>,
    /// The link and other formats to copy.
    pub share: RwSignal<bool>,
    /// Additions to the run.
    pub add: RwSignal<bool>,
}

impl Doors {
    /// All closed.
    #[must_use]
    pub fn closed() -> Self {
        Self {
            gallery: RwSignal::new(false),
            files: RwSignal::new(false),
            share: RwSignal::new(false),
            add: RwSignal::new(false),
        }
    }
}

/// The buttons.
#[must_use]
pub fn toolbar(session: Session, doors: Doors) -> El {
    let history = session.history;
    let tools = html(
        r#"<div class="tools">
            <button type="button" class="icon" aria-label="Undo" title="Undo (Ctrl+Z)" data-testid="undo"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M6 2 1.5 6 6 10V7.2h3.2a2.4 2.4 0 0 1 0 4.8H5v1.8h4.2a4.2 4.2 0 0 0 0-8.4H6z"/></svg></button>
            <button type="button" class="icon" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" data-testid="redo"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M10 2 14.5 6 10 10V7.2H6.8a2.4 2.4 0 0 0 0 4.8H11v1.8H6.8a4.2 4.2 0 0 1 0-8.4H10z"/></svg></button>
        </div>"#,
    );
    tools
        .at("undo")
        .live("aria-disabled", move || (!history.can_undo()).to_string())
        .click(move || session.undo());
    tools
        .at("redo")
        .live("aria-disabled", move || (!history.can_redo()).to_string())
        .click(move || session.redo());
    let door = |name: &str, id: &str, door: RwSignal<bool>| {
        button("text-button", name, move || door.set(true))
            .attr("aria-haspopup", "dialog")
            .id(id)
    };
    let mut shown = vec![door("Share", "open-share", doors.share)];
    // Both replace the text.
    if session.state.access == Access::Edit {
        shown.insert(0, door("Gallery", "open-gallery", doors.gallery));
        shown.insert(1, door("Files", "open-files", doors.files));
    }
    tools.all(shown)
}
