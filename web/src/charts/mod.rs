//! The charts over a common time axis, with the choice of charts and zoom.

#![deny(clippy::wildcard_enum_match_arm)]

mod data_table;
pub mod export;
mod export_menu;
mod gestures;
mod legend;
mod load_points;
mod plot;
mod single_chart;
pub mod view_state;

use hpa_simulation::chart::{ChartId, ChartKind, HATCHES, MetricDisplay, TimeLabels, event_at};
use hpa_simulation::cluster::STOPPED;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, FocusEvent, KeyboardEvent};

use self::single_chart::SingleChart;
use self::view_state::ViewState;
use crate::computation::Freshness;
use crate::dom::{El, button, el, html};
use crate::format::clock;
use crate::model;
use crate::state::Playground;

/// All charts of the run on screen, with their tools.
#[must_use]
pub fn charts(state: Playground) -> El {
    let view = ViewState::new(state);
    let metrics = Memo::new(move |_| {
        state.latest.with(|latest| {
            let trace = latest.trace();
            trace.map_or_else(Vec::new, |trace| MetricDisplay::of_all(&trace.setup))
        })
    });
    let ids = Memo::new(move |_| ChartId::of_kinds(&view.shown.get(), metrics.with(Vec::len)));
    let names = Memo::new(move |_| metrics.with(|metrics| names(metrics)));
    let stale = move || {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    };
    let narrow = narrow();
    let figures = move || {
        // A metric with another name or unit needs another chart. Reads the memo, since one that was
        // never read counts as changed.
        names.with(|_| ());
        let ids = ids.get();
        let last = ids.last().copied();
        let figure = |id: &ChartId| {
            let time_labels = if narrow.get() || last == Some(*id) {
                TimeLabels::Shown
            } else {
                TimeLabels::Hidden
            };
            SingleChart::new(state, view, metrics, *id, time_labels).figure()
        };
        ids.iter().map(figure).collect()
    };
    let keys = move |event: KeyboardEvent| keys(state, view, &event);
    let parts = html(
        r#"<div class="contents">
            <div class="chart-tools" role="group" aria-label="Charts"></div>
            <div class="charts" data-testid="charts" tabindex="0" role="region" aria-label="Charts: plus and minus zoom, 0 shows the whole run">
                <div role="status" class="charts-note"></div>
                <svg class="patterns" aria-hidden="true" width="0" height="0"><defs></defs></svg>
                <div class="figures"></div>
            </div>
        </div>"#,
    );
    parts.find("defs").node().set_inner_html(HATCHES);
    parts
        .find(".chart-tools")
        .child(readout(state, view))
        .child(zoom(state, view))
        .child(choice(view))
        .on("keydown", keys);
    parts.at("charts").class("stale", stale).on("keydown", keys);
    parts.find(".charts-note").part(move || note(state));
    parts.find(".figures").region(figures);
    parts
}

/// Whether the charts do not fit on one screen: each has its own time labels then.
fn narrow() -> RwSignal<bool> {
    let measure = || {
        let width = window().inner_width().ok();
        width.and_then(|width| width.as_f64()) < Some(736.0)
    };
    let narrow = RwSignal::new(measure());
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if narrow
            .try_get_untracked()
            .is_some_and(|before| before != measure())
        {
            narrow.set(measure());
        }
    });
    on_cleanup(move || resized.remove());
    narrow
}

/// A note if the charts do not match the text.
fn note(state: Playground) -> Option<El> {
    let note = |id, text: &str| Some(el("p", "notice").id(id).text(text));
    state.latest.with(|latest| {
        if latest.freshness == Freshness::Stale {
            let text = "The manifests have errors. Showing the last run that worked.";
            return note("stale", text);
        }
        let at = clock(model::seconds(latest.trace()?.stopped?));
        let text = format!("At {at} the run {STOPPED}.");
        note("stopped", &text)
    })
}

