//! Knows the frame of one chart: where its axes lie and which ticks they carry.

use super::format;
use super::scale::{Scale, axis, time_ticks};
use super::time_range::Window;

/// Space left of the plot for the labels of the value axis [px].
pub const LEFT: f64 = 46.0;
/// Space right of the plot, for half of the last time label [px].
pub const RIGHT: f64 = 22.0;
/// Space above the plot for half of the highest label [px].
const TOP: f64 = 8.0;
/// Space below the plot for half of the lowest label [px].
const BOTTOM: f64 = 8.0;
/// Space below the plot for the labels of the time axis [px].
const TIMES: f64 = 22.0;

/// Whether a chart carries the labels of the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLabels {
    /// It does.
    Shown,
    /// The chart below it does.
    Hidden,
}

/// A tick: its pixel and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it is [px].
    pub at: f64,
    /// What it says; may be nothing.
    pub label: String,
}

/// What a frame is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Width and height of the whole drawing [px].
    pub size: (f64, f64),
    /// What is shown of the run: from when to when [s].
    pub window: Window,
    /// The highest value to be shown.
    pub maximum: f64,
    /// The shortest distance of ticks: 1 for things that are counted.
    pub least: f64,
    /// What follows the number of a tick, such as ` %`.
    pub suffix: &'static str,
    /// Whether it carries the labels of the time axis.
    pub times: TimeLabels,
}

/// The frame of one chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Times [s] to pixels.
    pub x: Scale,
    /// Values to pixels, upward.
    pub y: Scale,
    /// Ticks of the time axis.
    pub times: Vec<Tick>,
    /// Ticks of the value axis.
    pub values: Vec<Tick>,
}

/// The frame for an extent. What is too small to draw in gets a frame of no height.
#[must_use]
pub fn frame(extent: &Extent) -> Frame {
    let (width, height) = extent.size;
    let below = match extent.times {
        TimeLabels::Shown => TIMES,
        TimeLabels::Hidden => BOTTOM,
    };
    let (right, bottom) = ((width - RIGHT).max(LEFT), (height - below).max(TOP));
    let axis = axis(extent.maximum, room(bottom - TOP, 28.0), extent.least);
    let x = Scale::new(extent.window, (LEFT, right));
    let y = Scale::new((0.0, axis.end), (bottom, TOP));
    let tick = |at, label| Tick { at, label };
    let label = |time| match extent.times {
        TimeLabels::Shown => format::clock(time),
        TimeLabels::Hidden => String::new(),
    };
    Frame {
        x,
        y,
        times: time_ticks(extent.window.0, extent.window.1, room(right - LEFT, 72.0))
            .into_iter()
            .map(|time| tick(x.pixel(time), label(time)))
            .collect(),
        values: axis
            .ticks
            .into_iter()
            .map(|value| {
                tick(
                    y.pixel(value),
                    format!("{}{}", format::number(value), extent.suffix),
                )
            })
            .collect(),
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

    fn extent(size: (f64, f64)) -> Extent {
        Extent {
            size,
            window: (0.0, 1800.0),
            maximum: 305.0,
            least: 0.0,
            suffix: " %",
            times: TimeLabels::Shown,
        }
    }

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn a_frame_carries_as_many_labels_as_fit() {
        let wide = frame(&extent((600.0, 150.0)));
        assert_eq!(
            labels(&wide.values),
            ["0 %", "100 %", "200 %", "300 %", "400 %"]
        );
        assert_eq!(
            labels(&wide.times),
            ["0:00", "5:00", "10:00", "15:00", "20:00", "25:00", "30:00"]
        );
        let narrow = frame(&extent((300.0, 80.0)));
        assert_eq!(labels(&narrow.values), ["0 %", "500 %"]);
        assert_eq!(labels(&narrow.times), ["0:00", "10:00", "20:00", "30:00"]);
    }

    #[test]
    fn a_frame_of_nothing_is_harmless() {
        for size in [(0.0, 0.0), (-5.0, 3.0), (f64::NAN, f64::NAN)] {
            assert!(!frame(&extent(size)).values.is_empty());
        }
    }
}
