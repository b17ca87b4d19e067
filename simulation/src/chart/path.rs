//! Knows how points become the text of an SVG path, and how many points a pixel needs.

use std::iter::once;

use super::scale::Scale;

/// A point: time [s] and value. A value that is not a number is a gap.
pub type Point = (f64, f64);

/// A step of a band: time [s], lower and upper value. A value that is not a number is a gap.
pub type Band = (f64, f64, f64);

/// A band with at most one step for each pixel column, as wide as its widest there.
#[must_use]
pub fn thin_band(band: Vec<Band>, x: &Scale) -> Vec<Band> {
    let (left, right) = x.range();
    #[expect(clippy::cast_precision_loss, reason = "fewer points than 2^52")]
    if band.len() as f64 <= 2.0 * (right - left).abs().max(1.0) {
        return band;
    }
    let mut kept: Vec<Band> = Vec::new();
    for (time, lower, upper) in band {
        match kept.last_mut() {
            Some(last) if x.pixel(last.0).floor() >= x.pixel(time).floor() => {
                // Of a gap and a value the value is kept.
                last.1 = last.1.min(lower);
                last.2 = last.2.max(upper);
            }
            _ => kept.push((time, lower, upper)),
        }
    }
    kept
}

/// At most four points for each pixel column (first, lowest, highest, last, in their order), so
/// that the line looks the same with any number of points and no peak is lost.
///
/// Times must not decrease. Gaps are kept.
#[must_use]
pub fn decimate(points: &[Point], x: &Scale) -> Vec<Point> {
    let (left, right) = x.range();
    let columns = (right - left).abs().max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "fewer points than 2^52")]
    if points.len() as f64 <= 2.0 * columns {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    let mut start = 0;
    while start < points.len() {
        let column = x.pixel(points[start].0).floor();
        let gap = points[start].1.is_nan();
        let length = points[start..]
            .iter()
            .take_while(|(time, value)| x.pixel(*time).floor() <= column && value.is_nan() == gap)
            .count();
        keep_column(&points[start..start + length.max(1)], &mut kept);
        start += length.max(1);
    }
    kept
}

fn keep_column(column: &[Point], kept: &mut Vec<Point>) {
    let by_value = |(_, a): &(usize, &Point), (_, b): &(usize, &Point)| a.1.total_cmp(&b.1);
    let lowest = column
        .iter()
        .enumerate()
        .min_by(by_value)
        .map_or(0, |(position, _)| position);
    let highest = column
        .iter()
        .enumerate()
        .max_by(by_value)
        .map_or(0, |(position, _)| position);
    let mut last = None;
    for position in [
        0,
        lowest.min(highest),
        lowest.max(highest),
        column.len() - 1,
    ] {
        if last != Some(position) {
            kept.push(column[position]);
            last = Some(position);
        }
    }
}

/// Leaves out points that repeat the value before and after them: a staircase keeps its corners.
#[must_use]
pub fn corners(points: impl IntoIterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut pending: Option<Point> = None;
    for point in points {
        match kept.last() {
            Some(last) if same(last.1, point.1) => pending = Some(point),
            _ => {
                kept.push(point);
                pending = None;
            }
        }
    }
    // The last value reaches to the end.
    kept.extend(pending);
    kept
}

#[expect(clippy::float_cmp, reason = "repeated, not computed twice")]
fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// A line from point to point.
#[must_use]
pub fn line(points: &[Point], x: &Scale, y: &Scale) -> String {
    let mut path = String::with_capacity(points.len() * 12);
    let mut pen = Pen::Up;
    for &(time, value) in points {
        if value.is_nan() {
            pen = Pen::Up;
            continue;
        }
        path.push(pen.command());
        pair(&mut path, x.pixel(time), y.pixel(value));
        pen = Pen::Down;
    }
    path
}

