//! The load profile: requests per second over time, as a sum of parts.
#![deny(clippy::wildcard_enum_match_arm)]

use hpa_core::time::SignedDuration;

/// Requests per second over time: the sum of the parts, never below zero.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadProfile {
    /// The parts; none at all means no load.
    pub parts: Vec<LoadPart>,
}

impl Default for LoadProfile {
    /// The walkthrough's load generator: 61 requests/s from the first minute to the eleventh.
    fn default() -> Self {
        Self {
            parts: vec![LoadPart {
                name: String::from("load-generator"),
                shape: Shape::Step {
                    rate: 61.0,
                    from: SignedDuration::from_secs(60),
                    until: Some(SignedDuration::from_secs(660)),
                },
            }],
        }
    }
}

impl LoadProfile {
    /// The sum of some parts.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = LoadPart>) -> Self {
        let parts = parts.into_iter().collect();
        Self { parts }
    }

    /// A constant rate [requests/s].
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        let shape = Shape::Constant { rate };
        Self {
            parts: vec![LoadPart {
                name: String::from("constant"),
                shape,
            }],
        }
    }
}

/// One named part of the load.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LoadPart {
    /// The name, for legends and messages; it also seeds a noise.
    pub name: String,
    /// The shape.
    pub shape: Shape,
}

impl LoadPart {
    /// A part of this name and shape.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: Shape) -> Self {
        let name = name.into();
        Self { name, shape }
    }
}

/// The shape of one part of the load. Rates are in requests/s and may be negative (a dip).
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A constant rate.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// A rate that starts, and optionally ends, abruptly.
    Step {
        /// The rate.
        rate: f64,
        /// The start.
        from: SignedDuration,
        /// The end; default never.
        until: Option<SignedDuration>,
    },
    /// A linear change from one rate to another, constant before and after.
    Ramp {
        /// The initial rate.
        start_rate: f64,
        /// The final rate.
        end_rate: f64,
        /// The start of the change.
        from: SignedDuration,
        /// The end of the change.
        until: SignedDuration,
    },
    /// A periodic wave, between zero and twice the mean if amplitude = mean.
    Wave {
        /// The mean rate.
        mean: f64,
        /// The amplitude.
        amplitude: f64,
        /// The period; ignored for the forms day and week.
        period: SignedDuration,
        /// The offset into the first period at the start of the run.
        phase: SignedDuration,
        /// The waveform.
        form: WaveShape,
    },
    /// One peak: a linear rise, a hold, an exponential decay.
    Spike {
        /// The rate at the peak.
        height: f64,
        /// The start of the rise.
        at: SignedDuration,
        /// The duration of the rise.
        rise: SignedDuration,
        /// The duration of the hold.
        hold: SignedDuration,
        /// The time constant of the decay (to 1/e); it ends after ten of these.
        decay: SignedDuration,
    },
    /// Random noise around zero (an Ornstein-Uhlenbeck process).
    Noise {
        /// The standard deviation.
        deviation: f64,
        /// The correlation time, in which a deviation decays to 1/e.
        correlation: SignedDuration,
    },
    /// Recorded points in order of time.
    Points {
        /// Times and rates.
        points: Vec<(SignedDuration, f64)>,
        /// Interpolation between two points.
        interpolation: Interpolation,
        /// The period after which the points repeat; default: the last rate is held.
        repeat: Option<SignedDuration>,
    },
}

impl Default for Shape {
    fn default() -> Self {
        Self::Constant { rate: 0.0 }
    }
}

