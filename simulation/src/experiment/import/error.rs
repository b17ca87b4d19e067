//! Why a recorded series cannot be read.

use std::fmt;

use super::MAX_POINTS;
use hpa_core::time::SignedDuration;

/// Why a recorded series cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The answer has more values than are read; what there are too many of.
    TooLarge(String),
    /// It is not JSON; why.
    NotJson(String),
    /// Prometheus answered with an error; its text, if there is one.
    Prometheus(Option<String>),
    /// The answer has no series.
    NoSeries,
    /// There are only so many series.
    NoSuchSeries(usize),
    /// The series has no values over time, as an answer of `query`.
    NoRange,
    /// The series, or all of it, has no values.
    Empty,
    /// There are more than [`MAX_POINTS`] values.
    TooMany,
    /// The interval is zero or negative.
    Interval(SignedDuration),
    /// Not promtool's notation.
    Notation(String),
    /// Something is wrong at one place.
    At(Place, PointError),
}

/// A place in a recorded series, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of CSV.
    Line(usize),
    /// A value.
    Value(usize),
}

/// What is wrong at one place of a recorded series.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointError {
    /// A quote is not closed.
    OpenQuote,
    /// The first cell is not a time.
    NotATime(String),
    /// The row has no such column of values.
    NoColumn(usize),
    /// The time is outside of the years 0 to 9999.
    OutOfRange,
    /// The time is not after the one before.
    NotIncreasing,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(what) => write!(
                f,
                "the answer is too large ({what}): query fewer series, or with a larger step"
            ),
            Self::NotJson(why) => write!(f, "not valid JSON: {why}"),
            Self::Prometheus(error) => {
                let error = error.as_deref().unwrap_or("no reason is given");
                write!(f, "Prometheus answered with an error: {error}")
            }
            Self::NoSeries => f.write_str("there is no series in it"),
            Self::NoSuchSeries(count) => write!(
                f,
                "there are {count} series: the last one is number {}",
                count.saturating_sub(1)
            ),
            Self::NoRange => {
                f.write_str("the series has no values: query_range gives them, query does not")
            }
            Self::Empty => f.write_str("there are no values in it"),
            Self::TooMany => write!(f, "more than {MAX_POINTS} values"),
            Self::Interval(interval) => write!(f, "the interval {interval} is not above zero"),
            Self::Notation(item) => {
                write!(
                    f,
                    "{item:?} is not of the form 5, 5x3, 0+10x60, 100-1x20 or _x5"
                )
            }
            Self::At(Place::Line(line), error) => write!(f, "line {line}: {error}"),
            Self::At(Place::Value(value), error) => write!(f, "value {value}: {error}"),
        }
    }
}

impl std::error::Error for ImportError {}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote => f.write_str("a quote is not closed"),
            Self::NotATime(text) => write!(f, "{text:?} is not a time"),
            Self::NoColumn(column) => write!(f, "there is no column {column} of values"),
            Self::OutOfRange => f.write_str("the year of the time does not have four digits"),
            Self::NotIncreasing => {
                f.write_str("timestamps must increase: this one is not after the one before")
            }
        }
    }
}

impl std::error::Error for PointError {}
