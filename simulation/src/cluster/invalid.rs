//! Validation errors of a setup.

use std::fmt;
use std::ops::RangeInclusive;

use hpa_core::manifest::{FieldError, FieldPath};
use hpa_core::time::SignedDuration;

/// Why a draft is not a valid [`Setup`](super::Setup): every problem with its field.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidSetup {
    /// At least one.
    problems: Vec<SetupProblem>,
}

/// One problem of a draft.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SetupProblem {
    /// The field, by its name in an experiment document if it has one; fields of the manifests are
    /// under `manifests`.
    pub field: FieldPath,
    /// The kind of problem.
    pub kind: SetupProblemKind,
}

/// The kind of problem of a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SetupProblemKind {
    /// The value is outside its range.
    OutOfRange {
        /// The value.
        value: SetupValue,
        /// The lowest valid value.
        low: SetupValue,
        /// The highest valid value.
        high: SetupValue,
    },
    /// An empty list of points.
    NoPoints,
    /// Recorded points that are not in order of time.
    UnorderedPoints,
    /// A list that is too long.
    TooMany {
        /// Its length.
        count: usize,
        /// The maximum length.
        most: usize,
    },
    /// Too many concurrent metric faults.
    TooManyFaults {
        /// The maximum number.
        most: usize,
    },
    /// The total number of metrics, series, policies and containers is too large.
    TooManyMetrics {
        /// The total number.
        count: usize,
        /// The maximum number.
        most: usize,
    },
    /// The run would take too many steps, or keep too much data.
    TooMuchWork {
        /// The approximate number of steps.
        steps: f64,
        /// The number of syncs among them.
        syncs: f64,
        /// The maximum number of metrics of a sync.
        metrics: usize,
        /// The hint.
        advice: &'static str,
    },
    /// The manifest fails validation.
    Manifest(FieldError),
}

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum SetupValue {
    /// A number in the field's unit.
    Number(f64),
    /// A count.
    Count(i64),
    /// A time.
    Time(SignedDuration),
}

impl InvalidSetup {
    /// Every problem, in the order of the setup's fields; at least one.
    #[must_use]
    pub fn problems(&self) -> &[SetupProblem] {
        &self.problems
    }

    /// `Err` with these problems, if there are any.
    pub(super) fn check(problems: Vec<SetupProblem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }
}

impl SetupProblemKind {
    /// A value outside of a range.
    pub(super) fn out_of_range<T: Copy + Into<SetupValue>>(
        value: T,
        range: &RangeInclusive<T>,
    ) -> Self {
        Self::OutOfRange {
            value: value.into(),
            low: (*range.start()).into(),
            high: (*range.end()).into(),
        }
    }

    /// Whether the problem is the combination of values rather than one of them.
    #[must_use]
    pub const fn is_about_the_whole(&self) -> bool {
        matches!(self, Self::TooManyMetrics { .. } | Self::TooMuchWork { .. })
    }

    /// A hint, if there is one.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        if let Self::TooMuchWork { advice, .. } = self {
            Some(advice)
        } else {
            None
        }
    }
}

impl fmt::Display for SetupProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { value, low, high } => {
                write!(f, "{value} is not between {low} and {high}")
            }
            Self::NoPoints => f.write_str("there are no points"),
            Self::UnorderedPoints => f.write_str("the points are not in order of time"),
            Self::TooMany { count, most } => {
                write!(f, "{count} items, but at most {most} are allowed")
            }
            Self::TooManyFaults { most } => {
                write!(f, "at most {most} concurrent faults are allowed")
            }
            Self::TooManyMetrics { count, most } => write!(
                f,
                "{count} metrics, series, policies and containers in total: at most {most} are supported"
            ),
            Self::TooMuchWork {
                steps,
                syncs,
                metrics,
                ..
            } => write!(
                f,
                "the run would take about {steps:.0} steps, {syncs:.0} of them syncs of {metrics} metrics, which is too expensive"
            ),
            Self::Manifest(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for InvalidSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{}: {}", problem.field, problem.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSetup {}

impl fmt::Display for SetupValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => value.fmt(f),
            Self::Count(value) => value.fmt(f),
            Self::Time(value) => value.fmt(f),
        }
    }
}

impl From<f64> for SetupValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<i32> for SetupValue {
    fn from(value: i32) -> Self {
        Self::Count(value.into())
    }
}

impl From<u32> for SetupValue {
    fn from(value: u32) -> Self {
        Self::Count(value.into())
    }
}

impl From<i64> for SetupValue {
    fn from(value: i64) -> Self {
        Self::Count(value)
    }
}

impl From<SignedDuration> for SetupValue {
    fn from(value: SignedDuration) -> Self {
        Self::Time(value)
    }
}
