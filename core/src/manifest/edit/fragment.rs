//! The new value of an edit: parsed YAML.

use super::EditError;
use super::layout::{Layout, Style};
use super::print::{self, Dialect};
use crate::manifest::diagnostic::{Position, Span};
use crate::manifest::node::{Entry, Node, Number, Value};
use crate::manifest::path::Segment;
use crate::manifest::source::SourceId;
use crate::manifest::yaml::{self, MAX_NODES};

/// A value to insert into a text.
#[derive(Clone, Debug)]
pub struct Fragment {
    pub(super) node: Node,
    /// Lines of YAML, the first one unindented.
    pub(super) lines: Vec<String>,
    pub(super) style: Style,
}

impl Fragment {
    /// Parses YAML, preserving its notation and the comments of a map or list in block style.
    ///
    /// # Errors
    /// [`EditError::Fragment`] if it is not one error-free value.
    pub fn yaml(text: &str) -> Result<Self, EditError> {
        let fragment = |reason: &str| EditError::Fragment(reason.to_owned());
        if text.starts_with(['%', '\u{feff}']) || text.starts_with("---") {
            return Err(fragment("a value must not contain a document header"));
        }
        let read = yaml::read(text, SourceId::default(), Position::START, MAX_NODES);
        let read = read.map_err(|problem| EditError::Fragment(problem.message))?;
        if let Some((key, ..)) = read.duplicates.first() {
            return Err(fragment(&format!("key \"{key}\" already set in map")));
        }
        let layout = Layout { text };
        let unsupported = |_| fragment("it uses a YAML notation that is not supported here");
        let spot = layout.root(&read.root, 0).map_err(unsupported)?;
        if spot.style == Style::Block {
            let begin = layout.line_start(text.len() - text.trim_start().len());
            let column = layout.column(spot.content);
            let lines = text[begin..].trim_end().lines().map(|line| {
                let blank = line.len() - line.trim_start_matches(' ').len();
                line[blank.min(column)..].trim_end_matches('\r').to_owned()
            });
            return Ok(Self {
                lines: lines.collect(),
                node: read.root,
                style: spot.style,
            });
        }
        let outside = [&text[..spot.start.min(spot.end)], &text[spot.end..]];
        if outside.iter().any(|part| !part.trim().is_empty()) {
            return Err(fragment("comments require a map or list in block style"));
        }
        if spot.style == Style::Empty {
            return Ok(Self::of(read.root.value));
        }
        Ok(Self {
            lines: text[spot.start..spot.end]
                .lines()
                .map(str::to_owned)
                .collect(),
            node: read.root,
            style: spot.style,
        })
    }

    /// Creates a fragment from a value; its position is ignored.
    #[must_use]
    pub fn of(value: Value) -> Self {
        let style = match &value {
            value if print::is_block(value) => Style::Block,
            Value::Map(_) | Value::List(_) => Style::Flow,
            _ => Style::Quoted,
        };
        Self {
            lines: print::lines(&value),
            node: node(value),
            style,
        }
    }

    /// Creates a fragment from a string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::of(Value::String(text.to_owned()))
    }

    /// Creates a fragment from a number, without a fraction if it is whole.
    #[must_use]
    pub fn number(number: f64) -> Self {
        // Above this, not every whole number is representable.
        let whole = number.fract().abs() <= 0.0 && number.abs() < 9e15;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and in range")]
        let number = if whole {
            Number::Int(number as i64)
        } else {
            Number::Float(number)
        };
        Self::of(Value::Number(number))
    }

    /// A map with these entries in block style.
    #[must_use]
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let (mut lines, mut values) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            let one = value.under(&Segment::Key(key.to_owned()), 0);
            lines.extend(one.lines);
            values.extend(one.node.into_entries());
        }
        if values.is_empty() {
            return Self::of(Value::Map(values));
        }
        Self {
            lines,
            node: node(Value::Map(values)),
            style: Style::Block,
        }
    }

    /// A list of these items in block style.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        let (mut lines, mut values) = (Vec::new(), Vec::new());
        for item in items {
            lines.extend(print::under_dash(item.lines));
            values.push(item.node);
        }
        if values.is_empty() {
            return Self::of(Value::List(values));
        }
        Self {
            lines,
            node: node(Value::List(values)),
            style: Style::Block,
        }
    }

    /// The same value in flow style on one line, without comments.
    #[must_use]
    pub fn on_one_line(self) -> Self {
        // Only JSON cannot represent all values.
        let line = print::flow(&self.node.value, Dialect::Yaml).unwrap_or_default();
        let is_scalar = !matches!(self.node.value, Value::Map(_) | Value::List(_));
        Self {
            lines: vec![line],
            style: if is_scalar {
                Style::Quoted
            } else {
                Style::Flow
            },
            node: self.node,
        }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.node.value
    }

    /// Wraps the value in a map or list for `segment`; a list below a key is indented by
    /// `list_indent`.
    pub(super) fn under(self, segment: &Segment, list_indent: usize) -> Self {
        match segment {
            Segment::Index(_) => Self {
                lines: print::under_dash(self.lines),
                node: node(Value::List(vec![self.node])),
                style: Style::Block,
            },
            Segment::Field(key) | Segment::Key(key) => {
                let indent =
                    (self.style == Style::Block).then(|| indent_of(&self.node, list_indent));
                Self {
                    lines: print::under_key(key, self.lines, indent),
                    node: node(Value::Map(vec![Entry {
                        key: key.clone(),
                        key_span: Span::default(),
                        value: self.node,
                    }])),
                    style: Style::Block,
                }
            }
        }
    }

    /// The value in flow style on one line.
    pub(super) fn flow(&self, dialect: Dialect) -> Result<String, EditError> {
        match (dialect, &*self.lines, self.style) {
            (Dialect::Yaml, [line], Style::Flow | Style::Quoted) => Ok(line.clone()),
            _ => print::flow(&self.node.value, dialect),
        }
    }
}

/// The indentation of a block value relative to its key.
pub(super) fn indent_of(node: &Node, list_indent: usize) -> usize {
    match node.value {
        Value::List(_) => list_indent,
        _ => 2,
    }
}

/// A value without a position.
pub(super) fn node(value: Value) -> Node {
    Node {
        span: Span::default(),
        value,
    }
}
