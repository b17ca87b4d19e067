//! The tools of all charts: the time of the legends' values, the zoom, and the choice of charts.

use hpa_simulation::chart::{ChartKind, event_at};
use leptos::prelude::*;

use super::menu::Menu;
use super::view_state::ViewState;
use crate::format::clock;
use crate::state::Playground;

/// The time of the values shown in the legends.
#[component]
pub(super) fn Readout(
    /// The view of the charts.
    view: ViewState,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let place = move || {
        let pointed = view.hover.with(Option::is_some);
        if pointed { "Pointer " } else { "Cursor " }
    };
    let time = move || view.hover.get().unwrap_or_else(|| state.now());
    let event = move || {
        let time = time();
        let event = state.latest.with(|latest| event_at(latest.trace()?, time));
        event.map(|event| format!(" · {event}"))
    };
    view! {
        <p class="readout" data-testid="readout">
            <span>{place}</span>
            <strong>{move || clock(time())}</strong>
            <span class="at">{event}</span>
        </p>
    }
}

/// The visible range, and the buttons that change it.
#[component]
pub(super) fn Zoom(
    /// The view of the charts.
    view: ViewState,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let range = move || {
        let (from, to) = view.range.get();
        format!("{} to {}", clock(from), clock(to))
    };
    let whole = move || view.zoom.with(Option::is_none);
    let zoom_by = move |factor| view.zoom_by(untrack(|| state.now()), factor);
    view! {
        <div class="zoom" role="group" aria-label="Zoom">
            <span class="quiet" data-testid="window" role="status" aria-label="Visible range">
                {range}
            </span>
            <button
                type="button"
                class="tool"
                aria-label="Earlier"
                title="Earlier"
                disabled=whole
                on:click=move |_| view.move_by(-0.5)
            >
                "‹"
            </button>
            <button
                type="button"
                class="tool"
                aria-label="Zoom out"
                title="Zoom out (-)"
                disabled=whole
                on:click=move |_| zoom_by(2.0)
            >
                "−"
            </button>
            <button
                type="button"
                class="tool"
                data-testid="zoom-in"
                aria-label="Zoom in"
                title="Zoom in (+)"
                on:click=move |_| zoom_by(0.5)
            >
                "+"
            </button>
            <button
                type="button"
                class="tool"
                aria-label="Later"
                title="Later"
                disabled=whole
                on:click=move |_| view.move_by(0.5)
            >
                "›"
            </button>
            <button
                type="button"
                class="tool tool-text"
                data-testid="zoom-reset"
                title="Show the whole run (0)"
                disabled=whole
                on:click=move |_| view.zoom.set(None)
            >
                "All"
            </button>
        </div>
    }
}

/// The choice of charts.
#[component]
pub(super) fn Choice(
    /// The view of the charts.
    view: ViewState,
) -> impl IntoView {
    let choice = move |kind: ChartKind| {
        let shown = move || view.shown.with(|shown| shown.contains(&kind));
        let turn = move || {
            view.shown.update(|shown| {
                if shown.contains(&kind) {
                    shown.retain(|one| *one != kind);
                } else {
                    shown.push(kind);
                }
            });
        };
        view! {
            <label class="menu-item">
                <input type="checkbox" prop:checked=shown on:change=move |_| turn() />
                {kind.chart().title}
            </label>
        }
    };
    view! {
        <Menu name="Show" label="Show or hide charts">
            {ChartKind::ALL.iter().copied().map(choice).collect_view()}
        </Menu>
    }
}
