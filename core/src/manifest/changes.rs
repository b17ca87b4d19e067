//! The differences between two documents, field by field and as a merge patch.

use super::diagnostic::Span;
use super::document::Document;
use super::edit::put;
use super::node::{Entry, Node, Number, Value};
use super::path::FieldPath;

/// A field in which two documents differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change<'a> {
    /// Its path in both.
    pub path: FieldPath,
    /// The old value; `None` if it did not exist.
    pub before: Option<&'a Node>,
    /// The new value; `None` if it was removed.
    pub after: Option<&'a Node>,
}

/// The fields in which two documents differ, in the order of the later one, removed ones of a map
/// last.
///
/// Maps are compared key by key, in whichever order they are written. Lists are compared as a
/// whole: items cannot be matched reliably. Comments and layout are ignored.
#[must_use]
pub fn changes<'a>(before: &'a Node, after: &'a Node) -> Vec<Change<'a>> {
    let mut found = Vec::new();
    compare(before, after, &FieldPath::default(), &mut found);
    found
}

fn compare<'a>(before: &'a Node, after: &'a Node, path: &FieldPath, found: &mut Vec<Change<'a>>) {
    let (Value::Map(old), Value::Map(new)) = (&before.value, &after.value) else {
        if !same_value(before, after) {
            found.push(Change {
                path: path.clone(),
                before: Some(before),
                after: Some(after),
            });
        }
        return;
    };
    let mut next = 0;
    for entry in new {
        let path = path.child(&entry.key);
        match entry_near(old, &entry.key, &mut next) {
            Some(base) => compare(&base.value, &entry.value, &path, found),
            None => found.push(Change {
                path,
                before: None,
                after: Some(&entry.value),
            }),
        }
    }
    let mut next = 0;
    let mut is_gone = |old: &&Entry| entry_near(new, &old.key, &mut next).is_none();
    for entry in old.iter().filter(|old| is_gone(old)) {
        found.push(Change {
            path: path.child(&entry.key),
            before: Some(&entry.value),
            after: None,
        });
    }
}

/// A JSON merge patch (RFC 7386) that makes these changes: what `kubectl patch --type merge` takes.
/// Null where nothing has changed.
///
/// In such a patch null removes a field, so a field whose value is null counts as a missing one.
#[must_use]
pub fn merge_patch(changes: &[Change<'_>]) -> Value {
    let mut patch = Node {
        span: Span::default(),
        value: Value::Null,
    };
    for change in changes {
        let value = change.after.map_or(&Value::Null, |after| &after.value);
        put(&mut patch, &change.path, value);
    }
    patch.value
}

/// Whether two documents are versions of one object: kind, name and group are the same.
#[must_use]
pub fn same_object(a: &Document, b: &Document) -> bool {
    let group = |document: &Document| {
        let (group, _) = document.api_version.split_once('/').unwrap_or_default();
        group.to_owned()
    };
    a.kind == b.kind && a.name() == b.name() && group(a) == group(b)
}

/// Whether two values are equal, regardless of position and order of keys.
#[must_use]
pub fn same_value(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            let mut next = 0;
            let mut same = |entry: &Entry| {
                let other = entry_near(b, &entry.key, &mut next);
                other.is_some_and(|other| same_value(&entry.value, &other.value))
            };
            a.len() == b.len() && a.iter().all(&mut same)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Number(Number::Float(a)), Value::Number(Number::Float(b)))
            if a.is_nan() && b.is_nan() =>
        {
            true
        }
        (a, b) => a == b,
    }
}

/// The entry of a key, searched from where the last one was found: the order is mostly the same,
/// so large maps are not searched from their beginning for each key.
fn entry_near<'a>(entries: &'a [Entry], key: &str, next: &mut usize) -> Option<&'a Entry> {
    let (before, behind) = entries.split_at((*next).min(entries.len()));
    let found = behind.iter().position(|entry| entry.key == key);
    let found = found.map(|at| before.len() + at);
    let at = found.or_else(|| before.iter().position(|entry| entry.key == key))?;
    *next = at + 1;
    entries.get(at)
}
