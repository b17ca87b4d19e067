//! Knows when a person has stopped changing something, for what need not follow at once.

use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;

/// How long a person must have stopped.
const PAUSE: Duration = Duration::from_millis(300);

/// Calls `then` whenever what `changed` reads has changed and then been still for a moment.
pub fn after(changed: impl Fn() + 'static, then: impl Fn() + 'static) {
    let then = Rc::new(then);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    on_cleanup(move || {
        if let Some(Some(handle)) = waiting.try_get_value() {
            handle.clear();
        }
    });
    Effect::new(move |before: Option<()>| {
        changed();
        // The first time nothing has changed yet.
        if before.is_none() {
            return;
        }
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        let then = Rc::clone(&then);
        waiting.set_value(set_timeout_with_handle(move || then(), PAUSE).ok());
    });
}
