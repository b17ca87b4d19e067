//! From a document's values to a type, reporting every problem at once, each at its place.
//!
//! serde stops at the first problem. So a value that does not fit is noted, taken for absent from
//! then on, and the decoding starts again, until it passes. `null` is an absent value, as in the
//! API. A type whose serde name looks like a Go type (`v2.MetricSpec`) gets its problems in the
//! words of Go's JSON decoder, which the API server uses; others get plain words.

mod access;
mod cursor;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, DeserializeOwned, Unexpected};

use self::cursor::Cursor;
use super::diagnostic::{Diagnostic, MAX_PROBLEMS};
use super::known;
use super::node::Node;
use super::path::{FieldPath, Segment};

/// Decodes `root` as a `T`. Without a value the document is beyond repair; with one, values that
/// do not fit have been left out, and the diagnostics say which.
pub(super) fn decode<T: DeserializeOwned>(root: &Node) -> (Option<T>, Vec<Diagnostic>) {
    let context = Context::default();
    loop {
        context.unknown.borrow_mut().clear();
        let before = context.unfit.borrow().len();
        let place = Place {
            parent: None,
            step: Step::Root,
            node: root,
        };
        let result = T::deserialize(Cursor {
            place: &place,
            container: "",
            context: &context,
        });
        let stuck = context.unfit.borrow().len() == before;
        let value = result.ok();
        if value.is_some() || stuck || before > MAX_PROBLEMS {
            let mut diagnostics = context.problems.into_inner();
            diagnostics.append(&mut context.unknown.into_inner());
            return (value, diagnostics);
        }
    }
}

#[derive(Default)]
struct Context {
    problems: RefCell<Vec<Diagnostic>>,
    unknown: RefCell<Vec<Diagnostic>>,
    /// Values taken for absent.
    unfit: RefCell<BTreeSet<*const Node>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Key(&'a str),
    Index(usize),
}

/// The way from the root to a value, as a list on the stack.
struct Place<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
    node: &'a Node,
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

/// That decoding failed; the reason is here until it has been noted at its place.
#[derive(Debug)]
struct Failed {
    reason: Option<(String, Option<known::Hint>)>,
}

impl Failed {
    const NOTED: Self = Self { reason: None };
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.as_ref().map_or("", |reason| &reason.0))
    }
}

impl std::error::Error for Failed {}

impl de::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            reason: Some((message.to_string(), None)),
        }
    }
    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let hint = known::nearest(variant, expected.iter().copied()).map(|name| known::Hint {
            text: format!("did you mean `{name}`?"),
            replacement: Some(name.to_owned()),
        });
        Self {
            reason: Some((
                format!(
                    "unknown value `{variant}`: use one of {}",
                    expected.join(", ")
                ),
                hint,
            )),
        }
    }
    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("`{field}` is missing"))
    }
}
