//! What is wrong with a file that the user named, one line per problem.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use hpa_core::manifest::Diagnostic;

/// The problems of one or more files; never empty.
#[derive(Debug, Default)]
pub(crate) struct FileProblems(Vec<FileProblem>);

#[derive(Debug)]
struct FileProblem {
    file: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Io(io::Error),
    Diagnostic(Box<Diagnostic>),
    NoAutoscaler,
}

impl FileProblems {
    /// A file that cannot be read.
    pub(crate) fn io(file: &Path, error: io::Error) -> Self {
        Self::one(file, Problem::Io(error))
    }

    /// Manifests without a HorizontalPodAutoscaler.
    pub(crate) fn no_autoscaler(file: &Path) -> Self {
        Self::one(file, Problem::NoAutoscaler)
    }

    /// Problems within a file.
    pub(crate) fn diagnostics(
        file: &Path,
        diagnostics: impl IntoIterator<Item = Diagnostic>,
    ) -> Self {
        let problems = diagnostics.into_iter().map(|diagnostic| FileProblem {
            file: file.to_owned(),
            problem: Problem::Diagnostic(Box::new(diagnostic)),
        });
        Self(problems.collect())
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

    fn one(file: &Path, problem: Problem) -> Self {
        let file = file.to_owned();
        Self(vec![FileProblem { file, problem }])
    }
}

impl fmt::Display for FileProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.problem {
            Problem::Io(error) => write!(f, "{file}: {error}"),
            Problem::NoAutoscaler => write!(f, "{file}: no HorizontalPodAutoscaler found"),
            Problem::Diagnostic(diagnostic) => {
                let start = diagnostic.span.start;
                let (line, column, message) = (start.line, start.column, &diagnostic.message);
                write!(f, "{file}:{line}:{column}: {message}")?;
                match &diagnostic.hint {
                    Some(hint) => write!(f, " ({hint})"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for FileProblems {}
