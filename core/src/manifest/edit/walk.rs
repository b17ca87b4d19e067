//! Locates an edit in a text, and verifies its result.

use super::expected::{self, Operation};
use super::layout::{Child, Context, Layout, Spot, Style, Unfollowed};
use super::print::Dialect;
use super::{EditError, Splice, newline};
use crate::manifest::changes::same_value;
use crate::manifest::diagnostic::Position;
use crate::manifest::document::{Document, MAX_TEXT, split};
use crate::manifest::node::{Node, Value};
use crate::manifest::path::{FieldPath, Segment};
use crate::manifest::source::SourceId;
use crate::manifest::yaml::{self, MAX_NODES, Yaml};

/// A text in which the part with the document has been parsed.
pub(super) struct Opened<'a> {
    pub(super) text: &'a str,
    /// The index of that part.
    part: usize,
    root: Node,
    spot: Spot,
    /// The path to the object, if it is an item of a list of objects.
    object: Vec<Segment>,
    pub(super) newline: &'static str,
    /// The indentation of lists below their key.
    pub(super) list_indent: usize,
}

/// The existing values along a path, from the root of a part of the text.
pub(super) struct Way<'n> {
    first: Place<'n>,
    rest: Vec<Place<'n>>,
    /// The segments after the last existing value.
    pub(super) missing: Vec<Segment>,
}

/// A value along the path.
#[derive(Clone)]
pub(super) struct Place<'n> {
    pub(super) node: &'n Node,
    pub(super) spot: Spot,
    /// Its entry in the parent; none for the root.
    pub(super) child: Option<Child<'n>>,
    /// Its children, if it is a map or list.
    pub(super) children: Vec<Child<'n>>,
    /// Its context.
    pub(super) context: Context,
    /// Its dialect, if it is in brackets.
    pub(super) dialect: Dialect,
    /// Its path, for messages.
    pub(super) path: FieldPath,
}

impl<'n> Way<'n> {
    pub(super) fn last(&self) -> &Place<'n> {
        self.rest.last().unwrap_or(&self.first)
    }

    /// The parent of the last value.
    pub(super) fn parent(&self) -> Option<&Place<'n>> {
        match &*self.rest {
            [] => None,
            [_] => Some(&self.first),
            [.., parent, _] => Some(parent),
        }
    }

    fn places(&self) -> impl Iterator<Item = &Place<'n>> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

fn read(part: &str, source: SourceId, origin: Position) -> Result<Yaml, EditError> {
    match yaml::read(part, source, origin, MAX_NODES) {
        Ok(yaml) if yaml.duplicates.is_empty() => Ok(yaml),
        _ => Err(EditError::Unreadable),
    }
}

impl<'a> Opened<'a> {
    pub(super) fn of(text: &'a str, document: &Document) -> Result<Self, EditError> {
        let parts = split(text);
        let part = document.index;
        let (origin, piece) = *parts.get(part).ok_or(EditError::Stale)?;
        let root = read(piece, document.root.span.source, origin)?.root;
        let is = |node: &Node| node.span == document.root.span && same_value(node, &document.root);
        let object = if is(&root) {
            Vec::new()
        } else {
            let items = root.entry("items").map(|items| &items.value);
            let index = items.and_then(|items| items.items().iter().position(is));
            let index = index.ok_or(EditError::Stale)?;
            vec![Segment::Field("items".to_owned()), Segment::Index(index)]
        };
        let layout = Layout { text };
        let unsupported = |_| EditError::Unsupported(FieldPath::default());
        let spot = layout.root(&root, origin.byte).map_err(unsupported)?;
        Ok(Self {
            text,
            part,
            spot,
            object,
            newline: newline(text),
            list_indent: list_indent(text, &root).unwrap_or(0),
            root,
        })
    }

