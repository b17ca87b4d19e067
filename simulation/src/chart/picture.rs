//! Knows what each chart draws of a run: paths within a frame, nothing of the document.

use std::cmp::Ordering;

use crate::cluster::{SyncRecord, Trace};
use hpa_core::autoscaler::explanation::Stabilization;

use super::axes::{Extent, Frame, TimeLabels, frame};
use super::metric_display::MetricLook;
use super::path::{self, Band, Point, decimate};
use super::pod_lanes::{self, Stage};
use super::series::{Column, Kind, Role, cut_by_rate};
use super::time_range::Window;
use super::time_range::seconds;

/// A chart as paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its frame.
    pub frame: Frame,
    /// One path for each of [`layers`].
    pub layers: Vec<String>,
}

/// The classes of a chart's paths, from the lowest to the topmost.
#[must_use]
pub fn layers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Load => &["line-event", "area-served", "line-load", "area-lost"],
        Kind::Metric(_) => &["line-event", "area-band", "line-target", "line-metric"],
        Kind::Replicas => &[
            "line-event",
            "area-ready",
            "area-held",
            "area-rate",
            "line-limit",
            "ghost-ready",
            "ghost-desired",
            "line-ready",
            "line-proposal",
            "dots-proposal",
            "line-current",
            "line-desired",
            "dots-rescale",
        ],
        Kind::Latency => &["line-event", "line-median", "line-highest", "line-high"],
        Kind::Backlog => &["line-event", "area-backlog", "line-backlog"],
        Kind::Pods => &[
            "line-event",
            "pods-pending",
            "pods-starting",
            "pods-ready",
            "pods-terminating",
        ],
    }
}

/// What a picture is made of.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The run.
    pub trace: &'a Trace,
    /// The chart's columns of it.
    pub columns: &'a [Column],
    /// The same of the run beside it; empty without one.
    pub ghost: &'a [Column],
    /// How the chart's metric is shown, if it has one.
    pub look: Option<&'a MetricLook>,
}

/// The picture of one chart.
#[must_use]
pub fn draw(
    kind: Kind,
    subject: &Subject<'_>,
    window: Window,
    size: (f64, f64),
    times: TimeLabels,
) -> Picture {
    let Subject { trace, columns, .. } = *subject;
    let lanes = match kind {
        Kind::Pods => pod_lanes::bars(trace, most_lanes(size.1)),
        _ => None,
    };
    let extent = Extent {
        size,
        window,
        maximum: maximum(kind, subject, window, lanes.as_ref().map(|lanes| lanes.1)),
        least: if matches!(kind, Kind::Replicas | Kind::Pods) {
            1.0
        } else {
            0.0
        },
        suffix: match kind {
            Kind::Load => "/s",
            Kind::Latency => " s",
            Kind::Metric(_) if subject.look.is_some_and(|look| look.unit.starts_with('%')) => " %",
            _ => "",
        },
        times,
    };
    let frame = frame(&extent);
    let (x, y) = (&frame.x, &frame.y);
    let points = |role: Role| thin(columns, role, window, &frame);
    let stairs = |role: Role| path::steps(&points(role), x, y);
    let area = |role: Role| path::step_area(&points(role), 0.0, x, y);
    let across = |value: f64| {
        if value.is_nan() {
            String::new()
        } else {
            path::line(&[(window.0, value), (window.1, value)], x, y)
        }
    };
    let mut layers = vec![events(trace, window, &frame)];
    match kind {
        Kind::Load => layers.extend([
            area(Role::Served),
            stairs(Role::Load),
            area_of_some(&points(Role::Lost), &frame),
        ]),
        Kind::Metric(_) => {
            let band = subject.look.map_or((f64::NAN, f64::NAN), |look| look.band);
            let edges = [window.0, window.1].map(|time| (time, band.0, band.1));
            layers.extend([
                path::step_band(edges, x, y),
                across(subject.look.map_or(f64::NAN, |look| look.target)),
                stairs(Role::Metric),
            ]);
        }
        Kind::Replicas => {
            let spec = &trace.setup.autoscaler.spec;
            let limits = [spec.lower_limit(), spec.max_replicas]
                .map(|limit| across(limit.into()))
                .concat();
            let held = band(trace, window, |sync| {
                sync.held_by_window()
                    .then_some((sync.proposal, sync.stabilized))
            });
            let cut = band(trace, window, |sync| {
                cut_by_rate(sync).then_some((sync.stabilized, sync.desired))
            });
            let [proposals, proposal_dots] = recommendations(trace, window, &frame);
            let ghost = |role| path::steps(&thin(subject.ghost, role, window, &frame), x, y);
            layers.extend([
                area(Role::Ready),
                path::step_band(path::thin_band(held, x), x, y),
                path::step_band(path::thin_band(cut, x), x, y),
                limits,
                ghost(Role::Ready),
                ghost(Role::Desired),
                stairs(Role::Ready),
                proposals,
                proposal_dots,
                stairs(Role::Current),
                stairs(Role::Desired),
                rescales(trace, window, &frame),
            ]);
        }
        Kind::Latency => layers.extend([Role::Median, Role::Highest, Role::High].map(stairs)),
        Kind::Backlog => layers.extend([area(Role::Backlog), stairs(Role::Backlog)]),
        Kind::Pods => layers.extend(match lanes {
            Some((bars, _)) => lifelines_of(&bars, window, &frame),
            None => stacked(subject, window, &frame),
        }),
    }
    Picture { frame, layers }
}

