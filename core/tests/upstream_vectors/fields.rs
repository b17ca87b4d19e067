//! Reading the fields of a recorded case, and comparing them.

use hpa_core::autoscaler::FloatCasts;
use hpa_core::time::SignedDuration;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Compares one recorded case with what this crate computes, with the casts of the machine that
/// recorded it; the error says what differs.
pub(crate) type Check = fn(&Value, FloatCasts) -> Result<(), String>;

/// Compares one field; `expected` is what the real code gave.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    got: &T,
) -> Result<(), String> {
    if expected == got {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}"))
    }
}

/// The text in a field, or nothing.
pub(crate) fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or("")
}

/// A recorded value as the type that reads it.
#[track_caller]
pub(crate) fn decode<T: DeserializeOwned>(recorded: &Value) -> T {
    T::deserialize(recorded).unwrap_or_else(|error| panic!("{error}: {recorded}"))
}

/// The number in a field that upstream keeps in an int32.
#[track_caller]
pub(crate) fn int32(case: &Value, field: &str) -> i32 {
    int64(case, field)
        .try_into()
        .unwrap_or_else(|_| panic!("{field} is out of range"))
}

/// The number in a field.
#[track_caller]
pub(crate) fn int64(case: &Value, field: &str) -> i64 {
    case[field]
        .as_i64()
        .unwrap_or_else(|| panic!("{field} is no number"))
}

/// The duration in a field of milliseconds.
#[track_caller]
pub(crate) fn millis(case: &Value, field: &str) -> SignedDuration {
    SignedDuration(int64(case, field))
}
