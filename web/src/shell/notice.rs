//! Notices: that something was done or failed, with actions such as undo.

use leptos::prelude::*;

use crate::add::use_series;
use crate::dom::{El, button, el};
use crate::session::Session;

/// A message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// Its kind.
    pub tone: Tone,
}

/// The kind of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Something was done that can be undone.
    Undoable,
    /// Something failed.
    Failed,
    /// This series was pasted in a place where it would break the text.
    Series(String),
}

impl Notice {
    /// A notice that something was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Done,
        }
    }

    /// A notice that something was done that can be undone.
    #[must_use]
    pub fn undoable(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Undoable,
        }
    }

    /// A notice that something failed.
    #[must_use]
    pub fn failed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Failed,
        }
    }
}

/// The latest notice.
#[must_use]
pub fn notice(session: Session) -> El {
    let said = session.state.notice;
    // Screen readers announce changes of a live region only if it exists before.
    let region = el("div", "note")
        .attr("role", "status")
        .attr("tabindex", "-1")
        .id("notice")
        .part(move || said.get().map(|notice| line(&session, notice)));
    let own = region.clone();
    region.click(move || {
        // A button that removes the notice would lose the focus with it.
        let active = document().active_element();
        if active.is_some_and(|active| !active.matches("textarea").unwrap_or(false)) {
            let _ = own.focusable().focus();
        }
    })
}

fn line(session: &Session, notice: Notice) -> El {
    let session = *session;
    let said = session.state.notice;
    let class = match notice.tone {
        Tone::Failed => "note-line note-failed",
        _ => "note-line",
    };
    let mut line = el("div", class).child(el("p", "note-text").text(&notice.text));
    match notice.tone {
        Tone::Undoable => {
            let text = session.state.text;
            let then = text.get_untracked();
            let undo = button("text-button", "Undo", move || session.undo());
            // Later changes are undone first, with the button of the toolbar.
            let undo = undo.flag("hidden", move || text.with(|text| *text != then));
            line = line.child(undo.id("notice-undo"));
        }
        Tone::Series(series) => {
            let load = series.clone();
            line = line
                .child(
                    button("text-button", "Use as load", move || {
                        use_series(&session, &load);
                    })
                    .id("paste-load"),
                )
                .child(
                    button("text-button", "Paste as text", move || {
                        said.set(None);
                        session.place.insert(session.state.text, &series);
                    })
                    .id("paste-text"),
                );
        }
        Tone::Done | Tone::Failed => {}
    }
    line.child(button("text-button", "Dismiss", move || said.set(None)))
}