fn thin(columns: &[Column], role: Role, window: Window, frame: &Frame) -> Vec<Point> {
    let column = columns.iter().find(|column| column.role == role);
    column.map_or_else(Vec::new, |column| {
        decimate(&column.within(window), &frame.x)
    })
}

/// The highest value that has to be in the picture.
fn maximum(kind: Kind, subject: &Subject<'_>, window: Window, lanes: Option<usize>) -> f64 {
    let peaks = subject.columns.iter().map(|column| column.peak(window));
    let peak = peaks.clone().fold(0.0, f64::max);
    match kind {
        Kind::Metric(_) => subject.look.map_or(peak, |look| peak.max(look.band.1)),
        Kind::Replicas => {
            let ghost = subject
                .ghost
                .iter()
                .filter(|column| matches!(column.role, Role::Desired | Role::Ready));
            let most = ghost.fold(peak, |most, column| most.max(column.peak(window)));
            let maximum = f64::from(subject.trace.setup.autoscaler.spec.max_replicas);
            // A limit far above what happens would flatten what happens.
            if maximum <= 2.0 * most.max(5.0) {
                most.max(maximum)
            } else {
                most
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        Kind::Pods => lanes.map_or_else(|| peaks.sum(), |lanes| lanes as f64),
        _ => peak,
    }
}

/// Lanes thinner than this are no lines any more [px].
const LANE: f64 = 2.5;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates"
)]
fn most_lanes(height: f64) -> usize {
    (height / LANE) as usize
}

/// What a sync gives for a band, over the syncs of a window.
fn band(
    trace: &Trace,
    window: Window,
    edges: impl Fn(&SyncRecord) -> Option<(i32, i32)>,
) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for sync in within(trace, window) {
        let time = seconds(sync.time).max(window.0);
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
        bands.push((window.1, last.1, last.2));
    }
    bands
}

/// The syncs of a window, with the one that holds at its beginning.
fn within(trace: &Trace, (from, to): Window) -> &[SyncRecord] {
    let before = |time: f64| {
        trace
            .syncs
            .partition_point(|sync| seconds(sync.time) < time)
    };
    let first = trace
        .syncs
        .partition_point(|sync| seconds(sync.time) <= from)
        .saturating_sub(1);
    &trace.syncs[first..before(to).max(first)]
}

/// What the metrics proposed at each sync: a line where dots would run together, or else dots.
fn recommendations(trace: &Trace, window: Window, frame: &Frame) -> [String; 2] {
    let syncs = within(trace, window);
    let (left, right) = frame.x.range();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let apart = (right - left) / (syncs.len() as f64).max(1.0);
    if apart < 2.5 {
        let points = band(trace, window, |sync| Some((sync.proposal, sync.proposal)));
        let points: Vec<Point> = points
            .into_iter()
            .map(|(time, value, _)| (time, value))
            .collect();
        let line = path::steps(&decimate(&points, &frame.x), &frame.x, &frame.y);
        return [line, String::new()];
    }
    let points = syncs
        .iter()
        .map(|sync| (seconds(sync.time), sync.proposal.into()));
    [String::new(), dots(points, window, frame)]
}

