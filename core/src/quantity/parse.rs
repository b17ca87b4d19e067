//! From text to quantity.
//!
//! Upstream: `quantity.go`, `parseQuantityString` and `ParseQuantity`; `suffix.go`, `interpret`.

use std::fmt;

use super::amount::{Amount, NANO};
use super::decimal::Decimal;
use super::{Format, MAX_EXPONENT, Quantity, QuantityError, print};

/// What a suffix multiplies by.
#[derive(Clone, Copy)]
enum Unit {
    /// A power of ten.
    Ten(i32),
    /// A power of two, with the decimal digits that upstream allots to it.
    Two { bits: u32, digits: usize },
}

/// A text taken apart.
struct Parts<'a> {
    negative: bool,
    /// Digits before the point, without leading zeros; `0` if none are left.
    integer: &'a str,
    /// Digits after the point.
    fraction: &'a str,
    suffix: &'a str,
    /// Whether there was any digit at all.
    digits: bool,
}

pub(super) fn parse(text: &str) -> Result<Quantity, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Form);
    }
    let parts = split(text)?;
    let (unit, format) = interpret(parts.suffix).ok_or(QuantityError::Suffix)?;
    match unit {
        Unit::Ten(exponent)
            if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() && !parts.is_zero() =>
        {
            Err(QuantityError::Exponent)
        }
        _ => match parse_small(&parts, unit, format, text) {
            Some(quantity) => Ok(quantity),
            None => parse_large(&parts, unit, format),
        },
    }
}

impl Parts<'_> {
    fn is_zero(&self) -> bool {
        self.number().all(|digit| digit == b'0')
    }

    fn number(&self) -> impl Iterator<Item = u8> {
        self.integer.bytes().chain(self.fraction.bytes())
    }
}

fn split(text: &str) -> Result<Parts<'_>, QuantityError> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let stripped = unsigned.trim_start_matches('0');
    let (integer, rest) = split_digits(stripped);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    let exponent = suffix
        .trim_start_matches(|c: char| "eEinumkKMGTP".contains(c))
        .trim_start_matches(['+', '-']);
    let signs = suffix.bytes().filter(|b| matches!(b, b'+' | b'-')).count();
    if signs > 1 || !split_digits(exponent).1.is_empty() {
        return Err(QuantityError::Form);
    }
    Ok(Parts {
        negative: text.starts_with('-'),
        integer: if integer.is_empty() { "0" } else { integer },
        fraction,
        suffix,
        digits: stripped.len() < unsigned.len() || !integer.is_empty() || !fraction.is_empty(),
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn interpret(suffix: &str) -> Option<(Unit, Format)> {
    let ten = |exponent| Some((Unit::Ten(exponent), Format::DecimalSi));
    let two = |bits, digits| Some((Unit::Two { bits, digits }, Format::BinarySi));
    match suffix {
        "" => ten(0),
        "n" => ten(-9),
        "u" => ten(-6),
        "m" => ten(-3),
        "k" => ten(3),
        "M" => ten(6),
        "G" => ten(9),
        "T" => ten(12),
        "P" => ten(15),
        "E" => ten(18),
        "Ki" => two(10, 3),
        "Mi" => two(20, 6),
        "Gi" => two(30, 9),
        "Ti" => two(40, 12),
        "Pi" => two(50, 15),
        "Ei" => two(60, 18),
        _ => {
            let exponent: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            // Upstream wraps to 32 bits, and so do we, to tell the same texts apart.
            #[expect(clippy::cast_possible_truncation, reason = "as upstream")]
            Some((Unit::Ten(exponent as i32), Format::DecimalExponent))
        }
    }
}

/// The path for what surely fits an `i64`; `None` if it may not.
fn parse_small(parts: &Parts<'_>, unit: Unit, format: Format, text: &str) -> Option<Quantity> {
    let length = parts.integer.len() + parts.fraction.len();
    let (factor, exponent) = match unit {
        Unit::Ten(exponent) if length <= 18 => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_possible_wrap,
                reason = "≤ 18"
            )]
            let fraction = parts.fraction.len() as i32;
            (1, exponent.wrapping_sub(fraction))
        }
        Unit::Two { bits, digits } if parts.fraction.is_empty() && length + digits <= 14 => {
            (1_i64 << bits, 0)
        }
        _ => return None,
    };
    if exponent < NANO {
        return None;
    }
    let value = parts
        .number()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    let magnitude = value.checked_mul(factor)?;
    let passes_for_canonical = match unit {
        Unit::Ten(_) => exponent % 3 == 0 && value % 1000 != 0 && parts.integer != "0",
        Unit::Two { .. } => value % 8 != 0,
    };
    let amount = Amount::Small {
        value: if parts.negative {
            -magnitude
        } else {
            magnitude
        },
        exponent,
    };
    let typed = (passes_for_canonical && !prints_as(&amount, format, text)).then(|| text.into());
    Some(Quantity {
        amount,
        format,
        typed,
    })
}

fn parse_large(parts: &Parts<'_>, unit: Unit, format: Format) -> Result<Quantity, QuantityError> {
    if !parts.digits {
        return Err(QuantityError::Number);
    }
    let mut magnitude = Decimal::from_digits(parts.integer, parts.fraction);
    if magnitude.is_zero() {
        // The exponent of a zero shows only in `approximate_f64`, where 0 × 10^999 is NaN.
        let exponent = match unit {
            Unit::Ten(exponent) => exponent,
            Unit::Two { .. } => 0,
        };
        return Ok(Quantity::small(0, exponent, format));
    }
    match unit {
        Unit::Ten(exponent) => magnitude.scale(exponent),
        Unit::Two { bits, .. } => magnitude.shift_left(bits),
    }
    magnitude.round_up(NANO);
    let mut format = format;
    if format == Format::BinarySi {
        if magnitude > Decimal::from(i64::MAX) {
            let value = if parts.negative { -i64::MAX } else { i64::MAX };
            return Ok(Quantity::small(value, 0, format));
        }
        if magnitude < Decimal::from(1) {
            format = Format::DecimalSi;
        }
    }
    magnitude.set_negative(parts.negative);
    Ok(Quantity {
        amount: Amount::from_decimal(magnitude),
        format,
        typed: None,
    })
}

/// Whether the canonical form is exactly `text`, without building it.
fn prints_as(amount: &Amount, format: Format, text: &str) -> bool {
    struct Rest<'a>(&'a str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    print::write_canonical(&mut rest, amount, format).is_ok() && rest.0.is_empty()
}
