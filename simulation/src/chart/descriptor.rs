//! Chart descriptors: names, series, layers, legend.

use super::canvas::{Canvas, Layout};
use super::metric_display::MetricDisplay;
use super::path::Point;
use super::picture::{Subject, View};
use super::series::Source;
use super::style::Style;
use super::unit::Unit;
use crate::cluster::Trace;

/// The descriptor of a kind of chart.
#[derive(Debug)]
#[non_exhaustive]
pub struct Chart {
    /// The identifier in links, in stored views and on the command line.
    pub id: &'static str,
    /// The title, such as `Load`.
    pub title: &'static str,
    /// The `data-testid` and class of its figure on the page.
    pub test_id: &'static str,
    /// Whether it is shown by default.
    pub shown_at_first: bool,
    /// Whether there is one chart for each metric, named like the metric.
    pub per_metric: bool,
    /// Whether the run to compare with is drawn in the background.
    pub compares: bool,
    /// The unit of its values.
    pub unit: fn(Option<&MetricDisplay>) -> Unit,
    /// Its series, in the order of legend, table and CSV.
    pub series: &'static [&'static SeriesKind],
    /// Further legend entries.
    pub notes: &'static [&'static Note],
    /// The layers from bottom to top.
    pub layers: &'static [Layer],
    pub(super) layout: fn(&Subject<'_>, &View) -> Layout,
}

/// A series of a chart, independent of any run.
#[derive(Debug)]
#[non_exhaustive]
pub struct SeriesKind {
    /// `data-testid` of its value in the legend, and the second half of the legend entry's class.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The sample in the page's legend.
    pub sample: Sample,
    /// The style.
    pub style: Style,
    /// Its text description.
    pub description: Description,
    pub(super) values: fn(&Source<'_>) -> Vec<Point>,
}

impl SeriesKind {
    /// Whether it has values only occasionally.
    #[must_use]
    pub const fn is_occasional(&self) -> bool {
        matches!(self.description, Description::Occasions(_))
    }
}

/// The form of a series' text description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// The lowest and the highest value.
    Range,
    /// The constant value.
    Constant,
    /// The times between which it has values; the text is the start of the sentence.
    Occasions(&'static str),
    /// Nothing.
    Omitted,
}

/// The shape of a legend sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
    /// A dotted line.
    Dotted,
    /// An area.
    Area,
}

/// A legend entry that is not a series.
#[derive(Debug)]
#[non_exhaustive]
pub struct Note {
    /// `data-testid` of its value, and the second half of the entry's class.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The sample in the page's legend.
    pub sample: Sample,
    /// The style.
    pub style: Style,
    /// Its text for a run.
    pub text: fn(&Trace) -> String,
}

/// One path of a chart.
#[derive(Debug)]
#[non_exhaustive]
pub struct Layer {
    /// Its class and `data-testid` on the page.
    pub class: &'static str,
    /// The style.
    pub style: Style,
    pub(super) draw: fn(&Canvas<'_>) -> String,
}

impl Layer {
    pub(super) const fn new(
        class: &'static str,
        style: Style,
        draw: fn(&Canvas<'_>) -> String,
    ) -> Self {
        Self { class, style, draw }
    }
}