fn rescales(trace: &Trace, window: Window, frame: &Frame) -> String {
    let syncs = within(trace, window).iter().filter(|sync| sync.rescaled());
    let points = syncs.map(|sync| (seconds(sync.time), sync.desired.into()));
    let points: Vec<Point> = points.collect();
    dots(decimate(&points, &frame.x).into_iter(), window, frame)
}

/// Lines without length: a round pen makes dots of them.
fn dots(points: impl Iterator<Item = Point>, window: Window, frame: &Frame) -> String {
    points
        .filter(|point| point.0 >= window.0)
        .map(|point| path::line(&[point, point], &frame.x, &frame.y))
        .collect()
}

/// An area whose line is drawn only where there is something.
fn area_of_some(points: &[Point], frame: &Frame) -> String {
    let some = points.iter().map(|&(time, value)| {
        let value = if value > 0.0 { value } else { f64::NAN };
        (time, 0.0, value)
    });
    path::step_band(some, &frame.x, &frame.y)
}

fn events(trace: &Trace, window: Window, frame: &Frame) -> String {
    let (bottom, top) = frame.y.domain();
    let times = trace.markers.iter().map(|marker| seconds(marker.time));
    times
        .filter(|time| (window.0..=window.1).contains(time))
        .map(|time| path::line(&[(time, bottom), (time, top)], &frame.x, &frame.y))
        .collect()
}

fn lifelines_of(bars: &[pod_lanes::Bar], window: Window, frame: &Frame) -> Vec<String> {
    let of = |stage: Stage| {
        let bars = bars
            .iter()
            .filter(|bar| bar.stage == stage && bar.to > window.0 && bar.from < window.1);
        bars.map(|bar| {
            #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
            let lane = bar.lane as f64;
            let (from, to) = (bar.from.max(window.0), bar.to.min(window.1));
            // A gap between lanes tells one pod from the next.
            path::step_band(
                [from, to].map(|time| (time, lane + 0.1, lane + 0.9)),
                &frame.x,
                &frame.y,
            )
        })
        .collect::<String>()
    };
    [
        Stage::Pending,
        Stage::Starting,
        Stage::Ready,
        Stage::Terminating,
    ]
    .map(of)
    .to_vec()
}

/// Too many pods for lanes: how many are in each stage, one above the other.
fn stacked(subject: &Subject<'_>, window: Window, frame: &Frame) -> Vec<String> {
    const ORDER: [Role; 4] = [
        Role::Ready,
        Role::Starting,
        Role::Pending,
        Role::Terminating,
    ];
    let (left, right) = frame.x.range();
    let columns = (right - left).max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels"
    )]
    let times: Vec<f64> = (0..=columns as u32)
        .map(|pixel| frame.x.value(left + f64::from(pixel)))
        .collect();
    let mut base = vec![0.0; times.len()];
    let mut paths: Vec<(Role, String)> = Vec::new();
    for role in ORDER {
        let column = subject.columns.iter().find(|column| column.role == role);
        let mut bands = Vec::new();
        for (time, base) in times.iter().zip(&mut base) {
            let value = column.map_or(0.0, |column| column.at(*time).max(0.0));
            bands.push((*time, *base, *base + value));
            *base += value;
        }
        bands.retain(|band| band.0 >= window.0);
        paths.push((role, path::step_band(bands, &frame.x, &frame.y)));
    }
    [
        Role::Pending,
        Role::Starting,
        Role::Ready,
        Role::Terminating,
    ]
    .into_iter()
    .filter_map(|role| {
        let at = paths.iter().position(|path| path.0 == role)?;
        Some(std::mem::take(&mut paths[at].1))
    })
    .collect()
}

/// The past recommendation that a window holds at one sync.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// The pods that it recommended.
    pub replicas: i32,
    /// When [s].
    pub since: f64,
    /// When it leaves the window [s].
    pub until: f64,
    /// How long the window is [s].
    pub window: f64,
}

/// What holds at a sync; `None` where the window changes nothing.
#[must_use]
pub fn hold(stabilization: &Stabilization) -> Option<Hold> {
    let Stabilization {
        recommended,
        stabilized,
        ..
    } = *stabilization;
    let (past, window) = match stabilized.cmp(&recommended) {
        Ordering::Greater => (stabilization.highest_past?, stabilization.down_window),
        Ordering::Less => (stabilization.lowest_past?, stabilization.up_window?),
        Ordering::Equal => return None,
    };
    let since = seconds(past.time);
    Some(Hold {
        replicas: past.replicas,
        since,
        until: seconds(past.time + window),
        window: seconds(hpa_core::time::Timestamp::default() + window),
    })
}

