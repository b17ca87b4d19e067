//! From a document's values to a type, reporting every problem at once, each at its place.
//!
//! Not serde: its generated code stops at the first problem, knows no places, and costs a page
//! several times as much. Here a value that does not fit is noted and left out, and decoding goes
//! on. `null` is an absent value, as in the API. A structure whose name is a Go type
//! (`v2.MetricSpec`) gets its problems in the words of Go's JSON decoder, which the API server
//! uses; others get plain words.

mod api;
mod cursor;
mod values;

pub use cursor::Cursor;

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
        container: "",
        problems: &problems,
    });
    (value, problems.into_inner())
}

/// Lists the fields that are read of structures: `Type as "name" { field, other_field, ... }`.
///
/// A field is known by its own name in camel case, or by the one given: `field = "odd_NAME"`.
/// Fields of the type that no text sets stand at the end: `; except field`.
#[macro_export]
macro_rules! fields {
    ($(
        $type:ty as $name:literal {
            $($field:ident $(= $key:literal)?),* $(,)? $(; except $($left_out:ident),*)?
        }
    )*) => {$(
        impl $crate::manifest::Decode for $type {
            fn decode(
                &mut self,
                cursor: &$crate::manifest::Cursor<'_>,
            ) -> Result<(), $crate::manifest::Unfit> {
                // Taken apart whole, so that a field of the type that is not listed does not compile.
                let Self { $($field,)* $($($left_out: _),*)? } = self;
                cursor.structure($name, &mut [$(
                    ($crate::fields!(@key $field $($key)?), $field),
                )*])
            }
        }
    )*};
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

/// Lists the words of enumerations: `Type { "word" => Variant, ... }`.
#[macro_export]
macro_rules! words {
    ($($type:ident { $($word:literal => $variant:ident),* $(,)? })*) => {$(
        impl $crate::manifest::Decode for $type {
            fn decode(
                &mut self,
                cursor: &$crate::manifest::Cursor<'_>,
            ) -> Result<(), $crate::manifest::Unfit> {
                const VARIANTS: &[$type] = &[$($type::$variant),*];
                let index = cursor.word(&[$($word),*])?;
                if let Some(variant) = VARIANTS.get(index) {
                    *self = variant.clone();
                }
                Ok(())
            }
        }
    )*};
}
