//! The transport: play, pause, step, scrub, speed, and the load at the cursor.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::chart::scale::{axis, round_step};
use crate::format::{clock, counted, number, spoken};
use crate::playback::{self, SPEEDS};
use crate::state::{Freshness, Playground};

/// Starts to play, from the beginning if the cursor is at the end.
fn play(state: Playground, clock: StoredValue<u32>) {
    if state.syncs.with_untracked(Vec::is_empty) {
        return;
    }
    if untrack(|| state.now() >= state.length()) {
        state.go(0.0);
    }
    state.playing.set(true);
    // Frames of an earlier start end when they see a later one.
    clock.update_value(|start| *start = start.wrapping_add(1));
    next_frame(state, clock, clock.get_value(), now());
}

fn next_frame(state: Playground, clock: StoredValue<u32>, start: u32, before: f64) {
    request_animation_frame(move || {
        if clock.try_get_value() != Some(start) || state.playing.try_get_untracked() != Some(true) {
            return;
        }
        let time = now();
        let (cursor, end, speed) = untrack(|| (state.now(), state.length(), state.speed.get()));
        if let Some(cursor) = playback::advance(cursor, time - before, speed, end) {
            state.cursor.set(cursor);
            next_frame(state, clock, start, time);
        } else {
            state.go(end);
            state.playing.set(false);
        }
    });
}

/// Real time [s], never going back.
fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1000.0)
}

/// Moves the cursor by keys that nothing else on the page wants: space, arrows, Home and End.
fn key(state: Playground, clock: StoredValue<u32>, event: &KeyboardEvent) {
    let modified = event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key();
    let target = event
        .target()
        .map(wasm_bindgen::JsCast::unchecked_into::<web_sys::Element>);
    let wanted = target.is_some_and(|target| {
        matches!(
            target.tag_name().as_str(),
            "INPUT" | "TEXTAREA" | "SELECT" | "BUTTON" | "SUMMARY" | "A"
        )
    });
    if modified || wanted {
        return;
    }
    match event.key().as_str() {
        " " => toggle(state, clock),
        "ArrowRight" => state.step_forward(),
        "ArrowLeft" => state.step_back(),
        "Home" => state.go(0.0),
        "End" => state.go(untrack(|| state.length())),
        _ => return,
    }
    event.prevent_default();
}

fn toggle(state: Playground, clock: StoredValue<u32>) {
    if state.playing.get_untracked() {
        state.playing.set(false);
    } else {
        play(state, clock);
    }
}

/// The transport bar.
#[component]
pub fn Transport(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let frames = StoredValue::new(0_u32);
    let keys = window_event_listener(leptos::ev::keydown, move |event| key(state, frames, &event));
    on_cleanup(move || keys.remove());
    let idle = move || state.latest.with(|latest| latest.run.is_none());
    let desired = move || {
        state.detail.with(|detail| {
            detail.as_ref().map_or_else(String::new, |detail| {
                format!(
                    ", {}",
                    counted(detail.explanation.desired.into(), "replica", "replicas")
                )
            })
        })
    };
    view! {
        <section class="transport" aria-label="Playback and load">
            <div class="transport-keys">
                <button type="button" class="icon" aria-label="Previous sync" title="Previous sync (←)" data-testid="step-back"
                    disabled=idle on:click=move |_| state.step_back()>
                    <svg aria-hidden="true" viewBox="0 0 16 16"><path d="M12 3v10L5 8zM3 3h1.5v10H3z" /></svg>
                </button>
                <button type="button" class="icon icon-main" data-testid="play" title="Play or pause (space)"
                    aria-label=move || if state.playing.get() { "Pause" } else { "Play" }
                    disabled=idle on:click=move |_| toggle(state, frames)>
                    <svg aria-hidden="true" viewBox="0 0 16 16">
                        <path d=move || if state.playing.get() { "M4 3h3v10H4zM9 3h3v10H9z" } else { "M4 2.5v11L13 8z" } />
                    </svg>
                </button>
                <button type="button" class="icon" aria-label="Next sync" title="Next sync (→)" data-testid="step-forward"
                    disabled=idle on:click=move |_| state.step_forward()>
                    <svg aria-hidden="true" viewBox="0 0 16 16"><path d="M4 3v10l7-5zM11.5 3H13v10h-1.5z" /></svg>
                </button>
            </div>
            <label class="transport-speed">
                <span class="visually-hidden">"Speed"</span>
                <select data-testid="speed"
                    on:change:target=move |event| if let Ok(speed) = event.target().value().parse() { state.speed.set(speed) }>
                    {SPEEDS.map(|speed| view! {
                        <option value=speed.to_string() selected=speed == playback::FIRST_SPEED>{format!("{speed} ×")}</option>
                    }).collect_view()}
                </select>
            </label>
            <div class="transport-time">
                <output class="clock" data-testid="clock">{move || clock(state.now())}</output>
                <input type="range" class="scrubber" data-testid="scrubber" aria-label="Time" min="0" step="1"
                    max=move || state.length().to_string()
                    prop:value=move || state.now().to_string()
                    aria-valuetext=move || spoken(state.now()) + &desired()
                    disabled=idle
                    on:input:target=move |event| if let Ok(time) = event.target().value().parse() { state.go(time) } />
                <span class="clock quiet">{move || clock(state.length())}</span>
            </div>
            <LoadSlider state=state />
        </section>
    }
}

/// The load at the cursor. Moving the slider writes the load there.
#[component]
fn LoadSlider(state: Playground) -> impl IntoView {
    // The range only grows, and not while the slider is held: a slider cannot go beyond its end.
    let end = Memo::new(move |before: Option<&f64>| {
        let peak = state.latest.with(|latest| {
            let load = latest
                .trace()
                .into_iter()
                .flat_map(|trace| &trace.steps.load);
            load.fold(0.0, |peak, load| f64::max(peak, (*load).into()))
        });
        match before {
            Some(before) if peak <= *before => *before,
            _ => axis((2.0 * peak).max(10.0), 4, 0.0).end,
        }
    });
    let rate = Memo::new(move |_| state.load());
    let stale = move || {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    };
    // Where the cursor stood when the slider was last moved, while it is held.
    let held = StoredValue::new(None::<f64>);
    let draw = move |rate: f64| {
        if rate.is_finite() && rate >= 0.0 {
            let now = untrack(|| state.now());
            state.draw_load(held.get_value().unwrap_or(now).min(now), rate);
            held.set_value(Some(now));
        }
    };
    view! {
        <div class="transport-load">
            <label for="load-slider">"Load"</label>
            <input type="range" id="load-slider" class="load-slider" data-testid="load" min="0"
                max=move || end.get().to_string()
                step=move || round_step(end.get(), 200).to_string()
                prop:value=move || rate.get().to_string()
                disabled=stale
                aria-valuetext=move || format!("{} requests per second", number(rate.get()))
                on:input:target=move |event| if let Ok(rate) = event.target().value().parse() { draw(rate) }
                on:change=move |_| held.set_value(None) />
            <span class="load-field">
                <input type="number" class="load-number" data-testid="load-number" aria-label="Load in requests per second"
                    min="0" step="any" inputmode="decimal"
                    disabled=stale
                    prop:value=move || rate.get().to_string()
                    on:change:target=move |event| {
                        if let Ok(rate) = event.target().value().parse() { draw(rate) }
                        held.set_value(None);
                    } />
                <span aria-hidden="true">"requests/s"</span>
            </span>
        </div>
    }
}
