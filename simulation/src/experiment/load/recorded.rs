//! The load shapes that are lists of points: explicit, or recorded by another tool.
#![deny(clippy::wildcard_enum_match_arm)]

use super::{MOST, rate};
use crate::cluster::{Interpolation, Shape};
use crate::experiment::descriptor::{document, one_of, words};
use crate::experiment::import::{self, Import};
use crate::experiment::problems::{MAX_POINTS, Problems};
use crate::experiment::value::Amount;
use hpa_core::manifest::{FieldPath, Severity};
use hpa_core::time::SignedDuration;

document! {
    /// Points in time with their rates.
    pub(crate) PointsDocument {
        /// The points in order of time.
        values: Vec<PointDocument>,
        /// Interpolation between two points; default linear.
        interpolation: Interpolation,
        /// The period after which the points repeat; default: the last rate is held.
        repeat: Option<SignedDuration>,
    }

    /// A rate at a time.
    pub(crate) PointDocument {
        /// The time; default 0s.
        at: SignedDuration,
        /// The rate.
        rate: Amount,
    }
}

words! {
    Interpolation { "linear" => Linear, "hold" => Hold }
}

one_of! {
    /// A recorded series in another tool's format; exactly one of the three texts is set.
    pub(crate) SeriesDocument {
        /// The interval between two values in promtool's notation; default 1m.
        interval: Option<SignedDuration>,
        /// The index of the series if there are several, from 0; default 0.
        column: Option<u32>,
        /// Factor that converts the values to requests per second; default 1.
        factor: Option<Amount>,
        /// Interpolation between two points; default linear.
        interpolation: Interpolation,
        /// The period after which the points repeat; default: the last rate is held.
        repeat: Option<SignedDuration>,
    }
    /// The output of another tool.
    pub(crate) Recording {
        /// The JSON response of Prometheus' query_range.
        prometheus "prometheus" => Prometheus(String),
        /// Two columns, or a Grafana export.
        csv "csv" => Csv(String),
        /// promtool's notation, such as `0+10x60`.
        promtool "promtool" => Promtool(String),
    }
}

impl PointsDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Option<Shape> {
        let values = path.child("values");
        if self.values.is_empty() {
            problems.error(&values, "there are no points");
            return None;
        }
        let mut pairs = self.values.windows(2);
        if let Some(index) = pairs.position(|pair| pair[0].at > pair[1].at) {
            problems.error(
                &values.index(index + 1),
                "the points are not in order of time",
            );
            return None;
        }
        let points = self.values.iter().enumerate().map(|(index, point)| {
            let path = || values.index(index).child("rate");
            (point.at, in_range(point.rate.0, path, problems))
        });
        Some(Shape::Points {
            points: points.collect(),
            interpolation: self.interpolation,
            repeat: repeat(self.repeat, path, problems),
        })
    }
}

/// [`rate`] for many points: paths are built only for problems.
fn in_range(value: f64, path: impl Fn() -> FieldPath, problems: &mut Problems<'_>) -> f64 {
    if value.abs() <= MOST {
        value
    } else {
        rate(Amount(value), &path(), problems)
    }
}

fn repeat(
    given: Option<SignedDuration>,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Option<SignedDuration> {
    let path = path.child("repeat");
    given.map(|repeat| {
        problems.time(
            &path,
            repeat,
            SignedDuration::from_secs(1),
            SignedDuration(i64::MAX),
        )
    })
}

impl SeriesDocument {
    pub(super) fn lower(&self, path: &FieldPath, problems: &mut Problems<'_>) -> Option<Shape> {
        let [recording] = &self.chosen[..] else {
            problems.not_one(path, "a series has exactly one recording", Recording::NAMES);
            return None;
        };
        if problems.points_left == 0 {
            return None;
        }
        let column = self.column.unwrap_or(0) as usize;
        let result = match recording {
            Recording::Prometheus(text) => import::prometheus(text, column),
            Recording::Csv(text) => import::csv(text, column),
            Recording::Promtool(text) => {
                import::promtool(text, self.interval.unwrap_or(SignedDuration::from_secs(60)))
            }
        };
        let place = path.child(recording.name());
        let Import { points, notes } = match result {
            Ok(import) => import,
            Err(error) => {
                problems.error(&place, error.to_string());
                return None;
            }
        };
        for note in notes {
            problems.add(Severity::Warning, "import", &place, note);
        }
        if points.len() > problems.points_left {
            problems.points_left = 0;
            let message = format!("the series have more than {MAX_POINTS} values in total");
            problems.error(&place, message);
            return None;
        }
        problems.points_left -= points.len();
        let factor = self
            .factor
            .map_or(1.0, |factor| rate(factor, &path.child("factor"), problems));
        let most = points
            .iter()
            .fold(0.0_f64, |most, (_, rate)| most.max(rate.abs()));
        rate(Amount(most * factor), &place, problems);
        Some(Shape::Points {
            points: points
                .into_iter()
                .map(|(at, rate)| (at, rate * factor))
                .collect(),
            interpolation: self.interpolation,
            repeat: repeat(self.repeat, path, problems),
        })
    }
}
