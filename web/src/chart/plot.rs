//! The part that all charts share: axes, cursor, crosshair, and what pointers do on them.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::frame::{Frame, Tick};
use super::pointers::Hand;
use super::view::View;
use crate::format;
use crate::state::Playground;

/// The drawing of one chart, as large as its place in the page.
#[component]
pub fn Plot(
    state: Playground,
    view: View,
    /// Width and height of the drawing [px], written here.
    size: RwSignal<(f64, f64)>,
    /// What the drawing shows, for those who do not see it.
    label: Signal<String>,
    /// Its axes.
    frame: Memo<Option<Frame>>,
    /// Paths.
    children: Children,
    /// What lies over the drawing.
    #[prop(optional)]
    over: Option<AnyView>,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    observe(node, size);
    let times = ticks(frame, |frame| (frame.times.clone(), frame.y.range()));
    let values = ticks(frame, |frame| (frame.values.clone(), frame.x.range()));
    let pixel = move |time: f64| {
        frame.with(|frame| {
            let (frame, (from, to)) = (frame.as_ref()?, view.window.get());
            (from..=to).contains(&time).then(|| frame.x.pixel(time))
        })
    };
    let upright = move |time: Option<f64>| time.and_then(pixel).map(|x| format!("M{x:.1} 0V9999"));
    let cursor = move || upright(Some(state.now()));
    let hover = move || upright(view.hover.get());
    let mark = move || {
        let (from, to) = view.brush.get()?;
        frame.with(|frame| {
            let x = frame.as_ref()?.x;
            Some(format!(
                "M{:.1} 0H{:.1}V9999H{:.1}Z",
                x.pixel(from),
                x.pixel(to),
                x.pixel(from)
            ))
        })
    };
    let said = move || {
        let time = view.hover.get()?;
        Some((pixel(time)?, format::clock(time)))
    };

    let hand = Hand::new(state, view, node, frame);
    view! {
        <div class="plot" node_ref=node
            on:pointerdown=move |event| hand.down(&event) on:pointermove=move |event| hand.moved(&event) on:pointerup=move |event| hand.up(&event) on:pointercancel=move |event| hand.given_up(&event)
            on:pointerleave=move |_| view.hover.set(None)
            on:wheel=move |event| hand.turn(&event)
            on:dblclick=move |_| view.zoom.set(None)
        >
            <svg role="img" aria-label=move || label.get()>
                <g class="grid">{move || values.get().map(|(ticks, range)| value_ticks(ticks, range))}</g>
                <g class="grid">{move || times.get().map(|(ticks, range)| time_ticks(ticks, range))}</g>
                {children()}
                <g class="pointers">
                    <path class="brush" d=mark />
                    <path class="crosshair" d=hover />
                    <path class="cursor" d=cursor />
                </g>
            </svg>
            {over}
            {move || said().map(|(x, time)| view! {
                <span class="crosshair-time" style:left=format!("{x:.0}px") aria-hidden="true">{time}</span>
            })}
        </div>
    }
}

/// Ticks of one axis, and how far their lines go.
type Ticks = (Vec<Tick>, (f64, f64));

fn ticks(frame: Memo<Option<Frame>>, of: fn(&Frame) -> Ticks) -> Memo<Option<Ticks>> {
    Memo::new(move |_| frame.with(|frame| frame.as_ref().map(of)))
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
            {name}" "<span class="legend-value" data-testid=class>{move || value.get()}</span>
        </span>
    }
}
