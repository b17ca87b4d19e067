//! Decimates points: drops repeated values, and points beyond the pixel resolution.

use super::path::{Band, Point};
use super::scale::Scale;

/// A band with at most one step for each pixel column, as wide as its widest there.
#[must_use]
pub(super) fn thin_band(band: Vec<Band>, x: &Scale) -> Vec<Band> {
    let (left, right) = x.range();
    #[expect(clippy::cast_precision_loss, reason = "fewer points than 2^52")]
    if band.len() as f64 <= 2.0 * (right - left).abs().max(1.0) {
        return band;
    }
    let mut kept: Vec<Band> = Vec::new();
    for (time, lower, upper) in band {
        match kept.last_mut() {
            Some(last) if x.pixel(last.0).floor() >= x.pixel(time).floor() => {
                // Of a gap and a value, keep the value.
                last.1 = last.1.min(lower);
                last.2 = last.2.max(upper);
            }
            _ => kept.push((time, lower, upper)),
        }
    }
    kept
}

/// At most four points per pixel column (first, lowest, highest, last, in their order), so that the
/// line looks the same with any number of points and no peak is lost.
///
/// Times must not decrease. Gaps are kept.
#[must_use]
pub(super) fn decimate(points: &[Point], x: &Scale) -> Vec<Point> {
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

/// Drops points that repeat the values before and after them; a staircase keeps its corners.
#[must_use]
pub(super) fn corners(points: impl IntoIterator<Item = Point>) -> Vec<Point> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    const GAP: f64 = f64::NAN;

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
        check_each(spikes, |spike| {
            assert!(
                kept.contains(&(f64::from(spike), 1000.0)),
                "spike at {spike}"
            );
        });
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
