//! A thumbnail of a run: the desired replicas over time.

use hpa_simulation::cluster::Trace;

use crate::model::{length, seconds};

/// Width of the thumbnail.
pub(super) const WIDTH: u32 = 120;
/// Height of the thumbnail.
pub(super) const HEIGHT: u32 = 32;

/// The thumbnail of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thumbnail {
    /// The line of desired replicas, as SVG path data.
    pub(super) line: String,
    /// A text alternative.
    pub(super) words: String,
}

/// Draws a run.
#[must_use]
pub(super) fn draw(trace: &Trace) -> Thumbnail {
    let points: Vec<(f64, f64)> = trace
        .syncs
        .iter()
        .map(|sync| (seconds(sync.time), f64::from(sync.desired)))
        .collect();
    let peak = points
        .iter()
        .fold(1.0, |peak, (_, count)| f64::max(peak, *count));
    let first = points.first().map_or(0.0, |(_, count)| *count);
    let last = points.last().map_or(0.0, |(_, count)| *count);
    Thumbnail {
        line: steps(&points, length(trace), peak),
        words: format!("replicas: starts at {first}, peaks at {peak}, ends at {last}"),
    }
}

/// A step line through `points` of time and count, in whole units of the thumbnail.
fn steps(points: &[(f64, f64)], length: f64, peak: f64) -> String {
    let (width, height) = (f64::from(WIDTH), f64::from(HEIGHT));
    let mut path = String::new();
    let mut last = None;
    for (time, count) in points {
        let x = (time / length.max(1.0) * width).round();
        let y = (height - 2.0 - count / peak * (height - 4.0)).round();
        match last {
            None => path.push_str(&format!("M{x} {y}")),
            Some(before) if f64::abs(before - y) > 0.5 => path.push_str(&format!("H{x}V{y}")),
            Some(_) => continue,
        }
        last = Some(y);
    }
    if last.is_some() {
        path.push_str(&format!("H{width}"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_drawn_as_steps() {
        assert_eq!(
            steps(&[(0.0, 1.0), (15.0, 1.0), (30.0, 4.0)], 60.0, 4.0),
            "M0 23H60V2H120"
        );
        assert_eq!(steps(&[], 60.0, 1.0), "");
    }

    #[test]
    fn a_thumbnail_has_a_text_alternative() {
        let read = crate::model::read(crate::model::PHP_APACHE);
        let run = crate::model::run(&read).expect("the walkthrough runs");
        let thumbnail = draw(&run.trace);
        assert_eq!(
            thumbnail.words,
            "replicas: starts at 1, peaks at 7, ends at 1"
        );
        assert!(thumbnail.line.len() < 200, "{}", thumbnail.line);
    }
}
