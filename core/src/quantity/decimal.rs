//! Decimal numbers of any size, for the few quantities that fit no integer.
//!
//! Digits and exponent are kept apart, so that `1e9999` costs no more than `1e3`; every
//! operation is linear in the digits that were typed.

use std::cmp::Ordering;

/// ±`digits` × 10^`exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Most significant first, 0 to 9 each, without leading or trailing zeros; empty for zero.
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The positive number with these digits before and after the point.
    pub(super) fn from_digits(integer: &str, fraction: &str) -> Self {
        let digits = integer
            .bytes()
            .chain(fraction.bytes())
            .map(|b| b - b'0')
            .collect();
        Self::new(false, digits, -to_i64(fraction.len()))
    }

    fn new(negative: bool, mut digits: Vec<u8>, exponent: i64) -> Self {
        let leading = digits.iter().take_while(|&&d| d == 0).count();
        digits.drain(..leading);
        let trailing = digits.iter().rev().take_while(|&&d| d == 0).count();
        digits.truncate(digits.len() - trailing);
        let zero = digits.is_empty();
        Self {
            negative: negative && !zero,
            digits,
            exponent: if zero { 0 } else { exponent + to_i64(trailing) },
        }
    }

    /// `value` × 10^`exponent`.
    pub(super) fn from_parts(value: i128, exponent: i32) -> Self {
        let digits = value.unsigned_abs().to_string();
        let digits = digits.bytes().map(|b| b - b'0').collect();
        Self::new(value < 0, digits, exponent.into())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(super) fn set_negative(&mut self, negative: bool) {
        self.negative = negative && !self.is_zero();
    }

    /// Digits (0 to 9 each, none for zero) and the exponent of the last one.
    pub(super) fn parts(&self) -> (&[u8], i64) {
        (&self.digits, self.exponent)
    }

    /// Multiplies by 10^`exponent`.
    pub(super) fn scale(&mut self, exponent: i32) {
        if !self.is_zero() {
            self.exponent += i64::from(exponent);
        }
    }

    /// Multiplies by 2^`bits`, at most 2^60.
    pub(super) fn shift_left(&mut self, bits: u32) {
        let mut product = Vec::with_capacity(self.digits.len() + 19);
        let mut carry = 0_u64;
        for &digit in self.digits.iter().rev() {
            carry += u64::from(digit) << bits;
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        while carry > 0 {
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        product.reverse();
        *self = Self::new(self.negative, product, self.exponent);
    }

    /// Rounds away from zero to a multiple of 10^`exponent`.
    pub(super) fn round_up(&mut self, exponent: i32) {
        let target = i64::from(exponent);
        if self.is_zero() || self.exponent >= target {
            return;
        }
        // There is no trailing zero, so what is cut off is not zero.
        let cut = usize::try_from(target - self.exponent).unwrap_or(usize::MAX);
        let mut digits = std::mem::take(&mut self.digits);
        digits.truncate(digits.len().saturating_sub(cut));
        let nines = digits.iter().rev().take_while(|&&d| d == 9).count();
        digits.truncate(digits.len() - nines);
        match digits.last_mut() {
            Some(last) => *last += 1,
            None => digits.push(1),
        }
        *self = Self::new(self.negative, digits, target + to_i64(nines));
    }

    /// The integer part of the magnitude over 10^`exponent`, its low 64 bits, and whether it is
    /// exact.
    pub(super) fn low_bits(&self, exponent: i64) -> (u64, bool) {
        let up = self.exponent - exponent;
        let cut = usize::try_from(-up).unwrap_or(0);
        let kept = &self.digits[..self.digits.len().saturating_sub(cut)];
        let low = kept.iter().fold(0_u64, |low, &digit| {
            low.wrapping_mul(10).wrapping_add(digit.into())
        });
        // 10^64 is a multiple of 2^64.
        let power = u32::try_from(up).unwrap_or(0).min(64);
        (low.wrapping_mul(10_u64.wrapping_pow(power)), cut == 0)
    }

    /// The number × 10^−`exponent` as an `i128`, if it is whole and below 10^38.
    pub(super) fn to_i128(&self, exponent: i32) -> Option<i128> {
        let up = usize::try_from(self.exponent - i64::from(exponent)).ok()?;
        if self.digits.len() + up > 38 {
            return None;
        }
        let digits = self.digits.iter().fold(0, |n, &d| n * 10 + i128::from(d));
        let magnitude = digits * 10_i128.pow(u32::try_from(up).ok()?);
        Some(if self.negative { -magnitude } else { magnitude })
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::from_parts(value.into(), 0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Decimal {
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let places = |n: &Self| (!n.is_zero()).then(|| to_i64(n.digits.len()) + n.exponent);
        places(self)
            .cmp(&places(other))
            .then_with(|| self.digits.cmp(&other.digits))
    }
}

/// A length as a signed number; no text is longer than `i64::MAX`.
fn to_i64(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
