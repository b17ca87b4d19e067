//! The points of a drawn load line: moving, adding and removing them, and the steps of their times and rates.

use hpa_simulation::chart::Axes;
use hpa_simulation::chart::scale::{Scale, round_step};

/// Times [s] and rates [requests/s] in the order of time.
pub(super) type Points = Vec<(f64, f64)>;

/// How far an arrow key moves a point: seconds and requests per second.
pub(super) fn steps(axes: &Axes) -> (f64, f64) {
    let (from, to) = axes.x.domain();
    let seconds = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0];
    let fit = seconds.into_iter().find(|step| (to - from) / step <= 360.0);
    (fit.unwrap_or(3600.0), round_step(axes.y.domain().1, 100))
}

/// The time and rate at a position, rounded to whole steps; positions outside the axes are allowed.
pub(super) fn rounded(axes: &Axes, x: f64, y: f64) -> (f64, f64) {
    let beyond = |scale: &Scale, pixel: f64| {
        let ((from, to), (start, end)) = (scale.domain(), scale.range());
        from + (pixel - start) / (end - start) * (to - from)
    };
    let (seconds, rate) = steps(axes);
    let whole = |value: f64, step: f64| (value / step).round() * step;
    // Multiples of steps such as 0.1 have rounding errors.
    let tidy = |value: f64| (value * 1000.0).round() / 1000.0;
    (
        whole(axes.x.value(x), seconds),
        tidy(whole(beyond(&axes.y, y), rate)).max(0.0),
    )
}

/// The points with one moved, between its neighbors; the first one stays at the beginning.
pub(super) fn moved(points: &[(f64, f64)], at: usize, (time, rate): (f64, f64)) -> Points {
    let mut points = points.to_vec();
    let earliest = at.checked_sub(1).and_then(|at| points.get(at));
    let earliest = earliest.map_or(0.0, |point| point.0 + 1.0);
    let latest = points
        .get(at + 1)
        .map_or(f64::INFINITY, |point| point.0 - 1.0);
    if let Some(point) = points.get_mut(at) {
        let time = if at == 0 { 0.0 } else { time };
        *point = (time.min(latest).max(earliest).round(), rate.max(0.0));
    }
    points
}

/// The points without one; the first one stays.
pub(super) fn removed(points: &[(f64, f64)], at: usize) -> Points {
    let mut points = points.to_vec();
    if at > 0 && at < points.len() {
        points.remove(at);
    }
    points
}

/// The points with one more.
pub(super) fn added(points: &[(f64, f64)], point: (f64, f64)) -> Points {
    let mut points = points.to_vec();
    points.push((point.0.round().max(1.0), point.1));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: [(f64, f64); 3] = [(0.0, 0.0), (60.0, 61.0), (660.0, 0.0)];

    #[test]
    fn a_point_stays_between_its_neighbors() {
        #[track_caller]
        fn check(at: usize, to: (f64, f64), expected: (f64, f64)) {
            assert_eq!(moved(&LINE, at, to)[at], expected);
        }
        check(0, (30.0, 5.0), (0.0, 5.0));
        check(1, (90.4, 70.0), (90.0, 70.0));
        check(1, (900.0, 70.0), (659.0, 70.0));
        check(1, (-5.0, -3.0), (1.0, 0.0));
        check(2, (9000.0, 1.0), (9000.0, 1.0));
        assert_eq!(moved(&LINE, 7, (1.0, 1.0)), LINE);
    }

    #[test]
    fn points_are_added_and_removed() {
        assert_eq!(removed(&LINE, 1), [LINE[0], LINE[2]]);
        assert_eq!(removed(&LINE, 0), LINE);
        assert_eq!(added(&LINE, (100.2, 7.0))[3], (100.0, 7.0));
    }
}
