//! Notices: that something was done or failed, with actions such as undo.

use leptos::html;
use leptos::prelude::*;

use crate::add::use_series;
use crate::session::Session;
use crate::state::Playground;

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
#[component]
pub fn NoticeBar() -> impl IntoView {
    let notice = expect_context::<Playground>().notice;
    let region = NodeRef::<html::Div>::new();
    // A button that removes the notice would lose the focus with it.
    let keep_focus = move |_| {
        let active = document().active_element();
        if active.is_some_and(|active| active.tag_name() == "TEXTAREA") {
            return;
        }
        if let Some(region) = region.get_untracked() {
            let _ = region.focus();
        }
    };
    view! {
        // Screen readers announce changes of a live region only if it exists before.
        <div
            class="note"
            role="status"
            tabindex="-1"
            data-testid="notice"
            node_ref=region
            on:click=keep_focus
        >
            {move || notice.get().map(|notice| view! { <Line notice /> })}
        </div>
    }
}

#[component]
fn Line(
    /// What it says.
    notice: Notice,
) -> impl IntoView {
    let shown = expect_context::<Playground>().notice;
    let failed = notice.tone == Tone::Failed;
    let actions = match notice.tone {
        Tone::Undoable => Some(view! { <UndoButton /> }.into_any()),
        Tone::Series(series) => Some(view! { <SeriesButtons series /> }.into_any()),
        Tone::Done | Tone::Failed => None,
    };
    view! {
        <div class="note-line" class:note-failed=failed>
            <p class="note-text">{notice.text}</p>
            {actions}
            <button type="button" class="text-button" on:click=move |_| shown.set(None)>
                "Dismiss"
            </button>
        </div>
    }
}

/// Undoes what the notice tells, as long as nothing was changed since.
#[component]
fn UndoButton() -> impl IntoView {
    let session = expect_context::<Session>();
    let text = session.state.text;
    let then = text.get_untracked();
    view! {
        <button
            type="button"
            class="text-button"
            data-testid="notice-undo"
            // Later changes are undone first, with the button of the toolbar.
            hidden=move || text.with(|text| *text != then)
            on:click=move |_| session.undo()
        >
            "Undo"
        </button>
    }
}

/// What to do with a recorded series that was pasted.
#[component]
fn SeriesButtons(
    /// The series, as pasted.
    series: String,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let state = session.state;
    let load = series.clone();
    let paste = move |_| {
        state.notice.set(None);
        session.place.insert(state.text, &series);
    };
    view! {
        <button
            type="button"
            class="text-button"
            data-testid="paste-load"
            on:click=move |_| use_series(session, &load)
        >
            "Use as load"
        </button>
        <button type="button" class="text-button" data-testid="paste-text" on:click=paste>
            "Paste as text"
        </button>
    }
}
