//! The keyboard shortcuts of the page.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::playback;
use super::player::Player;
use crate::shell::dialog::Dialogs;
use crate::state::Playground;

/// The keyboard shortcuts.
pub const SHORTCUTS: [(&str, &str); 8] = [
    ("Space", "play or pause"),
    ("→ and ←", "next and previous sync"),
    (
        "Shift + → and ←",
        "next and previous rescale or changed condition",
    ),
    ("Home and End", "beginning and end of the run"),
    ("+ and − with Shift", "play faster and slower"),
    (
        "Alt + ↑ and ↓, in the text",
        "change the number at the caret by one step",
    ),
    (
        "Alt + Shift + ↑ and ↓, in the text",
        "change it by ten steps",
    ),
    ("Ctrl + Space, in the text", "complete at the caret"),
];

/// Handles the shortcuts of playback until the current owner goes away.
pub(super) fn listen(state: Playground, dialogs: Dialogs, player: Player) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        // A dialog has keys of its own.
        if !dialogs.any_open() && !is_taken(&event) && act(state, player, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
}

/// Whether the browser or another element uses the key.
fn is_taken(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return true;
    }
    let target = event.target();
    let target = target.and_then(|target| target.dyn_into::<Element>().ok());
    let tag = target.map_or_else(String::new, |target| target.tag_name());
    match tag.as_str() {
        "INPUT" | "TEXTAREA" | "SELECT" => true,
        // Space activates these; they have no use for arrow keys.
        "BUTTON" | "SUMMARY" | "A" => event.key() == " ",
        _ => false,
    }
}

/// Does what the key stands for; false if it stands for nothing.
fn act(state: Playground, player: Player, event: &KeyboardEvent) -> bool {
    match (event.key().as_str(), event.shift_key()) {
        (" ", false) => player.toggle(),
        ("ArrowRight", false) => state.step_forward(),
        ("ArrowLeft", false) => state.step_back(),
        ("ArrowRight", true) => state.jump_forward(),
        ("ArrowLeft", true) => state.jump_back(),
        ("Home", false) => state.go(0.0),
        ("End", false) => state.go(untrack(|| state.length())),
        ("+" | "*", true) => state
            .speed
            .update(|speed| *speed = playback::faster(*speed)),
        ("_" | "-", true) => state
            .speed
            .update(|speed| *speed = playback::slower(*speed)),
        _ => return false,
    }
    true
}
