//! Debouncing of work that need not follow every change at once, such as saving.

use std::time::Duration;

use leptos::prelude::*;

/// How long nothing must have changed before the work runs.
const PAUSE: Duration = Duration::from_millis(300);

/// Calls `then` once the signals that `changed` reads have changed and then stayed the same for a moment.
pub fn after_changes(changed: impl Fn() + 'static, then: impl Fn() + 'static) {
    let mut then = debounce(PAUSE, move |()| then());
    Effect::watch(changed, move |(), _, _| then(()), false);
}
