//! Applies an edit to values, for comparison with the edited text.

use super::fragment::node;
use crate::manifest::diagnostic::Span;
use crate::manifest::node::{Entry, Node, Value};
use crate::manifest::path::Segment;

/// An edit of the value at its path.
#[derive(Clone, Debug)]
pub(super) enum Operation<'a> {
    Set(&'a Node),
    Insert(usize, &'a Node),
    Remove,
    Rename(&'a str),
}

/// Applies the edit to values; `None` if it is not applicable.
pub(super) fn apply(root: &mut Node, path: &[Segment], operation: &Operation<'_>) -> Option<()> {
    match operation {
        Operation::Set(value) => {
            let place = path.iter().try_fold(root, step_or_make)?;
            place.value = value.value.clone();
        }
        Operation::Insert(index, item) => {
            let place = path.iter().try_fold(root, step_or_make)?;
            if place.value == Value::Null {
                place.value = Value::List(Vec::new());
            }
            let Value::List(items) = &mut place.value else {
                return None;
            };
            items.insert((*index).min(items.len()), (*item).clone());
        }
        Operation::Remove => {
            let (last, parents) = path.split_last()?;
            let parent = parents.iter().try_fold(root, step)?;
            match (&mut parent.value, last) {
                (Value::List(items), Segment::Index(index)) if *index < items.len() => {
                    items.remove(*index);
                }
                (Value::Map(entries), Segment::Field(name) | Segment::Key(name)) => {
                    entries.retain(|entry| entry.key != *name);
                }
                _ => return None,
            }
        }
        Operation::Rename(name) => {
            let (last, parents) = path.split_last()?;
            let parent = parents.iter().try_fold(root, step)?;
            (*name).clone_into(&mut entry(parent, last)?.key);
        }
    }
    Some(())
}

fn entry<'n>(node: &'n mut Node, segment: &Segment) -> Option<&'n mut Entry> {
    match (&mut node.value, segment) {
        (Value::Map(entries), Segment::Field(name) | Segment::Key(name)) => {
            entries.iter_mut().find(|entry| entry.key == *name)
        }
        _ => None,
    }
}

fn step<'n>(node: &'n mut Node, segment: &Segment) -> Option<&'n mut Node> {
    match segment {
        Segment::Index(index) => match &mut node.value {
            Value::List(items) => items.get_mut(*index),
            _ => None,
        },
        _ => entry(node, segment).map(|entry| &mut entry.value),
    }
}

fn step_or_make<'n>(place: &'n mut Node, segment: &Segment) -> Option<&'n mut Node> {
    if place.value == Value::Null {
        place.value = match segment {
            Segment::Index(_) => Value::List(Vec::new()),
            _ => Value::Map(Vec::new()),
        };
    }
    match (&mut place.value, segment) {
        (Value::List(items), Segment::Index(index)) if *index == items.len() => {
            items.push(node(Value::Null));
        }
        (Value::Map(entries), Segment::Field(name) | Segment::Key(name))
            if !entries.iter().any(|entry| entry.key == *name) =>
        {
            entries.push(Entry {
                key: name.clone(),
                key_span: Span::default(),
                value: node(Value::Null),
            });
        }
        _ => {}
    }
    step(place, segment)
}
