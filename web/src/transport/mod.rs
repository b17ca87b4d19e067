//! The transport: play, pause, step, scrub, speed, and the load at the cursor.

pub mod playback;

use leptos::prelude::*;
use web_sys::{Event, KeyboardEvent};

use self::playback::SPEEDS;
use crate::dom::{El, button, el, html, on_window};
use crate::format::{clock, counted, number, spoken};
use crate::state::Playground;
use hpa_simulation::chart::scale::{axis, round_step};

/// Starts playing, from the beginning if the cursor is at the end.
fn play(state: Playground, clock: StoredValue<u32>) {
    if state.syncs.with_untracked(Vec::is_empty) {
        return;
    }
    if untrack(|| state.now() >= state.length()) {
        state.go(0.0);
    }
    state.playing.set(true);
    // Frames scheduled by an earlier start stop when they see a later one.
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

/// Monotonic real time [s].
fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1000.0)
}

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

/// Handles the shortcuts, unless another element uses the key.
fn key(state: Playground, clock: StoredValue<u32>, event: &KeyboardEvent) {
    // A dialog has keys of its own.
    let dialog = document().query_selector("dialog[open]");
    if dialog.is_ok_and(|dialog| dialog.is_some()) {
        return;
    }
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return;
    }
    let target = event
        .target()
        .map(wasm_bindgen::JsCast::unchecked_into::<web_sys::Element>);
    let tag = target.map_or_else(String::new, |target| target.tag_name());
    let key = event.key();
    match tag.as_str() {
        "INPUT" | "TEXTAREA" | "SELECT" => return,
        // Space activates these; they have no use for arrow keys.
        "BUTTON" | "SUMMARY" | "A" if key == " " => return,
        _ => {}
    }
    match (key.as_str(), event.shift_key()) {
        (" ", false) => toggle(state, clock),
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

/// A cursor movement.
type Move = fn(&Playground);

/// The transport bar; `adding` opens the dialog for additions.
#[must_use]
pub fn transport(state: Playground, adding: RwSignal<bool>) -> El {
    let frames = StoredValue::new(0_u32);
    on_window("keydown", move |event: KeyboardEvent| {
        key(state, frames, &event);
    });
    let bar = html(
        r#"<section class="transport" aria-label="Playback and load">
            <div class="transport-keys">
                <button type="button" class="icon" aria-label="Previous rescale or changed condition" title="Previous rescale or changed condition (Shift + ←)" data-testid="jump-back"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M9 3v10L3.5 8zM14.5 3v10L9 8zM1.5 3H3v10H1.5z"/></svg></button>
                <button type="button" class="icon" aria-label="Previous sync" title="Previous sync (←)" data-testid="step-back"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M12 3v10L5 8zM3 3h1.5v10H3z"/></svg></button>
                <button type="button" class="icon icon-main" data-testid="play" title="Play or pause (space)"><svg aria-hidden="true" viewBox="0 0 16 16"><path/></svg></button>
                <button type="button" class="icon" aria-label="Next sync" title="Next sync (→)" data-testid="step-forward"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M4 3v10l7-5zM11.5 3H13v10h-1.5z"/></svg></button>
                <button type="button" class="icon" aria-label="Next rescale or changed condition" title="Next rescale or changed condition (Shift + →)" data-testid="jump-forward"><svg aria-hidden="true" viewBox="0 0 16 16"><path d="M7 3v10l5.5-5zM1.5 3v10L7 8zM13 3h1.5v10H13z"/></svg></button>
            </div>
            <label class="transport-speed"><span class="visually-hidden">Speed</span><select data-testid="speed"></select></label>
            <div class="transport-time">
                <output class="clock" data-testid="clock"></output>
                <input type="range" class="scrubber" data-testid="scrubber" aria-label="Time" min="0" step="1">
                <span class="clock quiet" data-testid="length"></span>
            </div>
        </section>"#,
    );
    let idle = move || state.latest.with(|latest| latest.run.is_none());
    let moves: [(&str, Move); 4] = [
        ("jump-back", Playground::jump_back),
        ("step-back", Playground::step_back),
        ("step-forward", Playground::step_forward),
        ("jump-forward", Playground::jump_forward),
    ];
    for (name, go) in moves {
        bar.at(name)
            .flag("disabled", idle)
            .click(move || go(&state));
    }
    let playing = move |yes: &str, no: &str| if state.playing.get() { yes } else { no }.to_owned();
    let play = bar
        .at("play")
        .flag("disabled", idle)
        .live("aria-label", move || playing("Pause", "Play"))
        .click(move || toggle(state, frames));
    play.find("path").live("d", move || {
        playing("M4 3h3v10H4zM9 3h3v10H9z", "M4 2.5v11L13 8z")
    });
    let speeds = bar.at("speed");
    for speed in SPEEDS {
        let option = el("option", "").attr("value", &speed.to_string());
        speeds.clone().child(option.text(&format!("{speed} ×")));
    }
    speeds
        .value(move || state.speed.get().to_string())
        .entered("change", move |speed| {
            if let Ok(speed) = speed.parse() {
                state.speed.set(speed);
            }
        });
    bar.at("clock").says(move || clock(state.now()));
    bar.at("length").says(move || clock(state.length()));
    let desired = move || {
        state.detail.with(|detail| {
            detail.as_ref().map_or_else(String::new, |detail| {
                let desired = detail.explanation.desired.into();
                format!(", {}", counted(desired, "replica", "replicas"))
            })
        })
    };
    bar.at("scrubber")
        .live("max", move || state.length().to_string())
        .value(move || state.now().to_string())
        .live("aria-valuetext", move || spoken(state.now()) + &desired())
        .flag("disabled", idle)
        .number("input", move |time| state.go(time));
    let add = button("text-button", "Add …", move || adding.set(true))
        .attr("aria-haspopup", "dialog")
        .attr(
            "title",
            "Add an event, a load shape or a recorded series at the cursor",
        )
        .flag("disabled", move || state.fixed())
        .id("open-add");
    bar.child(add).child(load_slider(state))
}

/// The load at the cursor. Moving the slider writes the load there.
fn load_slider(state: Playground) -> El {
    // The range only grows, and not while the slider is held: a slider cannot be dragged beyond its end.
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
    // A run has more digits than are useful to read.
    let rate = Memo::new(move |_| (state.load() * 100.0).round() / 100.0);
    let fixed = move || state.fixed();
    // The cursor's time at the last movement, while the slider is held.
    let held = StoredValue::new(None::<f64>);
    let draw = move |rate: f64| {
        if rate.is_finite() && rate >= 0.0 {
            let now = untrack(|| state.now());
            state.draw_load(held.get_value().unwrap_or(now).min(now), rate);
            held.set_value(Some(now));
        }
    };
    let load = html(
        r#"<div class="transport-load">
            <label for="load-slider">Load</label>
            <input type="range" id="load-slider" class="load-slider" data-testid="load" min="0">
            <span class="load-field"><input type="number" class="load-number" data-testid="load-number" aria-label="Load in requests per second" min="0" step="any" inputmode="decimal"><span aria-hidden="true"><span class="long">requests</span>/s</span></span>
        </div>"#,
    );
    load.at("load")
        .live("max", move || end.get().to_string())
        .live("step", move || round_step(end.get(), 200).to_string())
        .value(move || rate.get().to_string())
        .flag("disabled", fixed)
        .live("aria-valuetext", move || {
            format!("{} requests per second", number(rate.get()))
        })
        .number("input", draw)
        .on("change", move |_: Event| held.set_value(None));
    load.at("load-number")
        .flag("disabled", fixed)
        .value(move || rate.get().to_string())
        .number("change", move |rate| {
            draw(rate);
            held.set_value(None);
        });
    load
}