impl Shape {
    /// The approximate number of pieces in a run of this duration.
    #[must_use]
    pub fn pieces(&self, duration: SignedDuration) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let times = |interval: SignedDuration| duration.0 as f64 / interval.0.max(1) as f64;
        match self {
            Self::Constant { .. } | Self::Step { .. } | Self::Ramp { .. } | Self::Spike { .. } => {
                4.0
            }
            Self::Wave { period, .. } => 2.0 * times(*period),
            Self::Noise { correlation, .. } => 2.0 * times(*correlation),
            Self::Points { points, repeat, .. } => {
                #[expect(clippy::cast_precision_loss, reason = "an estimate")]
                let count = points.len() as f64;
                count * repeat.map_or(1.0, |repeat| 1.0 + times(repeat))
            }
        }
    }

    /// The start: of a step, ramp or spike; of points, the first increase over the previous rate,
    /// which is 0 requests/s before the first point. Shapes without a start, and points that never
    /// increase, start with the run.
    #[must_use]
    pub fn begin(&self) -> SignedDuration {
        match self {
            Self::Constant { .. } | Self::Wave { .. } | Self::Noise { .. } => SignedDuration::ZERO,
            Self::Step { from, .. } | Self::Ramp { from, .. } => *from,
            Self::Spike { at, .. } => *at,
            Self::Points {
                points,
                interpolation,
                ..
            } => {
                let before = std::iter::once(0.0).chain(points.iter().map(|&(_, rate)| rate));
                let mut pairs = points.iter().zip(before);
                let Some(first) = pairs.position(|(&(_, rate), before)| rate > before) else {
                    return SignedDuration::ZERO;
                };
                // A linear rise to a point starts at the point before it.
                points[match interpolation {
                    Interpolation::Hold => first,
                    Interpolation::Linear => first.saturating_sub(1),
                }]
                .0
            }
        }
    }
}

/// The waveform of a wave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "FormDocument", rename_all = "camelCase"))]
pub enum WaveShape {
    /// A sine that starts at its mean and rises.
    #[default]
    Sine,
    /// Linear from the lowest to the highest point and back.
    Triangle,
    /// Half of the period high, half of it low.
    Square,
    /// A working day, low at 04:00, high at 16:00.
    Day,
    /// Seven days, of which the last two have a third of the amplitude.
    Week,
}

impl WaveShape {
    /// The period: `given`, except for the forms day and week.
    #[must_use]
    pub const fn period(self, given: SignedDuration) -> SignedDuration {
        match self {
            Self::Sine | Self::Triangle | Self::Square => given,
            Self::Day => SignedDuration::from_secs(86_400),
            Self::Week => SignedDuration::from_secs(7 * 86_400),
        }
    }
}

/// Interpolation between two points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(
    test,
    schemars(rename = "InterpolationDocument", rename_all = "camelCase")
)]
pub enum Interpolation {
    /// A straight line.
    #[default]
    Linear,
    /// The rate of the earlier point.
    Hold,
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check(interpolation: Interpolation, points: &[(i64, f64)], expected: i64) {
        let seconds = |&(at, rate): &(i64, f64)| (SignedDuration::from_secs(at), rate);
        let shape = Shape::Points {
            points: points.iter().map(seconds).collect(),
            interpolation,
            repeat: None,
        };
        assert_eq!(shape.begin(), SignedDuration::from_secs(expected));
    }

    #[test]
    fn points_begin_where_they_first_ask_for_more() {
        use Interpolation::{Hold, Linear};
        check(Hold, &[(0, 0.0), (60, 61.0), (300, 30.0)], 60);
        check(Hold, &[(0, 0.0), (60, 0.0), (90, 5.0)], 90);
        check(Hold, &[(0, 20.0), (60, 61.0)], 0);
        check(Hold, &[(45, 20.0)], 45);
        check(Hold, &[(0, -5.0), (30, -2.0)], 30);
        check(Hold, &[(0, 0.0), (60, 0.0)], 0);
        check(Hold, &[], 0);
        check(Linear, &[(0, 0.0), (60, 61.0)], 0);
        check(Linear, &[(0, 0.0), (60, 0.0), (90, 61.0)], 60);
        check(Linear, &[(45, 20.0)], 45);
    }

    #[test]
    fn other_shapes_begin_where_they_start() {
        let at = SignedDuration::from_secs(60);
        let spike = Shape::Spike {
            height: 1.0,
            at,
            rise: at,
            hold: at,
            decay: at,
        };
        let ramp = Shape::Ramp {
            start_rate: 5.0,
            end_rate: 1.0,
            from: at,
            until: SignedDuration::from_secs(90),
        };
        let step = LoadProfile::default().parts.remove(0).shape;
        check_each([spike, ramp, step], |shape| {
            assert_eq!(shape.begin(), at, "{shape:?}");
        });
        assert_eq!(Shape::default().begin(), SignedDuration::ZERO);
    }
}
