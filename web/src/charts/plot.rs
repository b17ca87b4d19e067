//! The plot area common to all charts: axes, cursor, crosshair and selection.

use hpa_simulation::chart::Axes;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::single_chart::SingleChart;
use crate::dom::{El, html, svg};
use crate::format;

/// The plot area of a chart, and its drawing.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// The plot area.
    pub(super) place: El,
    /// The drawing, which fills the plot area.
    pub(super) drawing: El,
}

/// The plot of one chart with its `paths`; keeps the chart's size up to date.
pub(super) fn plot(chart: SingleChart, paths: Vec<El>) -> Plot {
    let SingleChart {
        state, view, axes, ..
    } = chart;
    let place = html(
        r#"<div class="plot">
            <svg role="img"><g class="grid"></g><g class="paths"></g><g class="pointers"><path class="brush"/><path class="crosshair"/><path class="cursor"/></g></svg>
            <span class="crosshair-time" aria-hidden="true"></span>
        </div>"#,
    );
    observe(place.node(), chart.size);
    let pixel = move |time: f64| {
        axes.with(|axes| {
            let (axes, (from, to)) = (axes.as_ref()?, view.range.get());
            (from..=to).contains(&time).then(|| axes.x.pixel(time))
        })
    };
    let upright = move |time: Option<f64>| {
        let x = time.and_then(pixel);
        x.map_or_else(String::new, |x| format!("M{x:.1} 0V9999"))
    };
    let mark = move || {
        let marked = view.brush.get().and_then(|(from, to)| {
            let x = axes.with(|axes| axes.as_ref().map(|axes| axes.x))?;
            let (from, to) = (x.pixel(from), x.pixel(to));
            Some(format!("M{from:.1} 0H{to:.1}V9999H{from:.1}Z"))
        });
        marked.unwrap_or_default()
    };
    place
        .find(".cursor")
        .live("d", move || upright(Some(state.now())));
    place
        .find(".crosshair")
        .live("d", move || upright(view.hover.get()));
    place.find(".brush").live("d", mark);
    place
        .find(".grid")
        .region(move || axes.with(|axes| axes.as_ref().map_or_else(Vec::new, grid)));
    place.find(".paths").all(paths);
    let hovered = move || view.hover.get().and_then(|time| Some((pixel(time)?, time)));
    place
        .find(".crosshair-time")
        .flag("hidden", move || hovered().is_none())
        .style("left", move || {
            hovered().map_or_else(String::new, |(x, _)| format!("{x:.0}px"))
        })
        .says(move || hovered().map_or_else(String::new, |(_, time)| format::clock(time)));
    Plot {
        drawing: place.find("svg"),
        place,
    }
}

/// The lines and labels of both axes.
fn grid(axes: &Axes) -> Vec<El> {
    let lines = axes.grid().map(|line| svg("path").attr("d", &line));
    let labels = axes.labels().map(|label| {
        svg("text")
            .attr("x", &label.x.to_string())
            .attr("y", &label.y.to_string())
            .attr("dy", label.dy)
            .attr("text-anchor", label.anchor)
            .text(label.text)
    });
    lines.chain(labels).collect()
}

/// Observes the size of an element for the lifetime of the chart.
fn observe(element: &Element, size: RwSignal<(f64, f64)>) {
    let watched = element.clone();
    let changed = Closure::<dyn FnMut()>::new(move || {
        let now = (
            f64::from(watched.client_width()),
            f64::from(watched.client_height()),
        );
        // A hidden panel has no size; the picture stays.
        if now.0 > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
            size.set(now);
        }
    });
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(element);
        let _ = StoredValue::new_local(Watch { observer, changed });
    }
}

/// An observer that disconnects when dropped.
#[derive(Debug)]
struct Watch {
    observer: ResizeObserver,
    #[expect(dead_code, reason = "the observer calls it")]
    changed: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
