//! The load of an experiment: its parts in a document, and their lowering.
//!
//! A shape is one line of the list here, with its fields and its lowering in [`shapes`] or
//! [`recorded`].
#![deny(clippy::wildcard_enum_match_arm)]

mod recorded;
mod shapes;
mod suggested;

#[cfg(test)]
pub(super) use recorded::Recording;
pub(super) use suggested::suggested;

use self::recorded::{PointsDocument, SeriesDocument};
use self::shapes::{NoiseDocument, RampDocument, SpikeDocument, StepDocument, WaveDocument};
use super::descriptor::one_of;
use super::problems::Problems;
use super::value::Amount;
use crate::cluster::{LoadPart, LoadProfile, Shape};
use hpa_core::manifest::FieldPath;
use hpa_core::time::SignedDuration;

/// The maximum rate [1/s], or the maximum value of a metric's own profile.
const MOST: f64 = 1e15;

one_of! {
    /// One part of the load; exactly one shape is set. Rates are in requests per second.
    pub(crate) PartDocument {
        /// A name, for legends and goals; default: the name of the shape.
        name: Option<String>,
    }
    /// The shape of one part of the load.
    pub(crate) ShapeDocument {
        /// A constant rate.
        constant "constant" => Constant(Amount),
        /// A rate that starts, and optionally ends, abruptly.
        step "step" => Step(StepDocument),
        /// A linear change from one rate to another.
        ramp "ramp" => Ramp(RampDocument),
        /// A periodic wave.
        wave "wave" => Wave(WaveDocument),
        /// One peak.
        spike "spike" => Spike(SpikeDocument),
        /// Random noise around zero.
        noise "noise" => Noise(NoiseDocument),
        /// Points in time with their rates.
        points "points" => Points(PointsDocument),
        /// A recorded series in another tool's format.
        series "series" => Series(SeriesDocument),
    }
}

impl ShapeDocument {
    /// The shape in a run that ends at `end`; `None`, with an error, if it is missing.
    fn lower(
        &self,
        path: &FieldPath,
        end: SignedDuration,
        problems: &mut Problems<'_>,
    ) -> Option<Shape> {
        Some(match self {
            Self::Constant(given) => Shape::Constant {
                rate: rate(*given, path, problems),
            },
            Self::Step(given) => given.lower(path, problems),
            Self::Ramp(given) => given.lower(path, end, problems),
            Self::Wave(given) => given.lower(path, problems),
            Self::Spike(given) => given.lower(path, problems),
            Self::Noise(given) => given.lower(path, problems),
            Self::Points(given) => return given.lower(path, problems),
            Self::Series(given) => return given.lower(path, problems),
        })
    }
}

/// The sum of the parts.
pub(super) fn profile(
    parts: &[PartDocument],
    path: &FieldPath,
    end: SignedDuration,
    problems: &mut Problems<'_>,
) -> LoadProfile {
    let parts = parts
        .iter()
        .enumerate()
        .filter_map(|(index, given)| part(given, &path.index(index), end, problems))
        .collect();
    LoadProfile { parts }
}

fn part(
    given: &PartDocument,
    path: &FieldPath,
    end: SignedDuration,
    problems: &mut Problems<'_>,
) -> Option<LoadPart> {
    let mut shapes = Vec::new();
    for shape in &given.chosen {
        shapes.push(shape.lower(&path.child(shape.name()), end, problems));
    }
    let ([chosen], [shape]) = (&given.chosen[..], &mut shapes[..]) else {
        let message = "a part of the load has exactly one shape";
        problems.not_one(path, message, ShapeDocument::NAMES);
        return None;
    };
    Some(LoadPart {
        name: given
            .name
            .clone()
            .unwrap_or_else(|| String::from(chosen.name())),
        shape: shape.take()?,
    })
}

/// A rate, which may be negative: a dip.
fn rate(Amount(value): Amount, path: &FieldPath, problems: &mut Problems<'_>) -> f64 {
    problems.within(path, value, -MOST, MOST)
}
