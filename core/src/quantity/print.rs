//! The canonical form of a quantity.
//!
//! Upstream: `quantity.go`, `CanonicalizeBytes`; `amount.go`, `AsCanonicalBytes` and
//! `AsCanonicalBase1024Bytes`; `suffix.go`, `constructBytes`.

use std::cmp::Ordering;
use std::fmt::{Result, Write};

use super::Format;
use super::amount::{Amount, NANO};
use super::decimal::Decimal;

const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Writes the number with the largest suffix that leaves it whole.
pub(super) fn write_canonical(out: &mut impl Write, amount: &Amount, format: Format) -> Result {
    if amount.sign() == Ordering::Equal {
        return out.write_char('0');
    }
    let format = match format {
        Format::BinarySi => match amount.nanos().and_then(whole) {
            Some(value) => return write_binary(out, value),
            None => Format::DecimalSi,
        },
        Format::DecimalSi | Format::DecimalExponent => format,
    };
    match amount {
        Amount::Small { value, exponent } => write_decimal(out, (*value).into(), *exponent, format),
        Amount::Nano(nanos) => write_decimal(out, *nanos, NANO, format),
        Amount::Big(decimal) => write_big(out, decimal, format),
    }
}

/// The value, if it is whole and not within ±1024, where binary suffixes are not used.
fn whole(nanos: i128) -> Option<i128> {
    const ONE: i128 = 1_000_000_000;
    (nanos % ONE == 0 && nanos.abs() >= 1024 * ONE).then_some(nanos / ONE)
}

fn write_binary(out: &mut impl Write, mut value: i128) -> Result {
    let mut power = 0;
    // Upstream negates in 64 bits, so the least value finds no factor.
    while value != i64::MIN.into() && value % 1024 == 0 && power + 1 < BINARY.len() {
        value /= 1024;
        power += 1;
    }
    write!(out, "{value}{}", BINARY[power])
}

/// Writes `value` × 10^`exponent`, which is not zero.
fn write_decimal(
    out: &mut impl Write,
    mut value: i128,
    mut exponent: i32,
    format: Format,
) -> Result {
    while value % 10 == 0 {
        value /= 10;
        exponent += 1;
    }
    while exponent % 3 != 0 {
        value *= 10;
        exponent -= 1;
    }
    write!(out, "{value}")?;
    write_suffix(out, exponent.into(), format)
}

fn write_big(out: &mut impl Write, decimal: &Decimal, format: Format) -> Result {
    if decimal.is_negative() {
        out.write_char('-')?;
    }
    let (digits, exponent) = decimal.parts();
    for &digit in digits {
        out.write_char(char::from(b'0' + digit))?;
    }
    let zeros = exponent.rem_euclid(3);
    for _ in 0..zeros {
        out.write_char('0')?;
    }
    write_suffix(out, exponent - zeros, format)
}

/// `exponent` is a multiple of 3. Past `E` upstream finds no decimal suffix and writes none.
fn write_suffix(out: &mut impl Write, exponent: i64, format: Format) -> Result {
    match format {
        Format::DecimalExponent if exponent == 0 => Ok(()),
        Format::DecimalExponent => write!(out, "e{exponent}"),
        Format::DecimalSi | Format::BinarySi => {
            let index = usize::try_from(exponent / 3 + 3).ok();
            out.write_str(index.and_then(|i| DECIMAL.get(i)).copied().unwrap_or(""))
        }
    }
}
