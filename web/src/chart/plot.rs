//! The part that all charts share: axes, cursor, crosshair, and what pointers do on them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::view::View;
use crate::dom::{El, el, html, svg};
use crate::format;
use crate::live::{Memo, RwSignal};
use crate::state::Playground;
use hpa_simulation::chart::axes::{Frame, RIGHT, Tick};

/// A chart's place in the page, and the drawing in it.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The place.
    pub place: El,
    /// The drawing, as large as its place.
    pub drawing: El,
}

/// The drawing of one chart with its `paths`; writes its width and height [px] into `size`.
#[must_use]
pub fn plot(
    state: Playground,
    view: View,
    size: RwSignal<(f64, f64)>,
    frame: Memo<Option<Frame>>,
    paths: Vec<El>,
) -> Plot {
    let place = html(
        r#"<div class="plot">
            <svg role="img"><g class="grid"></g><g class="paths"></g><g class="pointers"><path class="brush"/><path class="crosshair"/><path class="cursor"/></g></svg>
            <span class="crosshair-time" aria-hidden="true"></span>
        </div>"#,
    );
    observe(place.node(), size);
    let pixel = move |time: f64| {
        frame.with(|frame| {
            let (frame, (from, to)) = (frame.as_ref()?, view.window.get());
            (from..=to).contains(&time).then(|| frame.x.pixel(time))
        })
    };
    let upright = move |time: Option<f64>| {
        let x = time.and_then(pixel);
        x.map_or_else(String::new, |x| format!("M{x:.1} 0V9999"))
    };
    let mark = move || {
        let marked = view.brush.get().and_then(|(from, to)| {
            let x = frame.with(|frame| frame.as_ref().map(|frame| frame.x))?;
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
        .region(move || frame.with(|frame| frame.as_ref().map_or_else(Vec::new, grid)));
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
fn grid(frame: &Frame) -> Vec<El> {
    let (bottom, top) = frame.y.range();
    let (left, right) = frame.x.range();
    let mut parts = Vec::new();
    for Tick { at, label } in &frame.values {
        parts.push(line(left, *at, right, *at));
        parts.push(words("value", left - 6.0, *at, label).attr("dy", "0.32em"));
    }
    for Tick { at, label } in &frame.times {
        parts.push(line(*at, bottom, *at, top));
        // A long one at the end would go beyond the picture.
        let last = label.len() > 5 && *at + RIGHT > right;
        let (class, at) = if last {
            ("time last", right + RIGHT)
        } else {
            ("time", *at)
        };
        parts.push(words(class, at, bottom + 15.0, label));
    }
    parts
}

fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> El {
    svg("path").attr("d", &format!("M{x1} {y1}L{x2} {y2}"))
}

fn words(class: &str, x: f64, y: f64, text: &str) -> El {
    svg("text")
        .attr("class", class)
        .attr("x", &x.to_string())
        .attr("y", &y.to_string())
        .text(text)
}

/// Writes the size of an element whenever it changes, as long as the chart lives.
fn observe(element: &Element, size: RwSignal<(f64, f64)>) {
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
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(element);
        let _ = StoredValue::new_local(Watch { observer, changed });
    }
}

/// An observer that stops when it goes away.
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

/// One entry of a legend, with the value at the cursor; `class` is the second half of a class of
/// the style sheet.
#[must_use]
pub fn legend_item(
    class: &str,
    sample: Sample,
    name: &str,
    value: impl Fn() -> String + 'static,
) -> El {
    let shape = match sample {
        Sample::Line => "sample sample-line",
        Sample::Dashed => "sample sample-dashed",
        Sample::Dotted => "sample sample-dotted",
        Sample::Area => "sample sample-area",
    };
    el("span", &format!("legend legend-{class}"))
        .child(el("span", shape).attr("aria-hidden", "true"))
        .text(name)
        .text(" ")
        .child(el("span", "legend-value").id(class).says(value))
}