/// A staircase: each value holds until the next point.
#[must_use]
pub fn steps(points: &[Point], x: &Scale, y: &Scale) -> String {
    let mut path = String::with_capacity(points.len() * 14);
    let mut pen = Pen::Up;
    for &(time, value) in points {
        if matches!(pen, Pen::Down) {
            path.push('H');
            number(&mut path, x.pixel(time));
        }
        if value.is_nan() {
            pen = Pen::Up;
        } else if matches!(pen, Pen::Down) {
            path.push('V');
            number(&mut path, y.pixel(value));
        } else {
            path.push('M');
            pair(&mut path, x.pixel(time), y.pixel(value));
            pen = Pen::Down;
        }
    }
    path
}

/// The area between a staircase and the value `base`.
#[must_use]
pub fn step_area(points: &[Point], base: f64, x: &Scale, y: &Scale) -> String {
    step_band(
        points.iter().map(|&(time, value)| (time, base, value)),
        x,
        y,
    )
}

/// The area between two staircases that change at the same times: time, lower, upper. A gap in
/// either is a gap.
#[must_use]
pub fn step_band(band: impl IntoIterator<Item = (f64, f64, f64)>, x: &Scale, y: &Scale) -> String {
    let mut path = String::new();
    let mut open: Vec<(f64, f64, f64)> = Vec::new();
    let end = (f64::NAN, f64::NAN, f64::NAN);
    for (time, lower, upper) in band.into_iter().chain(once(end)) {
        let gap = lower.is_nan() || upper.is_nan();
        if !gap {
            open.push((time, lower, upper));
            continue;
        }
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let right = if time.is_nan() { last.0 } else { time };
            path.push('M');
            pair(&mut path, x.pixel(first.0), y.pixel(first.2));
            for step in &open[1..] {
                path.push('H');
                number(&mut path, x.pixel(step.0));
                path.push('V');
                number(&mut path, y.pixel(step.2));
            }
            path.push('H');
            number(&mut path, x.pixel(right));
            path.push('V');
            number(&mut path, y.pixel(last.1));
            for pair in open.windows(2).rev() {
                path.push('H');
                number(&mut path, x.pixel(pair[1].0));
                path.push('V');
                number(&mut path, y.pixel(pair[0].1));
            }
            path.push('H');
            number(&mut path, x.pixel(first.0));
            path.push('Z');
        }
        open.clear();
    }
    path
}

#[derive(Clone, Copy)]
enum Pen {
    Up,
    Down,
}

impl Pen {
    fn command(self) -> char {
        match self {
            Self::Up => 'M',
            Self::Down => 'L',
        }
    }
}

fn pair(path: &mut String, x: f64, y: f64) {
    number(path, x);
    path.push(' ');
    number(path, y);
}

