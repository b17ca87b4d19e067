//! Diagnostics: problems of a text with positions, hints and fixes.

use std::fmt;

use serde::Serialize;

use super::path::FieldPath;
use super::source::SourceId;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Position {
    /// Offset from the start of the text \[bytes\].
    pub byte: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

impl Position {
    /// The start of the text.
    pub const START: Self = Self {
        byte: 0,
        line: 1,
        column: 1,
    };

    /// Where the character begins that has the byte at this offset; the end of the text beyond it.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let byte = text.floor_char_boundary(byte);
        let before = text.get(..byte).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            byte,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

/// A range of one of the texts that were read; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Span {
    /// Which text it is in; JSON leaves out the first.
    #[serde(skip_serializing_if = "SourceId::is_first")]
    pub source: SourceId,
    /// Where it begins.
    pub start: Position,
    /// Where it has ended.
    pub end: Position,
}

impl Span {
    /// The stretch of a text from `start` until before `end`.
    #[must_use]
    pub const fn new(source: SourceId, start: Position, end: Position) -> Self {
        Self { source, start, end }
    }

    /// The stretch of no length at `position` of a text.
    #[must_use]
    pub const fn at(source: SourceId, position: Position) -> Self {
        Self::new(source, position, position)
    }

    /// The stretch of no length at its start.
    #[must_use]
    pub const fn head(self) -> Self {
        Self::at(self.source, self.start)
    }

    /// Whether it is all on one line.
    #[must_use]
    pub const fn is_one_line(&self) -> bool {
        self.start.line == self.end.line
    }

    /// Whether `other` is all within it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The bytes it covers.
    #[must_use]
    pub const fn range(&self) -> std::ops::Range<usize> {
        self.start.byte..self.end.byte
    }
}

/// How much a problem matters. Exhaustive on purpose: callers decide how to show each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The API server refuses the object, or the text cannot be read.
    Error,
    /// Accepted, but probably unintended.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An edit of the problem's text that fixes it on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fix {
    /// What the change does, such as ``rename to `maxReplicas` ``.
    pub label: String,
    /// First byte to be replaced.
    pub start: usize,
    /// First byte after the replaced range.
    pub end: usize,
    /// The replacement.
    pub replacement: String,
}

impl Fix {
    /// The text after the change; `None` where it is not the text that the change was made for.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let before = text.get(..self.start)?;
        let after = text.get(self.end.max(self.start)..)?;
        Some([before, &self.replacement, after].concat())
    }
}

/// Another place that a problem is about, such as the first of two things of which one may be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Related {
    /// Where it is, maybe in another text.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// A stable name of the kind of problem, such as `unknown-field`.
    pub code: &'static str,
    /// Where it is; for something missing, where it should be.
    pub span: Span,
    /// The field concerned; empty if the text could not be read that far.
    pub path: FieldPath,
    /// What is wrong, in upstream's words if upstream has any.
    pub message: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// An edit that fixes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Valid alternatives, if they are known; fields that the object
    /// already has are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Other places that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// A problem without hint and fix.
    #[must_use]
    pub fn new(
        severity: Severity,
        code: &'static str,
        span: Span,
        path: FieldPath,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            span,
            path,
            message: message.into(),
            hint: None,
            fix: None,
            choices: Vec::new(),
            related: Vec::new(),
        }
    }

    /// The same problem with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem with valid alternatives.
    #[must_use]
    pub fn choices<'a>(mut self, choices: impl IntoIterator<Item = &'a str>) -> Self {
        self.choices = choices.into_iter().map(str::to_owned).collect();
        self
    }

    /// The same problem with another place that it is about.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        self.related.push(Related { span, message });
        self
    }

    /// The same problem with an edit that fixes it.
    #[must_use]
    pub fn fix(mut self, label: String, span: Span, replacement: String) -> Self {
        self.fix = Some(Fix {
            label,
            start: span.start.byte,
            end: span.end.byte,
            replacement,
        });
        self
    }
}

/// Limit of problems of one kind in one object; the rest is dropped.
pub const MAX_PROBLEMS: usize = 100;

/// Limit of problems of a whole text; if there are more, the last one says so.
pub const MAX_DIAGNOSTICS: usize = 1_000;

/// Orders problems by position, then by severity. If there are too many, errors are kept before
/// warnings, and warnings before the rest.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    bound(diagnostics);
    diagnostics.sort_by_key(|problem| {
        let Span { source, start, end } = problem.span;
        (source, start.byte, problem.severity, end.byte)
    });
}

/// Keeps the most severe of too many problems, and appends one that says that there are more.
fn bound(diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.len() <= MAX_DIAGNOSTICS + 1 {
        return;
    }
    let mut span = Span::default();
    let mut room = MAX_DIAGNOSTICS;
    let mut kept = [0; 3];
    for (kept, severity) in
        kept.iter_mut()
            .zip([Severity::Error, Severity::Warning, Severity::Info])
    {
        let these = diagnostics
            .iter()
            .filter(|problem| problem.severity == severity);
        *kept = these.count().min(room);
        room -= *kept;
    }
    diagnostics.retain(|problem| {
        span = span.max(problem.span);
        let left = &mut kept[problem.severity as usize];
        let keep = *left > 0;
        *left -= usize::from(keep);
        keep
    });
    let message = format!("there are more than these {MAX_DIAGNOSTICS} problems: fix some first");
    diagnostics.push(Diagnostic::new(
        Severity::Info,
        "more-problems",
        span,
        FieldPath::default(),
        message,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_has_a_line_and_a_column() {
        #[track_caller]
        fn check(byte: usize, line: usize, column: usize, begins: usize) {
            let found = Position::of("a\né: b\n", byte);
            assert_eq!(
                (found.line, found.column, found.byte),
                (line, column, begins)
            );
        }
        check(0, 1, 1, 0);
        check(1, 1, 2, 1);
        check(2, 2, 1, 2);
        check(3, 2, 1, 2);
        check(4, 2, 2, 4);
        check(99, 3, 1, 8);
    }
}
