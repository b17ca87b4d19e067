//! What the API server accepts, but a person hardly meant.
use super::diagnostic::Diagnostic;
use super::{Object, Options};

pub(super) fn lint(_objects: &[Object], _options: Options, _diagnostics: &mut Vec<Diagnostic>) {}
