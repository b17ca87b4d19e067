//! A value about to be decoded: what it is, and how to say that it does not fit.

use serde::de::Visitor;

use super::access::{Entries, Structure};
use super::{Context, Failed, Place};
use crate::manifest::diagnostic::{Diagnostic, MAX_PROBLEMS, Severity};
use crate::manifest::known;
use crate::manifest::node::{Node, Number, Value};
use crate::manifest::path::Segment;

/// A value that is about to be decoded.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) place: &'a Place<'a>,
    /// The serde name of the innermost structure around it.
    pub(super) container: &'static str,
    pub(super) context: &'a Context,
}

impl Cursor<'_> {
    /// The value; nothing in place of one that did not fit before.
    pub(super) fn value(&self) -> &Value {
        if self.unfit() {
            &Value::Null
        } else {
            &self.place.node.value
        }
    }

    pub(super) fn unfit(&self) -> bool {
        let node: *const Node = self.place.node;
        self.context.unfit.borrow().contains(&node)
    }

    pub(super) fn note(
        &self,
        code: &'static str,
        message: String,
        hint: Option<known::Hint>,
    ) -> Failed {
        let mut place = self.place;
        let fresh = !self.unfit();
        // A value that does not even fit when absent takes the value around it with it.
        while !self
            .context
            .unfit
            .borrow_mut()
            .insert(std::ptr::from_ref(place.node))
        {
            match place.parent {
                Some(parent) => place = parent,
                None => break,
            }
        }
        if fresh {
            let path = self.place.path();
            let span = self.place.root().locate(&path);
            let mut diagnostic = Diagnostic::new(Severity::Error, code, span, path, message);
            if let Some(hint) = hint {
                diagnostic.hint = Some(hint.text);
                if let Some(replacement) = hint.replacement {
                    let label = format!("write {replacement}");
                    diagnostic = diagnostic.fix(label, span, replacement);
                }
            }
            self.context.problems.borrow_mut().push(diagnostic);
        }
        Failed::NOTED
    }

    /// Notes the reason of a failure that came from within a type.
    pub(super) fn guard<T>(&self, result: Result<T, Failed>) -> Result<T, Failed> {
        result.map_err(|failed| match failed.reason {
            Some((message, _)) if known::is_quantity_error(&message) => {
                let hint = "a quantity is a number with or without a suffix: 250m, 0.5, 64Mi, 2k";
                self.note("invalid-quantity", message, Some(known::Hint::of(hint)))
            }
            Some((message, hint)) => self.note("invalid-value", message, hint),
            None => failed,
        })
    }

    /// Notes that the value is of another type than `wanted` (a Go type).
    pub(super) fn mismatch(&self, wanted: &str) -> Failed {
        let (found, plain) = match &self.place.node.value {
            Value::Null => ("null".to_owned(), "nothing"),
            Value::Bool(_) => ("bool".to_owned(), "a boolean"),
            Value::Number(number) if wanted.contains("int") => {
                (format!("number {number}"), "a number")
            }
            Value::Number(_) => ("number".to_owned(), "a number"),
            Value::String(_) => ("string".to_owned(), "a text"),
            Value::List(_) => ("array".to_owned(), "a list"),
            Value::Map(_) => ("object".to_owned(), "a map"),
        };
        let hint = known::type_hint(wanted, &self.place.node.value);
        let Some((_, container)) = self.container.split_once('.') else {
            let text = match (&self.place.node.value, wanted.contains("int")) {
                (Value::Number(number), true) => {
                    format!("{number} is not {}", known::plain(wanted))
                }
                _ => format!("expected {}, found {plain}", known::plain(wanted)),
            };
            return self.note("wrong-type", text, hint);
        };
        let path: Vec<String> = self
            .place
            .path()
            .0
            .into_iter()
            .filter_map(|segment| match segment {
                Segment::Field(name) => Some(name),
                _ => None,
            })
            .collect();
        let wanted = match path.last() {
            Some(field) if wanted == "[]" || wanted == "map" => known::go_collection(field, wanted),
            _ => wanted,
        };
        let message = format!(
            "json: cannot unmarshal {found} into Go struct field {container}.{} of type {wanted}",
            path.join(".")
        );
        self.note("wrong-type", message, hint)
    }

    pub(super) fn integer(&self, go: &str, min: i128, max: i128) -> Result<i128, Failed> {
        let number = match self.value() {
            Value::Null => return Ok(0),
            Value::Number(Number::Int(n)) => i128::from(*n),
            Value::Number(Number::UInt(n)) => i128::from(*n),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "in the range of exact integers"
            )]
            Value::Number(Number::Float(n)) if n.fract() == 0.0 && n.abs() < 9e15 => {
                i128::from(*n as i64)
            }
            _ => return Err(self.mismatch(go)),
        };
        if number < min || number > max {
            return Err(self.mismatch(go));
        }
        Ok(number)
    }

    pub(super) fn string<'v, T, V: Visitor<'v, Value = T>>(self, visitor: V) -> Result<T, Failed> {
        match self.value() {
            Value::String(text) => self.guard(visitor.visit_str(text)),
            Value::Null => self.guard(visitor.visit_str("")),
            _ => Err(self.mismatch("string")),
        }
    }

    pub(super) fn report_unknown(&self, name: &'static str, fields: &'static [&'static str]) {
        let others = known::other_fields(name);
        // The API drops what it does not know; a document of our own has no such past.
        let (severity, consequence) = if name.contains('.') {
            let text = "as written the field is dropped, and kubectl refuses the manifest";
            (Severity::Warning, text)
        } else {
            (Severity::Error, "")
        };
        for entry in self.place.node.entries() {
            let key = entry.key.as_str();
            let at_root = self.place.parent.is_none() && matches!(key, "apiVersion" | "kind");
            let enough = self.context.unknown.borrow().len() >= MAX_PROBLEMS;
            if fields.contains(&key) || others.contains(&key) || at_root || enough {
                continue;
            }
            let path = self.place.path().child(key);
            let message = format!("unknown field \"{path}\"");
            let mut diagnostic =
                Diagnostic::new(severity, "unknown-field", entry.key_span, path, message);
            let all = fields.iter().chain(others).copied();
            if let Some(hint) = known::misplaced(name, key) {
                diagnostic.hint = Some(hint.to_owned());
            } else if let Some(nearest) = known::nearest(key, all) {
                let hint = format!("did you mean `{nearest}`? {consequence}");
                diagnostic = diagnostic.hint(hint.trim_end()).fix(
                    format!("rename to `{nearest}`"),
                    entry.key_span,
                    nearest.to_owned(),
                );
            } else {
                let known = format!("known here: {}", fields.join(", "));
                diagnostic.hint = Some(if consequence.is_empty() {
                    known
                } else {
                    format!("{known}; {consequence}")
                });
            }
            self.context.unknown.borrow_mut().push(diagnostic);
        }
    }

    pub(super) fn visit_entries<'v, V: Visitor<'v>>(
        self,
        visitor: V,
        structure: Option<Structure>,
    ) -> Result<V::Value, Failed> {
        let entries = match self.value() {
            Value::Map(_) => self.place.node.entries(),
            _ => &[],
        };
        self.guard(visitor.visit_map(Entries {
            cursor: self,
            rest: entries.iter(),
            current: None,
            structure,
        }))
    }
}
