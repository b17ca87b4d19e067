//! The part that all charts share: axes, cursor, legend, and dragging to move the cursor.

use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::frame::{Frame, Tick};
use crate::state::Playground;

/// The drawing of one chart, as large as its place in the page.
#[component]
pub fn Plot(
    state: Playground,
    /// Width and height of the drawing [px], written here.
    size: RwSignal<(f64, f64)>,
    /// What the drawing shows, for those who do not see it.
    label: Signal<String>,
    /// Its axes.
    frame: impl Fn() -> Option<Frame> + Copy + Send + Sync + 'static,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    observe(node, size);
    let frame = Memo::new(move |_| frame());
    let times = Memo::new(move |_| {
        frame.with(|frame| {
            frame
                .as_ref()
                .map(|frame| (frame.times.clone(), frame.y.range()))
        })
    });
    let values = Memo::new(move |_| {
        frame.with(|frame| {
            frame
                .as_ref()
                .map(|frame| (frame.values.clone(), frame.x.range()))
        })
    });
    let cursor = move || {
        frame.with(|frame| {
            frame
                .as_ref()
                .map_or(0.0, |frame| frame.x.pixel(state.now()))
        })
    };
    let bottom = move || size.get().1;
    let scrub = move |event: &PointerEvent| {
        let Some(node) = node.get_untracked() else {
            return;
        };
        let left = node.get_bounding_client_rect().left();
        let time = frame.with_untracked(|frame| {
            frame
                .as_ref()
                .map(|frame| frame.x.value(f64::from(event.client_x()) - left))
        });
        if let Some(time) = time {
            state.go(time);
        }
    };
    view! {
        <div
            class="plot"
            node_ref=node
            on:pointerdown=move |event| {
                if event.button() == 0 {
                    if let Some(node) = node.get_untracked() {
                        let _ = node.set_pointer_capture(event.pointer_id());
                    }
                    scrub(&event);
                }
            }
            on:pointermove=move |event| if event.buttons() & 1 == 1 { scrub(&event) }
        >
            <svg role="img" aria-label=move || label.get()>
                <g class="grid">{move || values.get().map(|(ticks, range)| value_ticks(ticks, range))}</g>
                <g class="grid">{move || times.get().map(|(ticks, range)| time_ticks(ticks, range))}</g>
                {children()}
                <line class="cursor" x1=cursor x2=cursor y1="0" y2=bottom />
            </svg>
        </div>
    }
}

fn value_ticks(ticks: Vec<Tick>, (left, right): (f64, f64)) -> impl IntoView {
    let tick = |tick: Tick| {
        view! {
            <line x1=left x2=right y1=tick.at y2=tick.at />
            <text class="value" x=left - 6.0 y=tick.at dy="0.32em">{tick.label}</text>
        }
    };
    ticks.into_iter().map(tick).collect_view()
}

fn time_ticks(ticks: Vec<Tick>, (bottom, top): (f64, f64)) -> impl IntoView {
    let tick = |tick: Tick| {
        view! {
            <line x1=tick.at x2=tick.at y1=bottom y2=top />
            <text class="time" x=tick.at y=bottom + 15.0>{tick.label}</text>
        }
    };
    ticks.into_iter().map(tick).collect_view()
}

/// Writes the size of an element whenever it changes, as long as the component lives.
fn observe(node: NodeRef<Div>, size: RwSignal<(f64, f64)>) {
    node.on_load(move |element| {
        let watched = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            let now = (
                f64::from(watched.client_width()),
                f64::from(watched.client_height()),
            );
            // A hidden panel keeps the picture that it had.
            if now.0 > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, changed));
            on_cleanup(move || {
                kept.with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}

/// How an entry of the legend looks, beside its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
    /// A dotted line.
    Dotted,
    /// An area.
    Area,
}

/// One entry of a legend, with the value at the cursor.
#[component]
pub fn LegendItem(
    /// What it stands for: the second half of a class of the style sheet.
    class: &'static str,
    sample: Sample,
    name: &'static str,
    #[prop(into)] value: Signal<String>,
    /// A name for tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let shape = match sample {
        Sample::Line => "sample-line",
        Sample::Dashed => "sample-dashed",
        Sample::Dotted => "sample-dotted",
        Sample::Area => "sample-area",
    };
    view! {
        <span class=format!("legend legend-{class}")>
            <span class=format!("sample {shape}") aria-hidden="true"></span>
            {name}" "<span class="legend-value" data-testid=testid>{move || value.get()}</span>
        </span>
    }
}
