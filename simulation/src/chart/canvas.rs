//! The drawing primitives of chart layers: staircases, areas, bands and dots.

use super::axes::Axes;
use super::decimate::{decimate, thin_band};
use super::descriptor::{Layer, SeriesKind};
use super::path::{self, Band, Point};
use super::picture::{Subject, View};
use super::pod_lanes::Bar;
use super::series::Series;
use super::style::{Color, Style};
use super::time_range::{TimeRange, seconds};
use crate::cluster::SyncRecord;

/// The events of the timeline: the lowest layer of every chart.
pub(super) const EVENTS: Layer = Layer::new(
    "line-event",
    Style::line(Color::Quiet, 2.0).dashed("1 3"),
    events,
);

/// The input for computing a chart's axes.
#[derive(Debug)]
pub(super) struct Layout {
    /// The highest value in the picture.
    pub(super) highest: f64,
    /// The lanes of single pods, if there is room for them.
    pub(super) lanes: Option<Vec<Bar>>,
}

impl Layout {
    /// Up to a value.
    pub(super) fn up_to(highest: f64) -> Self {
        Self {
            highest,
            lanes: None,
        }
    }

    /// Up to the highest value of all series.
    pub(super) fn of_peak(subject: &Subject<'_>, view: &View) -> Self {
        Self::up_to(subject.peak(view.range))
    }
}

/// A chart during drawing.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) range: TimeRange,
    pub(super) axes: &'a Axes,
    pub(super) layout: &'a Layout,
}

impl Canvas<'_> {
    /// A series as a staircase.
    pub(super) fn steps(&self, kind: &SeriesKind) -> String {
        self.staircase(&self.points(self.subject.series, kind))
    }

    /// The same series of the run to compare with.
    pub(super) fn compared_steps(&self, kind: &SeriesKind) -> String {
        self.staircase(&self.points(self.subject.compared, kind))
    }

    /// The area below a series.
    pub(super) fn area(&self, kind: &SeriesKind) -> String {
        let points = self.points(self.subject.series, kind);
        path::step_area(&points, 0.0, &self.axes.x, &self.axes.y)
    }

    /// The area below a series, outlined only above zero.
    pub(super) fn area_above_zero(&self, kind: &SeriesKind) -> String {
        let points = self.points(self.subject.series, kind);
        let above = points.iter().map(|&(time, value)| {
            let value = if value > 0.0 { value } else { f64::NAN };
            (time, 0.0, value)
        });
        path::step_band(above, &self.axes.x, &self.axes.y)
    }

    /// A line at a constant value, or nothing for NaN.
    pub(super) fn across(&self, value: f64) -> String {
        let (from, to) = self.range;
        path::line(&[(from, value), (to, value)], &self.axes.x, &self.axes.y)
    }

    /// The band between two counts of each sync that has them.
    pub(super) fn sync_band(&self, edges: impl Fn(&SyncRecord) -> Option<(i32, i32)>) -> String {
        let band = thin_band(self.band(edges), &self.axes.x);
        path::step_band(band, &self.axes.x, &self.axes.y)
    }

    /// A count of each sync as a staircase.
    pub(super) fn sync_steps(&self, count: impl Fn(&SyncRecord) -> i32) -> String {
        let band = self.band(|sync| Some((count(sync), count(sync))));
        let points: Vec<Point> = band.iter().map(|step| (step.0, step.1)).collect();
        self.staircase(&decimate(&points, &self.axes.x))
    }

    /// Zero-length lines, which round line caps turn into dots.
    pub(super) fn dots(&self, points: impl Iterator<Item = Point>) -> String {
        points
            .filter(|point| point.0 >= self.range.0)
            .map(|point| path::line(&[point, point], &self.axes.x, &self.axes.y))
            .collect()
    }

    /// The same, but no more than fit.
    pub(super) fn thin_dots(&self, points: impl Iterator<Item = Point>) -> String {
        let points: Vec<Point> = points.collect();
        self.dots(decimate(&points, &self.axes.x).into_iter())
    }

    /// The syncs in the picture, including the one in effect at its start.
    pub(super) fn syncs(&self) -> &[SyncRecord] {
        let syncs = &self.subject.trace.syncs;
        let (from, to) = self.range;
        let first = syncs.partition_point(|sync| seconds(sync.time) <= from);
        let first = first.saturating_sub(1);
        let end = syncs.partition_point(|sync| seconds(sync.time) < to);
        &syncs[first..end.max(first)]
    }

    fn staircase(&self, points: &[Point]) -> String {
        path::steps(points, &self.axes.x, &self.axes.y)
    }

    fn points(&self, all: &[Series], kind: &SeriesKind) -> Vec<Point> {
        let series = all.iter().find(|series| series.is(kind));
        series.map_or_else(Vec::new, |series| {
            decimate(&series.within(self.range), &self.axes.x)
        })
    }

    /// Two counts of each sync over time, without repetitions; a gap for a sync without them.
    fn band(&self, edges: impl Fn(&SyncRecord) -> Option<(i32, i32)>) -> Vec<Band> {
        let mut bands: Vec<Band> = Vec::new();
        for sync in self.syncs() {
            let time = seconds(sync.time).max(self.range.0);
            let (lower, upper) = edges(sync).map_or((f64::NAN, f64::NAN), |(a, b)| {
                (f64::from(a.min(b)), f64::from(a.max(b)))
            });
            let same = |a: f64, b: f64| a.total_cmp(&b).is_eq();
            let repeated = bands
                .last()
                .is_some_and(|last| same(last.1, lower) && same(last.2, upper));
            if !repeated {
                bands.push((time, lower, upper));
            }
        }
        if let Some(last) = bands.last().copied() {
            bands.push((self.range.1, last.1, last.2));
        }
        bands
    }
}

fn events(canvas: &Canvas<'_>) -> String {
    let (x, y) = (&canvas.axes.x, &canvas.axes.y);
    let (bottom, top) = y.domain();
    let markers = canvas.subject.trace.markers.iter();
    markers
        .map(|marker| seconds(marker.time))
        .filter(|time| (canvas.range.0..=canvas.range.1).contains(time))
        .map(|time| path::line(&[(time, bottom), (time, top)], x, y))
        .collect()
}
