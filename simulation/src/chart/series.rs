//! The series of a chart, read from a run.

use super::decimate::corners;
use super::descriptor::SeriesKind;
use super::kinds::ChartId;
use super::metric_display::MetricDisplay;
use super::path::Point;
use super::time_range::{TimeRange, seconds};
use super::unit::Unit;
use crate::cluster::{MetricPoint, SyncRecord, Trace};

/// One value over time. Each point holds until the next, the last one until the end of the run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Series {
    /// Which series of its chart it is.
    pub kind: &'static SeriesKind,
    /// The unit of its values.
    pub unit: Unit,
    /// Times and values; a value that is not a number is a gap.
    pub points: Vec<Point>,
}

impl Series {
    pub(super) fn is(&self, kind: &SeriesKind) -> bool {
        self.kind.id == kind.id
    }

    /// The value at a time; NaN before the first.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        // Times are whole milliseconds.
        let next = self
            .points
            .partition_point(|point| point.0 <= time + 0.0005);
        next.checked_sub(1)
            .map_or(f64::NAN, |position| self.points[position].1)
    }

    /// The points within a range of time, its edges included.
    #[must_use]
    pub fn within(&self, (from, to): TimeRange) -> Vec<Point> {
        let first = self
            .points
            .partition_point(|point| point.0 <= from)
            .saturating_sub(1);
        let last = self.points.partition_point(|point| point.0 < to).max(first);
        let mut points = self.points[first..last].to_vec();
        if let Some(point) = points.first_mut() {
            point.0 = point.0.max(from);
        }
        if let Some(point) = points.last().copied() {
            points.push((to, point.1));
        }
        points
    }

    /// The highest value within a range of time; 0 without one.
    #[must_use]
    pub fn peak(&self, range: TimeRange) -> f64 {
        let values = self.within(range).into_iter().map(|point| point.1);
        values.fold(0.0, f64::max)
    }
}

/// The metric that a chart is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceMetric<'a> {
    /// Its position in the manifest.
    pub(super) position: usize,
    /// Its display.
    pub(super) display: &'a MetricDisplay,
}

/// The source of a chart's series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) trace: &'a Trace,
    pub(super) metric: Option<SourceMetric<'a>>,
}

impl Source<'_> {
    /// A column of the trace's steps.
    pub(super) fn steps<T: Copy + Into<f64>>(&self, values: &[T]) -> Vec<Point> {
        let rows = self.trace.steps.time.iter().zip(values);
        corners(rows.map(|(time, value)| (*time, (*value).into())))
    }

    /// A value of each sync.
    pub(super) fn syncs(&self, value: impl Fn(&SyncRecord) -> f64) -> Vec<Point> {
        let syncs = self.trace.syncs.iter();
        corners(syncs.map(|sync| (seconds(sync.time), value(sync))))
    }

    /// The chart's metric at each sync, in the metric's unit.
    pub(super) fn metric_values(&self, value: impl Fn(&MetricPoint) -> f64) -> Vec<Point> {
        let Some(metric) = self.metric else {
            return Vec::new();
        };
        let syncs = self.trace.syncs.iter().enumerate();
        corners(syncs.map(|(position, sync)| {
            let point = self.trace.points(position).get(metric.position);
            let value = point.map_or(f64::NAN, |point| value(point) / metric.display.divisor);
            (seconds(sync.time), value)
        }))
    }
}

/// The series of a chart; none for the chart of a missing metric.
#[must_use]
pub fn series(trace: &Trace, id: ChartId, metrics: &[MetricDisplay]) -> Vec<Series> {
    let chart = id.kind.chart();
    let metric = metrics.get(id.metric).filter(|_| chart.per_metric);
    if chart.per_metric && metric.is_none() {
        return Vec::new();
    }
    let unit = (chart.unit)(metric);
    let source = Source {
        trace,
        metric: metric.map(|display| SourceMetric {
            position: id.metric,
            display,
        }),
    };
    let of_kind = |kind: &&'static SeriesKind| Series {
        kind,
        unit: unit.clone(),
        points: (kind.values)(&source),
    };
    chart.series.iter().map(of_kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartKind, testing};

    #[track_caller]
    fn check(kind: ChartKind, name: &str, time: f64, expected: &str) {
        let series = testing::series_of(kind);
        let mut found = series.iter();
        let found = found.find(|series| series.kind.name == name);
        let found = found.expect("a series");
        assert_eq!(found.unit.text(found.at(time)), expected);
    }

    #[test]
    fn values_are_those_of_the_run() {
        check(ChartKind::Load, "arriving", 30.0, "0 requests/s");
        check(ChartKind::Load, "arriving", 300.0, "61 requests/s");
        check(ChartKind::Load, "lost", 0.0, "0 requests/s");
        check(ChartKind::Replicas, "desired", 90.0, "4 pods");
        check(ChartKind::Replicas, "desired", 105.0, "7 pods");
        check(ChartKind::Replicas, "desired", 0.0, "no value");
        check(ChartKind::Replicas, "desired", 15.0, "1 pod");
        check(ChartKind::Replicas, "cut by rate", 300.0, "no value");
        check(ChartKind::Replicas, "held by window", 900.0, "7 pods");
        check(ChartKind::Replicas, "recommended", 900.0, "0 pods");
        check(ChartKind::Metrics, "target", 0.0, "50 % of request");
        check(ChartKind::Pods, "ready", 0.0, "1 pod");
        check(ChartKind::Backlog, "waiting", 0.0, "0 requests");
    }

    #[test]
    fn a_range_cuts_a_staircase_at_its_edges() {
        let series = Series {
            kind: ChartKind::Backlog.chart().series[0],
            unit: Unit::Rate,
            points: vec![(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)],
        };
        assert_eq!(
            series.within((5.0, 15.0)),
            [(5.0, 1.0), (10.0, 2.0), (15.0, 2.0)]
        );
        assert_eq!(series.within((12.0, 18.0)), [(12.0, 2.0), (18.0, 2.0)]);
        assert_eq!(series.within((25.0, 30.0)), [(25.0, 3.0), (30.0, 3.0)]);
        assert!((series.peak((0.0, 9.0)) - 1.0).abs() < 1e-12);
    }
}
