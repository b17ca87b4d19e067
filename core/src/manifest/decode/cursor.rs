//! A cursor on a value to be decoded, with its typed accessors and decode errors.

use std::borrow::Cow;
use std::cell::RefCell;

use super::{Decode, Unfit};
use crate::manifest::diagnostic::{Diagnostic, MAX_PROBLEMS, Severity};
use crate::manifest::known;
use crate::manifest::node::{Entry, Node, Number, Value};
use crate::manifest::path::{FieldPath, Segment};

/// A value to be decoded, and its path.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    pub(super) place: &'a Place<'a>,
    /// The Go type of the innermost structure around it; none in a document of the playground.
    pub(super) container: Option<&'static str>,
    pub(super) reading: &'a Reading<'a>,
}

/// How a document is read, and what was wrong with it so far.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    pub(super) problems: RefCell<Vec<Diagnostic>>,
    /// The text that spans are in, if numbers count as they are written there.
    pub(super) literals: Option<&'a str>,
    /// Whether the case of a field's name does not matter, as to Go's `encoding/json`.
    pub(super) any_case: bool,
    /// Fields that the type of this name has elsewhere, and not here.
    pub(super) missing: &'a [(&'a str, &'a str)],
    /// The version of the API group, for the names of Go types: `v2beta1`.
    pub(super) version: &'a str,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Root,
    Field(&'a str),
    Key(&'a str),
    Index(usize),
}

/// The way from the root to a value, as a list on the stack.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) parent: Option<&'a Self>,
    pub(super) step: Step<'a>,
    pub(super) node: &'a Node,
}

impl Place<'_> {
    fn path(&self) -> FieldPath {
        let mut segments = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            match here.step {
                Step::Root => {}
                Step::Field(name) => segments.push(Segment::Field(name.to_owned())),
                Step::Key(key) => segments.push(Segment::Key(key.to_owned())),
                Step::Index(index) => segments.push(Segment::Index(index)),
            }
            place = here.parent;
        }
        segments.reverse();
        FieldPath(segments)
    }

    fn root(&self) -> &Node {
        self.parent.map_or(self.node, Place::root)
    }
}

/// One field of a structure: the name of the Rust field, which a text writes in camel case
/// (`start_rate` is `startRate`), and what takes its value.
pub type Field<'a> = (&'static str, &'a mut dyn Decode);

