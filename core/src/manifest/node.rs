//! A document's values, each with its position in the text.

use super::diagnostic::Span;
use super::path::{FieldPath, Segment};

/// A number as YAML knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number beyond the signed range.
    UInt(u64),
    /// Anything else.
    Float(f64),
}

impl Number {
    /// The number as a float, rounded where it has more digits.
    #[expect(clippy::cast_precision_loss, reason = "rounding is intended")]
    pub(super) fn to_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::UInt(n) => n as f64,
            Self::Float(n) => n,
        }
    }
}

impl std::fmt::Display for Number {
    /// As Go prints the number into JSON, without a fraction where there is none; very large and
    /// very small ones however without an exponent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::UInt(n) => n.fmt(f),
            Self::Float(n) => n.fmt(f),
        }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing; the API treats it like an absent field.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the text.
    Map(Vec<Entry>),
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// The text it was read from.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// One entry of a map.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A value and the text that it was read from.
    #[must_use]
    pub const fn new(span: Span, value: Value) -> Self {
        Self { span, value }
    }

    /// The entries of a map; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of a map, taken out; none for anything else.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        match self.value {
            Value::Map(entries) => entries,
            _ => Vec::new(),
        }
    }

    /// The elements of a list, taken out; none for anything else.
    pub(super) fn into_items(self) -> Vec<Self> {
        match self.value {
            Value::List(items) => items,
            _ => Vec::new(),
        }
    }

    /// The elements of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entry `key` of a map.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The text of the entry `key`, where it is a text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.entry(key).map(|entry| &entry.value.value) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The value at `path`.
    #[must_use]
    pub fn at(&self, path: &FieldPath) -> Option<&Self> {
        path.0.iter().try_fold(self, |node, segment| {
            node.step(segment).map(|found| found.1)
        })
    }

    fn step(&self, segment: &Segment) -> Option<(Option<Span>, &Self)> {
        match segment {
            Segment::Index(index) => self.items().get(*index).map(|item| (None, item)),
            Segment::Field(name) | Segment::Key(name) => self
                .entry(name)
                .map(|entry| (Some(entry.key_span), &entry.value)),
        }
    }

    /// Where to point for a problem at `path`: the value if it is a short one, otherwise its key;
    /// for a path that does not exist, its nearest existing ancestor.
    #[must_use]
    pub fn locate(&self, path: &FieldPath) -> Span {
        let mut node = self;
        let mut key = None;
        for segment in &path.0 {
            let Some((found_key, found)) = node.step(segment) else {
                // The missing field's owner: a whole block is too large to point at.
                return key.unwrap_or_else(|| node.head());
            };
            (key, node) = (found_key, found);
        }
        match &node.value {
            Value::Map(_) | Value::List(_) | Value::Null => key.unwrap_or_else(|| node.head()),
            _ if !node.span.is_one_line() => key.unwrap_or_else(|| node.head()),
            _ => node.span,
        }
    }

    /// The first word of a value: a map's first key, or all of it where it is on one line.
    fn head(&self) -> Span {
        match &self.value {
            Value::Map(entries) if !entries.is_empty() => entries[0].key_span,
            Value::List(items) if !items.is_empty() => items[0].head(),
            _ if self.span.is_one_line() => self.span,
            _ => self.span.head(),
        }
    }
}
