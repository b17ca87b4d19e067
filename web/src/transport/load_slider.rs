//! The load at the cursor: a slider and a number field that write it into the text.

use hpa_simulation::chart::scale::{axis, round_step};
use leptos::prelude::*;

use crate::format::number;
use crate::state::Playground;

/// The load at the cursor. Moving the slider writes the load there.
#[component]
pub fn LoadSlider() -> impl IntoView {
    let state = expect_context::<Playground>();
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
    let value = move || rate.get().to_string();
    // The cursor's time at the last movement, while the slider is held.
    let held = StoredValue::new(None::<f64>);
    let draw = move |entered: String| {
        let rate = entered.parse().unwrap_or(f64::NAN);
        if rate.is_finite() && rate >= 0.0 {
            let now = untrack(|| state.now());
            state.draw_load(held.get_value().unwrap_or(now).min(now), rate);
            held.set_value(Some(now));
        }
    };
    view! {
        <div class="transport-load">
            <label for="load-slider">"Load"</label>
            <input
                type="range"
                id="load-slider"
                class="load-slider"
                data-testid="load"
                min="0"
                max=move || end.get().to_string()
                step=move || round_step(end.get(), 200).to_string()
                prop:value=value
                disabled=move || state.fixed()
                aria-valuetext=move || format!("{} requests per second", number(rate.get()))
                on:input:target=move |event| draw(event.target().value())
                on:change=move |_| held.set_value(None)
            />
            <span class="load-field">
                <input
                    type="number"
                    class="load-number"
                    data-testid="load-number"
                    aria-label="Load in requests per second"
                    min="0"
                    step="any"
                    inputmode="decimal"
                    prop:value=value
                    disabled=move || state.fixed()
                    on:change:target=move |event| {
                        draw(event.target().value());
                        held.set_value(None);
                    }
                />
                <span aria-hidden="true">
                    <span class="long">"requests"</span>
                    "/s"
                </span>
            </span>
        </div>
    }
}
