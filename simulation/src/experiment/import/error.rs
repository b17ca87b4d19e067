//! Errors of reading a recorded series.

use std::fmt;

use super::MAX_POINTS;
use hpa_core::time::SignedDuration;

/// Why a recorded series cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The response is too large; what there is too much of.
    TooLarge(String),
    /// Not valid JSON; the reason.
    NotJson(String),
    /// Prometheus returned an error; its text, if there is one.
    Prometheus(Option<String>),
    /// The response has no series.
    NoSeries,
    /// There are only this many series.
    NoSuchSeries(usize),
    /// The series has no values over time, as in the response of `query`.
    NoRange,
    /// The input has no values.
    Empty,
    /// There are more than [`MAX_POINTS`] values.
    TooMany,
    /// The interval is zero or negative.
    Interval(SignedDuration),
    /// Not promtool's notation.
    Notation(String),
    /// An error at one place.
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

/// An error at one place of a recorded series.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointError {
    /// A quote is not closed.
    OpenQuote,
    /// The first cell is not a time.
    NotATime(String),
    /// The row does not have this column.
    NoColumn(usize),
    /// The year is outside 0 to 9999.
    OutOfRange,
    /// The time is not after the one before.
    NotIncreasing,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(what) => write!(
                f,
                "the response is too large ({what}): query fewer series, or with a larger step"
            ),
            Self::NotJson(why) => write!(f, "not valid JSON: {why}"),
            Self::Prometheus(error) => {
                let error = error.as_deref().unwrap_or("no reason given");
                write!(f, "Prometheus returned an error: {error}")
            }
            Self::NoSeries => f.write_str("it contains no series"),
            Self::NoSuchSeries(count) => write!(
                f,
                "there are {count} series: the last one is number {}",
                count.saturating_sub(1)
            ),
            Self::NoRange => {
                f.write_str("the series has no values over time: use query_range, not query")
            }
            Self::Empty => f.write_str("it contains no values"),
            Self::TooMany => write!(f, "more than {MAX_POINTS} values"),
            Self::Interval(interval) => {
                write!(f, "the interval must be greater than zero, not {interval}")
            }
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
            Self::OpenQuote => f.write_str("unclosed quote"),
            Self::NotATime(text) => write!(f, "{text:?} is not a time"),
            Self::NoColumn(column) => write!(f, "no value column {column}"),
            Self::OutOfRange => f.write_str("the year must have four digits"),
            Self::NotIncreasing => f.write_str("timestamps must increase"),
        }
    }
}

impl std::error::Error for PointError {}
