//! The scalars of an experiment document: amounts, texts, and values that may be `none`.

use std::fmt;

use hpa_core::manifest::{Cursor, Decode, Unfit};
use hpa_core::quantity::{Quantity, QuantityError};
use hpa_core::time::{SignedDuration, TimeError};

/// A scalar that is parsed from its text.
pub(super) trait Scalar: Sized {
    /// The expected form, for messages.
    const EXPECTED: &'static str;

    /// Reads the text.
    ///
    /// # Errors
    /// If the text is not of the expected form.
    fn read(text: &str) -> Result<Self, ScalarError>;
}

/// An error of parsing a scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScalarError {
    Quantity(QuantityError),
    Time(TimeError),
    /// The text, which is not a whole number.
    Count(String),
    /// An error where `none` is also possible.
    OrNone(Box<Self>),
}

impl fmt::Display for ScalarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(error) => error.fmt(f),
            Self::Time(error) => error.fmt(f),
            Self::Count(text) => write!(f, "{text:?} is not {}", u32::EXPECTED),
            Self::OrNone(error) => write!(f, "{error}, or write none"),
        }
    }
}

/// Reads a scalar from its text.
fn scalar<T: Scalar>(cursor: &Cursor<'_>) -> Result<T, Unfit> {
    let text = cursor.scalar(T::EXPECTED)?;
    T::read(&text).map_err(|error| cursor.reject(&error.to_string(), None))
}

macro_rules! scalars {
    ($($type:ty $(, $param:ident)?;)*) => {$(
        impl$(<$param: Scalar>)? Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                *self = scalar(cursor)?;
                Ok(())
            }
        }
    )*};
}

scalars! {
    Amount;
    Text;
    Limit<T>, T;
}

/// A number, written as a quantity: `250m`, `0.5`, `64Mi`.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Amount(pub f64);

impl Scalar for Amount {
    const EXPECTED: &'static str = "a number or a quantity such as 250m, 0.5 or 64Mi";

    fn read(text: &str) -> Result<Self, ScalarError> {
        Quantity::parse(text)
            .map(|quantity| Self(quantity.approximate_f64()))
            .map_err(ScalarError::Quantity)
    }
}

/// A text that may be written without quotes although it looks like a number: `1.36`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Text(pub String);

impl Scalar for Text {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ScalarError> {
        Ok(Self(text.to_owned()))
    }
}

/// A limit, or `none` for no limit at all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Limit<T> {
    /// No limit.
    #[default]
    None,
    /// This much.
    At(T),
}

impl<T> Limit<T> {
    /// The limit, if there is one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::At(value) => Some(value),
        }
    }
}

impl<T: Scalar> Scalar for Limit<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(text: &str) -> Result<Self, ScalarError> {
        if text == "none" {
            return Ok(Self::None);
        }
        let read = T::read(text).map(Self::At);
        read.map_err(|error| ScalarError::OrNone(Box::new(error)))
    }
}

impl Scalar for SignedDuration {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn read(text: &str) -> Result<Self, ScalarError> {
        Self::parse(text).map_err(ScalarError::Time)
    }
}

impl Scalar for u32 {
    const EXPECTED: &'static str = "a whole number of at least 0";

    fn read(text: &str) -> Result<Self, ScalarError> {
        text.parse()
            .map_err(|_| ScalarError::Count(text.to_owned()))
    }
}
