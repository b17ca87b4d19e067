//! Collects the problems of an experiment document with their positions.

use crate::cluster::{InvalidSetup, MAX_PODS, value_ranges};
use hpa_core::manifest::{self, Diagnostic, Document, FieldPath, Severity, Span};
use hpa_core::time::SignedDuration;

/// The maximum duration of a run.
pub const MAX_DURATION: SignedDuration = *value_ranges::DURATION.end();
/// The maximum number of points of all recorded series together.
pub(super) const MAX_POINTS: usize = 400_000;

/// The problems of a document.
pub(super) struct Problems<'a> {
    pub(super) document: Option<&'a Document>,
    pub(super) list: Vec<Diagnostic>,
    /// The remaining budget of recorded points: a few characters can stand for many.
    pub(super) points_left: usize,
}

impl<'a> Problems<'a> {
    /// The problems of a document after these ones.
    pub(super) const fn new(document: Option<&'a Document>, list: Vec<Diagnostic>) -> Self {
        Self {
            document,
            list,
            points_left: MAX_POINTS,
        }
    }
}

impl Problems<'_> {
    /// The span of `path` in the document; the start of the text if there is no document.
    fn span(&self, path: &FieldPath) -> Span {
        self.document
            .map_or(Span::default(), |document| document.locate(path))
    }

    /// Whether there is an error so far.
    pub(super) fn has_errors(&self) -> bool {
        let mut list = self.list.iter();
        list.any(|problem| problem.severity == Severity::Error)
    }

    pub(super) fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: &FieldPath,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        // Most of so many are dropped in the end: skip the search for their positions.
        let span = if self.list.len() > manifest::MAX_DIAGNOSTICS {
            Span::default()
        } else {
            self.span(path)
        };
        self.list
            .push(Diagnostic::new(severity, code, span, path.clone(), message));
        // It was just pushed.
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    pub(super) fn error(
        &mut self,
        path: &FieldPath,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Error, "invalid-experiment", path, message)
    }

    pub(super) fn hint(&mut self, path: &FieldPath, message: impl Into<String>, hint: &str) {
        self.error(path, message).hint = Some(hint.to_owned());
    }

    /// Reports the problems of the setup as a whole. After an error, values have been replaced by the
    /// nearest valid ones, and only their combined cost is still reported.
    pub(super) fn invalid(&mut self, invalid: &InvalidSetup) {
        let refused = self.has_errors();
        for problem in invalid.problems() {
            if !refused || problem.kind.is_about_the_whole() {
                let hint = problem.kind.advice().map(str::to_owned);
                self.error(&problem.field, problem.kind.to_string()).hint = hint;
            }
        }
    }

    /// Reports that exactly one of these fields must be set.
    pub(super) fn not_one(&mut self, path: &FieldPath, message: &str, fields: &[&str]) {
        if let [most @ .., last] = fields {
            self.hint(path, message, &format!("{} or {last}", most.join(", ")));
        }
    }

    /// Refuses a value outside its range, and returns the nearest valid one.
    pub(super) fn within(&mut self, path: &FieldPath, value: f64, low: f64, high: f64) -> f64 {
        if value >= low && value <= high {
            return value;
        }
        self.error(path, format!("{value} is not between {low} and {high}"));
        if value > high { high } else { low }
    }

    /// Refuses a count outside its range, and returns the nearest valid one.
    pub(super) fn count(&mut self, path: &FieldPath, value: u32, low: u32, high: u32) -> u32 {
        if value < low || value > high {
            self.error(path, format!("{value} is not between {low} and {high}"));
        }
        value.clamp(low, high)
    }

    /// Refuses a replica count that no cluster runs, and returns the nearest valid one.
    pub(super) fn replicas(&mut self, path: &FieldPath, value: i32) -> i32 {
        if !(0..=MAX_PODS.cast_signed()).contains(&value) {
            self.error(path, format!("{value} is not between 0 and {MAX_PODS}"));
        }
        value.clamp(0, MAX_PODS.cast_signed())
    }

    /// Refuses a duration outside its range, and returns the nearest valid one.
    pub(super) fn time(
        &mut self,
        path: &FieldPath,
        value: SignedDuration,
        low: SignedDuration,
        high: SignedDuration,
    ) -> SignedDuration {
        if value >= low && value <= high {
            return value;
        }
        self.error(path, format!("{value} is not between {low} and {high}"));
        value.clamp(low, high)
    }
}
