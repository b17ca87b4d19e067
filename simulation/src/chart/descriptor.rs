//! What describes a chart: its names, its series, its layers, its legend.

use super::canvas::{Canvas, Layout};
use super::metric_display::MetricDisplay;
use super::path::Point;
use super::picture::{Subject, View};
use super::series::Source;
use super::style::Style;
use super::unit::Unit;
use crate::cluster::Trace;

/// All there is to know of one kind of chart.
#[derive(Debug)]
#[non_exhaustive]
pub struct Chart {
    /// Its name in links, in stored views and on the command line.
    pub id: &'static str,
    /// Its name for people, such as `Load`.
    pub title: &'static str,
    /// `data-testid` and class of its figure on the page.
    pub test_id: &'static str,
    /// Whether it is shown until somebody chooses charts.
    pub shown_at_first: bool,
    /// Whether there is one for each metric, named like it.
    pub per_metric: bool,
    /// Whether the run that is compared with is drawn behind.
    pub compares: bool,
    /// The unit of its values.
    pub unit: fn(Option<&MetricDisplay>) -> Unit,
    /// Its series, in the order of legend, table and CSV.
    pub series: &'static [&'static SeriesKind],
    /// What its legend says beside the series.
    pub notes: &'static [&'static Note],
    /// What is drawn, from the lowest layer to the topmost.
    pub layers: &'static [Layer],
    pub(super) layout: fn(&Subject<'_>, &View) -> Layout,
}

/// One series of a chart, whatever the run.
#[derive(Debug)]
#[non_exhaustive]
pub struct SeriesKind {
    /// `data-testid` of its value in the legend, and the second half of the legend entry's class.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it looks like in the page's legend.
    pub sample: Sample,
    /// How it is drawn.
    pub style: Style,
    /// What is said of it in words.
    pub description: Description,
    pub(super) values: fn(&Source<'_>) -> Vec<Point>,
}

impl SeriesKind {
    /// Whether it has values only now and then, and `no` says that there is none.
    #[must_use]
    pub const fn is_occasional(&self) -> bool {
        matches!(self.description, Description::Occasions(_))
    }
}

/// What a chart's description in words says of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// The lowest and the highest value.
    Range,
    /// The one value that it has.
    Constant,
    /// Between which times it has values; the beginning of the sentence.
    Occasions(&'static str),
    /// Nothing.
    Omitted,
}

/// What an entry of the legend looks like, beside its color.
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

/// An entry of the legend that is no series.
#[derive(Debug)]
#[non_exhaustive]
pub struct Note {
    /// `data-testid` of its value, and the second half of the entry's class.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it looks like in the page's legend.
    pub sample: Sample,
    /// How it is drawn.
    pub style: Style,
    /// What it says of a run.
    pub text: fn(&Trace) -> String,
}

/// One path of a chart.
#[derive(Debug)]
#[non_exhaustive]
pub struct Layer {
    /// Its class and `data-testid` on the page.
    pub class: &'static str,
    /// How it is painted.
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
