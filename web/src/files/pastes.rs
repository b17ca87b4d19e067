//! Recorded series that are pasted where they would break the text, or outside any field.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element};

use crate::add::recorded_series;
use crate::model;
use crate::options::Access;
use crate::session::Session;
use crate::shell::notice::{Notice, Tone};

/// Offers to use such a series as the load.
pub fn accept_pastes(session: Session) {
    if session.state.access == Access::ReadOnly {
        return;
    }
    let pasted = window_event_listener(ev::paste, move |event| {
        let data = event.clipboard_data();
        let Some(paste) = data.and_then(|data| data.get_data("text/plain").ok()) else {
            return;
        };
        if let Some(summary) = offered(session, &event, &paste) {
            event.prevent_default();
            session.state.notice.set(Some(Notice {
                text: format!("This is a recorded series: {summary}."),
                tone: Tone::Series(paste),
            }));
        }
    });
    on_cleanup(move || pasted.remove());
}

/// A description of the pasted series; `None` if it can be pasted as text.
fn offered(session: Session, event: &ClipboardEvent, paste: &str) -> Option<String> {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let in_field = target.is_some_and(|target| matches!(&*target.tag_name(), "INPUT" | "TEXTAREA"));
    let summary = recorded_series::recognized(paste)?;
    if in_field {
        // A series may be pasted under its field of a document.
        let text = session.place.pasted(event, paste)?;
        model::read(&text).experiment.is_none().then_some(summary)
    } else {
        Some(summary)
    }
}
