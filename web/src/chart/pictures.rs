//! Knows what each chart draws of a run: paths within a frame, nothing of the document.

use hpa_core::simulation::Trace;

use super::frame::{Extent, Frame, TimeLabels, frame};
use super::path::{self, Point, corners, decimate};
use crate::model::{self, MetricLook};

/// The load as it arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPicture {
    /// Its frame.
    pub frame: Frame,
    /// The rate.
    pub line: String,
    /// The area under it.
    pub area: String,
}

/// One metric against its target, as the autoscaler saw them.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPicture {
    /// Its frame.
    pub frame: Frame,
    /// The metric.
    pub line: String,
    /// The target [px].
    pub target: f64,
    /// The band around it in which nothing happens: upper and lower edge [px].
    pub band: (f64, f64),
}

/// Replicas.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaPicture {
    /// Its frame.
    pub frame: Frame,
    /// What each sync asked for.
    pub desired: String,
    /// What each sync found.
    pub current: String,
    /// Pods that are ready.
    pub ready: String,
    /// The area under them.
    pub ready_area: String,
    /// Between what the metrics proposed and what a window held.
    pub held: String,
    /// `minReplicas` [px].
    pub minimum: f64,
    /// `maxReplicas` [px].
    pub maximum: f64,
}

/// The load of a run.
#[must_use]
pub fn load(trace: &Trace, size: (f64, f64)) -> LoadPicture {
    let peak = trace
        .steps
        .load
        .iter()
        .fold(0.0, |peak, load| f64::max(peak, (*load).into()));
    let frame = frame(&Extent {
        size,
        length: model::length(trace),
        maximum: peak,
        least: 0.0,
        suffix: "/s",
        times: TimeLabels::Hidden,
    });
    let points = column(trace, &trace.steps.load, &frame);
    LoadPicture {
        line: path::steps(&points, &frame.x, &frame.y),
        area: path::step_area(&points, 0.0, &frame.x, &frame.y),
        frame,
    }
}

/// The metric at position `index` of a run.
#[must_use]
pub fn metric(trace: &Trace, index: usize, look: &MetricLook, size: (f64, f64)) -> MetricPicture {
    let values = trace.syncs.iter().enumerate().map(|(sync, record)| {
        let value = trace
            .points(sync)
            .get(index)
            .map_or(f64::NAN, |point| point.value / look.divisor);
        (model::seconds(record.time), value)
    });
    let points: Vec<Point> = until_end(values, trace).collect();
    let peak = points
        .iter()
        .fold(look.band.1, |peak, point| peak.max(point.1));
    let frame = frame(&Extent {
        size,
        length: model::length(trace),
        maximum: peak,
        least: 0.0,
        suffix: if look.unit.starts_with('%') { " %" } else { "" },
        times: TimeLabels::Hidden,
    });
    MetricPicture {
        line: path::steps(&decimate(&corners(points), &frame.x), &frame.x, &frame.y),
        target: frame.y.pixel(look.target),
        band: (frame.y.pixel(look.band.1), frame.y.pixel(look.band.0)),
        frame,
    }
}

/// The replicas of a run.
#[must_use]
pub fn replicas(trace: &Trace, size: (f64, f64)) -> ReplicaPicture {
    let spec = &trace.setup.autoscaler.spec;
    let (minimum, maximum) = (
        f64::from(spec.min_replicas.unwrap_or(1)),
        f64::from(spec.max_replicas),
    );
    let syncs = || {
        trace
            .syncs
            .iter()
            .map(|sync| (model::seconds(sync.time), sync))
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
    let frame = frame(&Extent {
        size,
        length: model::length(trace),
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
    let desired = corners(until_end(
        syncs().map(|(time, sync)| (time, sync.desired.into())),
        trace,
    ));
    let current = corners(until_end(
        syncs().map(|(time, sync)| (time, sync.current.into())),
        trace,
    ));
    let ready = column(trace, &trace.steps.ready, &frame);
    let held = syncs().map(|(time, sync)| {
        if sync.held_by_window() {
            let (proposal, held) = (f64::from(sync.proposal), f64::from(sync.stabilized));
            (time, proposal.min(held), proposal.max(held))
        } else {
            (time, f64::NAN, f64::NAN)
        }
    });
    ReplicaPicture {
        desired: staircase(&desired),
        current: staircase(&current),
        ready: staircase(&ready),
        ready_area: path::step_area(&ready, 0.0, x, y),
        held: path::step_band(held, x, y),
        minimum: y.pixel(minimum),
        maximum: y.pixel(maximum),
        frame,
    }
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
