//! The scalars of an experiment document: amounts, texts, and values that may be `none`.

use hpa_core::quantity::Quantity;
use hpa_core::time::Duration;

/// A scalar that is read from its text; numbers are read as they would be written.
pub trait Scalar: Sized {
    /// What is expected, for messages.
    const EXPECTED: &'static str;

    /// Reads the text.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(text: &str) -> Result<Self, String>;
}

/// A number, written as a quantity: `250m`, `0.5`, `64Mi`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amount(pub f64);

impl Scalar for Amount {
    const EXPECTED: &'static str = "a number or a quantity such as 250m, 0.5 or 64Mi";

    fn read(text: &str) -> Result<Self, String> {
        Quantity::parse(text)
            .map(|quantity| Self(quantity.approximate_f64()))
            .map_err(|error| error.to_string())
    }
}

/// A text that may be written without quotes although it looks like a number: `1.36`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

impl Scalar for Text {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

/// A limit, or `none` for no limit at all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Limit<T> {
    /// No limit.
    #[default]
    None,
    /// This much.
    At(T),
}

impl<T> Limit<T> {
    /// The limit, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::At(value) => Some(value),
        }
    }
}

impl<T: Scalar> Scalar for Limit<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(text: &str) -> Result<Self, String> {
        if text == "none" {
            Ok(Self::None)
        } else {
            T::read(text)
                .map(Self::At)
                .map_err(|error| format!("{error}, or write none"))
        }
    }
}

impl Scalar for Duration {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl Scalar for u32 {
    const EXPECTED: &'static str = "a whole number from 0 on";

    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("{text:?} is not {}", Self::EXPECTED))
    }
}
