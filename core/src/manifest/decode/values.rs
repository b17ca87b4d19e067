//! Decodes plain values, lists and maps.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::{Decode, Unfit};
use crate::api::workload::IntOrPercent;
use crate::manifest::known;
use crate::manifest::node::{Number, Value};
use crate::quantity::Quantity;
use crate::time::{SignedDuration, Timestamp};

macro_rules! integers {
    ($($type:ty = $go:literal,)*) => {$(
        impl Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                let max = i64::try_from(<$type>::MAX).unwrap_or(i64::MAX);
                let min = i64::try_from(<$type>::MIN).unwrap_or(i64::MIN);
                let number = cursor.integer($go, min, max)?;
                // The range has been checked.
                *self = <$type>::try_from(number).unwrap_or_default();
                Ok(())
            }
        }
    )*};
}

integers! {
    i32 = "int32",
    i64 = "int64",
    u16 = "uint16",
    u32 = "uint32",
    u64 = "uint64",
}

impl Decode for f64 {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        *self = cursor.number()?;
        Ok(())
    }
}

impl Decode for bool {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        *self = match cursor.value() {
            Value::Bool(value) => *value,
            Value::Null => false,
            _ => return Err(cursor.mismatch("bool")),
        };
        Ok(())
    }
}

impl Decode for String {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        cursor.text()?.clone_into(self);
        Ok(())
    }
}

/// Any value is read as text, as upstream's `UnmarshalJSON` does.
impl Decode for Quantity {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let number;
        let text = match cursor.value() {
            Value::Null => "0",
            Value::String(text) => text.trim(),
            Value::Number(given) => {
                let literal = cursor.literal().map(str::to_owned);
                number = literal.unwrap_or_else(|| given.to_string());
                &number
            }
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::List(_) => "[]",
            Value::Map(_) => "{}",
        };
        match Self::parse(text) {
            Ok(quantity) => {
                *self = quantity;
                Ok(())
            }
            Err(error) => {
                let hint = "a quantity is a number with or without a suffix: 250m, 0.5, 64Mi, 2k";
                let hint = Some(known::Hint::of(hint));
                Err(cursor.note("invalid-quantity", error.to_string(), hint))
            }
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Decode for SignedDuration {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let text = cursor.scalar(Self::EXPECTED)?;
        *self = Self::parse(&text).map_err(|error| cursor.reject(&error.to_string(), None))?;
        Ok(())
    }
}

impl Decode for IntOrPercent {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        *self = match cursor.value() {
            Value::String(text) => Self::Percent(text.clone()),
            Value::Number(Number::Int(_)) => {
                let mut count = 0;
                Decode::decode(&mut count, cursor)?;
                Self::Int(count)
            }
            _ => {
                return Err(cursor.reject("expected a count or a percentage such as 25%", None));
            }
        };
        Ok(())
    }
}

/// What does not fit is absent.
impl<T: Decode + Default> Decode for Option<T> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        // A repeated field of the API is read on top of what it was before.
        let value = self.take().filter(|_| cursor.container.is_some());
        if !cursor.is_null() {
            let mut value = value.unwrap_or_default();
            value.decode(cursor)?;
            *self = Some(value);
        }
        Ok(())
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<T: Decode + ?Sized> Decode for Box<T> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        (**self).decode(cursor)
    }

    fn clear(&mut self) {
        (**self).clear();
    }
}

/// An element that does not fit keeps its place, so that indices stay correct.
impl<T: Decode + Default> Decode for Vec<T> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        self.clear();
        cursor.list(&mut |_, item| {
            let mut value = T::default();
            let _ = value.decode(item);
            self.push(value);
        })
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl<T: Decode + Default> Decode for BTreeMap<String, T> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        self.clear();
        cursor.map(&mut |key, item| {
            let mut value = T::default();
            if value.decode(item).is_ok() {
                self.insert(key.to_owned(), value);
            }
        })
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// A time, kept as the API server writes it: in UTC and whole seconds.
///
/// Upstream: `metav1.Time`, `UnmarshalJSON`.
pub(super) struct Time<'a>(pub(super) &'a mut Option<String>);

impl Decode for Time<'_> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let hint = Some(known::Hint::of(
            "a time is written like 2026-01-31T12:00:00Z",
        ));
        let wrong = |message: String| cursor.note("invalid-time", message, hint);
        *self.0 = match cursor.value() {
            Value::String(text) => match Timestamp::parse(text) {
                Ok(time) => Some(time.to_rfc3339_seconds()),
                Err(error) => return Err(wrong(error.to_string())),
            },
            Value::Null => None,
            other => {
                let found = known::json_type(other);
                let message =
                    format!("json: cannot unmarshal {found} into Go value of type string");
                return Err(wrong(message));
            }
        };
        Ok(())
    }

    fn clear(&mut self) {
        *self.0 = None;
    }
}
