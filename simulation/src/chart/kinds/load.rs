//! The chart of the load: requests that arrive, are served, or are lost.

use crate::chart::canvas::{EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Sample, SeriesKind};
use crate::chart::style::{Color, Fill, Style};
use crate::chart::unit::Unit;

static ARRIVING: SeriesKind = SeriesKind {
    // On the page, "load" is the slider.
    id: "arriving",
    name: "arriving",
    sample: Sample::Line,
    style: Style::line(Color::Ink, 1.5),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.load),
};

static SERVED: SeriesKind = SeriesKind {
    id: "served",
    name: "served",
    sample: Sample::Area,
    style: Style::area(Fill::Color(Color::LoadArea)),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.served),
};

static LOST: SeriesKind = SeriesKind {
    id: "lost",
    name: "lost",
    sample: Sample::Area,
    style: Style::line(Color::Error, 1.0).filled(Fill::Color(Color::Error), 0.3),
    description: Description::Range,
    values: |source| {
        let steps = &source.trace.steps;
        let pairs = steps.dropped.iter().zip(&steps.timed_out);
        let lost: Vec<f32> = pairs
            .map(|(dropped, timed_out)| dropped + timed_out)
            .collect();
        source.steps(&lost)
    },
};

pub(super) static CHART: Chart = Chart {
    id: "load",
    title: "Load",
    test_id: "chart-load",
    shown_at_first: true,
    per_metric: false,
    compares: false,
    unit: |_| Unit::Rate,
    series: &[&ARRIVING, &SERVED, &LOST],
    notes: &[],
    layers: &[
        EVENTS,
        Layer::new("area-served", SERVED.style, |canvas| canvas.area(&SERVED)),
        Layer::new("line-load", ARRIVING.style, |canvas| {
            canvas.steps(&ARRIVING)
        }),
        Layer::new("area-lost", LOST.style, |canvas| {
            canvas.area_above_zero(&LOST)
        }),
    ],
    layout: Layout::of_peak,
};
