//! The chart of the replicas: desired and ready replicas, stabilization and rate limits.

use crate::chart::canvas::{Canvas, EVENTS, Layout};
use crate::chart::descriptor::{Chart, Description, Layer, Note, Sample, SeriesKind};
use crate::chart::format::counted;
use crate::chart::picture::{Subject, View};
use crate::chart::style::{Color, Fill, Style};
use crate::chart::time_range::seconds;
use crate::chart::unit::Unit;
use crate::cluster::{SyncRecord, Trace};
use hpa_core::autoscaler::explanation::Bound;

static DESIRED: SeriesKind = SeriesKind {
    id: "desired",
    name: "desired",
    sample: Sample::Line,
    style: Style::line(Color::Desired, 2.5),
    description: Description::Range,
    values: |source| source.syncs(|sync| sync.desired.into()),
};

static CURRENT: SeriesKind = SeriesKind {
    id: "current",
    name: "current",
    sample: Sample::Dotted,
    style: Style::line(Color::Quiet, 1.5).dashed("1.5 2.5"),
    description: Description::Range,
    values: |source| source.syncs(|sync| sync.current.into()),
};

static READY: SeriesKind = SeriesKind {
    id: "ready",
    name: "ready",
    sample: Sample::Area,
    style: Style::line(Color::Ready, 1.5).filled(Fill::Color(Color::ReadyArea), 1.0),
    description: Description::Range,
    values: |source| source.steps(&source.trace.steps.ready),
};

static RECOMMENDED: SeriesKind = SeriesKind {
    id: "proposal",
    name: "recommended",
    sample: Sample::Dotted,
    style: Style::line(Color::Held, 2.0).dashed("2 2"),
    description: Description::Omitted,
    values: |source| source.syncs(|sync| sync.proposal.into()),
};

static HELD: SeriesKind = SeriesKind {
    id: "held",
    name: "held by window",
    sample: Sample::Area,
    style: Style::area(Fill::HeldHatch),
    description: Description::Occasions("A stabilization window holds"),
    values: |source| {
        source.syncs(|sync| {
            if sync.held_by_window() {
                sync.stabilized.into()
            } else {
                f64::NAN
            }
        })
    },
};

static CUT: SeriesKind = SeriesKind {
    id: "rate",
    name: "cut by rate",
    sample: Sample::Area,
    style: Style::area(Fill::RateHatch),
    description: Description::Occasions("A rate limit cuts"),
    values: |source| {
        source.syncs(|sync| {
            if is_cut_by_rate(sync) {
                sync.stabilized.into()
            } else {
                f64::NAN
            }
        })
    },
};

static LIMITS: Note = Note {
    id: "limit",
    name: "limits",
    sample: Sample::Dashed,
    style: Style::line(Color::Limit, 1.0).dashed("5 3"),
    text: |trace| {
        let (least, most) = limits(trace);
        format!("{least} to {}", counted(most.into(), "pod", "pods"))
    },
};

/// The run to compare with is dashed.
const COMPARED: &str = "7 3";