/// The window that ends at `now` as a bracket at the height of what it holds, and a ring around
/// the recommendation that holds it.
#[must_use]
pub fn hold_paths(hold: &Hold, now: f64, shown: Window, frame: &Frame) -> (String, String) {
    let level = frame.y.pixel(hold.replicas.into());
    let from = (now - hold.window).max(shown.0);
    let tick = |time: f64| {
        if (shown.0..=shown.1).contains(&time) {
            let x = frame.x.pixel(time);
            format!("M{x:.1} {:.1}V{:.1}", level - 5.0, level + 5.0)
        } else {
            String::new()
        }
    };
    let bracket = if from < now {
        format!(
            "{}{}{}",
            path::line(
                &[
                    (from, hold.replicas.into()),
                    (now.min(shown.1), hold.replicas.into())
                ],
                &frame.x,
                &frame.y
            ),
            tick(now - hold.window),
            tick(now)
        )
    } else {
        String::new()
    };
    let ring = if (shown.0..=shown.1).contains(&hold.since) {
        let x = frame.x.pixel(hold.since);
        format!("M{:.1} {level:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", x - 4.0)
    } else {
        String::new()
    };
    (bracket, ring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::metric_display::metrics;
    use crate::chart::series::columns;
    use crate::chart::testing::walkthrough;

    const SIZE: (f64, f64) = (640.0, 160.0);

    fn picture(kind: Kind, window: Window) -> Picture {
        let trace = walkthrough();
        let looks = metrics(&trace.setup);
        let columns = columns(&trace, kind, &looks);
        let subject = Subject {
            trace: &trace,
            columns: &columns,
            ghost: &columns,
            look: looks.first(),
        };
        draw(kind, &subject, window, SIZE, TimeLabels::Shown)
    }

    fn layer(kind: Kind, window: Window, name: &str) -> String {
        let at = layers(kind).iter().position(|layer| *layer == name);
        picture(kind, window).layers[at.expect("a layer")].clone()
    }

    #[test]
    fn every_layer_has_its_path() {
        for kind in [
            Kind::Load,
            Kind::Metric(0),
            Kind::Replicas,
            Kind::Latency,
            Kind::Backlog,
            Kind::Pods,
        ] {
            for window in [(0.0, 1800.0), (100.0, 130.0)] {
                assert_eq!(picture(kind, window).layers.len(), layers(kind).len());
            }
        }
    }

    #[test]
    fn a_rate_limit_is_drawn_where_it_bites_only() {
        assert!(!layer(Kind::Replicas, (60.0, 120.0), "area-rate").is_empty());
        assert!(layer(Kind::Replicas, (300.0, 600.0), "area-rate").is_empty());
    }

    #[test]
    fn a_window_is_drawn_where_it_holds_only() {
        assert!(layer(Kind::Replicas, (100.0, 600.0), "area-held").is_empty());
        assert!(!layer(Kind::Replicas, (800.0, 900.0), "area-held").is_empty());
    }

    #[test]
    fn the_ghost_lies_where_the_same_run_lies() {
        let all = (0.0, 1800.0);
        assert_eq!(
            layer(Kind::Replicas, all, "ghost-desired"),
            layer(Kind::Replicas, all, "line-desired")
        );
    }

    #[test]
    fn the_hold_names_what_holds_and_until_when() {
        let run = crate::chart::testing::run();
        let at = |seconds: i64| {
            let position = run
                .trace
                .sync_at(hpa_core::time::Timestamp(seconds * 1000))
                .expect("a sync");
            let detail = run.replay.detail(position).expect("a detail");
            hold(&detail.explanation.stabilization.expect("stabilization"))
        };
        assert_eq!(at(300), None);
        let held = at(900).expect("held");
        assert_eq!(held.replicas, 7);
        assert!((held.until - held.since - 300.0).abs() < 1e-9);
        assert!(held.until > 900.0);
        let frame = picture(Kind::Replicas, (0.0, 1800.0)).frame;
        let (bracket, ring) = hold_paths(&held, 900.0, (0.0, 1800.0), &frame);
        assert!(bracket.starts_with('M') && ring.starts_with('M'));
    }
}
