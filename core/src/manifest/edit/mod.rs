//! Edits of a text by field path that preserve all other bytes.
//!
//! Each function takes a text and a document that was [`read`](crate::manifest::read) from it, and
//! returns the whole text after the edit. Block style, flow style and JSON keep their style:
//! comments, order, anchors, quotes and line breaks are preserved.
//!
//! The result is parsed again and compared with the intended value before it is returned. An edit
//! with any other result, or any other change, is an [`EditError`].

mod block;
mod error;
mod expected;
mod flow;
mod fragment;
mod layout;
mod print;
mod walk;

use self::expected::Operation;
use self::walk::Opened;
use super::document::Document;
use super::node::{Node, Value};
use super::path::{FieldPath, Segment};

pub use error::EditError;
pub use fragment::Fragment;
pub use print::print_value;

/// Where a new key is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement<'a> {
    /// After the other keys.
    Last,
    /// Before this key, or at the end if it does not exist.
    Before(&'a str),
}

/// Sets the value at `path`, and creates missing parents. A list item is set at its index, or
/// appended at the index after the last one.
///
/// # Errors
/// The reason why the text cannot be edited.
pub fn set(
    text: &str,
    document: &Document,
    path: &FieldPath,
    value: Fragment,
) -> Result<String, EditError> {
    set_at(text, document, path, value, Placement::Last)
}

/// As [`set`]; a new key is inserted at `placement`.
///
/// # Errors
/// The reason why the text cannot be edited.
pub fn set_at(
    text: &str,
    document: &Document,
    path: &FieldPath,
    value: Fragment,
    placement: Placement<'_>,
) -> Result<String, EditError> {
    let opened = Opened::of(text, document)?;
    let way = opened.way(path)?;
    let node = value.node.clone();
    let place = way.last();
    let splices = match way.missing.split_first() {
        None => opened.replace(place, &value)?,
        Some((first, rest)) => {
            let indent = opened.list_indent;
            let mut value = value;
            for segment in rest.iter().rev() {
                if matches!(segment, Segment::Index(1..)) {
                    return Err(EditError::Missing(path.clone()));
                }
                value = value.under(segment, indent);
            }
            match (&place.node.value, first) {
                (Value::List(items), Segment::Index(index)) if *index == items.len() => {
                    opened.insert_item(place, *index, value)?
                }
                (Value::Null, Segment::Index(1..)) | (Value::List(_), Segment::Index(_)) => {
                    return Err(EditError::Missing(path.clone()));
                }
                (Value::Map(_), Segment::Field(key) | Segment::Key(key)) => {
                    opened.insert_key(place, key, value, placement)?
                }
                _ => opened.replace(place, &value.under(first, indent))?,
            }
        }
    };
    opened.finish(&way, &splices, path, &Operation::Set(&node))
}

/// Inserts an item into the list at `path`, before the one at `index`, or at the end; a missing list
/// is created.
///
/// # Errors
/// The reason why the text cannot be edited.
pub fn insert_item(
    text: &str,
    document: &Document,
    path: &FieldPath,
    index: usize,
    item: Fragment,
) -> Result<String, EditError> {
    let opened = Opened::of(text, document)?;
    let way = opened.way(path)?;
    let place = way.last();
    if !way.missing.is_empty() {
        return set(text, document, &path.index(0), item);
    }
    let node = item.node.clone();
    let splices = match &place.node.value {
        Value::List(_) => opened.insert_item(place, index, item)?,
        Value::Null => {
            let list = item.under(&Segment::Index(0), opened.list_indent);
            opened.replace(place, &list)?
        }
        _ => return Err(EditError::NotAList(path.clone())),
    };
    opened.finish(&way, &splices, path, &Operation::Insert(index, &node))
}

/// Removes the field or item at `path`, including the comment at the end of its line.
///
/// # Errors
/// The reason why the text cannot be edited.
pub fn remove(text: &str, document: &Document, path: &FieldPath) -> Result<String, EditError> {
    let opened = Opened::of(text, document)?;
    let way = opened.whole_way(path)?;
    let splices = opened.remove(&way)?;
    opened.finish(&way, &splices, path, &Operation::Remove)
}

/// Renames the key at `path`.
///
/// # Errors
/// The reason why the text cannot be edited.
pub fn rename(
    text: &str,
    document: &Document,
    path: &FieldPath,
    name: &str,
) -> Result<String, EditError> {
    let opened = Opened::of(text, document)?;
    let way = opened.whole_way(path)?;
    let place = way.last();
    let (Some(parent), Some(child)) = (way.parent(), place.child) else {
        return Err(EditError::Unsupported(path.clone()));
    };
    let Value::Map(entries) = &parent.node.value else {
        return Err(EditError::NotAMap(path.parent()));
    };
    if entries.iter().any(|entry| entry.key == name) {
        return Err(EditError::Exists(path.parent().child(name)));
    }
    let old = &text[child.start..child.key_end];
    if old.starts_with(['&', '!', '*']) {
        return Err(EditError::Unsupported(path.clone()));
    }
    let dialect = if old.starts_with('"') {
        print::Dialect::Json
    } else {
        print::Dialect::Yaml
    };
    let splice = Splice {
        start: child.start,
        end: child.key_end,
        text: print::key(name, dialect),
    };
    opened.finish(&way, &[splice], path, &Operation::Rename(name))
}

/// Appends a document to a text.
///
/// # Errors
/// [`EditError::Fragment`] if it is not a map in block style.
pub fn append_document(text: &str, document: &Fragment) -> Result<String, EditError> {
    if !print::is_block(&document.node.value) || document.style != layout::Style::Block {
        let reason = "a document must be a map in block style";
        return Err(EditError::Fragment(reason.to_owned()));
    }
    let newline = newline(text);
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        newline
    };
    let lines = document.lines.join(newline);
    Ok(format!("{text}{gap}---{newline}{lines}{newline}"))
}

/// Sets `value` at `path` in values without positions; has no effect if the path leads through a
/// scalar.
pub(super) fn put(root: &mut Node, path: &FieldPath, value: &Value) {
    let value = fragment::node(value.clone());
    // Anything but a map stays unchanged.
    let _ = expected::apply(root, &path.0, &Operation::Set(&value));
}

/// The line break of a text.
fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A range of the text and its replacement.
#[derive(Clone, Debug)]
struct Splice {
    start: usize,
    end: usize,
    text: String,
}
