//! The charts over a common time axis, with the choice of charts and zoom.

#![deny(clippy::wildcard_enum_match_arm)]

mod data_table;
pub mod export;
mod export_menu;
mod figure;
mod gestures;
mod hatches;
mod hold;
mod legend;
mod load_line;
mod load_points;
mod menu;
mod plot;
mod single_chart;
mod tools;
pub mod view_state;

use hpa_simulation::chart::{ChartId, MetricDisplay, TimeLabels};
use hpa_simulation::cluster::STOPPED;
use leptos::prelude::*;
use leptos_use_media_query::use_media_query;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use self::figure::Figure;
use self::hatches::Hatches;
use self::single_chart::SingleChart;
use self::tools::{Choice, Readout, Zoom};
use self::view_state::ViewState;
use crate::computation::Freshness;
use crate::format::clock;
use crate::lazy::PartMissing;
use crate::model;
use crate::state::Playground;

/// The width of a page whose charts do not fit on one screen, as in the style sheet.
const NARROW: &str = "(max-width: 46rem)";

/// All charts of the run on screen, with their tools.
#[component]
pub fn Charts() -> impl IntoView {
    let state = expect_context::<Playground>();
    let view = ViewState::new(state);
    let metrics = Memo::new(move |_| {
        state.latest.with(|latest| {
            let trace = latest.trace();
            trace.map_or_else(Vec::new, |trace| MetricDisplay::of_all(&trace.setup))
        })
    });
    let ids = Memo::new(move |_| ChartId::of_kinds(&view.shown.get(), metrics.with(Vec::len)));
    let stale = move || {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    };
    let narrow = use_media_query(NARROW);
    let figure = move |id: ChartId| {
        let time_labels = Memo::new(move |_| {
            let is_last = ids.with(|ids| ids.last() == Some(&id));
            if narrow.get() || is_last {
                TimeLabels::Shown
            } else {
                TimeLabels::Hidden
            }
        });
        let chart = SingleChart::new(state, view, metrics, id, time_labels);
        view! { <Figure chart /> }
    };
    let note = Memo::new(move |_| note(state));
    let note = move || {
        let note = note.get();
        note.map(|(id, text)| {
            view! {
                <p class="notice" data-testid=id>
                    {text}
                </p>
            }
        })
    };
    let on_key = move |event: KeyboardEvent| on_key(state, view, &event);
    view! {
        <div class="contents">
            <div class="chart-tools" role="group" aria-label="Charts" on:keydown=on_key>
                <Readout view />
                <Zoom view />
                <Choice view />
            </div>
            <div
                class="charts"
                class:stale=stale
                data-testid="charts"
                tabindex="0"
                role="region"
                aria-label="Charts: plus and minus zoom, 0 shows the whole run"
                on:keydown=on_key
            >
                <div role="status" class="charts-note">
                    {note}
                </div>
                <Hatches />
                <div class="figures">
                    <For each=move || ids.get() key=|id| *id children=figure />
                </div>
            </div>
        </div>
    }
}

/// Fetches the parts that make tables and files.
pub(crate) async fn preload() -> Result<(), PartMissing> {
    data_table::preload().await?;
    export_menu::preload().await?;
    Ok(())
}

/// A note if the charts do not match the text: its `data-testid` and its text.
fn note(state: Playground) -> Option<(&'static str, String)> {
    state.latest.with(|latest| {
        if latest.freshness == Freshness::Stale {
            let text = "The manifests have errors. Showing the last run that worked.";
            return Some(("stale", text.to_owned()));
        }
        let at = clock(model::seconds(latest.trace()?.stopped?));
        Some(("stopped", format!("At {at} the run {STOPPED}.")))
    })
}

/// Zooms with plus, minus and 0.
fn on_key(state: Playground, view: ViewState, event: &KeyboardEvent) {
    // Fields handle their own keys.
    let target = event.target().and_then(|to| to.dyn_into::<Element>().ok());
    let in_field =
        target.is_some_and(|to| matches!(&*to.tag_name(), "INPUT" | "TEXTAREA" | "SELECT"));
    if in_field || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let center = untrack(|| state.now());
    match &*event.key() {
        "+" | "=" => view.zoom_by(center, 0.5),
        "-" => view.zoom_by(center, 2.0),
        "0" => view.zoom.set(None),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
