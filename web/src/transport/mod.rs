//! The transport: play, pause, step, scrub, speed, and the load at the cursor.

pub mod load_slider;
pub mod playback;
mod player;
mod shortcuts;

use leptos::prelude::*;

use self::load_slider::LoadSlider;
use self::playback::SPEEDS;
use self::player::Player;
pub use self::shortcuts::SHORTCUTS;
use crate::format::{clock, counted, spoken};
use crate::shell::dialog::Dialogs;
use crate::shell::icon::Icon;
use crate::state::Playground;

/// The bar below the panels.
#[component]
pub fn Transport() -> impl IntoView {
    let state = expect_context::<Playground>();
    let dialogs = expect_context::<Dialogs>();
    let player = Player::new(state);
    shortcuts::listen(state, dialogs, player);
    view! {
        <section class="transport" aria-label="Playback and load">
            <Buttons player />
            <Speed />
            <Timeline />
            <button
                type="button"
                class="text-button"
                aria-haspopup="dialog"
                title="Add an event, a load shape or a recorded series at the cursor"
                data-testid="open-add"
                disabled=move || state.fixed()
                on:click=move |_| dialogs.add.set(true)
            >
                "Add …"
            </button>
            <LoadSlider />
        </section>
    }
}

#[component]
fn Buttons(
    /// What the button in the middle starts and stops.
    player: Player,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let icon = Signal::derive(move || {
        if state.playing.get() {
            "M4 3h3v10H4zM9 3h3v10H9z"
        } else {
            "M4 2.5v11L13 8z"
        }
    });
    view! {
        <div class="transport-keys">
            <MoveButton
                id="jump-back"
                label="Previous rescale or changed condition"
                keys="Shift + ←"
                icon="M9 3v10L3.5 8zM14.5 3v10L9 8zM1.5 3H3v10H1.5z"
                go=Playground::jump_back
            />
            <MoveButton
                id="step-back"
                label="Previous sync"
                keys="←"
                icon="M12 3v10L5 8zM3 3h1.5v10H3z"
                go=Playground::step_back
            />
            <button
                type="button"
                class="icon icon-main"
                title="Play or pause (space)"
                data-testid="play"
                aria-label=move || if state.playing.get() { "Pause" } else { "Play" }
                disabled=move || state.idle()
                on:click=move |_| player.toggle()
            >
                <Icon path=icon />
            </button>
            <MoveButton
                id="step-forward"
                label="Next sync"
                keys="→"
                icon="M4 3v10l7-5zM11.5 3H13v10h-1.5z"
                go=Playground::step_forward
            />
            <MoveButton
                id="jump-forward"
                label="Next rescale or changed condition"
                keys="Shift + →"
                icon="M7 3v10l5.5-5zM1.5 3v10L7 8zM13 3h1.5v10H13z"
                go=Playground::jump_forward
            />
        </div>
    }
}

#[component]
fn MoveButton(
    /// Its `data-testid`.
    id: &'static str,
    /// Where it moves the cursor.
    label: &'static str,
    /// The keys that do the same.
    keys: &'static str,
    /// The outline of its icon.
    icon: &'static str,
    /// Moves the cursor.
    go: fn(&Playground),
) -> impl IntoView {
    let state = expect_context::<Playground>();
    view! {
        <button
            type="button"
            class="icon"
            aria-label=label
            title=format!("{label} ({keys})")
            data-testid=id
            disabled=move || state.idle()
            on:click=move |_| go(&state)
        >
            <Icon path=icon />
        </button>
    }
}

#[component]
fn Speed() -> impl IntoView {
    let speed = expect_context::<Playground>().speed;
    let option =
        |speed: u32| view! { <option value=speed.to_string()>{format!("{speed} ×")}</option> };
    view! {
        <label class="transport-speed">
            <span class="visually-hidden">"Speed"</span>
            <select
                data-testid="speed"
                prop:value=move || speed.get().to_string()
                on:change:target=move |event| {
                    if let Ok(chosen) = event.target().value().parse() {
                        speed.set(chosen);
                    }
                }
            >
                {SPEEDS.map(option).collect_view()}
            </select>
        </label>
    }
}

/// The time of the cursor, the scrubber and the length of the run.
#[component]
fn Timeline() -> impl IntoView {
    let state = expect_context::<Playground>();
    let desired = Memo::new(move |_| {
        state.detail.with(|detail| {
            let desired = detail.as_ref()?.explanation.desired.into();
            Some(counted(desired, "replica", "replicas"))
        })
    });
    let spoken = move || {
        let time = spoken(state.now());
        match desired.get() {
            Some(desired) => format!("{time}, {desired}"),
            None => time,
        }
    };
    view! {
        <div class="transport-time">
            <output class="clock" data-testid="clock">
                {move || clock(state.now())}
            </output>
            <input
                type="range"
                class="scrubber"
                data-testid="scrubber"
                aria-label="Time"
                min="0"
                step="1"
                max=move || state.length().to_string()
                prop:value=move || state.now().to_string()
                aria-valuetext=spoken
                disabled=move || state.idle()
                on:input:target=move |event| {
                    if let Ok(time) = event.target().value().parse() {
                        state.go(time);
                    }
                }
            />
            <span class="clock quiet" data-testid="length">
                {move || clock(state.length())}
            </span>
        </div>
    }
}
