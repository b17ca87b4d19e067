//! Maps values to pixels, and chooses round values for ticks.

/// A linear map from values to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Scale {
    /// Maps `domain.0` to `range.0` and `domain.1` to `range.1`; an empty domain maps to the
    /// range's start.
    #[must_use]
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self { domain, range }
    }

    /// The pixel of `value`, which may be outside the domain.
    #[must_use]
    pub fn pixel(&self, value: f64) -> f64 {
        let span = self.domain.1 - self.domain.0;
        if span == 0.0 {
            return self.range.0;
        }
        self.range.0 + (value - self.domain.0) / span * (self.range.1 - self.range.0)
    }

    /// The value at `pixel`, clamped to the domain.
    #[must_use]
    pub fn value(&self, pixel: f64) -> f64 {
        let span = self.range.1 - self.range.0;
        if span == 0.0 {
            return self.domain.0;
        }
        let value = self.domain.0 + (pixel - self.range.0) / span * (self.domain.1 - self.domain.0);
        let (low, high) = if self.domain.0 <= self.domain.1 {
            self.domain
        } else {
            (self.domain.1, self.domain.0)
        };
        value.max(low).min(high)
    }

    /// The first and the last value.
    #[must_use]
    pub fn domain(&self) -> (f64, f64) {
        self.domain
    }

    /// The pixels of the first and the last value.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        self.range
    }
}

/// The distance between round ticks (1, 2 or 5 times a power of ten) so that there are at most
/// `most` steps up to `maximum`.
#[must_use]
pub fn round_step(maximum: f64, most: usize) -> f64 {
    if !maximum.is_finite() || maximum <= 0.0 || most == 0 {
        return 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of ticks")]
    let raw = maximum / most as f64;
    let power = libm::pow(10.0, libm::log10(raw).floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        // A rounding error must not turn a step that fits exactly into the next one.
        .find(|step| maximum / step <= most_as_float(most))
        .unwrap_or(10.0 * power)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of ticks")]
fn most_as_float(most: usize) -> f64 {
    most as f64 + 1e-9
}

/// An axis from zero whose end is a tick.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Axis {
    /// The last tick.
    pub end: f64,
    /// Ticks from 0 to `end`.
    pub ticks: Vec<f64>,
}

/// An axis from 0 over `maximum` with at most `most` steps, none of them shorter than `least`
/// (1 for things that are counted).
#[must_use]
pub fn axis(maximum: f64, most: usize, least: f64) -> Axis {
    let step = round_step(maximum, most).max(least);
    let steps = if maximum.is_finite() && maximum > 0.0 {
        (maximum / step - 1e-9).ceil().max(1.0)
    } else {
        1.0
    };
    let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + 1.0))
        .take_while(|tick| *tick <= steps)
        .map(|tick| tick * step)
        .collect();
    Axis {
        end: steps * step,
        ticks,
    }
}

/// Steps of a time axis in seconds: common clock intervals.
const TIME_STEPS: [f64; 19] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0, 86_400.0, 604_800.0,
];

/// Ticks of a time axis in seconds between `from` and `to`, at most `most` + 1.
#[must_use]
pub fn time_ticks(from: f64, to: f64, most: usize) -> Vec<f64> {
    let span = to - from;
    if !span.is_finite() || span <= 0.0 || most == 0 {
        return vec![from];
    }
    let step = TIME_STEPS
        .into_iter()
        .find(|step| span / step <= most_as_float(most))
        .unwrap_or_else(|| round_step(span, most));
    let first = (from / step - 1e-9).ceil();
    std::iter::successors(Some(first), |tick| Some(tick + 1.0))
        .map(|tick| tick * step)
        .take_while(|tick| *tick <= to + 1e-9)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check_axis((maximum, most, least): (f64, usize, f64), end: f64, count: usize) {
        let axis = axis(maximum, most, least);
        assert!((axis.end - end).abs() < 1e-9, "{axis:?}");
        assert_eq!(axis.ticks.len(), count, "{axis:?}");
        assert_eq!(axis.ticks.first(), Some(&0.0));
        assert!((axis.ticks[count - 1] - end).abs() < 1e-9, "{axis:?}");
    }

    #[test]
    fn an_axis_ends_at_a_round_tick_over_the_maximum() {
        check_axis((10.0, 5, 1.0), 10.0, 6);
        check_axis((7.0, 4, 1.0), 8.0, 5);
        check_axis((305.0, 4, 0.0), 400.0, 5);
        check_axis((61.0, 4, 0.0), 80.0, 5);
        check_axis((0.3, 3, 0.0), 0.3, 4);
        check_axis((1.0, 4, 1.0), 1.0, 2);
        check_axis((120.0, 4, 1.0), 150.0, 4);
    }

    #[test]
    fn an_axis_of_nothing_still_has_two_ticks() {
        check_each([0.0, -3.0, f64::NAN, f64::INFINITY], |maximum| {
            check_axis((maximum, 4, 1.0), 1.0, 2);
        });
    }

    #[test]
    fn time_ticks_are_round_for_a_clock() {
        assert_eq!(
            time_ticks(0.0, 1800.0, 6),
            [0.0, 300.0, 600.0, 900.0, 1200.0, 1500.0, 1800.0]
        );
        assert_eq!(time_ticks(70.0, 190.0, 4), [90.0, 120.0, 150.0, 180.0]);
        assert_eq!(
            time_ticks(0.0, 86_400.0, 4),
            [0.0, 21_600.0, 43_200.0, 64_800.0, 86_400.0]
        );
        assert_eq!(time_ticks(5.0, 5.0, 4), [5.0]);
    }

    #[test]
    fn a_scale_maps_there_and_back() {
        let scale = Scale::new((0.0, 1800.0), (40.0, 640.0));
        check_each([0.0, 15.0, 900.0, 1800.0], |value| {
            assert!((scale.value(scale.pixel(value)) - value).abs() < 1e-9);
        });
        assert!(
            (scale.value(0.0) - 0.0).abs() < 1e-9,
            "left of the plot is its start"
        );
        assert!((scale.value(9000.0) - 1800.0).abs() < 1e-9);
    }

    #[test]
    fn a_scale_may_point_upward() {
        let scale = Scale::new((0.0, 10.0), (100.0, 0.0));
        assert!((scale.pixel(10.0) - 0.0).abs() < 1e-9);
        assert!((scale.pixel(2.5) - 75.0).abs() < 1e-9);
        assert!((Scale::new((3.0, 3.0), (0.0, 9.0)).pixel(7.0) - 0.0).abs() < 1e-9);
    }
}
