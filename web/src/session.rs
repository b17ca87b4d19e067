//! A visit: what it begins with, and opening texts without losing the previous one.

use hpa_simulation::chart::ChartKind;
use hpa_simulation::experiment::link::{self, Content};
use leptos::prelude::*;

use crate::editor::Place;
use crate::history::History;
use crate::live::RwSignal;
use crate::notice::Notice;
use crate::options::Options;
use crate::state::{Panel, Playground};
use crate::{model, persist, recent};
use hpa_simulation::chart::time_range as window;

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

/// What a visit begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    content: Content,
    /// The text that this one was derived from.
    origin: String,
    /// The previous text, if another one is shown.
    before: Option<String>,
    notice: Option<Notice>,
}

/// Chooses what to begin with: the link, or else the saved text, or else the walkthrough.
fn start(fragment: &str, kept: Option<Content>, origin: Option<Content>, broken: bool) -> Start {
    let (kept, note) = kept.map_or((None, None), |kept| {
        let (kept, note) = kept.open();
        (Some(kept.text), note)
    });
    let kept = kept.filter(|text| text != model::PHP_APACHE);
    if fragment.is_empty() || fragment == "#" {
        if broken {
            let text = "The page crashed on the text from your last visit. Find it under Files; undo restores it.";
            return Start {
                content: Content::of(model::PHP_APACHE),
                origin: model::PHP_APACHE.to_owned(),
                notice: kept.is_some().then(|| Notice::undoable(text)),
                before: kept,
            };
        }
        let origin = origin.map(|origin| origin.open().0.text);
        let notice = kept.as_ref().and(note).map(Notice::done);
        let text = kept.unwrap_or_else(|| model::PHP_APACHE.to_owned());
        return Start {
            origin: origin.unwrap_or_else(|| text.clone()),
            content: Content::of(text),
            before: None,
            notice,
        };
    }
    match link::decode(fragment).map(Content::open) {
        Ok((content, note)) => {
            let before = kept.filter(|kept| *kept != content.text);
            let text = "Opened the link. Your previous text is under Files; undo restores it.";
            let notice = match (&before, note) {
                (Some(_), None) => Some(Notice::undoable(text)),
                (Some(_), Some(note)) => Some(Notice::undoable(format!("{text} {note}"))),
                (None, note) => note.map(Notice::done),
            };
            Start {
                notice,
                origin: content.text.clone(),
                content,
                before,
            }
        }
        Err(error) => Start {
            notice: Some(Notice::failed(format!("The link was not opened: {error}."))),
            ..start("", kept.map(Content::of), origin, broken)
        },
    }
}

impl Session {
    /// Begins a visit: its state, and the initial content for [`Self::settle`].
    #[must_use]
    pub fn begin(options: &Options) -> (Self, Content) {
        let kept = persist::works() && options.start.is_none();
        let start = match &options.start {
            Some(text) => Start {
                origin: text.clone(),
                content: Content::of(text),
                before: None,
                notice: None,
            },
            None => start(
                &fragment(),
                persist::restore(),
                persist::origin(),
                persist::was_broken(),
            ),
        };
        if let Some(before) = &start.before {
            persist::put_away(before);
        }
        let state = Playground::new(start.content.text.clone(), options.access);
        if let Some(charts) = persist::charts() {
            state.shown.set(ChartKind::parse_list(&charts));
        }
        state.notice.set(start.notice);
        let session = Self {
            state,
            history: History::of(state.text, state.next, start.before),
            place: Place::default(),
            origin: RwSignal::new(start.origin),
            kept,
            first: kept && fragment().is_empty() && persist::first_visit(),
        };
        (session, start.content)
    }

    /// Restores the view of the initial content, or else moves to the first change of the replica count;
    /// saves changes from now on.
    pub fn settle(self, content: &Content) {
        self.state.go_to_first_rescale();
        show(self.state, content);
        if self.kept {
            self.keep_origin();
            persist::keep(self.state);
        }
        self.listen();
    }

    fn keep_origin(self) {
        if self.kept {
            self.origin
                .with_untracked(|origin| persist::keep_origin(origin));
        }
    }

