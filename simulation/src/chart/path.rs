//! The text of an SVG path: lines, staircases, areas and bands.

use std::iter::once;

use super::scale::Scale;

/// A point: time \[s\] and value. A value that is not a number is a gap.
pub type Point = (f64, f64);

/// A step of a band: time [s], lower and upper value. A value that is not a number is a gap.
pub(super) type Band = (f64, f64, f64);

/// A line from point to point.
#[must_use]
pub(super) fn line(points: &[Point], x: &Scale, y: &Scale) -> String {
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
pub(super) fn steps(points: &[Point], x: &Scale, y: &Scale) -> String {
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
pub(super) fn step_area(points: &[Point], base: f64, x: &Scale, y: &Scale) -> String {
    step_band(
        points.iter().map(|&(time, value)| (time, base, value)),
        x,
        y,
    )
}

/// The area between two staircases that change at the same times: time, lower, upper. A gap in
/// either is a gap.
#[must_use]
pub(super) fn step_band(
    band: impl IntoIterator<Item = (f64, f64, f64)>,
    x: &Scale,
    y: &Scale,
) -> String {
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
}
