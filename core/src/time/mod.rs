//! Points in time and durations in whole milliseconds, and how Kubernetes writes them; no clock.

use std::fmt::{self, Write};
use std::ops::{Add, Sub};

mod duration;
mod rfc3339;
#[cfg(test)]
mod tests;

/// A point in time: signed milliseconds since the Unix epoch.
///
/// Upstream's nanoseconds are not kept: no fact that the algorithm reads is finer than this.
/// Reads and prints as RFC 3339.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A signed duration in milliseconds. Reads and prints as Go does: `15s`, `5m0s`, `250ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedDuration(pub i64);

impl SignedDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `seconds` as a duration.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds, truncated toward zero.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }
}

impl Timestamp {
    /// Go's zero time, the first of January of the year 1: what upstream reads where the API gives
    /// no time.
    pub const GO_ZERO: Self = Self(-62_135_596_800_000);

    /// The same time without its fraction of a second, as the API stores it.
    #[must_use]
    pub const fn truncated_to_second(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }
}

impl Add<SignedDuration> for Timestamp {
    type Output = Self;
    fn add(self, duration: SignedDuration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }
}

impl Sub<SignedDuration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: SignedDuration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }
}

impl Sub for Timestamp {
    type Output = SignedDuration;
    fn sub(self, earlier: Self) -> SignedDuration {
        SignedDuration(self.0.saturating_sub(earlier.0))
    }
}

/// Why a text is not a time or not a duration, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeError(pub String);

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimeError {}

/// Reads both types from text and writes them as text.
macro_rules! serde_as_text {
    ($type:ident) => {
        impl std::str::FromStr for $type {
            type Err = TimeError;

            fn from_str(text: &str) -> Result<Self, TimeError> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        /// The text is parsed inside the visitor, so that a decoder with positions knows its position.
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a text")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        $type::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

serde_as_text!(Timestamp);
serde_as_text!(SignedDuration);

/// A text in quotes, as Go's package `time` quotes it.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}
