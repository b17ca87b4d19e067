//! How serde walks over the values: maps, lists, enumerations, and the numbers' ranges.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::cursor::Cursor;
use super::{Failed, Place, Step};
use crate::manifest::node::{Entry, Node, Number, Value};

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty, $go:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
            let number = self.integer($go, <$type>::MIN.into(), <$type>::MAX.into())?;
            // The range has been checked.
            self.guard(visitor.$visit(<$type>::try_from(number).unwrap_or_default()))
        }
    )*};
}

impl<'de> Deserializer<'de> for Cursor<'_> {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let result = match self.value() {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(Number::Int(value)) => visitor.visit_i64(*value),
            Value::Number(Number::UInt(value)) => visitor.visit_u64(*value),
            Value::Number(Number::Float(value)) => visitor.visit_f64(*value),
            Value::String(text) => visitor.visit_str(text),
            Value::List(_) => return self.deserialize_seq(visitor),
            Value::Map(_) => return self.visit_entries(visitor, None),
        };
        self.guard(result)
    }

    integers! {
        deserialize_i8 visit_i8 i8, "int8";
        deserialize_i16 visit_i16 i16, "int16";
        deserialize_i32 visit_i32 i32, "int32";
        deserialize_i64 visit_i64 i64, "int64";
        deserialize_u8 visit_u8 u8, "uint8";
        deserialize_u16 visit_u16 u16, "uint16";
        deserialize_u32 visit_u32 u32, "uint32";
        deserialize_u64 visit_u64 u64, "uint64";
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value() {
            Value::Bool(value) => self.guard(visitor.visit_bool(*value)),
            Value::Null => self.guard(visitor.visit_bool(false)),
            _ => Err(self.mismatch("bool")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_f64(visitor)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number in a text is a double anyway"
    )]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let number = match self.value() {
            Value::Number(Number::Float(n)) => *n,
            Value::Number(Number::Int(n)) => *n as f64,
            Value::Number(Number::UInt(n)) => *n as f64,
            Value::Null => 0.0,
            _ => return Err(self.mismatch("float64")),
        };
        self.guard(visitor.visit_f64(number))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value() {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_any(visitor)
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let items = match self.value() {
            Value::List(_) => self.place.node.items(),
            Value::Null => &[],
            _ => return Err(self.mismatch("[]")),
        };
        self.guard(visitor.visit_seq(Items {
            cursor: self,
            items: items.iter().enumerate(),
        }))
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.value() {
            Value::Map(_) | Value::Null => self.visit_entries(visitor, None),
            _ => Err(self.mismatch("map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        match self.value() {
            Value::Map(_) => {
                self.report_unknown(name, fields);
                self.visit_entries(visitor, Some(Structure { name, fields }))
            }
            Value::Null => self.visit_entries(visitor, Some(Structure { name, fields })),
            _ => Err(self.mismatch(if self.container.is_empty() {
                "map"
            } else {
                name
            })),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        let content = match self.value() {
            Value::String(text) => (text.as_str(), None),
            Value::Map(entries) if entries.len() == 1 => {
                (entries[0].key.as_str(), Some(&self.place.node.entries()[0]))
            }
            Value::Map(_) => {
                let message = format!("expected exactly one of {}", variants.join(", "));
                return Err(self.note("invalid-value", message, None));
            }
            Value::Null => ("", None),
            _ => return Err(self.mismatch("string")),
        };
        self.guard(visitor.visit_enum(Choice {
            cursor: self,
            name: content.0,
            content: content.1,
        }))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_unit()
    }
}

pub(super) struct Entries<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) rest: std::slice::Iter<'a, Entry>,
    pub(super) current: Option<&'a Entry>,
    /// The structure whose fields these are; none for a map with free keys.
    pub(super) structure: Option<Structure>,
}

/// A structure: its serde name and its fields.
#[derive(Clone, Copy)]
pub(super) struct Structure {
    pub(super) name: &'static str,
    pub(super) fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failed;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failed> {
        for entry in self.rest.by_ref() {
            let node: *const Node = &raw const entry.value;
            let absent = entry.value.value == Value::Null
                || self.cursor.context.unfit.borrow().contains(&node);
            // Unknown fields have been reported, so that a type need not refuse them.
            let skipped = self
                .structure
                .is_some_and(|structure| absent || !structure.fields.contains(&&*entry.key));
            if skipped {
                continue;
            }
            self.current = Some(entry);
            let key: StrDeserializer<'_, Failed> = entry.key.as_str().into_deserializer();
            return seed.deserialize(key).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        let Some(entry) = self.current.take() else {
            return Err(de::Error::custom("a value without a key"));
        };
        let step = match self.structure {
            Some(_) => Step::Field(&entry.key),
            None => Step::Key(&entry.key),
        };
        seed.deserialize(Cursor {
            place: &Place {
                parent: Some(self.cursor.place),
                step,
                node: &entry.value,
            },
            container: self
                .structure
                .map_or(self.cursor.container, |structure| structure.name),
            context: self.cursor.context,
        })
    }
}

struct Items<'a> {
    cursor: Cursor<'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        let Some((index, node)) = self.items.next() else {
            return Ok(None);
        };
        let place = Place {
            parent: Some(self.cursor.place),
            step: Step::Index(index),
            node,
        };
        seed.deserialize(Cursor {
            place: &place,
            ..self.cursor
        })
        .map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// A variant of an enumeration: a text, or a map with the variant's name as its only key.
struct Choice<'a> {
    cursor: Cursor<'a>,
    name: &'a str,
    content: Option<&'a Entry>,
}

impl Choice<'_> {
    fn with<T>(&self, decode: impl FnOnce(Cursor<'_>) -> Result<T, Failed>) -> Result<T, Failed> {
        let Some(entry) = self.content else {
            return Err(de::Error::custom(format_args!(
                "`{}` needs a value: write it as a map",
                self.name
            )));
        };
        decode(Cursor {
            place: &Place {
                parent: Some(self.cursor.place),
                step: Step::Field(&entry.key),
                node: &entry.value,
            },
            ..self.cursor
        })
    }
}

impl<'de> EnumAccess<'de> for Choice<'_> {
    type Error = Failed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Failed> {
        let name: StrDeserializer<'_, Failed> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failed> {
        self.with(|cursor| seed.deserialize(cursor))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        self.with(|cursor| cursor.deserialize_seq(visitor))
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.with(|cursor| cursor.deserialize_struct("", fields, visitor))
    }
}
