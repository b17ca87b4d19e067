//! The shapes of the load that are described by a few numbers.
#![deny(clippy::wildcard_enum_match_arm)]

use super::rate;
use crate::cluster::{Shape, WaveShape};
use crate::experiment::descriptor::{document, words};
use crate::experiment::problems::Problems;
use crate::experiment::value::Amount;
use hpa_core::manifest::FieldPath;
use hpa_core::time::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_secs(24 * 3600);

document! {
    /// A rate that begins at once and may end at once.
    pub(crate) StepDocument {
        /// The rate.
        rate: Amount,
        /// When it begins; default 0s.
        from: Option<SignedDuration>,
        /// When it ends; default never.
        until: Option<SignedDuration>,
    }
}

impl StepDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Shape {
        Shape::Step {
            rate: rate(self.rate, &path.child("rate"), problems),
            from: self.from.unwrap_or_default(),
            until: self.until,
        }
    }
}

document! {
    /// From one rate to another in a straight line; before it the first, after it the last.
    pub(crate) RampDocument {
        /// The rate before; default 0.
        start_rate: Amount,
        /// The rate after; default 0.
        end_rate: Amount,
        /// When it begins to change; default 0s.
        from: Option<SignedDuration>,
        /// When it has changed; default: the end of the run.
        until: Option<SignedDuration>,
    }
}

impl RampDocument {
    pub(super) fn lower(
        &self,
        path: &FieldPath,
        end: SignedDuration,
        problems: &mut Problems<'_>,
    ) -> Shape {
        let from = self.from.unwrap_or_default();
        let until = self.until.unwrap_or(end);
        Shape::Ramp {
            start_rate: rate(self.start_rate, &path.child("startRate"), problems),
            end_rate: rate(self.end_rate, &path.child("endRate"), problems),
            from,
            until: problems.time(&path.child("until"), until, from, SignedDuration(i64::MAX)),
        }
    }
}

document! {
    /// Up and down, again and again.
    pub(crate) WaveDocument {
        /// The mean rate.
        mean: Amount,
        /// How far it goes above and below; default: half of the mean.
        amplitude: Option<Amount>,
        /// From crest to crest; default 10m, for day and week what they say.
        period: Option<SignedDuration>,
        /// How much of the first period is over when time begins; default 0s.
        phase: Option<SignedDuration>,
        /// The form of one period; default sine.
        form: WaveShape,
    }
}

impl WaveDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Shape {
        let natural = match self.form {
            WaveShape::Sine | WaveShape::Triangle | WaveShape::Square => {
                SignedDuration::from_secs(600)
            }
            WaveShape::Day => DAY,
            WaveShape::Week => SignedDuration(DAY.0 * 7),
        };
        let period = self.period.unwrap_or(natural);
        let year = SignedDuration(DAY.0 * 366);
        let mean = rate(self.mean, &path.child("mean"), problems);
        let mut time = |name, time, low| problems.time(&path.child(name), time, low, year);
        Shape::Wave {
            mean,
            period: time("period", period, SignedDuration::from_secs(1)),
            phase: time(
                "phase",
                self.phase.unwrap_or_default(),
                SignedDuration(-year.0),
            ),
            amplitude: self.amplitude.map_or(mean / 2.0, |amount| {
                rate(amount, &path.child("amplitude"), problems)
            }),
            form: self.form,
        }
    }
}

words! {
    WaveShape {
        "sine" => Sine, "triangle" => Triangle, "square" => Square, "day" => Day, "week" => Week,
    }
}

document! {
    /// One peak: a straight rise, a hold, an exponential decay.
    pub(crate) SpikeDocument {
        /// The rate at the peak.
        height: Amount,
        /// When the rise begins; default 0s.
        at: Option<SignedDuration>,
        /// How long it rises; default 0s.
        rise: Option<SignedDuration>,
        /// How long it holds; default 1m.
        hold: Option<SignedDuration>,
        /// The time in which it decays to 1/e; default 0s: at once.
        decay: Option<SignedDuration>,
    }
}

impl SpikeDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Shape {
        Shape::Spike {
            height: rate(self.height, &path.child("height"), problems),
            at: self.at.unwrap_or_default(),
            rise: self.rise.unwrap_or_default(),
            hold: self.hold.unwrap_or(SignedDuration::from_secs(60)),
            decay: self.decay.unwrap_or_default(),
        }
    }
}

document! {
    /// Random ups and downs around zero.
    pub(crate) NoiseDocument {
        /// The standard deviation.
        deviation: Amount,
        /// The time after which a deviation has decayed to 1/e; default 30s.
        correlation: Option<SignedDuration>,
    }
}

impl NoiseDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Shape {
        let correlation = self.correlation.unwrap_or(SignedDuration::from_secs(30));
        let second = SignedDuration::from_secs(1);
        Shape::Noise {
            deviation: rate(self.deviation, &path.child("deviation"), problems),
            correlation: problems.time(&path.child("correlation"), correlation, second, DAY),
        }
    }
}
