//! The charts over one time axis, what is shown in them, and which part of the run.

pub mod columns;
pub mod export;
pub mod figure;
pub mod frame;
pub mod lifelines;
pub mod path;
pub mod pictures;
pub mod plot;
mod pointers;
pub mod scale;
pub mod text;
pub mod view;
pub mod window;

use hpa_core::experiment::Run;
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::columns::Kind;
use self::figure::Figure;
use self::view::{Group, View};
use crate::format::clock;
use crate::model::{self, Shared};
use crate::state::{Freshness, Playground};

/// All charts of the run on screen.
#[component]
pub fn Charts(
    /// The page's state.
    state: Playground,
    /// The run that is drawn as a ghost behind this one.
    #[prop(optional, into)]
    pinned: Option<Signal<Option<Shared<Run>>>>,
) -> impl IntoView {
    let view = View::new(state);
    let looks = Memo::new(move |_| {
        state.latest.with(|latest| {
            latest
                .trace()
                .map_or_else(Vec::new, |trace| model::metrics(&trace.setup))
        })
    });
    let kinds = Memo::new(move |_| Group::kinds(&view.shown.get(), looks.with(Vec::len)));
    let stale = Memo::new(move |_| {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    });
    let keys = move |event: KeyboardEvent| {
        // A field takes its keys itself.
        let typing = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| {
                matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            });
        if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let center = untrack(|| state.now());
        match event.key().as_str() {
            "+" | "=" => view.zoom_by(center, 0.5),
            "-" => view.zoom_by(center, 2.0),
            "0" => view.zoom.set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <div class="chart-tools" role="group" aria-label="Charts" on:keydown=keys>
            <Readout state=state view=view />
            <Zoom state=state view=view />
            <Choice view=view />
        </div>
        <div class="charts" class:stale=move || stale.get() data-testid="charts"
            tabindex="0" role="region" aria-label="Charts: plus and minus zoom, 0 shows all" on:keydown=keys>
            <Show when=move || stale.get()>
                <p class="notice" role="status" data-testid="stale">
                    "The manifests have errors. Shown is the last run that worked."
                </p>
            </Show>
            <svg class="patterns" aria-hidden="true" width="0" height="0">
                <defs>
                    <pattern id="held-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <path class="hatch" d="M0 0V5" />
                    </pattern>
                    <pattern id="rate-hatch" width="4" height="4" patternUnits="userSpaceOnUse">
                        <path class="hatch-rate" d="M0 2H4" />
                    </pattern>
                </defs>
            </svg>
            <For each=move || kinds.get() key=move |kind| (*kind, name(looks, *kind)) let(kind)>
                <Figure state=state view=view looks=looks kind=kind pinned=pinned
                    last=Memo::new(move |_| kinds.with(|kinds| kinds.last() == Some(&kind))) />
            </For>
        </div>
    }
}

fn name(looks: Memo<Vec<model::MetricLook>>, kind: Kind) -> Option<(String, String)> {
    let Kind::Metric(index) = kind else {
        return None;
    };
    looks.with(|looks| {
        looks
            .get(index)
            .map(|look| (look.name.clone(), look.unit.clone()))
    })
}

/// At which time the values stand that are written over the charts.
#[component]
fn Readout(state: Playground, view: View) -> impl IntoView {
    let time = move || view.hover.get().unwrap_or_else(|| state.now());
    let event = move || {
        let time = time();
        state
            .latest
            .with(|latest| text::event_at(latest.trace()?, time))
            .map(|event| format!(" · {event}"))
    };
    view! {
        <p class="readout" data-testid="readout">
            {move || if view.hover.get().is_some() { "Pointer " } else { "Cursor " }}
            <strong>{move || clock(time())}</strong>{event}
        </p>
    }
}

#[component]
fn Zoom(state: Playground, view: View) -> impl IntoView {
    let center = move || untrack(|| state.now());
    let whole = move || view.zoom.with(Option::is_none);
    let range = move || {
        let (from, to) = view.window.get();
        format!("{} to {}", clock(from), clock(to))
    };
    view! {
        <div class="zoom" role="group" aria-label="Zoom">
            <span class="quiet" data-testid="window" role="status" aria-label="Shown">{range}</span>
            <button type="button" class="tool" aria-label="Earlier" title="Earlier" disabled=whole
                on:click=move |_| view.move_by(-0.5)>"‹"</button>
            <button type="button" class="tool" aria-label="Zoom out" title="Zoom out (-)" disabled=whole
                on:click=move |_| view.zoom_by(center(), 2.0)>"−"</button>
            <button type="button" class="tool" aria-label="Zoom in" title="Zoom in (+)" data-testid="zoom-in"
                on:click=move |_| view.zoom_by(center(), 0.5)>"+"</button>
            <button type="button" class="tool" aria-label="Later" title="Later" disabled=whole
                on:click=move |_| view.move_by(0.5)>"›"</button>
            <button type="button" class="tool tool-text" title="Show the whole run (0)" data-testid="zoom-reset" disabled=whole
                on:click=move |_| view.zoom.set(None)>"All"</button>
        </div>
    }
}

/// Which charts are shown.
#[component]
fn Choice(view: View) -> impl IntoView {
    let boxes = Group::ALL.map(|(group, name)| {
        let turn = move |event| {
            let on = event_target_checked(&event);
            view.shown.update(|shown| {
                shown.retain(|one| *one != group);
                if on {
                    shown.push(group);
                }
            });
        };
        view! {
            <label class="menu-item">
                <input type="checkbox" prop:checked=move || view.shown.with(|shown| shown.contains(&group)) on:change=turn />
                {name}
            </label>
        }
    });
    view! {
        <Menu name="Show" label=Signal::stored("Show: which charts".to_owned())>{boxes.collect_view()}</Menu>
    }
}

/// A menu that opens below its button and closes when the focus leaves it, or with Escape.
#[component]
pub fn Menu(
    name: &'static str,
    #[prop(into)] label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Details>::new();
    let close = move || {
        if let Some(node) = node.get_untracked() {
            node.set_open(false);
        }
    };
    let left = move |event: FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        if node
            .get_untracked()
            .is_some_and(|node| !node.contains(to.as_ref()))
        {
            close();
        }
    };
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close();
            let summary = node
                .get_untracked()
                .and_then(|node| node.query_selector("summary").ok().flatten());
            if let Some(summary) = summary {
                let _ = summary.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        }
    };
    view! {
        <details class="menu" node_ref=node on:focusout=left on:keydown=escape>
            <summary class="tool tool-text" aria-label=move || label.get()>{name}</summary>
            // What holds the focus keeps the menu open, also where nothing in it is hit.
            <div class="menu-items" tabindex="-1">{children()}</div>
        </details>
    }
}