    fn listen(self) {
        let arrived = window_event_listener(leptos::ev::hashchange, move |_| self.arrive());
        let stroke = window_event_listener(leptos::ev::pointerup, move |_| self.history.seal());
        let keys = window_event_listener(leptos::ev::keydown, move |event| {
            let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
            if !command || event.default_prevented() || owns_undo(&event) {
                return;
            }
            match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
                ("z", false) => self.undo(),
                ("z", true) | ("y", false) => self.redo(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || {
            arrived.remove();
            stroke.remove();
            keys.remove();
        });
        // Otherwise someone could copy an address that no longer matches the screen.
        let state = self.state;
        Effect::new(move |before: Option<()>| {
            state.text.track();
            if before.is_some() {
                forget_fragment();
            }
        });
    }

    /// Opens the link in the address.
    fn arrive(self) {
        let fragment = fragment();
        if fragment.is_empty() {
            return;
        }
        match link::decode(&fragment) {
            Ok(content) => self.open_saved(content, "Opened the link."),
            Err(error) => self.fail(format!("The link was not opened: {error}.")),
        }
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
            persist::put_away(&before);
        }
        self.state.playing.set(false);
        self.origin.set(content.text.clone());
        self.keep_origin();
        self.history.open(content.text.clone());
        request_animation_frame(move || self.place.home());
        self.state.go_to_first_rescale();
        show(self.state, content);
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

    fn step(self, change: Option<crate::history::Change>) {
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
        let state = self.state;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let cursor = (state.now() * 1000.0).round() as u64;
        let panel = match state.panel.get() {
            Panel::Manifests => "manifests",
            Panel::Charts => "charts",
            Panel::Why => "why",
        };
        let mut view = vec![
            ("panel".to_owned(), panel.to_owned()),
            ("speed".to_owned(), state.speed.get().to_string()),
            (
                "charts".to_owned(),
                state.shown.with(|shown| ChartKind::list(shown)),
            ),
        ];
        if let Some(zoom) = state.zoom.get() {
            view.push(("zoom".to_owned(), window::text(zoom)));
        }
        Content::of(state.text.get())
            .with_pinned(state.pinned_text.get())
            .with_cursor(Some(cursor))
            .with_view(view)
    }

    /// The title of the text.
    #[must_use]
    pub fn title(self) -> String {
        self.state.text.with(|text| recent::title(text))
    }
}

/// Restores the view that the link describes.
fn show(state: Playground, content: &Content) {
    if let Some(cursor) = content.cursor {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
        state.go(cursor as f64 / 1000.0);
        // A link includes the pinned run; a plain text keeps the present one.
        state.pinned_text.set(content.pinned.clone());
    }
    match content.field("panel") {
        Some("manifests") => state.panel.set(Panel::Manifests),
        Some("charts") => state.panel.set(Panel::Charts),
        Some("why") => state.panel.set(Panel::Why),
        _ => {}
    }
    state
        .zoom
        .set(content.field("zoom").and_then(window::parse));
    if let Some(charts) = content.field("charts") {
        state.shown.set(ChartKind::parse_list(charts));
    }
    let speed = content.field("speed").and_then(|speed| speed.parse().ok());
    if let Some(speed) = speed.filter(|speed| crate::playback::SPEEDS.contains(speed)) {
        state.speed.set(speed);
    }
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The page's address without a fragment.
#[must_use]
pub fn address() -> String {
    let location = window().location();
    format!(
        "{}{}",
        location.origin().unwrap_or_default(),
        location.pathname().unwrap_or_default()
    )
}

fn forget_fragment() {
    if fragment().is_empty() {
        return;
    }
    let path = window().location().pathname().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
    }
}

/// Whether the key was pressed in a field that has its own undo.
fn owns_undo(event: &web_sys::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| {
        let field = target.tag_name() == "INPUT"
            && target.get_attribute("type").as_deref() != Some("range");
        field || target.closest("dialog").ok().flatten().is_some()
    })
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Provenance;

    use super::*;

    const MINE: &str = "seed: 1\n";

    #[track_caller]
    fn check(fragment: &str, kept: Option<&str>, text: &str, before: Option<&str>, says: &str) {
        let start = start(fragment, kept.map(Content::of), None, false);
        assert_eq!(start.content.text, text);
        assert_eq!(start.before.as_deref(), before);
        let notice = start.notice.map_or_else(String::new, |notice| notice.text);
        assert!(notice.contains(says), "{notice}");
        assert_eq!(notice.is_empty(), says.is_empty(), "{notice}");
    }

    #[test]
    fn a_visit_begins_with_the_link_or_the_saved_text_or_the_walkthrough() {
        let link = link::encode(&Content::of("seed: 2\n"));
        let link = format!("#{link}");
        check("", None, model::PHP_APACHE, None, "");
        check("#", Some(MINE), MINE, None, "");
        check(&link, None, "seed: 2\n", None, "");
        check(
            &link,
            Some(MINE),
            "seed: 2\n",
            Some(MINE),
            "undo restores it",
        );
        check(&link, Some("seed: 2\n"), "seed: 2\n", None, "");
        check(&link, Some(model::PHP_APACHE), "seed: 2\n", None, "");
    }

    #[test]
    fn a_bad_link_is_reported_and_the_text_is_kept() {
        check("#v1.___", Some(MINE), MINE, None, "truncated or corrupt");
        check("#v7.abc", Some(MINE), MINE, None, "newer version");
        check(
            "#nonsense",
            None,
            model::PHP_APACHE,
            None,
            "not a share link",
        );
        let long = format!("#v1.{}", "A".repeat(link::MAX_LINK + 1));
        check(&long, Some(MINE), MINE, None, "longer than");
    }

    #[test]
    fn a_text_of_another_version_is_noted_once() {
        let made = Provenance::parse("1.36/99").expect("a record");
        let other = || Content::of("seed: 2\n").with_made(made);
        let note = "made with version 99 of the simulation model";
        let notice = |start: Start| start.notice.map_or_else(String::new, |notice| notice.text);
        let link = format!("#{}", link::encode(&other()));
        check(&link, None, "seed: 2\n", None, note);
        check(&link, Some(MINE), "seed: 2\n", Some(MINE), note);
        let kept = start("", Some(other()), None, false);
        assert_eq!(kept.content, Content::of("seed: 2\n"), "kept as made here");
        assert!(notice(kept).contains(note));
    }

    #[test]
    fn a_text_that_crashed_the_page_is_not_opened_again() {
        let start = start("", Some(Content::of(MINE)), None, true);
        assert_eq!(start.content.text, model::PHP_APACHE);
        assert_eq!(start.before.as_deref(), Some(MINE));
        assert!(start.notice.is_some());
    }
}
