//! The plot area of a chart: axes, layers, cursor, crosshair and selection.

use hpa_simulation::chart::{Axes, Style, Theme};
use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::gestures::Gestures;
use super::hold::HoldMarks;
use super::load_line::{Handles, LoadLine};
use super::single_chart::SingleChart;
use crate::debounce;
use crate::format;

/// The plot of a chart.
///
/// Each layer is one path whose data follows the run: while somebody drags, plays or scrubs, a few
/// attributes change and no element is made.
#[component]
pub(super) fn Plot(
    /// The chart.
    chart: SingleChart,
    /// Its points, if the load can be drawn in it.
    line: Option<LoadLine>,
) -> impl IntoView {
    let SingleChart { view, axes, .. } = chart;
    let place = NodeRef::<html::Div>::new();
    measure(place, chart.size);
    let gestures = Gestures::new(chart, place);
    let pixel = move |time: f64| {
        axes.with(|axes| {
            let (axes, (from, to)) = (axes.as_ref()?, view.range.get());
            (from..=to).contains(&time).then(|| axes.x.pixel(time))
        })
    };
    let upright = move |time: f64| pixel(time).map(|x| format!("M{x:.1} 0V9999"));
    let brush = move || {
        let (from, to) = view.brush.get()?;
        let x = axes.with(|axes| axes.as_ref().map(|axes| axes.x))?;
        let (from, to) = (x.pixel(from), x.pixel(to));
        Some(format!("M{from:.1} 0H{to:.1}V9999H{from:.1}Z"))
    };
    let crosshair = Memo::new(move |_| view.hover.get().and_then(upright));
    let hovered = Memo::new(move |_| {
        let time = view.hover.get()?;
        Some((format!("{:.0}px", pixel(time)?), format::clock(time)))
    });
    let double_click = move |event| {
        if !line.is_some_and(|line| line.double_click(&event)) {
            view.zoom.set(None);
        }
    };
    view! {
        <div
            class="plot"
            node_ref=place
            on:pointerdown=move |event| gestures.down(&event)
            on:pointermove=move |event| gestures.moved(&event)
            on:pointerup=move |event| gestures.up(&event)
            on:pointercancel=move |event| gestures.cancel(&event)
            on:pointerleave=move |_| view.hover.set(None)
            on:wheel=move |event| gestures.wheel(&event)
            on:dblclick=double_click
        >
            <svg role="img" aria-label=label(chart)>
                <g class="grid">
                    <Grid axes />
                </g>
                <g class="paths">
                    <Layers chart />
                    {chart.id.kind.chart().compares.then(|| view! { <HoldMarks chart /> })}
                </g>
                <g class="pointers">
                    <path class="brush" d=brush></path>
                    <path class="crosshair" d=crosshair></path>
                    <path class="cursor" d=move || upright(chart.state.now())></path>
                </g>
            </svg>
            <span
                class="crosshair-time"
                aria-hidden="true"
                hidden=move || hovered.with(Option::is_none)
                style:left=move || hovered.get().map(|(left, _)| left)
            >
                {move || hovered.get().map(|(_, time)| time)}
            </span>
            {line.map(|line| view! { <Handles line /> })}
        </div>
    }
}

/// The lines and labels of both axes.
#[component]
fn Grid(axes: Memo<Option<Axes>>) -> impl IntoView {
    let lines = move || axes.with(|axes| axes.as_ref().map(|axes| axes.grid().collect::<String>()));
    let label = |label: hpa_simulation::chart::Label<'_>| {
        view! {
            <text
                x=label.x.to_string()
                y=label.y.to_string()
                dy=label.dy
                text-anchor=label.anchor
            >
                {label.text.to_owned()}
            </text>
        }
    };
    let labels = move || {
        axes.with(|axes| {
            let labels = axes.as_ref().into_iter().flat_map(Axes::labels);
            labels.map(label).collect_view()
        })
    };
    view! {
        <path d=lines></path>
        {labels}
    }
}

/// A path for each layer of a chart.
#[component]
fn Layers(chart: SingleChart) -> impl IntoView {
    let layers = chart.id.kind.chart().layers.iter().enumerate();
    layers
        .map(|(at, layer)| {
            let path = Signal::derive(move || chart.path(at));
            view! { <Layer class=layer.class style=layer.style path /> }
        })
        .collect_view()
}

/// One path of a plot.
#[component]
pub(super) fn Layer(
    /// Its class and `data-testid`.
    class: &'static str,
    /// How it is painted.
    style: Style,
    /// Its data.
    path: Signal<String>,
) -> impl IntoView {
    let mut attributes = Vec::new();
    style.attributes(Theme::Page, |name, value| {
        attributes.push((name, value.to_owned()));
    });
    let of = |name: &str| {
        let mut all = attributes.iter();
        all.find(|one| one.0 == name).map(|one| one.1.clone())
    };
    view! {
        <path
            class=class
            data-testid=class
            fill=of("fill")
            fill-opacity=of("fill-opacity")
            stroke=of("stroke")
            stroke-opacity=of("stroke-opacity")
            stroke-width=of("stroke-width")
            stroke-dasharray=of("stroke-dasharray")
            stroke-linecap=of("stroke-linecap")
            opacity=of("opacity")
            d=path
        ></path>
    }
}

/// The description of a chart as the label of its drawing. It costs as much as the picture and is not
/// visible, so it is debounced.
fn label(chart: SingleChart) -> RwSignal<String> {
    let label = RwSignal::new(untrack(|| chart.heading()));
    debounce::after_changes(
        move || {
            chart.series.track();
            chart.view.range.track();
        },
        move || {
            label.try_set(untrack(|| chart.description()));
        },
    );
    label
}

/// Keeps the size of a chart up to date.
fn measure(place: NodeRef<html::Div>, size: RwSignal<(f64, f64)>) {
    use_resize_observer(place, move |_, _| {
        let Some(place) = place.try_get_untracked().flatten() else {
            return;
        };
        let now = (
            f64::from(place.client_width()),
            f64::from(place.client_height()),
        );
        // A hidden panel has no size; the picture stays.
        if now.0 > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
            size.set(now);
        }
    });
}
