//! The chart of a metric: value, target and tolerance band.

use crate::chart::canvas::{Canvas, EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Sample, SeriesKind};
use crate::chart::path;
use crate::chart::style::{Color, Fill, Style};
use crate::chart::unit::Unit;

static MEASURED: SeriesKind = SeriesKind {
    id: "metric",
    name: "measured",
    sample: Sample::Line,
    style: Style::line(Color::Ink, 1.5),
    description: Description::Range,
    values: |source| source.metric_values(|point| point.value),
};

static TARGET: SeriesKind = SeriesKind {
    id: "target",
    name: "target",
    sample: Sample::Dashed,
    style: Style::line(Color::Quiet, 1.0).dashed("5 3"),
    description: Description::Constant,
    values: |source| {
        let target = source.metric.map(|metric| (0.0, metric.display.target));
        target.into_iter().collect()
    },
};

pub(super) static CHART: Chart = Chart {
    id: "metrics",
    title: "Metrics",
    test_id: "chart-metric",
    shown_at_first: true,
    per_metric: true,
    compares: false,
    unit: |metric| Unit::Metric(metric.map_or_else(String::new, |metric| metric.unit.clone())),
    series: &[&MEASURED, &TARGET],
    notes: &[],
    layers: &[
        EVENTS,
        Layer::new(
            "area-band",
            Style::area(Fill::Color(Color::BandArea)),
            tolerance_band,
        ),
        Layer::new("line-target", TARGET.style, |canvas| {
            let metric = canvas.subject.metric;
            canvas.across(metric.map_or(f64::NAN, |metric| metric.target))
        }),
        Layer::new("line-metric", MEASURED.style, |canvas| {
            canvas.steps(&MEASURED)
        }),
    ],
    layout: |subject, view| {
        let peak = subject.peak(view.range);
        let band = subject.metric.map_or(peak, |metric| metric.band.1);
        Layout::up_to(peak.max(band))
    },
};

/// The tolerance band around the target.
fn tolerance_band(canvas: &Canvas<'_>) -> String {
    let metric = canvas.subject.metric;
    let (lower, upper) = metric.map_or((f64::NAN, f64::NAN), |metric| metric.band);
    let (from, to) = canvas.range;
    let band = [from, to].map(|time| (time, lower, upper));
    path::step_band(band, &canvas.axes.x, &canvas.axes.y)
}
