//! Errors of edits, with advice.

use std::fmt;

use crate::manifest::path::FieldPath;

/// Why an edit was refused. The text is unchanged.
///
/// Its display is a sentence with advice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// The document has errors, so positions in it are unknown.
    Unreadable,
    /// The document was parsed from another text.
    Stale,
    /// The path does not exist.
    Missing(FieldPath),
    /// The path already exists.
    Exists(FieldPath),
    /// The value at the path is not a map.
    NotAMap(FieldPath),
    /// The value at the path is not a list.
    NotAList(FieldPath),
    /// The value at the path is an alias, `*name`.
    Alias(FieldPath),
    /// The value at the path comes from a merge key, `<<`.
    Merged(FieldPath),
    /// The value at the path is repeated elsewhere by an alias, and would also change there.
    Anchored(FieldPath),
    /// The value at the path uses a notation that cannot be edited safely, such as a key after `?`.
    Unsupported(FieldPath),
    /// The new value is not YAML, for the given reason.
    Fragment(String),
    /// The new value cannot be written as JSON, and the document is JSON.
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
            Self::Exists(path) => (path, "already exists"),
            Self::NotAMap(path) => (path, "is not a map"),
            Self::NotAList(path) => (path, "is not a list"),
            Self::Alias(path) => (path, "is a YAML alias"),
            Self::Merged(path) => (path, "comes from a YAML merge key"),
            Self::Anchored(path) => (path, "is repeated elsewhere by a YAML alias"),
            Self::Unsupported(path) => (path, "uses a YAML notation that cannot be edited here"),
        };
        if path.0.is_empty() {
            write!(f, "The document {what}; edit the text instead.")
        } else {
            write!(f, "{path} {what}; edit the text instead.")
        }
    }
}

impl std::error::Error for EditError {}
