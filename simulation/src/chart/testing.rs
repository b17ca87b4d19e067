//! Test helpers: the walkthrough's run and its charts.

use super::{
    ChartId, ChartKind, MetricDisplay, Picture, Series, Subject, TimeLabels, TimeRange, View, draw,
    series,
};
use crate::chart::stabilization::StabilizationHold;
use crate::cluster::Trace;
use crate::experiment::{Experiment, Run, presets::PHP_APACHE};
use hpa_core::time::Timestamp;

fn run() -> Run {
    let read = Experiment::parse(PHP_APACHE);
    read.experiment.expect("an experiment").run()
}

/// The run of the walkthrough.
pub(super) fn walkthrough() -> Trace {
    run().trace
}

/// The first chart of a kind.
pub(super) fn first(kind: ChartKind) -> ChartId {
    ChartId { kind, metric: 0 }
}

/// The series of a chart of the walkthrough.
pub(super) fn series_of(kind: ChartKind) -> Vec<Series> {
    let trace = walkthrough();
    series(&trace, first(kind), &MetricDisplay::of_all(&trace.setup))
}

/// A chart of the walkthrough, compared with itself.
pub(super) fn picture(kind: ChartKind, range: TimeRange) -> Picture {
    let trace = walkthrough();
    let metrics = MetricDisplay::of_all(&trace.setup);
    let series = series(&trace, first(kind), &metrics);
    let subject = Subject {
        trace: &trace,
        series: &series,
        compared: &series,
        metric: metrics.first(),
    };
    let view = View {
        size: (640.0, 160.0),
        range,
        time_labels: TimeLabels::Shown,
    };
    draw(first(kind), &subject, &view)
}

/// One path of such a chart.
pub(super) fn layer(kind: ChartKind, class: &str, range: TimeRange) -> String {
    let layers = kind.chart().layers;
    let at = layers.iter().position(|layer| layer.class == class);
    picture(kind, range).paths[at.expect("a layer")].clone()
}

/// The hold of the walkthrough's stabilization window at a time \[s\].
pub(super) fn hold_at(seconds: i64) -> Option<StabilizationHold> {
    let run = run();
    let position = run.trace.sync_at(Timestamp(seconds * 1000));
    let detail = run.replay.detail(position.expect("a sync"));
    let detail = detail.expect("a detail");
    let stabilization = detail.explanation.stabilization.expect("stabilization");
    StabilizationHold::at(detail.time, &stabilization)
}
