//! Field paths in the API server's notation.

use std::fmt;

use serde::{Serialize, Serializer};

/// One step from an object to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A field of a structure: `.spec`.
    Field(String),
    /// An element of a list: `[0]`.
    Index(usize),
    /// An entry of a map with free keys: `[cpu]`.
    Key(String),
}

/// The way from an object's root to one of its fields; empty for the object itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(pub(super) Vec<Segment>);

impl FieldPath {
    /// Reads the printed form, such as `spec.metrics[0].resource` or `requests[cpu]`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut path = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (item, after) = inside.split_once(']').unwrap_or((inside, ""));
                path.0.push(
                    item.parse()
                        .map_or_else(|_| Segment::Key(item.to_owned()), Segment::Index),
                );
                rest = after;
            } else {
                rest = rest.strip_prefix('.').unwrap_or(rest);
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end > 0 {
                    path.0.push(Segment::Field(rest[..end].to_owned()));
                }
                rest = &rest[end..];
            }
        }
        path
    }

    fn with(&self, segment: Segment) -> Self {
        let mut path = Vec::with_capacity(self.0.len() + 1);
        path.extend_from_slice(&self.0);
        path.push(segment);
        Self(path)
    }

    /// The field `name` of what this path leads to.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        self.with(Segment::Field(name.to_owned()))
    }

    /// The list element `index` of what this path leads to.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// The map entry `key` of what this path leads to.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    /// The path without its last step.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// Its steps, from the object on.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether `self` leads to `other` or to something that contains it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl Extend<Segment> for FieldPath {
    fn extend<T: IntoIterator<Item = Segment>>(&mut self, segments: T) {
        self.0.extend(segments);
    }
}

impl From<&str> for FieldPath {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if at == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn printed_form_reads_back() {
        check_each(
            [
                "",
                "spec",
                "spec.metrics[0].resource.target",
                "requests[cpu]",
                "items[3]",
            ],
            |text| {
                assert_eq!(FieldPath::new(text).to_string(), text);
            },
        );
        assert!(FieldPath::new("spec").contains(&"spec.metrics[0]".into()));
        assert!(!FieldPath::new("spec.metrics[1]").contains(&"spec.metrics[0]".into()));
    }
}
