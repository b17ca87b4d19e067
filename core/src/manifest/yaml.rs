//! The one place that uses `serde_yaml`: it decides the values of a text, and prints values.
//!
//! `serde_yaml` is frozen at 0.9.34, so nothing else may depend on it.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize};

use super::diagnostic::{Position, Span};
use super::node::{Entry, Node, Number, Value};
use super::positions::{MarkId, Marks, Shape, Unreadable};

/// Reads the values of the document in `text`, each at the place that `marks` knows.
pub(super) fn read(text: &str, origin: Position, marks: &Marks) -> Result<Node, Unreadable> {
    let Some(root) = marks.root else {
        return Ok(Node {
            span: Span::at(origin),
            value: Value::Null,
        });
    };
    let seed = Seed {
        marks,
        id: Some(root),
    };
    seed.deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| {
            let at = error.location().map_or(origin, |location| Position {
                byte: origin.byte + location.index().min(text.len()),
                line: origin.line + location.line() - 1,
                column: location.column(),
            });
            Unreadable {
                code: "yaml-syntax",
                message: error.to_string(),
                span: Span::at(at),
            }
        })
}

/// Prints a value as YAML, in the order of its fields.
pub(super) fn print<T: Serialize>(value: &T) -> String {
    // Only maps with keys that are no scalars cannot be printed, and the API has none.
    serde_yaml::to_string(value).unwrap_or_default()
}

/// Reads one value whose place is the mark `id`; none where the two parsers disagree.
#[derive(Clone, Copy)]
struct Seed<'a> {
    marks: &'a Marks,
    id: Option<MarkId>,
}

impl Seed<'_> {
    fn node(self, value: Value) -> Node {
        Node {
            span: self.id.map_or(Span::default(), |id| self.marks.span(id)),
            value,
        }
    }

    fn shape(&self) -> Option<&Shape> {
        self.id
            .and_then(|id| self.marks.resolve(id))
            .map(|mark| &mark.shape)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(self.node(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(self.node(Value::Bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(self.node(Value::Number(Number::Int(value))))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        let number = i64::try_from(value).map_or(Number::UInt(value), Number::Int);
        Ok(self.node(Value::Number(number)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(self.node(Value::Number(Number::Float(value))))
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(self.node(Value::String(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        loop {
            let id = match self.shape() {
                Some(Shape::List(ids)) => ids.get(items.len()).copied(),
                _ => None,
            };
            match seq.next_element_seed(Seed { id, ..self })? {
                Some(item) => items.push(item),
                None => return Ok(self.node(Value::List(items))),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for at in 0.. {
            let ids = match self.shape() {
                Some(Shape::Map(ids)) => ids.get(at).map(|(_, key, value)| (*key, *value)),
                _ => None,
            };
            let Some(Key(key)) = map.next_key()? else {
                break;
            };
            let value = map.next_value_seed(Seed {
                id: ids.map(|ids| ids.1),
                ..self
            })?;
            if key == "<<" && is_mergeable(&value) {
                merged.push(value);
            } else if seen.insert(key.clone()) {
                let key_span = ids.map_or(Span::default(), |ids| self.marks.span(ids.0));
                entries.push(Entry {
                    key,
                    key_span,
                    value,
                });
            }
        }
        for value in merged {
            let maps = match value.value {
                Value::List(maps) => maps,
                _ => vec![value],
            };
            for map in maps {
                if let Value::Map(more) = map.value {
                    entries.extend(
                        more.into_iter()
                            .filter(|entry| seen.insert(entry.key.clone())),
                    );
                }
            }
        }
        Ok(self.node(Value::Map(entries)))
    }
    /// A value with a tag of its own: the tag says nothing to the API.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (_, variant) = data.variant::<Key>()?;
        variant.newtype_variant_seed(self)
    }
}

/// Whether `<<` with this value is a merge; with any other it is a key like others.
fn is_mergeable(value: &Node) -> bool {
    match &value.value {
        Value::Map(_) => true,
        Value::List(maps) => maps.iter().all(|map| matches!(map.value, Value::Map(_))),
        _ => false,
    }
}

/// A map's key: JSON knows only texts.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a key that is a text")
            }
            fn visit_unit<E>(self) -> Result<Key, E> {
                Ok(Key("null".to_owned()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Key, E> {
                Ok(Key(Number::Float(value).to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Key, E> {
                Ok(Key(value.to_owned()))
            }
        }
        deserializer.deserialize_any(KeyVisitor)
    }
}