impl Cursor<'_> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.place.node.value
    }

    /// Whether the value is absent or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self.value() == Value::Null
    }

    /// The text of a scalar; a number or a boolean is read as it would be written, `null` as nothing.
    ///
    /// # Errors
    /// The value is a list or a map; a problem that names what is `expected` has been reported.
    pub fn scalar(&self, expected: &str) -> Result<Cow<'_, str>, Unfit> {
        Ok(match self.value() {
            Value::String(text) => Cow::Borrowed(text.trim()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            Value::Null => Cow::Borrowed(""),
            Value::List(_) | Value::Map(_) => {
                return Err(self.reject(&format!("expected {expected}"), None));
            }
        })
    }

    /// The field's path.
    #[must_use]
    pub fn path(&self) -> FieldPath {
        self.place.path()
    }

    /// Notes that the value is not acceptable for a reason of the type's own.
    pub fn reject(&self, message: &str, hint: Option<&str>) -> Unfit {
        self.note(
            "invalid-value",
            message.to_owned(),
            hint.map(known::Hint::of),
        )
    }

    pub(super) fn note(
        &self,
        code: &'static str,
        message: String,
        hint: Option<known::Hint>,
    ) -> Unfit {
        self.problem(code, message, hint, &[])
    }

    fn problem(
        &self,
        code: &'static str,
        message: String,
        hint: Option<known::Hint>,
        choices: &[&str],
    ) -> Unfit {
        // Unknown fields leave room for what decides whether the object is refused.
        if self.is_full(2 * MAX_PROBLEMS) {
            return Unfit;
        }
        let path = self.place.path();
        let span = self.place.root().locate(&path);
        let mut problem = Diagnostic::new(Severity::Error, code, span, path, message)
            .choices(choices.iter().copied());
        if let Some(hint) = hint {
            problem.hint = Some(hint.text);
            if let Some(replacement) = hint.replacement {
                problem = problem.fix(format!("write {replacement}"), span, replacement);
            }
        }
        self.add(problem);
        Unfit
    }

    /// Whether further problems are dropped, so that no message needs to be built.
    fn is_full(&self, most: usize) -> bool {
        self.reading.problems.borrow().len() >= most
    }

    fn add(&self, problem: Diagnostic) {
        self.reading.problems.borrow_mut().push(problem);
    }

    /// The number here as it is written, if that matters.
    pub(super) fn literal(&self) -> Option<&str> {
        let number = matches!(self.value(), Value::Number(_));
        let text = self.reading.literals.filter(|_| number)?;
        text.get(self.place.node.span.range())
    }

    /// Notes that the value is of another type than `wanted` (a Go type).
    pub(super) fn mismatch(&self, wanted: &str) -> Unfit {
        let whole = wanted.contains("int");
        let found = known::json_type(self.value());
        let plain = match self.value() {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        };
        let hint = known::type_hint(wanted, self.value());
        let number = match self.value() {
            Value::Number(number) if whole => Some(
                self.literal()
                    .map_or_else(|| number.to_string(), str::to_owned),
            ),
            _ => None,
        };
        let Some((_, container)) = self.container.and_then(|name| name.split_once('.')) else {
            let wanted = known::plain(wanted);
            let message = match number {
                Some(number) => format!("{number} is not {wanted}"),
                None => format!("expected {wanted}, found {plain}"),
            };
            return self.note("wrong-type", message, hint);
        };
        let mut path = String::new();
        let mut last = "";
        let steps = self.place.path();
        for segment in &steps.0 {
            if let Segment::Field(name) = segment {
                path.push('.');
                path.push_str(name);
                last = name;
            }
        }
        let wanted = match wanted {
            "[]" | "map" => known::go_collection(last, wanted),
            "string" => known::go_string(container, last),
            _ => wanted,
        };
        let wanted = known::of_version(wanted, self.reading.version);
        let number = number.map_or(String::new(), |number| format!(" {number}"));
        let message = format!(
            "json: cannot unmarshal {found}{number} into Go struct field {container}{path} of type {wanted}"
        );
        self.note("wrong-type", message, hint)
    }

    pub(super) fn integer(&self, go: &str, min: i64, max: i64) -> Result<i64, Unfit> {
        let whole = |text: &str| {
            text.bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit())
        };
        let number = match self.value() {
            Value::Null => 0,
            Value::Number(_) if self.literal().is_some_and(|text| !whole(text)) => {
                return Err(self.mismatch(go));
            }
            Value::Number(Number::Int(n)) => *n,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "in the range of exact integers"
            )]
            Value::Number(Number::Float(n)) if n.fract() == 0.0 && n.abs() < 9e15 => *n as i64,
            _ => return Err(self.mismatch(go)),
        };
        if (min..=max).contains(&number) {
            Ok(number)
        } else {
            Err(self.mismatch(go))
        }
    }

    /// The value as text; empty if absent.
    ///
    /// # Errors
    /// The value is not a text.
    pub fn text(&self) -> Result<&str, Unfit> {
        match self.value() {
            Value::String(text) => Ok(text),
            Value::Null => Ok(""),
            _ => Err(self.mismatch("string")),
        }
    }

    /// The value as a number; 0 if absent.
    ///
    /// # Errors
    /// The value is not a number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a number in a text is a double anyway"
    )]
    pub fn number(&self) -> Result<f64, Unfit> {
        match self.value() {
            Value::Number(Number::Float(n)) => Ok(*n),
            Value::Number(Number::Int(n)) => Ok(*n as f64),
            Value::Number(Number::UInt(n)) => Ok(*n as f64),
            Value::Null => Ok(0.0),
            _ => Err(self.mismatch("float64")),
        }
    }

    /// The value whose word stands here, of `choices`: each word with the value that it means.
    ///
    /// # Errors
    /// None of the words stands here.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, Unfit> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.word(&words).map(|index| choices[index].1)
    }

    fn word(&self, words: &[&str]) -> Result<usize, Unfit> {
        let text = self.text()?;
        let found = words.iter().position(|word| *word == text);
        found.ok_or_else(|| {
            let hint = known::nearest(text, words.iter().copied()).map(|word| known::Hint {
                text: format!("did you mean `{word}`?"),
                replacement: Some(word.to_owned()),
            });
            let message = format!("unknown value `{text}`: use one of {}", words.join(", "));
            self.problem("invalid-value", message, hint, words)
        })
    }

    /// Decodes each element of the list here with its index; absent is an empty list.
    ///
    /// # Errors
    /// The value is not a list.
    pub fn list(&self, each: &mut dyn FnMut(usize, &Cursor<'_>)) -> Result<(), Unfit> {
        match self.value() {
            Value::List(items) => {
                for (index, node) in items.iter().enumerate() {
                    self.step(Step::Index(index), node, self.container, |cursor| {
                        each(index, cursor);
                    });
                }
                Ok(())
            }
            Value::Null => Ok(()),
            _ => Err(self.mismatch("[]")),
        }
    }

    /// Decodes each entry of the map here, which has arbitrary keys; absent is an empty map.
    ///
    /// # Errors
    /// The value is not a map.
    pub fn map(&self, each: &mut dyn FnMut(&str, &Cursor<'_>)) -> Result<(), Unfit> {
        match self.value() {
            Value::Map(entries) => {
                for entry in entries {
                    self.step(
                        Step::Key(&entry.key),
                        &entry.value,
                        self.container,
                        |cursor| {
                            each(&entry.key, cursor);
                        },
                    );
                }
                Ok(())
            }
            Value::Null => Ok(()),
            _ => Err(self.mismatch("map")),
        }
    }

    /// Decodes the structure here, a map with these fields; any other field is an error.
    ///
    /// Destructure the type without `..`, so that a missing field is a compile error:
    ///
    /// ```
    /// use hpa_core::manifest::{Cursor, Decode, Unfit};
    ///
    /// #[derive(Default)]
    /// struct Step {
    ///     rate: f64,
    ///     start_time: u64,
    /// }
    ///
    /// impl Decode for Step {
    ///     fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
    ///         let Self { rate, start_time } = self;
    ///         cursor.fields(&mut [("rate", rate), ("start_time", start_time)])
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// The value is not a map.
    pub fn fields(&self, fields: &mut [Field<'_>]) -> Result<(), Unfit> {
        self.structure(None, fields)
    }

    /// Decodes a structure of the API whose Go type is known. The API server drops fields
    /// that it does not know; in a document of the playground they are errors.
    pub(super) fn structure(
        &self,
        name: Option<&'static str>,
        fields: &mut [Field<'_>],
    ) -> Result<(), Unfit> {
        let entries = match self.value() {
            Value::Map(entries) => entries,
            Value::Null => return Ok(()),
            _ => return Err(self.mismatch(name.unwrap_or("map"))),
        };
        for entry in entries {
            let is_named = |field: &str| {
                let field = camel_case(field);
                field == entry.key || (self.reading.any_case && folds_to(&entry.key, &field))
            };
            let is_missing = |key: &str| {
                let missing = self.reading.missing;
                name.is_some_and(|name| missing.contains(&(name, key)))
            };
            let known = fields.iter_mut().find(|(field, _)| is_named(field));
            match known.filter(|_| !is_missing(&entry.key)) {
                None => self.unknown(name, fields, entry),
                Some((_, field)) if entry.value.value == Value::Null => {
                    if name.is_some() {
                        field.clear();
                    }
                }
                Some((_, field)) => {
                    self.step(Step::Field(&entry.key), &entry.value, name, |cursor| {
                        // What does not fit has been reported and is left out.
                        let _ = field.decode(cursor);
                    });
                }
            }
        }
        Ok(())
    }

    fn step(
        &self,
        step: Step<'_>,
        node: &Node,
        container: Option<&'static str>,
        decode: impl FnOnce(&Cursor<'_>),
    ) {
        decode(&Cursor {
            place: &Place {
                parent: Some(self.place),
                step,
                node,
            },
            container,
            reading: self.reading,
        });
    }

    fn unknown(&self, name: Option<&str>, fields: &[Field<'_>], entry: &Entry) {
        let key = entry.key.as_str();
        let others = name.map_or(&[][..], known::other_fields);
        let at_root = self.place.parent.is_none() && matches!(key, "apiVersion" | "kind");
        if others.contains(&key) || at_root || self.is_full(MAX_PROBLEMS) {
            return;
        }
        let (severity, consequence) = if name.is_some() {
            let text = "; as written the field is dropped, and kubectl refuses the manifest";
            (Severity::Warning, text)
        } else {
            (Severity::Error, "")
        };
        let path = self.place.path().child(key);
        let message = format!("unknown field \"{path}\"");
        let span = entry.key_span;
        let mut problem = Diagnostic::new(severity, "unknown-field", span, path, message);
        let here: Vec<Cow<'_, str>> = fields.iter().map(|(field, _)| camel_case(field)).collect();
        let candidates = here
            .iter()
            .map(|field| &**field)
            .chain(others.iter().copied());
        if let Some(hint) = name.and_then(|name| known::misplaced(name, key)) {
            problem.hint = Some(hint.to_owned());
        } else if let Some(nearest) = known::nearest(key, candidates) {
            problem = problem
                .hint(format!("did you mean `{nearest}`?{consequence}").replace("?;", "?"))
                .fix(format!("rename to `{nearest}`"), span, nearest.to_owned());
        } else {
            problem.hint = Some(format!("known here: {}{consequence}", here.join(", ")));
        }
        let is_new = |field: &&str| self.place.node.entry(field).is_none();
        let missing = here.iter().map(|field| &**field).filter(is_new);
        self.add(problem.choices(missing));
    }
}

/// A Rust field's name as the API writes it: `min_replicas` is `minReplicas`, `r#type` is `type`.
fn camel_case(field: &str) -> Cow<'_, str> {
    let field = field.strip_prefix("r#").unwrap_or(field);
    if !field.contains('_') {
        return Cow::Borrowed(field);
    }
    let mut out = String::with_capacity(field.len());
    let mut raise = false;
    for c in field.chars() {
        if c == '_' {
            raise = true;
        } else {
            out.push(if raise { c.to_ascii_uppercase() } else { c });
            raise = false;
        }
    }
    Cow::Owned(out)
}

/// Whether two names differ in case only, as Go folds it.
fn folds_to(name: &str, field: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(field.chars().map(fold))
}
