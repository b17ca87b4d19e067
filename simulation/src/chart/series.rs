//! Knows which values each chart shows of a run: their names, units, and how they go over time.

use crate::cluster::{SyncRecord, Trace};
use hpa_core::autoscaler::explanation::Bound;

use super::format::{counted, number};
use super::metric_display::MetricLook;
use super::path::{Point, corners};
use super::time_range::Window;
use super::time_range::seconds;

/// The charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Requests that arrive, are served, are lost.
    Load,
    /// The metric at this position against its target.
    Metric(usize),
    /// Replicas, and what held or cut them.
    Replicas,
    /// How long requests take.
    Latency,
    /// Requests that wait.
    Backlog,
    /// The life of each pod.
    Pods,
}

/// What a column stands for: it decides on color and stroke, the same in every chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Load that arrives.
    Load,
    /// Load that is served.
    Served,
    /// Requests that are lost.
    Lost,
    /// A metric.
    Metric,
    /// A metric's target.
    Target,
    /// What was asked for.
    Desired,
    /// What was found.
    Current,
    /// What is ready.
    Ready,
    /// What the metrics proposed.
    Proposal,
    /// What a stabilization window held back.
    Held,
    /// What a rate limit or a bound of the count cut off.
    Limit,
    /// Median.
    Median,
    /// 95th percentile.
    High,
    /// 99th percentile.
    Highest,
    /// Requests that wait.
    Backlog,
    /// Pods that do not run yet.
    Pending,
    /// Pods that run and are not ready.
    Starting,
    /// Pods on their way out.
    Terminating,
}

/// What a value is counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests per second.
    Rate,
    /// Pods.
    Pods,
    /// Seconds; small ones read in milliseconds.
    Seconds,
    /// Requests.
    Requests,
    /// A metric's own.
    Own(String),
}

impl Unit {
    /// A value with its unit.
    #[must_use]
    pub fn text(&self, value: f64) -> String {
        if value.is_nan() {
            return "no value".to_owned();
        }
        match self {
            Self::Rate => format!("{} requests/s", number(value)),
            #[expect(clippy::cast_possible_truncation, reason = "whole pods")]
            Self::Pods => counted(value as i64, "pod", "pods"),
            Self::Seconds if value < 1.0 => format!("{} ms", number(value * 1000.0)),
            Self::Seconds => format!("{} s", number(value)),
            Self::Requests => format!("{} requests", number(value)),
            Self::Own(unit) => format!("{} {unit}", number(value)),
        }
    }

    /// How it is written over a column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Rate => "requests/s",
            Self::Pods => "pods",
            Self::Seconds => "s",
            Self::Requests => "requests",
            Self::Own(unit) => unit,
        }
    }
}

/// One value over time. Each point holds until the next, the last one until the end of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What it stands for.
    pub role: Role,
    /// Its name.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Times and values; a value that is not a number is a gap.
    pub points: Vec<Point>,
}

impl Column {
    /// The value at a time; not a number before the first.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        // Times are whole milliseconds.
        let next = self
            .points
            .partition_point(|point| point.0 <= time + 0.0005);
        next.checked_sub(1)
            .map_or(f64::NAN, |position| self.points[position].1)
    }

    /// The points within a window, its edges included.
    #[must_use]
    pub fn within(&self, (from, to): Window) -> Vec<Point> {
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

    /// The highest value within a window; 0 without one.
    #[must_use]
    pub fn peak(&self, window: Window) -> f64 {
        let values = self.within(window).into_iter().map(|point| point.1);
        values.fold(0.0, f64::max)
    }
}

