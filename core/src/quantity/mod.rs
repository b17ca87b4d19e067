//! Kubernetes quantities: exact decimal numbers with a suffix, such as `250m`, `1.5` or `64Mi`.
//!
//! Upstream: `k8s.io/apimachinery/pkg/api/resource`, `quantity.go`, `amount.go`, `suffix.go`,
//! `scale_int.go`.
//!
//! The behavior is that of Kubernetes 1.36, with its oddities: see [`Quantity::parse`],
//! [`Quantity::milli_value`] and [`Quantity`]'s `Display`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

mod amount;
mod decimal;
mod parse;
mod print;
mod serde;
#[cfg(test)]
mod tests;

use amount::Amount;

/// The largest exponent, in either direction, of a number such as `1e3` that is not zero.
///
/// Upstream has no bound and does not terminate for `1e2147483647`. A float64 ends at 308 and the
/// largest recorded exponent has 4 digits, so no useful value is refused.
pub const MAX_EXPONENT: i32 = 99_999;

/// A quantity, as resources and metric targets use it.
///
/// Ordinary quantities are kept inline and clone without allocating. Two quantities are equal if
/// their values are, whatever their notation: `1000m == 1`, as in upstream's semantic equality.
/// The default is 0.
#[derive(Clone, Default)]
pub struct Quantity {
    amount: Amount,
    format: Format,
    /// The text as typed, if upstream prints that and it is not the canonical form.
    typed: Option<Box<str>>,
}

/// Which family of suffixes a quantity prints with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Powers of 1000: `n`, `u`, `m`, none, `k`, `M`, `G`, `T`, `P`, `E`.
    #[default]
    DecimalSi,
    /// Powers of 1024: `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`.
    BinarySi,
    /// A power of ten: `12e6`.
    DecimalExponent,
}

/// Why a text is not a quantity; prints upstream's message if upstream has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuantityError {
    /// Not of the form number and suffix.
    Form,
    /// The suffix is unknown.
    Suffix,
    /// The number has no digits.
    Number,
    /// The exponent is past [`MAX_EXPONENT`]; upstream has no such error.
    Exponent,
}

impl Quantity {
    /// Parses a quantity. Upstream: `ParseQuantity`.
    ///
    /// As upstream: `1.`, `.5`, `+1` and even `.` and `-` (both 0) are quantities; a precision
    /// below `1n` rounds up, away from zero; with a binary suffix the magnitude is capped at
    /// 2^63 − 1.
    ///
    /// # Errors
    /// See [`QuantityError`].
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        parse::parse(text)
    }

    /// `milli` thousandths, printing with the suffixes of `format`. Upstream: `NewMilliQuantity`.
    #[must_use]
    pub const fn from_milli(milli: i64, format: Format) -> Self {
        Self::small(milli, -3, format)
    }

    /// A whole number, printing with the suffixes of `format`. Upstream: `NewQuantity`.
    #[must_use]
    pub const fn from_int(value: i64, format: Format) -> Self {
        Self::small(value, 0, format)
    }

    const fn small(value: i64, exponent: i32, format: Format) -> Self {
        Self {
            amount: Amount::Small { value, exponent },
            format,
            typed: None,
        }
    }

    /// Which family of suffixes the quantity was written with.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// −1, 0 or 1, as the quantity is negative, zero or positive.
    #[must_use]
    pub fn sign(&self) -> i32 {
        self.amount.sign() as i32
    }

    /// The value rounded up to a whole number. Upstream: `Value`.
    ///
    /// Rounding and overflow are as described at [`Quantity::milli_value`].
    #[must_use]
    pub fn value(&self) -> i64 {
        self.amount.scaled(0)
    }

    /// The value in thousandths, rounded up. Upstream: `MilliValue`.
    ///
    /// Positive values round up; negative ones mostly away from zero, but toward zero or one too
    /// high where upstream computes with its big decimals. A result outside of `i64` is not
    /// saturated: mostly its low 64 bits come out, and 0 for some powers of ten.
    #[must_use]
    #[inline]
    pub fn milli_value(&self) -> i64 {
        match self.amount {
            Amount::Small {
                value,
                exponent: -3,
            } => value,
            _ => self.amount.scaled(-3),
        }
    }

    /// The value in thousandths, if it is a whole number of them that fits: unlike
    /// [`Quantity::milli_value`] without upstream's roundings and overflows.
    #[must_use]
    pub fn exact_milli(&self) -> Option<i64> {
        const NANOS: i128 = 1_000_000;
        let nanos = self.amount.nanos()?;
        (nanos % NANOS == 0).then(|| i64::try_from(nanos / NANOS).ok())?
    }

    /// The value as a float, not always the nearest one. Upstream: `AsApproximateFloat64`.
    #[must_use]
    pub fn approximate_f64(&self) -> f64 {
        self.amount.approximate_f64()
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.amount.cmp(&other.amount)
    }
}

/// Prints as upstream's `String()` and `MarshalJSON`: the text as typed if that passed for
/// canonical when it was parsed, otherwise the canonical form, with the largest suffix that
/// leaves a whole number.
///
/// As in Kubernetes 1.36, a decimal quantity past the suffix `E` loses its exponent: `1000E`
/// prints as `1`. (1.37 prints `1e21`.)
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.typed {
            Some(text) => f.write_str(text),
            None => print::write_canonical(f, &self.amount, self.format),
        }
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quantity({self})")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DecimalSi => "DecimalSI",
            Self::BinarySi => "BinarySI",
            Self::DecimalExponent => "DecimalExponent",
        })
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str(
                "quantities must match the regular expression \
                 '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ),
            Self::Suffix => f.write_str("unable to parse quantity's suffix"),
            Self::Number => f.write_str("unable to parse numeric part of quantity"),
            Self::Exponent => write!(
                f,
                "the exponent of a quantity must be between -{MAX_EXPONENT} and {MAX_EXPONENT}"
            ),
        }
    }
}

impl std::error::Error for QuantityError {}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}
