//! Knows what is kept in the browser between two visits, and does without where it may not keep.

use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;

use crate::state::Playground;

const TEXT: &str = "hpa-playground/v1/text";

/// Texts beyond this are not kept, so that one paste cannot fill the origin's storage.
const LIMIT: usize = 1_000_000;

/// How long a person must have stopped before it is written down.
const PAUSE: Duration = Duration::from_millis(300);

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// What was kept, if anything was.
#[must_use]
pub fn restore() -> Option<String> {
    storage()?.get_item(TEXT).ok().flatten()
}

/// Keeps what is typed and drawn from now on.
pub fn keep(state: Playground) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<()>| {
        state.text.track();
        // The first time nothing has changed yet.
        if before.is_none() {
            return;
        }
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || write(state), PAUSE).ok());
    });
}

fn write(state: Playground) {
    let (Some(storage), Some(text)) = (storage(), state.text.try_get_untracked()) else {
        return;
    };
    if text.len() <= LIMIT {
        // A full or blocked storage costs the memory of this visit, not the visit.
        let _ = storage.set_item(TEXT, &text);
    }
}
