//! A visit: what it begins with, and opening texts without losing the previous one.

mod address;
pub mod history;
pub mod link;
mod listen;
pub mod persist;
pub mod recent;
mod start;
mod view;

use hpa_simulation::chart::ChartKind;
use hpa_simulation::experiment::link::Content;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub use self::address::address;
use self::history::{Change, History};
use self::start::Start;
use crate::editor::Place;
use crate::options::Options;
use crate::shell::notice::Notice;
use crate::state::Playground;

/// The visit. Copies are handles to the same one.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// The page's state.
    pub state: Playground,
    /// Undo and redo.
    pub history: History,
    /// The editor.
    pub place: Place,
    /// The text that was opened last, unchanged.
    pub origin: RwSignal<String>,
    /// Whether the browser's storage is available.
    pub kept: bool,
    /// Whether this is the first visit, and not by a link.
    pub first: bool,
}

impl Session {
    /// Begins a visit: its state, and the initial content for [`Self::settle`].
    #[must_use]
    pub fn begin(options: &Options) -> (Self, Content) {
        let kept = persist::works() && options.start.is_none();
        let start = Start::of(options);
        let state = Playground::new(start.content.text.clone(), options.access);
        if let Some(charts) = persist::charts() {
            state.shown.set(ChartKind::parse_list(&charts));
        }
        state.notice.set(start.notice);
        let session = Self {
            state,
            history: History::of(state.text, state.next, start.before.clone()),
            place: Place::default(),
            origin: RwSignal::new(start.origin),
            kept,
            first: kept && options.link.is_none() && persist::first_visit(),
        };
        if let Some(waiting) = persist::waiting().filter(|_| kept) {
            session.put_away(waiting);
        }
        if let Some(before) = start.before {
            session.put_away(before);
        }
        (session, start.content)
    }

    /// Restores the view of the initial content, or else moves to the first change of the replica count;
    /// saves changes from now on.
    pub fn settle(self, content: &Content) {
        self.show(content.clone());
        if self.kept {
            self.keep_origin();
            persist::keep(self.state);
        }
        self.listen();
    }

    /// Looks where the content says, or else at the first rescale, once there is a run.
    fn show(self, content: Content) {
        let state = self.state;
        state.computation.once_done(move || {
            state.go_to_first_rescale();
            view::show(state, &content);
        });
    }

    fn keep_origin(self) {
        if self.kept {
            self.origin
                .with_untracked(|origin| persist::keep_origin(origin));
        }
    }

    /// Opens the link in the address.
    fn arrive(self) {
        spawn_local(async move {
            let Some(link) = link::in_address().await else {
                return;
            };
            if self.state.text.is_disposed() {
                return;
            }
            match link {
                Ok(content) => self.open_saved(content, "Opened the link."),
                Err(failure) => self.fail(failure.to_string()),
            }
        });
    }

    /// Adds a text to the recent experiments; where that is not possible now, at the next visit.
    fn put_away(self, text: String) {
        persist::set_aside(&text);
        spawn_local(async move {
            if let Err(missing) = link::put_away(text).await {
                let notice = Notice::undoable(format!(
                    "The previous text will be under Files at the next visit: {missing} Undo restores it."
                ));
                self.state.notice.try_set(Some(notice));
            }
        });
    }

    /// Opens a saved text, with a note if another version of the page wrote it.
    pub fn open_saved(self, content: Content, what: &str) {
        let (content, note) = content.open();
        match note {
            Some(note) => self.open(&content, &format!("{what} {note}")),
            None => self.open(&content, what),
        }
    }

    /// Opens another text; the previous one becomes a recent experiment, and undo restores it.
    pub fn open(self, content: &Content, what: &str) {
        let before = self.state.text.get_untracked();
        let own = before != content.text && before != self.origin.get_untracked();
        if self.kept && own {
            self.put_away(before.clone());
        }
        self.state.playing.set(false);
        self.origin.set(content.text.clone());
        self.keep_origin();
        self.history.open(content.text.clone());
        request_animation_frame(move || self.place.home());
        self.show(content.clone());
        self.state.notice.set(Some(if before == content.text {
            Notice::done(what)
        } else {
            Notice::undoable(what)
        }));
    }

    /// Shows a notice that something was done.
    pub fn tell(self, text: impl Into<String>) {
        self.state.notice.set(Some(Notice::done(text)));
    }

    /// Shows a notice that something failed.
    pub fn fail(self, text: impl Into<String>) {
        self.state.notice.set(Some(Notice::failed(text)));
    }

    /// Undoes one step and moves the caret there.
    pub fn undo(self) {
        self.step(self.history.undo());
    }

    /// Redoes one step and moves the caret there.
    pub fn redo(self) {
        self.step(self.history.redo());
    }

    fn step(self, change: Option<Change>) {
        let Some(change) = change else {
            return;
        };
        self.state.notice.set(None);
        // The focus stays where it is; the caret only matters in the editor.
        let editing = document()
            .active_element()
            .is_some_and(|element| element.tag_name() == "TEXTAREA");
        if editing {
            request_animation_frame(move || {
                self.state.text.with_untracked(|text| {
                    self.place.select(text, change.end_after, change.end_after);
                });
            });
        }
    }

    /// The content of a link to the current state.
    #[must_use]
    pub fn content(self) -> Content {
        view::content(self.state)
    }

    /// The title of the text that was read last.
    #[must_use]
    pub fn title(self) -> String {
        self.state.read.with(|read| recent::title(read))
    }
}
