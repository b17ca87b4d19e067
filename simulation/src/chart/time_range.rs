//! The visible time range of the charts: zooming and panning within the run.

use crate::cluster::Trace;
use hpa_core::time::Timestamp;

/// The shortest visible range \[s\]: a few syncs.
pub const SHORTEST: f64 = 30.0;

/// Start and end \[s since the start of the run\].
pub type TimeRange = (f64, f64);

/// Fits the range into a run of `length` \[s\].
#[must_use]
pub fn within((from, to): TimeRange, length: f64) -> TimeRange {
    if !from.is_finite() || !to.is_finite() {
        return (0.0, length);
    }
    let (from, to) = if from <= to { (from, to) } else { (to, from) };
    let span = (to - from).max(SHORTEST).min(length.max(0.0));
    let middle = f64::midpoint(from, to);
    let start = if to - from < span {
        middle - span / 2.0
    } else {
        from
    };
    let start = start.min(length - span).max(0.0);
    (start, start + span)
}

/// The range `factor` times as long, with `center` at the same place in the picture.
#[must_use]
pub fn zoomed((from, to): TimeRange, center: f64, factor: f64, length: f64) -> TimeRange {
    let center = center.clamp(from.min(to), to.max(from));
    let span = (to - from) * factor;
    if span >= length {
        return (0.0, length);
    }
    let span = span.max(SHORTEST.min(length));
    let part = if to > from {
        (center - from) / (to - from)
    } else {
        0.5
    };
    let start = center - span * part;
    within((start, start + span), length)
}

/// The range later by `share` of its own length, earlier where that is negative.
#[must_use]
pub fn moved((from, to): TimeRange, share: f64, length: f64) -> TimeRange {
    let by = (to - from) * share;
    within((from + by, to + by), length)
}

/// The range in which two fingers stay over the times that they touched in `range`.
///
/// `before` and `after` are the fingers' positions as fractions of the plot's width.
#[must_use]
pub fn pinched(range: TimeRange, before: (f64, f64), after: (f64, f64), length: f64) -> TimeRange {
    let span = range.1 - range.0;
    let (a, b) = (range.0 + span * before.0, range.0 + span * before.1);
    let apart = after.1 - after.0;
    if apart.abs() < 0.02 {
        return range;
    }
    let span = ((b - a) / apart).abs();
    if span >= length {
        return (0.0, length);
    }
    let start = a - span * after.0;
    within((start, start + span), length)
}

/// Formats a range for a link: seconds separated by a dash.
#[must_use]
pub fn text((from, to): TimeRange) -> String {
    format!("{}-{}", from.round(), to.round())
}

/// Parses the range of a link.
#[must_use]
pub fn parse(text: &str) -> Option<TimeRange> {
    let (from, to) = text.split_once('-')?;
    let (from, to): (f64, f64) = (from.parse().ok()?, to.parse().ok()?);
    (from >= 0.0 && to - from >= 1.0 && to.is_finite()).then_some((from, to))
}

/// Seconds since the beginning of the run.
#[must_use]
pub fn seconds(time: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
    let milliseconds = time.0 as f64;
    milliseconds / 1000.0
}

/// Converts seconds since the start of the run to a time in whole milliseconds.
#[must_use]
pub fn timestamp(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let milliseconds = (seconds * 1000.0).round() as i64;
    Timestamp(milliseconds)
}

/// How long a run is, in seconds.
#[must_use]
pub fn length(trace: &Trace) -> f64 {
    seconds(Timestamp::default() + trace.setup.duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check(actual: TimeRange, expected: TimeRange) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(
            near(actual.0, expected.0) && near(actual.1, expected.1),
            "{actual:?} is not {expected:?}"
        );
    }

    #[test]
    fn a_range_stays_within_the_run() {
        check(within((100.0, 400.0), 1800.0), (100.0, 400.0));
        check(within((400.0, 100.0), 1800.0), (100.0, 400.0));
        check(within((-50.0, 250.0), 1800.0), (0.0, 300.0));
        check(within((1700.0, 2000.0), 1800.0), (1500.0, 1800.0));
        check(within((100.0, 102.0), 1800.0), (86.0, 116.0));
        check(within((0.0, 9000.0), 20.0), (0.0, 20.0));
        check(within((f64::NAN, 3.0), 1800.0), (0.0, 1800.0));
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        check(zoomed((0.0, 1800.0), 600.0, 0.5, 1800.0), (300.0, 1200.0));
        check(zoomed((300.0, 1200.0), 600.0, 2.0, 1800.0), (0.0, 1800.0));
        check(zoomed((0.0, 60.0), 0.0, 0.1, 1800.0), (0.0, 30.0));
        check(zoomed((0.0, 1800.0), 1800.0, 0.5, 1800.0), (900.0, 1800.0));
    }

    #[test]
    fn moving_stops_at_the_ends() {
        check(moved((0.0, 600.0), 0.5, 1800.0), (300.0, 900.0));
        check(moved((0.0, 600.0), -0.5, 1800.0), (0.0, 600.0));
        check(moved((1200.0, 1800.0), 0.5, 1800.0), (1200.0, 1800.0));
    }

    #[test]
    fn fingers_keep_what_they_hold() {
        check(
            pinched((0.0, 1000.0), (0.4, 0.6), (0.2, 0.8), 1000.0),
            (333.333_333, 666.666_667),
        );
        check(
            pinched((400.0, 600.0), (0.2, 0.8), (0.45, 0.55), 1000.0),
            (0.0, 1000.0),
        );
        check(
            pinched((0.0, 1000.0), (0.4, 0.6), (0.5, 0.5), 1000.0),
            (0.0, 1000.0),
        );
    }

    #[test]
    fn a_link_names_a_range() {
        assert_eq!(text((60.2, 899.9)), "60-900");
        check_each(
            [
                ("60-900", Some((60.0, 900.0))),
                ("900-60", None),
                ("60-60", None),
                ("-5-60", None),
                ("0-inf", None),
                ("0-NaN", None),
                ("all", None),
            ],
            |(text, expected)| {
                assert_eq!(parse(text), expected, "{text}");
            },
        );
    }
}