/// The columns of one chart.
#[must_use]
pub fn columns(trace: &Trace, kind: Kind, looks: &[MetricLook]) -> Vec<Column> {
    let steps = &trace.steps;
    let rate = |role, name, values: &[f32]| column(trace, role, name, Unit::Rate, values);
    let durations = |role, name, values: &[f32]| column(trace, role, name, Unit::Seconds, values);
    let pods = |role, name, values: &[u32]| column(trace, role, name, Unit::Pods, values);
    let sync = |role, name, value: fn(&SyncRecord) -> f64| Column {
        role,
        name,
        unit: Unit::Pods,
        points: corners(
            trace
                .syncs
                .iter()
                .map(|sync| (seconds(sync.time), value(sync))),
        ),
    };
    match kind {
        Kind::Load => {
            let lost: Vec<f32> = steps
                .dropped
                .iter()
                .zip(&steps.timed_out)
                .map(|(dropped, timed_out)| dropped + timed_out)
                .collect();
            vec![
                rate(Role::Load, "arriving", &steps.load),
                rate(Role::Served, "served", &steps.served),
                rate(Role::Lost, "lost", &lost),
            ]
        }
        Kind::Metric(index) => {
            let Some(look) = looks.get(index) else {
                return Vec::new();
            };
            let values = |value: fn(&crate::cluster::MetricPoint) -> f64| {
                corners(trace.syncs.iter().enumerate().map(|(sync, record)| {
                    let point = trace.points(sync).get(index);
                    let value = point.map_or(f64::NAN, |point| value(point) / look.divisor);
                    (seconds(record.time), value)
                }))
            };
            let own = |role, name, points| Column {
                role,
                name,
                unit: Unit::Own(look.unit.clone()),
                points,
            };
            vec![
                own(Role::Metric, "measured", values(|point| point.value)),
                own(Role::Target, "target", vec![(0.0, look.target)]),
            ]
        }
        Kind::Replicas => vec![
            sync(Role::Desired, "desired", |sync| sync.desired.into()),
            sync(Role::Current, "current", |sync| sync.current.into()),
            pods(Role::Ready, "ready", &steps.ready),
            sync(Role::Proposal, "recommended", |sync| sync.proposal.into()),
            sync(Role::Held, "held by window", |sync| {
                if sync.held_by_window() {
                    sync.stabilized.into()
                } else {
                    f64::NAN
                }
            }),
            sync(Role::Limit, "cut by rate", |sync| {
                if cut_by_rate(sync) {
                    sync.stabilized.into()
                } else {
                    f64::NAN
                }
            }),
        ],
        Kind::Latency => vec![
            durations(Role::Median, "median", &steps.p50),
            durations(Role::High, "p95", &steps.p95),
            durations(Role::Highest, "p99", &steps.p99),
        ],
        Kind::Backlog => vec![column(
            trace,
            Role::Backlog,
            "waiting",
            Unit::Requests,
            &steps.backlog,
        )],
        Kind::Pods => vec![
            pods(Role::Pending, "pending", &steps.pending),
            pods(Role::Starting, "starting or unready", &steps.unready),
            pods(Role::Ready, "ready", &steps.ready),
            pods(Role::Terminating, "terminating", &steps.terminating),
        ],
    }
}

/// Whether a rate of scaling cut what a sync wanted.
#[must_use]
pub fn cut_by_rate(sync: &SyncRecord) -> bool {
    matches!(sync.bound, Bound::ScaleUpLimit | Bound::ScaleDownLimit)
}

fn column<T: Copy + Into<f64>>(
    trace: &Trace,
    role: Role,
    name: &'static str,
    unit: Unit,
    values: &[T],
) -> Column {
    let rows = trace.steps.time.iter().zip(values);
    Column {
        role,
        name,
        unit,
        points: corners(rows.map(|(time, value)| (*time, (*value).into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::metric_display::metrics;
    use crate::chart::testing::walkthrough;

    #[track_caller]
    fn check(kind: Kind, name: &str, time: f64, expected: &str) {
        let trace = walkthrough();
        let columns = columns(&trace, kind, &metrics(&trace.setup));
        let column = columns
            .iter()
            .find(|column| column.name == name)
            .expect("a column");
        assert_eq!(column.unit.text(column.at(time)), expected);
    }

    #[test]
    fn values_are_those_of_the_run() {
        check(Kind::Load, "arriving", 30.0, "0 requests/s");
        check(Kind::Load, "arriving", 300.0, "61 requests/s");
        check(Kind::Load, "lost", 0.0, "0 requests/s");
        check(Kind::Replicas, "desired", 90.0, "4 pods");
        check(Kind::Replicas, "desired", 105.0, "7 pods");
        check(Kind::Replicas, "desired", 0.0, "no value");
        check(Kind::Replicas, "desired", 15.0, "1 pod");
        check(Kind::Replicas, "cut by rate", 300.0, "no value");
        check(Kind::Replicas, "held by window", 900.0, "7 pods");
        check(Kind::Replicas, "recommended", 900.0, "0 pods");
        check(Kind::Metric(0), "target", 0.0, "50 % of request");
        check(Kind::Pods, "ready", 0.0, "1 pod");
        check(Kind::Backlog, "waiting", 0.0, "0 requests");
    }

    #[test]
    fn units_are_readable() {
        for (unit, value, expected) in [
            (Unit::Seconds, 0.0125, "12.5 ms"),
            (Unit::Seconds, 3.0, "3 s"),
            (Unit::Pods, 1.0, "1 pod"),
            (Unit::Rate, f64::NAN, "no value"),
        ] {
            assert_eq!(unit.text(value), expected);
        }
    }

    #[test]
    fn a_window_cuts_a_staircase_at_its_edges() {
        let column = Column {
            role: Role::Load,
            name: "",
            unit: Unit::Rate,
            points: vec![(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)],
        };
        assert_eq!(
            column.within((5.0, 15.0)),
            [(5.0, 1.0), (10.0, 2.0), (15.0, 2.0)]
        );
        assert_eq!(column.within((12.0, 18.0)), [(12.0, 2.0), (18.0, 2.0)]);
        assert_eq!(column.within((25.0, 30.0)), [(25.0, 3.0), (30.0, 3.0)]);
        assert!((column.peak((0.0, 9.0)) - 1.0).abs() < 1e-12);
    }
}
