//! The one place that uses `serde_yaml`: it decides the values of a text, and prints values.
//!
//! `serde_yaml` is frozen at 0.9.34, so nothing else may depend on it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

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
        for at in 0.. {
            let mark = match self.shape() {
                Some(Shape::Map(marks)) => marks.get(at),
                _ => None,
            };
            let id = mark.map(|mark| mark.key);
            let Some(key) = map.next_key_seed(Seed { id, ..self })? else {
                break;
            };
            let id = mark.map(|mark| mark.value);
            let value = map.next_value_seed(Seed { id, ..self })?;
            let key_span = key.span;
            let key = key_text(key.value);
            if key == "<<" && is_mergeable(&value) {
                merged.push(value);
            } else if !mark.is_some_and(|mark| mark.repeated) {
                entries.push(Entry {
                    key,
                    key_span,
                    value,
                });
            }
        }
        if !merged.is_empty() {
            merge(&mut entries, merged);
        }
        Ok(self.node(Value::Map(entries)))
    }
    /// A value with a tag of its own: the tag says nothing to the API.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (_, variant) = data.variant_seed(self)?;
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

/// Adds the entries of merged maps whose keys are not there yet, the first one first.
fn merge(entries: &mut Vec<Entry>, merged: Vec<Node>) {
    let mut maps = Vec::new();
    for node in merged {
        match node.value {
            Value::List(list) => maps.extend(list),
            _ => maps.push(node),
        }
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &*entries {
        seen.insert(&entry.key, 0);
    }
    let mut is_new = Vec::new();
    for entry in maps.iter().flat_map(Node::entries) {
        is_new.push(seen.insert(&entry.key, 0).is_none());
    }
    let more = maps.into_iter().flat_map(|map| match map.value {
        Value::Map(more) => more,
        _ => Vec::new(),
    });
    for (entry, is_new) in more.zip(is_new) {
        if is_new {
            entries.push(entry);
        }
    }
}

/// A key as a text, because JSON knows no others.
fn key_text(key: Value) -> String {
    match key {
        Value::String(text) => text,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}
