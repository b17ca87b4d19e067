//! The load of an experiment: how a document writes its parts, and what they become.
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

/// The highest rate [1/s], or the highest value of a metric's own profile.
const MOST: f64 = 1e15;

one_of! {
    /// One part of the load; exactly one shape is set. Rates are in requests per second.
    pub(crate) PartDocument {
        /// A name, for legends and goals; default: the shape's.
        name: Option<String>,
    }
    /// How one part of the load goes.
    pub(crate) ShapeDocument {
        /// The same rate all the time.
        constant "constant" => Constant(Amount),
        /// A rate that begins at once and may end at once.
        step "step" => Step(StepDocument),
        /// From one rate to another in a straight line.
        ramp "ramp" => Ramp(RampDocument),
        /// Up and down, again and again.
        wave "wave" => Wave(WaveDocument),
        /// One peak.
        spike "spike" => Spike(SpikeDocument),
        /// Random ups and downs around zero.
        noise "noise" => Noise(NoiseDocument),
        /// Points in time with their rates.
        points "points" => Points(PointsDocument),
        /// A recorded series as another tool wrote it.
        series "series" => Series(SeriesDocument),
    }
}

impl ShapeDocument {
    /// The shape in a run that ends at `end`; `None`, with an error, where it has none.
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
