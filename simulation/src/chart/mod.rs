//! The charts of a run: series, pictures, descriptions, tables, and SVG texts. No browser, no clock.
//!
//! A [`ChartKind`] has one descriptor, a [`Chart`], in a file of its own under `kinds/`. The page
//! draws a [`Picture`] into its document; [`svg()`] writes the same picture as a file.

#![deny(clippy::wildcard_enum_match_arm)]

mod axes;
mod canvas;
mod decimate;
mod description;
mod descriptor;
mod event_labels;
pub mod format;
mod kinds;
mod metric_display;
mod path;
mod picture;
mod pod_lanes;
pub mod scale;
mod series;
pub mod stabilization;
mod style;
mod svg;
mod table;
#[cfg(test)]
mod testing;
pub mod time_range;
mod unit;

pub use axes::{Axes, Label, Tick, TimeLabels};
pub use description::{describe, heading};
pub use descriptor::{Chart, Description, Layer, Note, Sample, SeriesKind};
pub use event_labels::event_at;
pub use kinds::{ChartId, ChartKind};
pub use metric_display::MetricDisplay;
pub use path::Point;
pub use picture::{Picture, Subject, View, draw};
pub use series::{Series, series};
pub use style::{Color, Fill, HATCHES, Style, Theme};
pub use svg::{Svg, SvgOptions, svg};
pub use table::{Table, cell, table};
pub use time_range::TimeRange;
pub use unit::Unit;
