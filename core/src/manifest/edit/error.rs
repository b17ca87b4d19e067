//! Why a text was not edited, and what to do instead.

use std::fmt;

use crate::manifest::path::FieldPath;

/// Why a text was not edited. It is then as it was.
///
/// Printed, it is a sentence that says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// The document has errors, so that it is not known what stands where.
    Unreadable,
    /// The document was read from another text.
    Stale,
    /// Nothing stands at the path.
    Missing(FieldPath),
    /// Something stands at the path already.
    Exists(FieldPath),
    /// What stands at the path has no fields.
    NotAMap(FieldPath),
    /// What stands at the path has no items.
    NotAList(FieldPath),
    /// What stands at the path is written `*name`: it is another value's repetition.
    Alias(FieldPath),
    /// What stands at the path comes from a merge key, `<<`.
    Merged(FieldPath),
    /// What stands at the path is repeated elsewhere by an alias, and would change there too.
    Anchored(FieldPath),
    /// What stands at the path is written in a way that is not edited safely, such as a key
    /// behind `?`.
    Unsupported(FieldPath),
    /// What should be written is not YAML, for the reason that is given.
    Fragment(String),
    /// What should be written has no form in JSON, and the document is JSON.
    NotJson,
    /// The text would be longer than [`MAX_TEXT`](crate::manifest::MAX_TEXT).
    TooLong,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::Unreadable => {
                return f
                    .write_str("Only error-free YAML can be edited here; fix the errors first.");
            }
            Self::Stale => {
                return f.write_str("The text has changed in the meantime; try again.");
            }
            Self::Fragment(reason) => {
                return write!(f, "Not valid YAML: {reason}.");
            }
            Self::NotJson => {
                return f.write_str("JSON has no infinite numbers; enter a finite one.");
            }
            Self::TooLong => {
                return f.write_str("The text would become too long; remove something first.");
            }
            Self::Missing(path) => (path, "does not exist"),
            Self::Exists(path) => (path, "exists already"),
            Self::NotAMap(path) => (path, "is not a map"),
            Self::NotAList(path) => (path, "is not a list"),
            Self::Alias(path) => (path, "is a YAML alias"),
            Self::Merged(path) => (path, "comes from a YAML merge key"),
            Self::Anchored(path) => (path, "is repeated elsewhere by a YAML alias"),
            Self::Unsupported(path) => (path, "is written in a way that cannot be edited here"),
        };
        if path.0.is_empty() {
            write!(f, "The document {what}; edit the text instead.")
        } else {
            write!(f, "{path} {what}; edit the text instead.")
        }
    }
}

impl std::error::Error for EditError {}