pub(super) static CHART: Chart = Chart {
    id: "replicas",
    title: "Replicas",
    test_id: "chart-replicas",
    shown_at_first: true,
    per_metric: false,
    compares: true,
    unit: |_| Unit::Pods,
    series: &[&DESIRED, &CURRENT, &READY, &RECOMMENDED, &HELD, &CUT],
    notes: &[&LIMITS],
    layers: &[
        EVENTS,
        Layer::new(
            "area-ready",
            Style::area(Fill::Color(Color::ReadyArea)),
            |canvas| canvas.area(&READY),
        ),
        Layer::new("area-held", HELD.style, |canvas| {
            canvas.sync_band(|sync| {
                let held = (sync.proposal, sync.stabilized);
                sync.held_by_window().then_some(held)
            })
        }),
        Layer::new("area-rate", CUT.style, |canvas| {
            canvas.sync_band(|sync| {
                let cut = (sync.stabilized, sync.desired);
                is_cut_by_rate(sync).then_some(cut)
            })
        }),
        Layer::new("line-limit", LIMITS.style, |canvas| {
            let (least, most) = limits(canvas.subject.trace);
            canvas.across(least.into()) + &canvas.across(most.into())
        }),
        Layer::new(
            "ghost-ready",
            Style::line(Color::Ready, 1.0)
                .dashed(COMPARED)
                .translucent(0.5),
            |canvas| canvas.compared_steps(&READY),
        ),
        Layer::new(
            "ghost-desired",
            Style::line(Color::Desired, 1.0)
                .dashed(COMPARED)
                .translucent(0.5),
            |canvas| canvas.compared_steps(&DESIRED),
        ),
        Layer::new("line-ready", Style::line(Color::Ready, 1.5), |canvas| {
            canvas.steps(&READY)
        }),
        Layer::new(
            "line-proposal",
            Style::line(Color::Held, 1.0).translucent(0.6),
            |canvas| {
                if has_room_for_dots(canvas) {
                    String::new()
                } else {
                    canvas.sync_steps(|sync| sync.proposal)
                }
            },
        ),
        Layer::new("dots-proposal", Style::dots(Color::Held, 3.0), |canvas| {
            if has_room_for_dots(canvas) {
                let points = canvas.syncs().iter();
                canvas.dots(points.map(|sync| (seconds(sync.time), sync.proposal.into())))
            } else {
                String::new()
            }
        }),
        Layer::new("line-current", CURRENT.style, |canvas| {
            canvas.steps(&CURRENT)
        }),
        Layer::new("line-desired", DESIRED.style, |canvas| {
            canvas.steps(&DESIRED)
        }),
        Layer::new("dots-rescale", Style::dots(Color::Desired, 7.0), |canvas| {
            let rescales = canvas.syncs().iter().filter(|sync| sync.rescaled());
            canvas.thin_dots(rescales.map(|sync| (seconds(sync.time), sync.desired.into())))
        }),
    ],
    layout,
};

/// Whether a rate limit reduced the change of a sync.
fn is_cut_by_rate(sync: &SyncRecord) -> bool {
    matches!(sync.bound, Bound::ScaleUpLimit | Bound::ScaleDownLimit)
}

/// The lower and the upper limit of the count.
fn limits(trace: &Trace) -> (i32, i32) {
    let spec = &trace.setup.autoscaler.spec;
    (spec.lower_limit(), spec.max_replicas)
}

/// Whether the recommendations of single syncs are distinguishable; otherwise they are a line.
fn has_room_for_dots(canvas: &Canvas<'_>) -> bool {
    let (left, right) = canvas.axes.x.range();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let apart = (right - left) / (canvas.syncs().len() as f64).max(1.0);
    apart >= 2.5
}

fn layout(subject: &Subject<'_>, view: &View) -> Layout {
    let compared = subject.compared.iter();
    let drawn = compared.filter(|series| series.is(&DESIRED) || series.is(&READY));
    let most = drawn.fold(subject.peak(view.range), |most, series| {
        most.max(series.peak(view.range))
    });
    let maximum = f64::from(limits(subject.trace).1);
    // A limit far above the counts would flatten the chart.
    Layout::up_to(if maximum <= 2.0 * most.max(5.0) {
        most.max(maximum)
    } else {
        most
    })
}

#[cfg(test)]
mod tests {
    use crate::chart::ChartKind;
    use crate::chart::testing::layer;
    use crate::chart::time_range::TimeRange;

    const ALL: TimeRange = (0.0, 1800.0);

    fn replicas(class: &str, range: TimeRange) -> String {
        layer(ChartKind::Replicas, class, range)
    }

    #[test]
    fn a_rate_limit_is_drawn_only_where_it_limits() {
        assert!(!replicas("area-rate", (60.0, 120.0)).is_empty());
        assert!(replicas("area-rate", (300.0, 600.0)).is_empty());
    }

    #[test]
    fn a_window_is_drawn_only_where_it_holds() {
        assert!(replicas("area-held", (100.0, 600.0)).is_empty());
        assert!(!replicas("area-held", (800.0, 900.0)).is_empty());
    }

    #[test]
    fn a_run_compared_with_itself_lies_on_itself() {
        assert_eq!(
            replicas("ghost-desired", ALL),
            replicas("line-desired", ALL)
        );
    }

    #[test]
    fn recommendations_are_dots_or_a_line() {
        // 120 syncs on 572 pixels, then 8.
        assert_eq!(replicas("line-proposal", ALL), "");
        assert!(replicas("dots-proposal", ALL).starts_with('M'));
    }
}
