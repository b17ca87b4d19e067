//! The value of a quantity, in its three representations.
//!
//! Upstream: `amount.go`, `int64Amount` and `infDecAmount`; `scale_int.go`, `scaledValue`;
//! `math.go`. Upstream has an integer with a decimal exponent and a big decimal; the two round
//! and overflow differently, so which of them upstream would use is kept here too.

use std::cmp::Ordering;
use std::fmt::Write;

use super::decimal::Decimal;

/// The exponent of the finest precision, and that of all of upstream's big decimals.
pub(super) const NANO: i32 = -9;

#[derive(Clone)]
pub(super) enum Amount {
    /// `value` × 10^`exponent`: upstream's integer form. Only a zero has an exponent below −9.
    Small { value: i64, exponent: i32 },
    /// Billionths, less than 10^38 of them: upstream's big decimal where it is not so big.
    Nano(i128),
    /// Upstream's big decimal beyond that, a multiple of 10^−9.
    Big(Box<Decimal>),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Small {
            value: 0,
            exponent: 0,
        }
    }
}

impl Amount {
    /// A multiple of 10^−9 as upstream's big decimal.
    pub(super) fn from_decimal(decimal: Decimal) -> Self {
        match decimal.to_i128(NANO) {
            Some(nanos) => Self::Nano(nanos),
            None => Self::Big(Box::new(decimal)),
        }
    }

    pub(super) fn sign(&self) -> Ordering {
        match self {
            Self::Small { value, .. } => value.cmp(&0),
            Self::Nano(nanos) => nanos.cmp(&0),
            Self::Big(decimal) if decimal.is_negative() => Ordering::Less,
            Self::Big(_) => Ordering::Greater,
        }
    }

    /// Billionths, if they are sure to fit.
    pub(super) fn nanos(&self) -> Option<i128> {
        match *self {
            Self::Small { value: 0, .. } => Some(0),
            Self::Small { value, exponent } => {
                let up = u32::try_from(exponent - NANO).ok().filter(|&up| up <= 19)?;
                Some(i128::from(value) * 10_i128.pow(up))
            }
            Self::Nano(nanos) => Some(nanos),
            Self::Big(_) => None,
        }
    }

    pub(super) fn decimal(&self) -> Decimal {
        match self {
            Self::Small { value, exponent } => Decimal::from_parts((*value).into(), *exponent),
            Self::Nano(nanos) => Decimal::from_parts(*nanos, NANO),
            Self::Big(decimal) => (**decimal).clone(),
        }
    }

    /// The value over 10^`exponent` (0 or −3), rounded up; see [`super::Quantity::milli_value`].
    pub(super) fn scaled(&self, exponent: i32) -> i64 {
        match self {
            Self::Small {
                value,
                exponent: own,
            } => scale_small(*value, i64::from(*own) - i64::from(exponent)),
            Self::Nano(nanos) if *nanos < i128::from(i64::MAX) => {
                scale_low_bits(low_bits(*nanos), exponent)
            }
            Self::Nano(nanos) => {
                let divisor = i128::from(nanos_in(exponent));
                low_bits(nanos / divisor).wrapping_add(i64::from(nanos % divisor != 0))
            }
            Self::Big(decimal) if decimal.is_negative() => {
                let (low, _) = decimal.low_bits(NANO.into());
                scale_low_bits(low.wrapping_neg().cast_signed(), exponent)
            }
            Self::Big(decimal) => {
                let (low, exact) = decimal.low_bits(exponent.into());
                low.cast_signed().wrapping_add(i64::from(!exact))
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "rounds to nearest, as upstream")]
    pub(super) fn approximate_f64(&self) -> f64 {
        match self {
            Self::Small { value, exponent: 0 } => *value as f64,
            Self::Small { value, exponent } => *value as f64 * power_of_ten(*exponent),
            Self::Nano(nanos) => *nanos as f64 * power_of_ten(NANO),
            Self::Big(decimal) => {
                let (digits, exponent) = decimal.parts();
                let mut text: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
                // Writing to a String cannot fail.
                let _ = write!(text, "e{}", exponent - i64::from(NANO));
                // Always a number; too large a one reads as infinite.
                let magnitude = text.parse().unwrap_or(f64::INFINITY);
                let sign = if decimal.is_negative() { -1.0 } else { 1.0 };
                sign * magnitude * power_of_ten(NANO)
            }
        }
    }
}

impl Amount {
    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (
                Self::Small { value, exponent },
                Self::Small {
                    value: other,
                    exponent: other_exponent,
                },
            ) if exponent == other_exponent => value.cmp(other),
            _ => match (self.nanos(), other.nanos()) {
                (Some(nanos), Some(other)) => nanos.cmp(&other),
                _ => self.decimal().cmp(&other.decimal()),
            },
        }
    }
}

/// Upstream: `AsScaledInt64`, with `positiveScaleInt64` and `negativeScaleInt64`.
fn scale_small(value: i64, up: i64) -> i64 {
    match up {
        0 => value,
        // These products upstream returns even if they overflow, except that of the least value.
        1 | 2 | 3 | 6 | 9 if value != i64::MIN => value.wrapping_mul(power(up).unwrap_or(0)),
        1.. => power(up).and_then(|p| value.checked_mul(p)).unwrap_or(0),
        _ => match power(-up) {
            Some(divisor) if value % divisor == 0 => value / divisor,
            Some(divisor) => value / divisor + value.signum(),
            None => value.signum(),
        },
    }
}

/// Upstream: the fast path of `scaledValue`, which treats any negative number as small.
/// It adds one to whatever is not exact, after a division that truncates.
fn scale_low_bits(nanos: i64, exponent: i32) -> i64 {
    let divisor = nanos_in(exponent);
    nanos / divisor + i64::from(nanos % divisor != 0)
}

/// How many billionths 10^`exponent` has; `exponent` is −3 or 0.
const fn nanos_in(exponent: i32) -> i64 {
    if exponent == 0 {
        1_000_000_000
    } else {
        1_000_000
    }
}

/// 10^`exponent`, if it fits.
fn power(exponent: i64) -> Option<i64> {
    const POWERS: [i64; 19] = {
        let mut powers = [1; 19];
        let mut i = 1;
        while i < 19 {
            powers[i] = powers[i - 1] * 10;
            i += 1;
        }
        powers
    };
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low bits are what upstream returns"
)]
fn low_bits(value: i128) -> i64 {
    value as i64
}

/// Go's `math.Pow10`, which multiplies two table entries and so is not always the nearest float.
/// Below −9 only a zero is ever multiplied by it, so there any finite number will do.
fn power_of_ten(exponent: i32) -> f64 {
    const ONES: [f64; 32] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31,
    ];
    const STEPS: [f64; 10] = [
        1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288,
    ];
    let magnitude = exponent.unsigned_abs() as usize;
    match exponent {
        0..=308 => STEPS[magnitude / 32] * ONES[magnitude % 32],
        309.. => f64::INFINITY,
        -31..0 => 1.0 / ONES[magnitude],
        _ => 0.0,
    }
}
