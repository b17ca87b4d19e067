//! Prints values in block style and in flow style.

use super::EditError;
use crate::manifest::node::{Entry, Node, Number, Value};
use crate::manifest::notation::{quoted, scalar, string};

/// Prints a value in block style, with dashes aligned to their key.
#[must_use]
pub fn print_value(value: &Value) -> String {
    let mut text = String::new();
    for line in lines(value) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Whether a value spans lines of its own.
pub(super) fn is_block(value: &Value) -> bool {
    match value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => !items.is_empty(),
        _ => false,
    }
}

/// The lines of a value, the first one unindented.
pub(super) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Map(entries) if !entries.is_empty() => entries.iter().flat_map(entry).collect(),
        Value::List(items) if !items.is_empty() => {
            let item = |item: &Node| under_dash(lines(&item.value));
            items.iter().flat_map(item).collect()
        }
        value => vec![scalar(value)],
    }
}

fn entry(entry: &Entry) -> Vec<String> {
    let value = &entry.value.value;
    let indent = usize::from(!matches!(value, Value::List(_))) * 2;
    under_key(&entry.key, lines(value), is_block(value).then_some(indent))
}

/// Lines after a key: below it, indented by `indent`, or starting on its line.
pub(super) fn under_key(key: &str, lines: Vec<String>, indent: Option<usize>) -> Vec<String> {
    let key = string(key);
    match indent {
        Some(indent) => {
            let mut all = vec![format!("{key}:")];
            all.extend(lines.iter().map(|line| indented(line, indent)));
            all
        }
        None => behind(&format!("{key}: "), lines),
    }
}

/// Lines after a dash.
pub(super) fn under_dash(lines: Vec<String>) -> Vec<String> {
    behind("- ", lines)
}

fn behind(lead: &str, mut lines: Vec<String>) -> Vec<String> {
    for (at, line) in lines.iter_mut().enumerate() {
        *line = match at {
            0 => format!("{lead}{line}"),
            _ => indented(line, 2),
        };
    }
    lines
}

/// An indented line; an empty one stays empty.
pub(super) fn indented(line: &str, indent: usize) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{:indent$}{line}", "")
    }
}

/// The dialect of flow style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Yaml,
    /// All strings and keys in double quotes.
    Json,
}

/// Prints a value in flow style on one line.
pub(super) fn flow(value: &Value, dialect: Dialect) -> Result<String, EditError> {
    let mut out = String::new();
    match value {
        Value::Map(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&key(&entry.key, dialect));
                out.push_str(": ");
                out.push_str(&flow(&entry.value.value, dialect)?);
            }
            out.push('}');
        }
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&flow(&item.value, dialect)?);
            }
            out.push(']');
        }
        Value::String(text) if dialect == Dialect::Json => out.push_str(&quoted(text)),
        Value::Number(Number::Float(number)) if dialect == Dialect::Json && !number.is_finite() => {
            return Err(EditError::NotJson);
        }
        value => out.push_str(&scalar(value)),
    }
    Ok(out)
}

/// Prints a key in flow style.
pub(super) fn key(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Yaml => string(name),
        Dialect::Json => quoted(name),
    }
}
