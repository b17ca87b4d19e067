//! From a document's values to a type, reporting every problem at once, each at its place.
//!
//! Not serde: its generated code stops at the first problem, knows no places, and costs a page
//! several times as much. Here a value that does not fit is noted and left out, and decoding goes
//! on. `null` is an absent value, as in the API. Problems in structures of the API are told in the
//! words of Go's JSON decoder, which the API server uses; those in others in plain words.

mod api;
mod cursor;
mod values;

pub use cursor::{Cursor, Field};

use std::cell::RefCell;

use self::cursor::{Place, Step};
use super::diagnostic::Diagnostic;
use super::document::Document;

/// That a value did not fit; why has been noted at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

/// A type that can be read from a document.
pub trait Decode {
    /// Takes over the value at `cursor`; what the value does not say stays as it is.
    ///
    /// # Errors
    /// The value is of another type. What does not fit deeper inside is no error of the whole: it
    /// is noted and left out.
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
    // That the whole does not fit has been noted as well.
    let _ = value.decode(&Cursor {
        place: &place,
        container: None,
        problems: &problems,
    });
    (value, problems.into_inner())
}
