//! The chart of the pods: the lifecycle of each pod or, if there are too many, the pods per stage.

use crate::chart::canvas::{Canvas, EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Sample, SeriesKind};
use crate::chart::path;
use crate::chart::picture::{Subject, View};
use crate::chart::pod_lanes::{self, Stage};
use crate::chart::style::{Color, Fill, Style};
use crate::chart::unit::Unit;

static PENDING: SeriesKind = SeriesKind {
    id: "pending",
    name: "pending",
    sample: Sample::Area,
    style: Style::line(Color::Quiet, 1.0).dashed("2 2"),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.pending),
};

static STARTING: SeriesKind = SeriesKind {
    id: "starting",
    name: "starting or unready",
    sample: Sample::Area,
    style: Style::line(Color::Ready, 1.0).filled(Fill::Color(Color::ReadyArea), 1.0),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.unready),
};

static READY: SeriesKind = SeriesKind {
    id: "pods-ready",
    name: "ready",
    sample: Sample::Area,
    style: Style::area(Fill::Color(Color::Ready)).filled(Fill::Color(Color::Ready), 0.85),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.ready),
};

static TERMINATING: SeriesKind = SeriesKind {
    id: "terminating",
    name: "terminating",
    sample: Sample::Area,
    style: Style::area(Fill::Color(Color::Control)).filled(Fill::Color(Color::Control), 0.55),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.terminating),
};

pub(super) static CHART: Chart = Chart {
    id: "pods",
    title: "Pods",
    test_id: "chart-pods",
    shown_at_first: true,
    per_metric: false,
    compares: false,
    unit: |_| Unit::Pods,
    series: &[&PENDING, &STARTING, &READY, &TERMINATING],
    notes: &[],
    layers: &[
        EVENTS,
        Layer::new("pods-pending", PENDING.style, |canvas| {
            stage(canvas, Stage::Pending, &PENDING)
        }),
        Layer::new("pods-starting", STARTING.style, |canvas| {
            stage(canvas, Stage::Starting, &STARTING)
        }),
        Layer::new("pods-ready", READY.style, |canvas| {
            stage(canvas, Stage::Ready, &READY)
        }),
        Layer::new("pods-terminating", TERMINATING.style, |canvas| {
            stage(canvas, Stage::Terminating, &TERMINATING)
        }),
    ],
    layout,
};

/// The stacking order of the stages, from the bottom.
static STACK: [&SeriesKind; 4] = [&READY, &STARTING, &PENDING, &TERMINATING];

/// The minimum height of a distinguishable lane \[px\].
const THINNEST_LANE: f64 = 2.5;

fn layout(subject: &Subject<'_>, view: &View) -> Layout {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    let most = (view.size.1 / THINNEST_LANE) as usize;
    match pod_lanes::bars(subject.trace, most) {
        Some((bars, lanes)) => Layout {
            #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
            highest: lanes as f64,
            lanes: Some(bars),
        },
        None => Layout::up_to(subject.series.iter().map(|one| one.peak(view.range)).sum()),
    }
}

fn stage(canvas: &Canvas<'_>, stage: Stage, kind: &SeriesKind) -> String {
    match &canvas.layout.lanes {
        Some(bars) => lanes(canvas, bars, stage),
        None => stacked(canvas, kind),
    }
}

/// The bars of one stage, each in the lane of its pod.
fn lanes(canvas: &Canvas<'_>, bars: &[pod_lanes::Bar], stage: Stage) -> String {
    let (first, last) = canvas.range;
    let shown = bars
        .iter()
        .filter(|bar| bar.stage == stage && bar.to > first && bar.from < last);
    shown
        .map(|bar| {
            #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
            let lane = bar.lane as f64;
            let times = [bar.from.max(first), bar.to.min(last)];
            // A gap between lanes separates the pods.
            let band = times.map(|time| (time, lane + 0.1, lane + 0.9));
            path::step_band(band, &canvas.axes.x, &canvas.axes.y)
        })
        .collect()
}

/// The number of pods in one stage, stacked on the stages below it.
fn stacked(canvas: &Canvas<'_>, kind: &SeriesKind) -> String {
    let x = &canvas.axes.x;
    let (left, right) = x.range();
    let count = |kind: &SeriesKind, time: f64| {
        let series = canvas.subject.series(kind);
        series.map_or(0.0, |series| series.at(time).max(0.0))
    };
    let below = STACK.iter().take_while(|other| other.id != kind.id);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels"
    )]
    let pixels = 0..=(right - left).max(1.0) as u32;
    let band = pixels
        .map(|pixel| x.value(left + f64::from(pixel)))
        .filter(|time| *time >= canvas.range.0)
        .map(|time| {
            let base: f64 = below.clone().map(|other| count(other, time)).sum();
            (time, base, base + count(kind, time))
        });
    path::step_band(band, x, &canvas.axes.y)
}