/// Writes tenths of a pixel. Formatting floats takes most of a redraw otherwise.
fn number(path: &mut String, value: f64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, far outside the picture"
    )]
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        path.push('-');
    }
    let tenths = tenths.unsigned_abs();
    let mut digits = [0_u8; 20];
    let mut position = digits.len();
    let mut rest = tenths / 10;
    loop {
        position -= 1;
        digits[position] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    path.extend(digits[position..].iter().map(|digit| char::from(*digit)));
    if !tenths.is_multiple_of(10) {
        path.push('.');
        path.push(char::from(
            b'0' + u8::try_from(tenths % 10).unwrap_or_default(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> (Scale, Scale) {
        (
            Scale::new((0.0, 100.0), (0.0, 100.0)),
            Scale::new((0.0, 100.0), (0.0, 100.0)),
        )
    }

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(path, expected);
    }

    const GAP: f64 = f64::NAN;

    #[test]
    fn a_line_goes_from_point_to_point_and_breaks_at_gaps() {
        let (x, y) = plain();
        check(&line(&[(0.0, 1.0), (10.0, 2.25)], &x, &y), "M0 1L10 2.3");
        check(
            &line(&[(0.0, 1.0), (1.0, GAP), (2.0, -0.5), (3.0, 4.0)], &x, &y),
            "M0 1M2 -0.5L3 4",
        );
        check(&line(&[], &x, &y), "");
    }

    #[test]
    fn a_staircase_holds_each_value() {
        let (x, y) = plain();
        check(
            &steps(&[(0.0, 1.0), (15.0, 4.0), (30.0, 7.0)], &x, &y),
            "M0 1H15V4H30V7",
        );
        check(
            &steps(&[(0.0, 1.0), (5.0, GAP), (9.0, 2.0)], &x, &y),
            "M0 1H5M9 2",
        );
    }

    #[test]
    fn an_area_is_closed_at_its_base() {
        let (x, y) = plain();
        check(
            &step_area(&[(0.0, 1.0), (10.0, 3.0), (20.0, 3.0)], 0.0, &x, &y),
            "M0 1H10V3H20V3H20V0H20V0H10V0H0Z",
        );
        check(&step_area(&[], 0.0, &x, &y), "");
    }

    #[test]
    fn a_band_ends_at_a_gap_and_starts_again() {
        let (x, y) = plain();
        let band = [
            (0.0, 1.0, 2.0),
            (10.0, GAP, GAP),
            (20.0, 3.0, 4.0),
            (30.0, 3.0, 5.0),
        ];
        check(
            &step_band(band, &x, &y),
            "M0 2H10V1H0ZM20 4H30V5H30V3H30V3H20Z",
        );
    }

    #[test]
    fn corners_are_what_a_staircase_needs() {
        let points = [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 2.0), (4.0, 2.0)];
        assert_eq!(corners(points), [(0.0, 1.0), (3.0, 2.0), (4.0, 2.0)]);
        assert_eq!(corners([]), []);
    }

    #[test]
    fn decimation_keeps_every_peak_and_few_points() {
        let spikes = [777_u32, 50_000, 99_998];
        let points: Vec<Point> = (0..100_000_u32)
            .map(|i| {
                (
                    f64::from(i),
                    if spikes.contains(&i) {
                        1000.0
                    } else {
                        f64::from(i % 7)
                    },
                )
            })
            .collect();
        let x = Scale::new((0.0, 100_000.0), (0.0, 600.0));
        let kept = decimate(&points, &x);
        assert!(kept.len() <= 4 * 601, "{} points", kept.len());
        assert_eq!(kept.first(), points.first());
        assert_eq!(kept.last(), points.last());
        for spike in spikes {
            assert!(
                kept.contains(&(f64::from(spike), 1000.0)),
                "spike at {spike}"
            );
        }
        assert!(
            kept.windows(2).all(|pair| pair[0].0 <= pair[1].0),
            "in order of time"
        );
    }

    #[test]
    fn decimation_keeps_gaps() {
        let points: Vec<Point> = (0..10_000_u32)
            .map(|i| {
                (
                    f64::from(i),
                    if (4000..4100).contains(&i) { GAP } else { 1.0 },
                )
            })
            .collect();
        let kept = decimate(&points, &Scale::new((0.0, 10_000.0), (0.0, 100.0)));
        assert!(
            kept.iter()
                .any(|(time, value)| value.is_nan() && (4000.0..4100.0).contains(time))
        );
        assert!(
            kept.iter()
                .all(|(time, value)| !value.is_nan() || (4000.0..4100.0).contains(time))
        );
    }

    #[test]
    fn a_thin_band_is_as_wide_as_its_widest() {
        let band: Vec<Band> = (0..1000_u32)
            .map(|i| (f64::from(i), 1.0, if i == 503 { 9.0 } else { 2.0 }))
            .collect();
        let kept = thin_band(band, &Scale::new((0.0, 1000.0), (0.0, 10.0)));
        assert!(kept.len() <= 11, "{}", kept.len());
        assert!(kept.iter().any(|step| step.2 > 8.0));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [(0.0, 1.0), (1.0, GAP), (2.0, 3.0)];
        assert_eq!(
            decimate(&points, &Scale::new((0.0, 2.0), (0.0, 600.0))).len(),
            3
        );
    }
}
