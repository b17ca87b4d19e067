//! What the browser stores between visits. Everything works without storage too.

use hpa_simulation::chart::ChartKind;
use hpa_simulation::experiment::Provenance;
use hpa_simulation::experiment::link::Content;
use leptos::prelude::*;

use super::recent::{self, Recent};
use crate::debounce;
use crate::state::Playground;

const TEXT: &str = "hpa-playground/v1/text";
/// The text that the saved one was derived from.
const ORIGIN: &str = "hpa-playground/v1/origin";
/// The version that both were written with.
const MADE: &str = "hpa-playground/v1/made";
const RECENT: &str = "hpa-playground/v1/recent";
/// A text that is not yet among the recent ones.
const SET_ASIDE: &str = "hpa-playground/v1/set-aside";
/// Set by a panic: the page crashed on the text of the last visit.
const BROKEN: &str = "hpa-playground/v1/broken";
/// The charts that are shown.
const CHARTS: &str = "hpa-playground/v1/charts";
const TOUR: &str = "hpa-playground/v1/tour";

/// Longer texts are not saved, so that one paste cannot fill the origin's storage.
const LIMIT: usize = 1_000_000;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Whether it was saved. A full or blocked storage does not stop the page from working.
fn put(key: &str, value: &str) -> bool {
    value.len() <= LIMIT && storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

fn take(key: &str) -> Option<String> {
    let value = read(key)?;
    let _ = storage()?.remove_item(key);
    Some(value)
}

/// Whether storage is available.
#[must_use]
pub fn works() -> bool {
    const PROBE: &str = "hpa-playground/v1/probe";
    put(PROBE, "1") && take(PROBE).is_some()
}

/// The saved text, if there is one.
#[must_use]
pub fn restore() -> Option<Content> {
    saved(TEXT)
}

/// The text that the saved one was derived from.
#[must_use]
pub fn origin() -> Option<Content> {
    saved(ORIGIN)
}

fn saved(key: &str) -> Option<Content> {
    let saved = Content::unrecorded(read(key)?);
    let made = read(MADE).and_then(|made| Provenance::parse(&made));
    let made = made.unwrap_or(saved.made);
    Some(saved.with_made(made))
}

/// The charts that were shown, in the notation of links.
#[must_use]
pub fn charts() -> Option<String> {
    read(CHARTS)
}

/// Saves the text that later changes are compared with.
pub fn keep_origin(text: &str) {
    put(ORIGIN, text);
}

/// The recent experiments, newest first.
#[must_use]
pub fn recent() -> Vec<Recent> {
    read(RECENT).map_or_else(Vec::new, |kept| recent::read(&kept))
}

/// Saves a text as it is until [`put_away`] adds it to the recent experiments, which takes a part of the
/// program that may be missing now.
pub fn set_aside(text: &str) {
    put(SET_ASIDE, text);
}

/// The text that was set aside and not put away, perhaps in an earlier visit.
#[must_use]
pub fn waiting() -> Option<String> {
    read(SET_ASIDE)
}

/// Adds a text to the recent experiments.
pub fn put_away(text: &str) {
    let mut all = recent();
    recent::add(&mut all, text, now());
    if put(RECENT, &recent::write(&all)) && waiting().as_deref() == Some(text) {
        take(SET_ASIDE);
    }
}

/// Clears the recent experiments.
pub fn clear_recent() {
    take(RECENT);
}

/// Whether to show the tour: true once, and never without storage.
#[must_use]
pub fn first_visit() -> bool {
    read(TOUR).is_none() && read(TEXT).is_none() && put(TOUR, "seen")
}

/// Records that the page crashed on the text, and saves `text` if there is a newer one.
pub fn keep_broken(text: Option<&str>) {
    if let Some(text) = text {
        put(TEXT, text);
    }
    put(BROKEN, "1");
}

/// Whether the page crashed on the saved text; true once.
#[must_use]
pub fn was_broken() -> bool {
    take(BROKEN).is_some()
}

/// Milliseconds since 1970.
fn now() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    let now = js_sys::Date::now() as u64;
    now
}

/// Saves the text and the choice of charts from now on.
pub fn keep(state: Playground) {
    debounce::after_changes(move || state.text.track(), move || write(state));
    debounce::after_changes(
        move || state.shown.track(),
        move || {
            if let Some(shown) = state.shown.try_get_untracked() {
                put(CHARTS, &ChartKind::list(&shown));
            }
        },
    );
}

fn write(state: Playground) {
    if let Some(text) = state.text.try_get_untracked() {
        put(TEXT, &text);
        put(MADE, &Provenance::current().to_string());
    }
}
