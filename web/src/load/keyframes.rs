//! A drawn load: constant rates, or straight lines between points.
#![deny(clippy::wildcard_enum_match_arm)]

use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::{Interpolation, LoadProfile, Shape};

use hpa_simulation::chart::scale::round_step;

/// A load with more points is a recording, not a line drawn by hand.
pub const MOST: usize = 60;
/// The most points that another load is converted to, so that there is room for more.
const TRACED: usize = 40;

/// Requests per second over time, as keyframes: constant or linear between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyframes {
    frames: Vec<(f64, f64)>,
    between: Interpolation,
}

impl Keyframes {
    /// From times [s] and rates [requests/s] in any order; NaN is left out.
    #[must_use]
    pub fn new(unsorted: Vec<(f64, f64)>, between: Interpolation) -> Self {
        // An insertion sort, since they are almost sorted: the library's sort would add four kilobytes
        // to the page.
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
        if between == Interpolation::Hold {
            frames.dedup_by(|later, earlier| later.1.total_cmp(&earlier.1).is_eq());
        }
        Self { frames, between }
    }

    fn holding(frames: Vec<(f64, f64)>) -> Self {
        Self::new(frames, Interpolation::Hold)
    }

    /// The load of a profile; `None` unless all its parts have constant rates or it is a single line
    /// of a few points.
    #[must_use]
    pub fn of(profile: &LoadProfile) -> Option<Self> {
        if let [part] = &*profile.parts
            && let Some(line) = Self::line(&part.shape)
        {
            return Some(line);
        }
        let parts: Vec<Self> = profile
            .parts
            .iter()
            .map(|part| Self::of_shape(&part.shape))
            .collect::<Option<_>>()?;
        let times = parts
            .iter()
            .flat_map(|part| &part.frames)
            .map(|frame| frame.0);
        let sum = |time| parts.iter().map(|part| part.at(time)).sum::<f64>();
        Some(Self::holding(
            times.map(|time| (time, f64::max(sum(time), 0.0))).collect(),
        ))
    }

    fn line(shape: &Shape) -> Option<Self> {
        let Shape::Points {
            points,
            interpolation: Interpolation::Linear,
            repeat: None,
        } = shape
        else {
            return None;
        };
        let frames = points.iter().map(|(time, rate)| (seconds(*time), *rate));
        let mut line = Self::new(frames.collect(), Interpolation::Linear);
        // Two points at one time are a jump, which a line cannot keep.
        let whole = (1..=MOST).contains(&points.len()) && line.frames.len() == points.len();
        let first = line.frames.first().copied()?;
        if first.0 > 0.0 {
            line.frames.insert(0, (0.0, first.1));
        }
        whole.then_some(line)
    }

    /// Any load as a line through the rates of a run at their times [s], and the line's largest error
    /// [requests/s]: the rate with the largest error becomes a point, repeatedly.
    #[must_use]
    pub fn traced(times: &[f64], rates: &[f32]) -> (Self, f64) {
        let rate = |at: usize| f64::from(rates[at]);
        let count = times.len().min(rates.len());
        let peak = rates.iter().copied().fold(0.0, f32::max);
        let step = round_step(f64::from(peak).max(1.0), 1000);
        let mut kept: Vec<usize> = (0..count).step_by(count.saturating_sub(1).max(1)).collect();
        let off = loop {
            let mut next = None;
            let mut off = 0.0;
            for (place, pair) in kept.windows(2).enumerate() {
                let (from, to) = (pair[0], pair[1]);
                let slope = (rate(to) - rate(from)) / (times[to] - times[from]);
                for at in from + 1..to {
                    let gap = (rate(from) + slope * (times[at] - times[from]) - rate(at)).abs();
                    if gap > off {
                        off = gap;
                        next = Some((place + 1, at));
                    }
                }
            }
            match next {
                Some((place, at)) if off > 2.0 * step && kept.len() < TRACED => {
                    kept.insert(place, at);
                }
                _ => break off,
            }
        };
        let frame = |at: &usize| (times[*at].round(), (rate(*at) / step).round() * step);
        let tidy = |(time, rate): (f64, f64)| (time, (rate * 1000.0).round() / 1000.0);
        let frames = kept.iter().map(frame).map(tidy).collect();
        (Self::new(frames, Interpolation::Linear), off)
    }