    pub(super) fn layout(&self) -> Layout<'a> {
        Layout { text: self.text }
    }

    /// Follows a path as far as it exists.
    pub(super) fn way(&self, path: &FieldPath) -> Result<Way<'_>, EditError> {
        let root = self.place(&self.root, self.spot, None, FieldPath::default())?;
        let mut way = Way {
            first: root,
            rest: Vec::new(),
            missing: Vec::new(),
        };
        let steps = self.object.iter().chain(&path.0);
        for (at, segment) in steps.enumerate() {
            if !way.missing.is_empty() {
                way.missing.push(segment.clone());
                continue;
            }
            let own = at.saturating_sub(self.object.len());
            let here = FieldPath(path.0[..own].to_vec());
            let place = way.last();
            if place.spot.style == Style::Alias {
                return Err(EditError::Alias(here));
            }
            let index = match (&place.node.value, segment) {
                (Value::List(items), Segment::Index(index)) => {
                    (*index < items.len()).then_some(*index)
                }
                (Value::Map(entries), Segment::Field(key) | Segment::Key(key)) => {
                    entries.iter().position(|entry| entry.key == *key)
                }
                (Value::Null, _) => None,
                (_, Segment::Index(_)) => return Err(EditError::NotAList(here)),
                _ => return Err(EditError::NotAMap(here)),
            };
            let Some(index) = index else {
                way.missing.push(segment.clone());
                continue;
            };
            let there = FieldPath(path.0[..(at + 1).saturating_sub(self.object.len())].to_vec());
            let Some(child) = place.children.iter().find(|child| child.index == index) else {
                return Err(EditError::Merged(there));
            };
            let next = self.place(child.node, child.spot, Some((*child, place)), there)?;
            way.rest.push(next);
        }
        Ok(way)
    }

    /// Follows a path to its end.
    pub(super) fn whole_way(&self, path: &FieldPath) -> Result<Way<'_>, EditError> {
        let way = self.way(path)?;
        if way.missing.is_empty() {
            Ok(way)
        } else {
            Err(EditError::Missing(path.clone()))
        }
    }

    fn place<'n>(
        &self,
        node: &'n Node,
        spot: Spot,
        step: Option<(Child<'n>, &Place<'n>)>,
        path: FieldPath,
    ) -> Result<Place<'n>, EditError> {
        let children = match self.layout().children(node, &spot) {
            Ok(children) => children,
            Err(Unfollowed) => return Err(EditError::Unsupported(path)),
        };
        let (child, parent) = step.unzip();
        let in_brackets =
            parent.is_some_and(|parent| matches!(parent.spot.style, Style::Flow | Style::Pair));
        let quoted = |child: &Child<'_>| self.text[child.start..].starts_with('"');
        let dialect = match (&node.value, children.first()) {
            (Value::Map(_), Some(first)) if spot.style == Style::Flow && quoted(first) => {
                Dialect::Json
            }
            (Value::Map(_), Some(_)) => Dialect::Yaml,
            _ => parent.map_or(Dialect::Yaml, |parent| parent.dialect),
        };
        Ok(Place {
            node,
            spot,
            child,
            children,
            context: if in_brackets {
                Context::Flow
            } else {
                Context::Block
            },
            dialect,
            path,
        })
    }

    /// Verifies that the edit has exactly the intended effect, and returns the edited text.
    pub(super) fn finish(
        &self,
        way: &Way<'_>,
        splices: &[Splice],
        path: &FieldPath,
        operation: &Operation<'_>,
    ) -> Result<String, EditError> {
        let mut after = String::with_capacity(self.text.len() + 64);
        let mut kept = 0;
        for splice in splices {
            after.push_str(&self.text[kept..splice.start]);
            after.push_str(&splice.text);
            kept = splice.end;
        }
        after.push_str(&self.text[kept..]);
        if after.len() > MAX_TEXT {
            return Err(EditError::TooLong);
        }
        let mut expected = self.root.clone();
        let steps = [&*self.object, &*path.0].concat();
        let meant = expected::apply(&mut expected, &steps, operation).is_some();
        if meant && self.says(&after, &expected) {
            return Ok(after);
        }
        // Usually because an alias repeats the changed value, or its anchor was removed.
        let changed = splices
            .iter()
            .map(|splice| &self.text[splice.start..splice.end]);
        let anchors = changed.into_iter().any(|text| text.contains('&'));
        let mut anchored = way.places().filter(|place| place.spot.anchor.is_some());
        Err(match anchored.next() {
            Some(place) => EditError::Anchored(place.path.clone()),
            None if anchors => EditError::Anchored(path.clone()),
            None => EditError::Unsupported(path.clone()),
        })
    }

    fn says(&self, after: &str, expected: &Node) -> bool {
        let (before, now) = (split(self.text), split(after));
        before.len() == now.len()
            && now.get(self.part).is_some_and(|(origin, part)| {
                read(part, SourceId::default(), *origin)
                    .is_ok_and(|yaml| same_value(&yaml.root, expected))
            })
    }
}

/// The indentation of the first block-style list below its key.
fn list_indent(text: &str, node: &Node) -> Option<usize> {
    for entry in node.entries() {
        let value = &entry.value;
        let (key, list) = (entry.key_span.start, value.span.start);
        if let (Value::List(_), Some(first)) = (&value.value, value.items().first()) {
            let rest = text.get(list.byte..).unwrap_or_default();
            if rest.starts_with("- ") && first.span.start > list && list.line > key.line {
                return Some(list.column.saturating_sub(key.column));
            }
            if !rest.starts_with(['[', '&', '!', '*']) {
                return Some(0);
            }
        }
        if let Some(found) = list_indent(text, value) {
            return Some(found);
        }
    }
    node.items().iter().find_map(|item| list_indent(text, item))
}
