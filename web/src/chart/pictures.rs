//! Knows what each chart draws of a run: paths within a frame, nothing of the document.

use hpa_core::simulation::{SyncRecord, Trace};

use super::frame::{Extent, Frame, TimeLabels, frame};
use super::path::{self, Point, corners, decimate};
use crate::model::{self, MetricLook};

/// What one chart draws: a frame, and paths from the back to the front.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Axes.
    pub frame: Frame,
    /// One path for each look of the chart, in the same order.
    pub paths: Vec<String>,
}

/// The looks of the load's paths: classes of the style sheet.
pub const LOAD: &[&str] = &["area-load", "line-load"];
/// The looks of a metric's paths.
pub const METRIC: &[&str] = &["area-band", "line-target", "line-metric"];
/// The looks of the replicas' paths.
pub const REPLICAS: &[&str] = &[
    "area-ready",
    "area-held",
    "line-limit",
    "line-ready",
    "line-current",
    "line-desired",
];

/// The load of a run, as it arrives.
#[must_use]
pub fn load(trace: &Trace, size: (f64, f64)) -> Picture {
    let loads = trace.steps.load.iter();
    let peak = loads.fold(0.0, |peak, load| f64::max(peak, (*load).into()));
    let frame = frame(&Extent {
        size,
        length: model::length(trace),
        maximum: peak,
        least: 0.0,
        suffix: "/s",
        times: TimeLabels::Hidden,
    });
    let points = column(trace, &trace.steps.load, &frame);
    let area = path::step_area(&points, 0.0, &frame.x, &frame.y);
    let line = path::steps(&points, &frame.x, &frame.y);
    Picture {
        frame,
        paths: vec![area, line],
    }
}

/// The metric at position `index` of a run against its target, as the autoscaler saw them.
#[must_use]
pub fn metric(trace: &Trace, index: usize, look: &MetricLook, size: (f64, f64)) -> Picture {
    let values = trace.syncs.iter().enumerate().map(|(sync, record)| {
        let point = trace.points(sync).get(index);
        let value = point.map_or(f64::NAN, |point| point.value / look.divisor);
        (model::seconds(record.time), value)
    });
    let points: Vec<Point> = until_end(values, trace).collect();
    let peak = points
        .iter()
        .fold(look.band.1, |peak, point| peak.max(point.1));
    let length = model::length(trace);
    let frame = frame(&Extent {
        size,
        length,
        maximum: peak,
        least: 0.0,
        suffix: if look.unit.starts_with('%') { " %" } else { "" },
        times: TimeLabels::Hidden,
    });
    let (x, y) = (&frame.x, &frame.y);
    let (low, high) = look.band;
    let band = path::step_band([(0.0, low, high), (length, low, high)], x, y);
    let target = level(look.target, length, &frame);
    let line = path::steps(&decimate(&corners(points), x), x, y);
    Picture {
        paths: vec![band, target, line],
        frame,
    }
}

/// The replicas of a run: ready pods, what a window held, limits, what each sync found and asked
/// for.
#[must_use]
pub fn replicas(trace: &Trace, size: (f64, f64)) -> Picture {
    let spec = &trace.setup.autoscaler.spec;
    let (minimum, maximum) = (
        f64::from(spec.min_replicas.unwrap_or(1)),
        f64::from(spec.max_replicas),
    );
    let syncs = || {
        let records = trace.syncs.iter();
        records.map(|sync| (model::seconds(sync.time), sync))
    };
    let most_ready = trace
        .steps
        .ready
        .iter()
        .copied()
        .max()
        .map_or(0.0, f64::from);
    let most = trace
        .syncs
        .iter()
        .map(|sync| f64::from(sync.desired.max(sync.current)));
    let most = most.fold(most_ready, f64::max);
    let length = model::length(trace);
    let frame = frame(&Extent {
        size,
        length,
        // A limit far above what happens would flatten what happens.
        maximum: if maximum <= 2.0 * most.max(5.0) {
            most.max(maximum)
        } else {
            most
        },
        least: 1.0,
        suffix: "",
        times: TimeLabels::Shown,
    });
    let (x, y) = (&frame.x, &frame.y);
    let staircase = |points: &[Point]| path::steps(&decimate(points, x), x, y);
    let of_syncs = |read: fn(&SyncRecord) -> i32| {
        let points = syncs().map(|(time, sync)| (time, read(sync).into()));
        staircase(&corners(until_end(points, trace)))
    };
    let ready = column(trace, &trace.steps.ready, &frame);
    let held = syncs().map(|(time, sync)| {
        if sync.held_by_window() {
            let (proposal, held) = (f64::from(sync.proposal), f64::from(sync.stabilized));
            (time, proposal.min(held), proposal.max(held))
        } else {
            (time, f64::NAN, f64::NAN)
        }
    });
    let paths = vec![
        path::step_area(&ready, 0.0, x, y),
        path::step_band(held, x, y),
        level(minimum, length, &frame) + &level(maximum, length, &frame),
        staircase(&ready),
        of_syncs(|sync| sync.current),
        of_syncs(|sync| sync.desired),
    ];
    Picture { frame, paths }
}

/// A value that stays the same.
fn level(value: f64, length: f64, frame: &Frame) -> String {
    path::line(&[(0.0, value), (length, value)], &frame.x, &frame.y)
}

/// A column of the trace, as few points as its picture needs.
fn column<T: Copy + Into<f64>>(trace: &Trace, values: &[T], frame: &Frame) -> Vec<Point> {
    let rows = trace
        .steps
        .time
        .iter()
        .zip(values)
        .map(|(time, value)| (*time, (*value).into()));
    decimate(&corners(until_end(rows, trace)), &frame.x)
}

/// What was last holds until the end of the run.
fn until_end(points: impl Iterator<Item = Point>, trace: &Trace) -> impl Iterator<Item = Point> {
    let end = model::length(trace);
    let mut last = None;
    points
        .map(Some)
        .chain(std::iter::once(None))
        .filter_map(move |point| {
            let kept = point.or_else(|| last.map(|(_, value)| (end, value)));
            last = point;
            kept
        })
}
