//! The chart of the latency: how long requests take.

use crate::chart::canvas::{EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Sample, SeriesKind};
use crate::chart::style::{Color, Style};
use crate::chart::unit::Unit;

static MEDIAN: SeriesKind = SeriesKind {
    id: "median",
    name: "median",
    sample: Sample::Dashed,
    style: Style::line(Color::Quiet, 1.0).dashed("5 3"),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.p50),
};

static P95: SeriesKind = SeriesKind {
    id: "high",
    name: "p95",
    sample: Sample::Line,
    style: Style::line(Color::Ink, 1.5),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.p95),
};

static P99: SeriesKind = SeriesKind {
    id: "highest",
    name: "p99",
    sample: Sample::Dotted,
    style: Style::line(Color::Quiet, 1.5).dashed("1.5 2.5"),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.p99),
};

pub(super) static CHART: Chart = Chart {
    id: "latency",
    title: "Latency",
    test_id: "chart-latency",
    shown_at_first: false,
    per_metric: false,
    compares: false,
    unit: |_| Unit::Seconds,
    series: &[&MEDIAN, &P95, &P99],
    notes: &[],
    layers: &[
        EVENTS,
        Layer::new("line-median", MEDIAN.style, |canvas| canvas.steps(&MEDIAN)),
        Layer::new("line-highest", P99.style, |canvas| canvas.steps(&P99)),
        Layer::new("line-high", P95.style, |canvas| canvas.steps(&P95)),
    ],
    layout: Layout::of_peak,
};