    fn of_shape(shape: &Shape) -> Option<Self> {
        match shape {
            Shape::Constant { rate } => Some(Self::holding(vec![(0.0, *rate)])),
            Shape::Step { rate, from, until } => {
                let end = until.map(|until| (seconds(until), 0.0));
                Some(Self::holding(
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
                // Before its first point, a recorded series has that point's rate.
                if let Some(first) = frames.first_mut() {
                    first.0 = 0.0;
                }
                Some(Self::holding(frames))
            }
            Shape::Ramp { .. }
            | Shape::Wave { .. }
            | Shape::Spike { .. }
            | Shape::Noise { .. }
            | Shape::Points { .. } => None,
        }
    }

    /// Times and rates, ordered by time.
    #[must_use]
    pub fn frames(&self) -> &[(f64, f64)] {
        &self.frames
    }

    /// The interpolation between them.
    #[must_use]
    pub fn between(&self) -> Interpolation {
        self.between
    }

    /// The rate at a time, for constant rates; zero before the first.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        let next = self.frames.partition_point(|frame| frame.0 <= time);
        next.checked_sub(1)
            .map_or(0.0, |position| self.frames[position].1)
    }

    /// The load after the slider was held at `rate` while the cursor moved from `from` to `to` (equal
    /// if it did not move): the load between them is overwritten, the load after them stays.
    #[must_use]
    pub fn drawn(&self, from: f64, to: f64, rate: f64) -> Self {
        // Whole seconds: finer than any sync period, and readable in the text.
        let (from, to) = (from.floor(), to.floor());
        // With constant rates, a rate at `from` stays until there; a line needs a point to end at.
        let line = self.between == Interpolation::Linear;
        let kept = |(time, _): &(f64, f64)| *time < from || *time > to || (*time <= from && !line);
        let frames = self.frames.iter().copied().filter(kept);
        let start = line.then_some((from, rate));
        Self::new(
            frames.chain(start).chain([(to, rate)]).collect(),
            self.between,
        )
    }
}

fn seconds(time: SignedDuration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
    let milliseconds = time.0 as f64;
    milliseconds / 1000.0
}

#[cfg(test)]
mod tests {
    use hpa_simulation::cluster::LoadPart;

    use super::*;

    fn walkthrough() -> Keyframes {
        Keyframes::holding(vec![(60.0, 61.0), (660.0, 0.0)])
    }

    #[track_caller]
    fn check((from, to, rate): (f64, f64, f64), expected: &[(f64, f64)]) {
        assert_eq!(walkthrough().drawn(from, to, rate).frames(), expected);
    }

    #[test]
    fn a_rate_lasts_until_the_next() {
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
    fn the_slider_overwrites_the_load_it_passes() {
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
    fn constant_rates_add_up() {
        let part = |shape| LoadPart::new("", shape);
        let step = Shape::Step {
            rate: 61.0,
            from: SignedDuration::from_secs(60),
            until: Some(SignedDuration::from_secs(660)),
        };
        let points = Shape::Points {
            points: vec![
                (SignedDuration::from_secs(30), 5.0),
                (SignedDuration::from_secs(90), 1.0),
            ],
            interpolation: Interpolation::Hold,
            repeat: None,
        };
        let profile = LoadProfile::new([part(step.clone()), part(points)]);
        let expected = [(0.0, 5.0), (60.0, 66.0), (90.0, 62.0), (660.0, 1.0)];
        assert_eq!(
            Keyframes::of(&profile).expect("rates that hold").frames(),
            expected
        );
        let noise = Shape::Noise {
            deviation: 1.0,
            correlation: SignedDuration::from_secs(30),
        };
        let profile = LoadProfile::new([part(step), part(noise)]);
        assert_eq!(Keyframes::of(&profile), None);
    }

    #[test]
    fn a_line_of_points_stays_a_line() {
        let of = |points: &[(i64, f64)]| {
            let seconds = |&(at, rate): &(i64, f64)| (SignedDuration::from_secs(at), rate);
            let shape = Shape::Points {
                points: points.iter().map(seconds).collect(),
                interpolation: Interpolation::Linear,
                repeat: None,
            };
            Keyframes::line(&shape)
        };
        let line = of(&[(60, 10.0), (120, 10.0), (600, 70.0)]).expect("a line");
        let expected = [(0.0, 10.0), (60.0, 10.0), (120.0, 10.0), (600.0, 70.0)];
        assert_eq!(line.frames(), expected);
        let stroke = line.drawn(90.0, 300.5, 5.0);
        let expected = [
            (0.0, 10.0),
            (60.0, 10.0),
            (90.0, 5.0),
            (300.0, 5.0),
            (600.0, 70.0),
        ];
        assert_eq!(stroke.frames(), expected);
        assert_eq!(line.drawn(60.0, 60.0, 5.0).frames()[1], (60.0, 5.0));
        assert_eq!(of(&[(0, 1.0), (60, 2.0), (60, 3.0)]), None, "a jump");
        assert_eq!(of(&[(0, 1.0); 61]), None, "a recording");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn any_load_becomes_a_line_of_few_points() {
        #[track_caller]
        fn check(rate: impl Fn(f64) -> f64, count: u32, most: usize, off: f64) {
            let times: Vec<f64> = (0..count).map(f64::from).collect();
            #[expect(clippy::cast_possible_truncation, reason = "as a run keeps it")]
            let rates: Vec<f32> = times.iter().map(|time| rate(*time) as f32).collect();
            let (line, found) = Keyframes::traced(&times, &rates);
            assert!(line.frames().len() <= most, "{:?}", line.frames());
            assert!(found <= off, "{found}");
            assert_eq!(
                line.frames().first().map(|first| first.0),
                times.first().copied()
            );
            assert_eq!(
                line.frames().last().map(|last| last.0),
                times.last().copied()
            );
        }
        check(|time| time / 10.0, 1800, 2, 0.01);
        check(|time| if time < 60.0 { 5.0 } else { 61.0 }, 1800, 4, 0.01);
        check(|time| 50.0 + 40.0 * (time / 100.0).sin(), 1800, TRACED, 3.0);
        check(|time| f64::from(time % 7.0 > 3.0) * 9.0, 1800, TRACED, 9.0);
        check(|_| 5.0, 1, 1, 0.0);
        check(|_| 5.0, 0, 0, 0.0);
    }
}
