//! A chart of a run as a picture: axes and layer paths.

use super::axes::{Axes, TimeLabels};
use super::canvas::Canvas;
use super::descriptor::SeriesKind;
use super::kinds::ChartId;
use super::metric_display::MetricDisplay;
use super::series::Series;
use super::time_range::TimeRange;
use crate::cluster::Trace;

/// The data to draw.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Subject<'a> {
    /// The run.
    pub trace: &'a Trace,
    /// The chart's series of the run.
    pub series: &'a [Series],
    /// The same series of the run to compare with; empty without one.
    pub compared: &'a [Series],
    /// The chart's metric, if it is a metric's chart.
    pub metric: Option<&'a MetricDisplay>,
}

impl<'a> Subject<'a> {
    /// A chart's series of a run, compared with none.
    #[must_use]
    pub const fn new(trace: &'a Trace, series: &'a [Series]) -> Self {
        Self {
            trace,
            series,
            compared: &[],
            metric: None,
        }
    }

    /// With the same series of the run that it is compared with; empty without one.
    #[must_use]
    pub const fn with_compared(self, compared: &'a [Series]) -> Self {
        Self { compared, ..self }
    }

    /// With the chart's metric, if it is the chart of one.
    #[must_use]
    pub const fn with_metric(self, metric: Option<&'a MetricDisplay>) -> Self {
        Self { metric, ..self }
    }

    pub(super) fn series(&self, kind: &SeriesKind) -> Option<&Series> {
        self.series.iter().find(|series| series.is(kind))
    }

    /// The highest value of all series.
    pub(super) fn peak(&self, range: TimeRange) -> f64 {
        let peaks = self.series.iter().map(|series| series.peak(range));
        peaks.fold(0.0, f64::max)
    }
}

/// The view of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct View {
    /// Width and height of the whole picture \[px\].
    pub size: (f64, f64),
    /// The visible part of the run.
    pub range: TimeRange,
    /// Whether the time axis has labels.
    pub time_labels: TimeLabels,
}

impl View {
    /// A part of the run in a picture of this width and height \[px\].
    #[must_use]
    pub const fn new(size: (f64, f64), range: TimeRange, time_labels: TimeLabels) -> Self {
        Self {
            size,
            range,
            time_labels,
        }
    }
}

/// A chart as paths.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Picture {
    /// Its axes.
    pub axes: Axes,
    /// The path of each layer; may be empty.
    pub paths: Vec<String>,
}

/// Draws one chart.
#[must_use]
pub fn draw(id: ChartId, subject: &Subject<'_>, view: &View) -> Picture {
    let chart = id.kind.chart();
    let layout = (chart.layout)(subject, view);
    let axes = Axes::new(view, layout.highest, &(chart.unit)(subject.metric));
    let canvas = Canvas {
        subject,
        range: view.range,
        axes: &axes,
        layout: &layout,
    };
    let paths = chart.layers.iter().map(|layer| (layer.draw)(&canvas));
    let paths = paths.collect();
    Picture { axes, paths }
}

#[cfg(test)]
mod tests {
    use crate::chart::ChartKind;
    use crate::chart::testing::picture;
    use test_support::check_each;

    #[test]
    fn each_layer_has_a_path() {
        check_each(ChartKind::ALL, |kind| {
            check_each([(0.0, 1800.0), (100.0, 130.0)], |range| {
                let picture = picture(*kind, range);
                assert_eq!(picture.paths.len(), kind.chart().layers.len());
                assert!(picture.paths.iter().any(|path| path.starts_with('M')));
            });
        });
    }
}
