//! The view of one chart: legend, axes, paths, cursor, and dragging to move the cursor.

use hpa_core::simulation::Trace;
use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::frame::Tick;
use super::pictures::Picture;
use crate::model::Shared;
use crate::state::Playground;

/// What one chart is: how it is called, what it draws, what its legend says.
pub(super) struct Chart {
    /// The second half of a class of the style sheet, and the chart's name for tests.
    pub(super) class: &'static str,
    /// The heading.
    pub(super) title: Signal<String>,
    /// What it shows, for those who do not see it.
    pub(super) label: Signal<String>,
    /// The looks of its paths.
    pub(super) looks: &'static [&'static str],
    /// The entries of its legend.
    pub(super) legend: Vec<Entry>,
    /// Draws a run at a width and height [px].
    pub(super) draw: Draw,
}

/// Draws a run at a width and height [px].
pub(super) type Draw = Box<dyn Fn(&Trace, (f64, f64)) -> Option<Picture> + Send + Sync>;

/// One entry of a legend, with the value at the cursor.
pub(super) struct Entry {
    /// What it stands for: the second half of a class of the style sheet, and its name for tests.
    pub(super) class: &'static str,
    /// How it looks beside its color.
    pub(super) sample: Sample,
    /// Its name.
    pub(super) name: &'static str,
    /// The value at the cursor, with its unit.
    pub(super) value: Memo<String>,
}

/// The view of a chart. All charts are of one type: each further one costs the page little.
pub(super) fn view(state: Playground, chart: Chart) -> impl IntoView {
    let Chart {
        class,
        title,
        label,
        looks,
        legend,
        draw,
    } = chart;
    let size = RwSignal::new((0.0, 0.0));
    let node = NodeRef::<Div>::new();
    observe(node, size);
    let picture = Memo::new(move |_| {
        let size = size.get();
        let drawn = state.latest.with(|latest| draw(latest.trace()?, size));
        drawn.map(Shared::new)
    });
    let path = move |index: usize| {
        Signal::derive(move || {
            picture.with(|picture| {
                let path = picture
                    .as_ref()
                    .and_then(|picture| picture.paths.get(index));
                path.cloned().unwrap_or_default()
            })
        })
    };
    let paths = looks.iter().enumerate().map(|(index, look)| {
        view! { <path class=*look data-testid=*look d=path(index) /> }
    });
    let ticks = Memo::new(move |_| {
        picture.with(|picture| {
            let frame = &picture.as_ref()?.frame;
            Some((
                frame.values.clone(),
                frame.times.clone(),
                frame.x.range(),
                frame.y.range(),
            ))
        })
    });
    let cursor = Signal::derive(move || {
        let now = state.now();
        picture.with(|picture| {
            picture.as_ref().map_or_else(String::new, |picture| {
                format!("M{:.1} 0V{}", picture.frame.x.pixel(now), size.get().1)
            })
        })
    });
    let scrub = move |event: &PointerEvent| {
        let Some(node) = node.get_untracked() else {
            return;
        };
        let pixel = f64::from(event.client_x()) - node.get_bounding_client_rect().left();
        let time = picture
            .with_untracked(|picture| picture.as_ref().map(|picture| picture.frame.x.value(pixel)));
        if let Some(time) = time {
            state.go(time);
        }
    };
    view! {
        <figure class=format!("chart chart-{class}") data-testid=format!("chart-{class}")>
            <figcaption class="chart-caption">
                <h3>{move || title.get()}</h3>
                {legend.into_iter().map(entry).collect_view()}
            </figcaption>
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
                on:pointermove=move |event| {
                    if event.buttons() & 1 == 1 {
                        scrub(&event);
                    }
                }
            >
                <svg role="img" aria-label=label>
                    <g class="grid">
                        {move || ticks.get().map(|(values, times, x, y)| (value_ticks(values, x), time_ticks(times, y)))}
                    </g>
                    {paths.collect_view()}
                    <path class="cursor" d=cursor />
                </svg>
            </div>
        </figure>
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
pub(super) enum Sample {
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
    /// A dotted line.
    Dotted,
    /// An area.
    Area,
}

fn entry(
    Entry {
        class,
        sample,
        name,
        value,
    }: Entry,
) -> impl IntoView {
    let shape = match sample {
        Sample::Line => "line",
        Sample::Dashed => "dashed",
        Sample::Dotted => "dotted",
        Sample::Area => "area",
    };
    view! {
        <span class=format!("legend legend-{class}")>
            <span class=format!("sample sample-{shape}") aria-hidden="true"></span>
            {name}
            " "
            <span class="legend-value" data-testid=class>{move || value.get()}</span>
        </span>
    }
}
