//! The axes of a chart: position, ticks, grid and labels.

use super::format;
use super::picture::View;
use super::scale::{Scale, axis, time_ticks};
use super::unit::Unit;

/// Space left of the plot for the labels of the value axis [px].
const LEFT: f64 = 46.0;
/// Space right of the plot, for half of the last time label [px].
const RIGHT: f64 = 22.0;
/// Space above the plot for half of the highest label [px].
const TOP: f64 = 8.0;
/// Space below the plot for half of the lowest label [px].
const BOTTOM: f64 = 8.0;
/// Space below the plot for the labels of the time axis [px].
const TIMES: f64 = 22.0;

/// Whether a chart shows the labels of the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLabels {
    /// The chart shows them.
    Shown,
    /// The chart below it shows them.
    Hidden,
}

/// A tick: its pixel and its label.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tick {
    /// The position \[px\].
    pub at: f64,
    /// The label; may be empty.
    pub label: String,
}

/// The axes of one chart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Axes {
    /// Times \[s\] to pixels.
    pub x: Scale,
    /// Values to pixels, upward.
    pub y: Scale,
    /// Ticks of the time axis.
    pub times: Vec<Tick>,
    /// Ticks of the value axis.
    pub values: Vec<Tick>,
}

/// A label beside an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Label<'a> {
    /// The attribute `text-anchor`.
    pub anchor: &'static str,
    /// The attribute `dy`.
    pub dy: &'static str,
    /// The position of its text \[px\].
    pub x: f64,
    /// The position of its text \[px\].
    pub y: f64,
    /// The text.
    pub text: &'a str,
}

impl Axes {
    /// Axes from zero up to `highest`. Pictures that are too small get axes without height.
    #[must_use]
    pub fn new(view: &View, highest: f64, unit: &Unit) -> Self {
        let (width, height) = view.size;
        let below = match view.time_labels {
            TimeLabels::Shown => TIMES,
            TimeLabels::Hidden => BOTTOM,
        };
        let (right, bottom) = ((width - RIGHT).max(LEFT), (height - below).max(TOP));
        let axis = axis(highest, room(bottom - TOP, 28.0), unit.smallest_step());
        let x = Scale::new(view.range, (LEFT, right));
        let y = Scale::new((0.0, axis.end), (bottom, TOP));
        let tick = |at, label| Tick { at, label };
        let time_label = |time| match view.time_labels {
            TimeLabels::Shown => format::clock(time),
            TimeLabels::Hidden => String::new(),
        };
        let value_label = |value| format!("{}{}", format::number(value), unit.tick_suffix());
        let times = time_ticks(view.range.0, view.range.1, room(right - LEFT, 72.0));
        Self {
            x,
            y,
            times: times
                .into_iter()
                .map(|time| tick(x.pixel(time), time_label(time)))
                .collect(),
            values: axis
                .ticks
                .into_iter()
                .map(|value| tick(y.pixel(value), value_label(value)))
                .collect(),
        }
    }

    /// The grid as paths, one for each line.
    pub fn grid(&self) -> impl Iterator<Item = String> {
        let (bottom, top) = self.y.range();
        let (left, right) = self.x.range();
        let values = self.values.iter().map(|tick| tick.at);
        let times = self.times.iter().map(|tick| tick.at);
        values
            .map(move |at| format!("M{left} {at}L{right} {at}"))
            .chain(times.map(move |at| format!("M{at} {bottom}L{at} {top}")))
    }

    /// The labels of both axes.
    pub fn labels(&self) -> impl Iterator<Item = Label<'_>> {
        let bottom = self.y.range().0;
        let (left, right) = self.x.range();
        let values = self.values.iter().map(move |tick| Label {
            anchor: "end",
            dy: "0.32em",
            x: left - 6.0,
            y: tick.at,
            text: &tick.label,
        });
        let times = self.times.iter().map(move |tick| {
            // A long label at the end would extend beyond the picture.
            let last = tick.label.len() > 5 && tick.at + RIGHT > right;
            let (anchor, x) = if last {
                ("end", right + RIGHT)
            } else {
                ("middle", tick.at)
            };
            Label {
                anchor,
                dy: "0",
                x,
                y: bottom + 15.0,
                text: &tick.label,
            }
        });
        values.chain(times)
    }
}

/// How many ticks fit, at least one.
fn room(pixels: f64, each: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    let fit = (pixels / each).floor() as usize;
    fit.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    fn axes(size: (f64, f64)) -> Axes {
        let view = View {
            size,
            range: (0.0, 1800.0),
            time_labels: TimeLabels::Shown,
        };
        Axes::new(&view, 305.0, &Unit::Metric("% of request".to_owned()))
    }

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn axes_have_as_many_labels_as_fit() {
        let wide = axes((600.0, 150.0));
        assert_eq!(
            labels(&wide.values),
            ["0 %", "100 %", "200 %", "300 %", "400 %"]
        );
        assert_eq!(
            labels(&wide.times),
            ["0:00", "5:00", "10:00", "15:00", "20:00", "25:00", "30:00"]
        );
        let narrow = axes((300.0, 80.0));
        assert_eq!(labels(&narrow.values), ["0 %", "500 %"]);
        assert_eq!(labels(&narrow.times), ["0:00", "10:00", "20:00", "30:00"]);
    }

    #[test]
    fn axes_without_room_are_harmless() {
        check_each([(0.0, 0.0), (-5.0, 3.0), (f64::NAN, f64::NAN)], |size| {
            assert!(!axes(size).values.is_empty());
        });
    }
}
