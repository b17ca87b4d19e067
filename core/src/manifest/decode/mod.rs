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

use std::cell::RefCell;

use self::cursor::{Place, Step};
use super::diagnostic::Diagnostic;
use super::document::Document;

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
}

/// Decodes a document. Values that do not fit have been left out, and the diagnostics say which;
/// unknown fields are warnings in Go's structures and errors in others.
#[must_use]
pub fn decode<T: Decode + Default>(document: &Document) -> (T, Vec<Diagnostic>) {
    let mut value = T::default();
    let problems = RefCell::new(Vec::new());
    let place = Place {
        parent: None,
        step: Step::Root,
        node: &document.root,
    };
    // That the whole does not fit has been reported, too.
    let _ = value.decode(&Cursor {
        place: &place,
        container: None,
        problems: &problems,
    });
    (value, problems.into_inner())
}
