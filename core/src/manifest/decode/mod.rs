//! Decodes a document's values to a type, and reports all problems at once with their positions.
//!
//! Not serde: its generated code stops at the first problem, has no positions, and makes the wasm
//! several times as large. Here a value that does not fit is reported and left out, and decoding
//! continues. `null` is an absent value, as in the API. Problems in structures of the API have the
//! messages of Go's JSON decoder, which the API server uses; others have plain messages.

mod api;
mod cursor;
mod values;

pub use cursor::{Cursor, Field};

use self::cursor::{Place, Reading, Step};
use super::diagnostic::Diagnostic;
use super::document::Document;
use super::json;
use super::node::Node;

/// A value did not fit; the reason has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

/// A type that can be read from a document.
pub trait Decode {
    /// Reads the value at `cursor`; fields that it does not set keep their values.
    ///
    /// # Errors
    /// The value is of another type. A nested value that does not fit is not an error of the whole:
    /// it is reported and left out.
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit>;

    /// Reads a field that is `null`: what can be absent is, anything else keeps its value.
    fn clear(&mut self) {}
}

/// Decodes a document. Values that do not fit have been left out, and the diagnostics say which;
/// unknown fields are warnings in Go's structures and errors in others.
#[must_use]
pub fn decode<T: Decode + Default>(document: &Document) -> (T, Vec<Diagnostic>) {
    decode_without(document, &[])
}

/// [`decode`] where types lack fields that they have elsewhere.
pub(super) fn decode_without<T: Decode + Default>(
    document: &Document,
    missing: &[(&str, &str)],
) -> (T, Vec<Diagnostic>) {
    let version = document.api_version.split_once('/');
    decode_node(
        &document.root,
        Reading {
            literals: document.literals.as_deref(),
            missing,
            version: version.map_or("", |(_, version)| version),
            ..Reading::default()
        },
    )
}

/// Decodes a text of JSON as Go's `encoding/json` does, for which the case of fields does not
/// matter; nothing if the text is not JSON or a value does not fit.
pub(super) fn decode_json<T: Decode + Default>(text: &str, missing: &[(&str, &str)]) -> Option<T> {
    let root = json::parse(text)?;
    let reading = Reading {
        literals: Some(text),
        any_case: true,
        missing,
        ..Reading::default()
    };
    let (value, problems) = decode_node(&root, reading);
    problems
        .iter()
        .all(|problem| problem.code == "unknown-field")
        .then_some(value)
}

fn decode_node<T: Decode + Default>(root: &Node, reading: Reading<'_>) -> (T, Vec<Diagnostic>) {
    let mut value = T::default();
    let place = Place {
        parent: None,
        step: Step::Root,
        node: root,
    };
    // That the whole does not fit has been reported, too.
    let _ = value.decode(&Cursor {
        place: &place,
        container: None,
        reading: &reading,
    });
    (value, reading.problems.into_inner())
}