fn keys(state: Playground, view: ViewState, event: &KeyboardEvent) {
    // Fields handle their own keys.
    let target = event.target();
    let typing = target.is_some_and(|target| {
        let element: &web_sys::Element = target.unchecked_ref();
        matches!(&*element.tag_name(), "INPUT" | "TEXTAREA" | "SELECT")
    });
    if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
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

/// What identifies the charts of the metrics.
fn names(metrics: &[MetricDisplay]) -> String {
    metrics.iter().fold(String::new(), |mut names, metric| {
        names.push_str(&metric.name);
        names.push_str(&metric.unit);
        names.push('\n');
        names
    })
}

/// The time of the values shown in the legends.
fn readout(state: Playground, view: ViewState) -> El {
    let time = move || view.hover.get().unwrap_or_else(|| state.now());
    let event = move || {
        let time = time();
        let event = state.latest.with(|latest| event_at(latest.trace()?, time));
        event.map_or_else(String::new, |event| format!(" · {event}"))
    };
    let line = html(
        r#"<p class="readout" data-testid="readout"><span></span><strong></strong><span class="at"></span></p>"#,
    );
    line.find("span").says(move || {
        let pointed = view.hover.with(Option::is_some);
        if pointed { "Pointer " } else { "Cursor " }.to_owned()
    });
    line.find("strong").says(move || clock(time()));
    line.find(".at").says(event);
    line
}

fn zoom(state: Playground, view: ViewState) -> El {
    let range = move || {
        let (from, to) = view.range.get();
        format!("{} to {}", clock(from), clock(to))
    };
    let tools = html(
        r#"<div class="zoom" role="group" aria-label="Zoom"><span class="quiet" data-testid="window" role="status" aria-label="Visible range"></span></div>"#,
    );
    tools.at("window").says(range);
    let center = move || untrack(|| state.now());
    let tool = |sign: &str, label: &str, keys: &str, act: Box<dyn Fn()>| {
        button("tool", sign, act)
            .attr("aria-label", label)
            .attr("title", &format!("{label}{keys}"))
    };
    let whole = move || view.zoom.with(Option::is_none);
    tools
        .child(
            tool("‹", "Earlier", "", Box::new(move || view.move_by(-0.5))).flag("disabled", whole),
        )
        .child(
            tool(
                "−",
                "Zoom out",
                " (-)",
                Box::new(move || view.zoom_by(center(), 2.0)),
            )
            .flag("disabled", whole),
        )
        .child(
            tool(
                "+",
                "Zoom in",
                " (+)",
                Box::new(move || view.zoom_by(center(), 0.5)),
            )
            .id("zoom-in"),
        )
        .child(tool("›", "Later", "", Box::new(move || view.move_by(0.5))).flag("disabled", whole))
        .child(
            button("tool tool-text", "All", move || view.zoom.set(None))
                .attr("title", "Show the whole run (0)")
                .id("zoom-reset")
                .flag("disabled", whole),
        )
}

/// Which charts are shown.
fn choice(view: ViewState) -> El {
    let choice = |kind: &'static ChartKind| {
        let shown = move || view.shown.with(|shown| shown.contains(kind));
        let tick = el("input", "").attr("type", "checkbox").checked(shown).on(
            "change",
            move |_: Event| {
                let on = !untrack(shown);
                view.shown.update(|shown| {
                    shown.retain(|one| one != kind);
                    if on {
                        shown.push(*kind);
                    }
                });
            },
        );
        el("label", "menu-item")
            .child(tick)
            .text(kind.chart().title)
    };
    let choices = ChartKind::ALL.iter().map(choice).collect();
    menu("Show", || "Show or hide charts".to_owned(), choices)
}

/// A menu that opens below its button and closes when the focus leaves it, or with Escape.
#[must_use]
pub fn menu(name: &str, label: impl Fn() -> String + 'static, items: Vec<El>) -> El {
    let head = el("summary", "tool tool-text")
        .text(name)
        .live("aria-label", label);
    let menu = el("details", "menu");
    let node: web_sys::HtmlDetailsElement = menu.node().clone().unchecked_into();
    let (own, summary) = (node.clone(), head.clone());
    let left = move |event: FocusEvent| {
        let to = event
            .related_target()
            .map(JsCast::unchecked_into::<web_sys::Node>);
        if !node.contains(to.as_ref()) {
            node.set_open(false);
        }
    };
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            own.set_open(false);
            let _ = summary.focusable().focus();
        }
    };
    menu.on("focusout", left)
        .on("keydown", escape)
        .child(head)
        // Focusable, so that a click between the items does not close the menu.
        .child(el("div", "menu-items").attr("tabindex", "-1").all(items))
}
