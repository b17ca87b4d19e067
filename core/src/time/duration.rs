//! Durations as Go writes them.
//!
//! Upstream: Go's `time.ParseDuration` and `Duration.String`.

use std::fmt;

use super::{SignedDuration, TimeError, quote};

/// 2^63: the first count of nanoseconds that Go's durations do not reach.
const LIMIT: u64 = 1 << 63;

impl SignedDuration {
    /// A description of the format, for messages.
    pub const EXPECTED: &'static str = "a duration such as 15s or 5m0s";

    /// Parses Go's form: numbers with units, such as `1h30m` or `1.5s`. What is finer than a
    /// millisecond is dropped.
    ///
    /// # Errors
    /// The text of Go's `time.ParseDuration`, also for more than 292 years.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let invalid = || TimeError(format!("time: invalid duration {}", quote(text)));
        let negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut nanos = 0_u64;
        while !rest.is_empty() {
            let (integer, after) = split_digits(rest);
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => split_digits(after),
                None => ("", after),
            };
            if integer.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let end = after
                .find(|c: char| c == '.' || c.is_ascii_digit())
                .unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            rest = after;
            let unit = match name {
                "" => {
                    let text = quote(text);
                    return Err(TimeError(format!("time: missing unit in duration {text}")));
                }
                "ns" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => {
                    let (name, text) = (quote(name), quote(text));
                    return Err(TimeError(format!(
                        "time: unknown unit {name} in duration {text}"
                    )));
                }
            };
            nanos = integer_nanos(integer, unit)
                .and_then(|whole| whole.checked_add(fraction_nanos(fraction, unit)))
                .and_then(|part| nanos.checked_add(part))
                .filter(|&nanos| nanos <= LIMIT)
                .ok_or_else(invalid)?;
        }
        if nanos == LIMIT && !negative {
            return Err(invalid());
        }
        let millis = (nanos / 1_000_000).cast_signed();
        Ok(Self(if negative { -millis } else { millis }))
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn integer_nanos(digits: &str, unit: u64) -> Option<u64> {
    match digits {
        "" => Some(0),
        _ => digits.parse::<u64>().ok()?.checked_mul(unit),
    }
}

/// A fraction of a unit, computed with floats and truncated as Go does.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as upstream; the result is below the unit"
)]
fn fraction_nanos(digits: &str, unit: u64) -> u64 {
    let mut fraction = 0_u64;
    let mut scale = 1.0;
    for digit in digits.bytes() {
        let longer = fraction
            .checked_mul(10)
            .and_then(|n| n.checked_add(u64::from(digit - b'0')))
            .filter(|&n| n <= LIMIT);
        // Go drops the digits past 63 bits.
        let Some(longer) = longer else { break };
        fraction = longer;
        scale *= 10.0;
    }
    (fraction as f64 * (unit as f64 / scale)) as u64
}

impl SignedDuration {
    /// The duration in words: `5 min`, `1 h 2 min 5 s`, `250 ms`.
    #[must_use]
    pub fn in_words(self) -> String {
        let millis = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
        if millis > 0 && millis < 1000 {
            return format!("{sign}{millis} ms");
        }
        let mut parts = Vec::new();
        if hours > 0 {
            parts.push(format!("{hours} h"));
        }
        if minutes > 0 {
            parts.push(format!("{minutes} min"));
        }
        if rest > 0 || parts.is_empty() {
            let seconds = Self(rest.cast_signed()).to_string();
            let (number, unit) = seconds
                .strip_suffix("ms")
                .map_or((seconds.trim_end_matches('s'), "s"), |number| {
                    (number, "ms")
                });
            parts.push(format!("{number} {unit}"));
        }
        format!("{sign}{}", parts.join(" "))
    }
}

impl fmt::Display for SignedDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if millis > 0 && millis < 1000 {
            return write!(f, "{millis}ms");
        }
        let (minutes, seconds) = (millis / 60_000, millis / 1000 % 60);
        match (minutes / 60, minutes % 60) {
            (0, 0) => {}
            (0, minutes) => write!(f, "{minutes}m")?,
            (hours, minutes) => write!(f, "{hours}h{minutes}m")?,
        }
        match millis % 1000 {
            0 => write!(f, "{seconds}s"),
            rest if rest % 100 == 0 => write!(f, "{seconds}.{}s", rest / 100),
            rest if rest % 10 == 0 => write!(f, "{seconds}.{:02}s", rest / 10),
            rest => write!(f, "{seconds}.{rest:03}s"),
        }
    }
}
