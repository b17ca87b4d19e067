//! The load shapes that are defined by a few numbers.
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
    /// A rate that starts, and optionally ends, abruptly.
    pub(crate) StepDocument {
        /// The rate.
        rate: Amount,
        /// The start; default 0s.
        from: Option<SignedDuration>,
        /// The end; default never.
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
    /// A linear change from one rate to another, constant before and after.
    pub(crate) RampDocument {
        /// The initial rate; default 0.
        start_rate: Amount,
        /// The final rate; default 0.
        end_rate: Amount,
        /// The start of the change; default 0s.
        from: Option<SignedDuration>,
        /// The end of the change; default: the end of the run.
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
    /// A periodic wave.
    pub(crate) WaveDocument {
        /// The mean rate.
        mean: Amount,
        /// The amplitude; default: half of the mean.
        amplitude: Option<Amount>,
        /// The period; default 10m, or the day or week of that form.
        period: Option<SignedDuration>,
        /// The offset into the first period at the start of the run; default 0s.
        phase: Option<SignedDuration>,
        /// The waveform; default sine.
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
    /// One peak: a linear rise, a hold, an exponential decay.
    pub(crate) SpikeDocument {
        /// The rate at the peak.
        height: Amount,
        /// The start of the rise; default 0s.
        at: Option<SignedDuration>,
        /// The duration of the rise; default 0s.
        rise: Option<SignedDuration>,
        /// The duration of the hold; default 1m.
        hold: Option<SignedDuration>,
        /// The time constant of the decay (to 1/e); default 0s: an abrupt end.
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
    /// Random noise around zero.
    pub(crate) NoiseDocument {
        /// The standard deviation.
        deviation: Amount,
        /// The correlation time, in which a deviation decays to 1/e; default 30s.
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
