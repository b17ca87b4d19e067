//! Knows the load as a person draws it: rates that hold until the next one.

use hpa_core::simulation::{Interpolation, LoadProfile, Shape};
use hpa_core::time::Duration;

/// Requests per second over time: each rate holds from its time on until the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keyframes(Vec<(f64, f64)>);

impl Keyframes {
    /// From times [s] and rates [requests/s] in any order; what is not a number is left out.
    #[must_use]
    pub fn new(unsorted: Vec<(f64, f64)>) -> Self {
        // They come almost in order, and the library's sort would be four kilobytes of the page.
        let mut frames = Vec::<(f64, f64)>::with_capacity(unsorted.len());
        for frame in unsorted {
            if !(frame.0.is_finite() && frame.1.is_finite()) {
                continue;
            }
            match frames.iter().rposition(|known| known.0 <= frame.0) {
                Some(at) if frames[at].0 >= frame.0 => frames[at].1 = frame.1,
                at => frames.insert(at.map_or(0, |at| at + 1), frame),
            }
        }
        frames.dedup_by(|later, earlier| later.1.total_cmp(&earlier.1).is_eq());
        Self(frames)
    }

    /// The load of a profile; `None` where a part of it is more than rates that hold.
    #[must_use]
    pub fn of(profile: &LoadProfile) -> Option<Self> {
        let parts: Vec<Self> = profile
            .parts
            .iter()
            .map(|part| Self::of_shape(&part.shape))
            .collect::<Option<_>>()?;
        let times = parts.iter().flat_map(|part| &part.0).map(|frame| frame.0);
        let sum = |time| parts.iter().map(|part| part.at(time)).sum::<f64>();
        Some(Self::new(
            times.map(|time| (time, f64::max(sum(time), 0.0))).collect(),
        ))
    }

    fn of_shape(shape: &Shape) -> Option<Self> {
        match shape {
            Shape::Constant { rate } => Some(Self::new(vec![(0.0, *rate)])),
            Shape::Step { rate, from, until } => {
                let end = until.map(|until| (seconds(until), 0.0));
                Some(Self::new(
                    [(seconds(*from), *rate)].into_iter().chain(end).collect(),
                ))
            }
            Shape::Points {
                points,
                interpolation: Interpolation::Hold,
                repeat: None,
            } => {
                let mut frames: Vec<_> = points
                    .iter()
                    .map(|(time, rate)| (seconds(*time), *rate))
                    .collect();
                // Before its first point a recorded series has that point's rate.
                if let Some(first) = frames.first_mut() {
                    first.0 = 0.0;
                }
                Some(Self::new(frames))
            }
            _ => None,
        }
    }

    /// Times and rates in order of time.
    #[must_use]
    pub fn frames(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The rate at a time; zero before the first.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        let next = self.0.partition_point(|frame| frame.0 <= time);
        next.checked_sub(1)
            .map_or(0.0, |position| self.0[position].1)
    }

    /// The load after a hand has held the slider at `rate` while the cursor went from `from` to
    /// `to` (the same time where it stood still): what was planned between them is written over,
    /// what comes after stays.
    #[must_use]
    pub fn drawn(&self, from: f64, to: f64, rate: f64) -> Self {
        // Whole seconds: finer than any sync, and readable where the load is written as text.
        let (from, to) = (from.floor(), to.floor());
        let frames = self
            .0
            .iter()
            .copied()
            .filter(|(time, _)| *time <= from || *time > to);
        Self::new(frames.chain([(to, rate)]).collect())
    }
}

fn seconds(time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
    let milliseconds = time.0 as f64;
    milliseconds / 1000.0
}

#[cfg(test)]
mod tests {
    use hpa_core::simulation::LoadPart;

    use super::*;

    fn walkthrough() -> Keyframes {
        Keyframes::new(vec![(60.0, 61.0), (660.0, 0.0)])
    }

    #[track_caller]
    fn check((from, to, rate): (f64, f64, f64), expected: &[(f64, f64)]) {
        assert_eq!(walkthrough().drawn(from, to, rate).frames(), expected);
    }

    #[test]
    fn a_rate_holds_until_the_next() {
        for (time, expected) in [
            (0.0, 0.0),
            (60.0, 61.0),
            (659.9, 61.0),
            (660.0, 0.0),
            (1e9, 0.0),
        ] {
            assert!(
                (walkthrough().at(time) - expected).abs() < 1e-12,
                "at {time}"
            );
        }
    }

    #[test]
    fn the_slider_writes_over_what_it_passes() {
        check(
            (100.0, 100.0, 30.0),
            &[(60.0, 61.0), (100.0, 30.0), (660.0, 0.0)],
        );
        check((100.0, 700.7, 30.0), &[(60.0, 61.0), (700.0, 30.0)]);
        check((0.0, 0.0, 61.0), &[(0.0, 61.0), (660.0, 0.0)]);
        check((60.0, 60.9, 20.0), &[(60.0, 20.0), (660.0, 0.0)]);
        check((100.0, 100.0, 61.0), &[(60.0, 61.0), (660.0, 0.0)]);
    }

    #[test]
    fn rates_that_hold_add_up() {
        let part = |shape| LoadPart {
            name: String::new(),
            shape,
        };
        let step = Shape::Step {
            rate: 61.0,
            from: Duration::from_secs(60),
            until: Some(Duration::from_secs(660)),
        };
        let points = Shape::Points {
            points: vec![
                (Duration::from_secs(30), 5.0),
                (Duration::from_secs(90), 1.0),
            ],
            interpolation: Interpolation::Hold,
            repeat: None,
        };
        let profile = LoadProfile {
            parts: vec![part(step.clone()), part(points)],
        };
        let expected = [(0.0, 5.0), (60.0, 66.0), (90.0, 62.0), (660.0, 1.0)];
        assert_eq!(
            Keyframes::of(&profile).unwrap_or_default().frames(),
            expected
        );
        let noise = Shape::Noise {
            deviation: 1.0,
            correlation: Duration::from_secs(30),
        };
        let profile = LoadProfile {
            parts: vec![part(step), part(noise)],
        };
        assert_eq!(Keyframes::of(&profile), None);
    }
}
