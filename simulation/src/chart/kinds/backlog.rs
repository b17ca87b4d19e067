//! The chart of the backlog: requests that wait because all pods are at their capacity.

use crate::chart::canvas::{EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Sample, SeriesKind};
use crate::chart::style::{Color, Fill, Style};
use crate::chart::unit::Unit;

static WAITING: SeriesKind = SeriesKind {
    id: "backlog",
    name: "waiting",
    sample: Sample::Line,
    style: Style::line(Color::Ink, 1.5),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.backlog),
};

pub(super) static CHART: Chart = Chart {
    id: "backlog",
    title: "Backlog",
    test_id: "chart-backlog",
    shown_at_first: false,
    per_metric: false,
    compares: false,
    unit: |_| Unit::Requests,
    series: &[&WAITING],
    notes: &[],
    layers: &[
        EVENTS,
        Layer::new(
            "area-backlog",
            Style::area(Fill::Color(Color::LoadArea)),
            |canvas| canvas.area(&WAITING),
        ),
        Layer::new("line-backlog", WAITING.style, |canvas| {
            canvas.steps(&WAITING)
        }),
    ],
    layout: Layout::of_peak,
};
