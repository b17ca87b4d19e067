//! Pastes that the browser does not make: of recorded series where they would break the text, or outside
//! any field, and of long texts.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element};

use crate::add::recorded_series;
use crate::computation::{self, Slices};
use crate::model;
use crate::options::Access;
use crate::session::Session;
use crate::shell::notice::{Notice, Tone};

/// Longer texts are pasted by the page: the browser takes many seconds to replace some texts by one of a
/// megabyte. What they come to is read in slices \[bytes\].
const LONG: usize = 65_536;

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
        let offer = recorded_series::recognized(&paste);
        // What the text becomes, where the paste goes into the editor.
        let text = session.place.pasted(&event, &paste);
        match (offer, text) {
            (None, Some(_)) if paste.len() > LONG => {
                event.prevent_default();
                session.place.paste(session.state.text, &paste);
            }
            (Some(offer), Some(text)) if text.len() > LONG => {
                event.prevent_default();
                spawn_local(decide(session, text, paste, offer));
            }
            // A series may be pasted under its field of a document.
            (Some(offer), Some(text)) if model::read(&text).experiment.is_none() => {
                event.prevent_default();
                show(session, paste, &offer);
            }
            (Some(offer), None) if !in_field(&event) => {
                event.prevent_default();
                show(session, paste, &offer);
            }
            _ => {}
        }
    });
    on_cleanup(move || pasted.remove());
}

/// Pastes a series as text if `text`, which is what comes of it, can be run; offers it as the load otherwise.
async fn decide(session: Session, text: String, paste: String, offer: String) {
    let parsed = computation::read(&text, &mut Slices::begin()).await;
    if session.state.text.is_disposed() {
        return;
    }
    if parsed.experiment.is_some() {
        session.place.paste(session.state.text, &paste);
    } else {
        show(session, paste, &offer);
    }
}

fn show(session: Session, series: String, offer: &str) {
    session.state.notice.set(Some(Notice {
        text: format!("This is a recorded series: {offer}."),
        tone: Tone::Series(series),
    }));
}

fn in_field(event: &ClipboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(&*target.tag_name(), "INPUT" | "TEXTAREA"))
}
