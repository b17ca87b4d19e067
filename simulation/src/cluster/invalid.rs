//! What is wrong with a setup that cannot be simulated.

use std::fmt;
use std::ops::RangeInclusive;

use hpa_core::manifest::{FieldError, FieldPath};
use hpa_core::time::SignedDuration;

/// Why a draft is no [`Setup`](super::Setup): every problem with its field.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidSetup {
    /// At least one.
    problems: Vec<SetupProblem>,
}

/// One problem of a draft.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SetupProblem {
    /// The field, by the name that it has in an experiment document where it has one; those of the
    /// manifests stand under `manifests`.
    pub field: FieldPath,
    /// What is wrong with it.
    pub kind: SetupProblemKind,
}

/// What is wrong with a field of a draft.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SetupProblemKind {
    /// The value lies outside of its range.
    OutOfRange {
        /// The value.
        value: SetupValue,
        /// The lowest one.
        low: SetupValue,
        /// The highest one.
        high: SetupValue,
    },
    /// Recorded points without any point.
    NoPoints,
    /// Recorded points that are not in order of time.
    UnorderedPoints,
    /// A list that is too long.
    TooMany {
        /// How long it is.
        count: usize,
        /// How long it may be.
        most: usize,
    },
    /// Too many metric faults at a time.
    TooManyFaults {
        /// How many there may be.
        most: usize,
    },
    /// Metrics, series, policies and containers are too many together.
    TooManyMetrics {
        /// How many they are.
        count: usize,
        /// How many they may be.
        most: usize,
    },
    /// The run would take too many steps, or too much of them would be kept.
    TooMuchWork {
        /// Steps, about.
        steps: f64,
        /// Syncs among them.
        syncs: f64,
        /// The most metrics of a sync.
        metrics: usize,
        /// What would help.
        advice: &'static str,
    },
    /// The manifest's validation refuses it.
    Manifest(FieldError),
}

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum SetupValue {
    /// A number with a unit that the field has.
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

    /// Whether it is about what all values together ask for, rather than about one of them.
    #[must_use]
    pub const fn is_about_the_whole(&self) -> bool {
        matches!(self, Self::TooManyMetrics { .. } | Self::TooMuchWork { .. })
    }

    /// What would help, where that is known.
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
                write!(f, "there are {count} of them, and {most} at most are read")
            }
            Self::TooManyFaults { most } => write!(f, "at most {most} faults at a time"),
            Self::TooManyMetrics { count, most } => write!(
                f,
                "metrics, series, policies and containers are {count} together: at most {most} are simulated"
            ),
            Self::TooMuchWork {
                steps,
                syncs,
                metrics,
                ..
            } => write!(
                f,
                "the run would take about {steps:.0} steps, {syncs:.0} of them syncs of {metrics} metrics: that is too much to compute and to keep"
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
