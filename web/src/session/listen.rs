//! What a visit listens to: the address, the ends of strokes, and the keys of undo.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::Session;
use super::address::forget_fragment;

impl Session {
    /// Follows the address and the keys of undo, as long as the page is there.
    pub(super) fn listen(self) {
        let arrived = window_event_listener(ev::hashchange, move |_| self.arrive());
        let stroke = window_event_listener(ev::pointerup, move |_| self.history.seal());
        let keys = window_event_listener(ev::keydown, move |event| {
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
}

/// Whether the key was pressed in a field that has its own undo.
fn owns_undo(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        let field = target.tag_name() == "INPUT"
            && target.get_attribute("type").as_deref() != Some("range");
        field || target.closest("dialog").ok().flatten().is_some()
    })
}
