//! Debouncing of work that need not follow every change at once, such as saving.

use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;

/// How long nothing must have changed before the work runs.
const PAUSE: Duration = Duration::from_millis(300);

/// Calls `then` once the signals that `changed` reads have changed and then stayed the same for a moment.
pub fn after_changes(changed: impl Fn() + 'static, then: impl Fn() + 'static) {
    let then = Rc::new(then);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    on_cleanup(move || {
        if let Some(Some(handle)) = waiting.try_get_value() {
            handle.clear();
        }
    });
    Effect::new(move |before: Option<()>| {
        changed();
        // The first run only subscribes.
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
