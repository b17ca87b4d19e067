//! Playing the run: the cursor advances with each frame.

use leptos::prelude::*;
use leptos_use_raf_fn::{Pausable, UseRafFnOptions, use_raf_fn_with_options};

use super::playback;
use crate::state::Playground;

/// Starts and stops playing. The run plays while [`Playground::playing`] is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Player {
    state: Playground,
}

impl Player {
    /// Plays until the current owner goes away.
    pub(super) fn new(state: Playground) -> Self {
        let Pausable { pause, resume, .. } = use_raf_fn_with_options(
            move |frame| advance(state, frame.delta / 1000.0),
            UseRafFnOptions::default().immediate(false),
        );
        Effect::new(move |_| {
            if state.playing.get() {
                resume();
            } else {
                pause();
            }
        });
        Self { state }
    }

    /// Plays or pauses; at the end, playing starts from the beginning.
    pub(super) fn toggle(self) {
        let state = self.state;
        if state.playing.get_untracked() {
            state.playing.set(false);
        } else if state.syncs.with_untracked(|syncs| !syncs.is_empty()) {
            if untrack(|| state.now() >= state.length()) {
                state.go(0.0);
            }
            state.playing.set(true);
        }
    }
}

/// Moves the cursor on by `elapsed` real seconds; at the end of the run, stops there.
fn advance(state: Playground, elapsed: f64) {
    let (cursor, end, speed) = untrack(|| (state.now(), state.length(), state.speed.get()));
    if let Some(cursor) = playback::advance(cursor, elapsed, speed, end) {
        state.cursor.set(cursor);
    } else {
        state.go(end);
        state.playing.set(false);
    }
}
