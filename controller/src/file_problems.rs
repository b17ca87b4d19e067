//! Problems of files that the user named.

use std::io;
use std::path::Path;
use std::{fmt, slice};

use hpa_core::manifest::{Diagnostic, Source, render};

/// The problems of one or more files; never empty.
#[derive(Debug, Default)]
pub(crate) struct FileProblems(Vec<String>);

impl FileProblems {
    /// A file that cannot be read.
    pub(crate) fn io(file: &Path, error: &io::Error) -> Self {
        Self(vec![format!("{}: {error}", file.display())])
    }

    /// Manifests without a HorizontalPodAutoscaler.
    pub(crate) fn no_autoscaler(file: &Path) -> Self {
        let file = file.display();
        Self(vec![format!("{file}: no HorizontalPodAutoscaler found")])
    }

    /// A duplicate manifest at `place` of the one at `first`.
    pub(crate) fn duplicate(key: impl fmt::Display, place: &str, first: &str) -> Self {
        Self(vec![format!("{place}: {key} is already in {first}")])
    }

    /// Problems within a file.
    pub(crate) fn diagnostics(source: &Source<'_>, diagnostics: &[Diagnostic]) -> Self {
        let shown = diagnostics.iter();
        let shown = shown.map(|problem| render(problem, slice::from_ref(source)).to_string());
        Self(shown.collect())
    }

    /// Adds the problems of another file.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// `value` if there is no problem.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for FileProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for FileProblems {}
