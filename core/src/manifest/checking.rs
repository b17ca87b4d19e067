//! Decodes, defaults, validates and lints documents in slices of work.

use std::vec::IntoIter;

use super::diagnostic::{Diagnostic, Severity, Span, sort};
use super::document::Document;
use super::lint::Lint;
use super::source::Source;
use super::{Object, Options, Parsed, Verdict, take_in};

/// Documents that are being decoded, defaulted, validated and linted. Dropping it cancels that.
///
/// The result does not depend on the slices, whose units of work are those of [`super::Reading`]:
///
/// ```
/// use hpa_core::manifest::{Checking, Options, Source, parse_sources, read_sources};
///
/// let sources = [Source::from("apiVersion: apps/v1\nkind: Deployment\n")];
/// let mut checking = Checking::new(&sources, read_sources(&sources), &Options::default());
/// while !checking.advance(1_000) {}
/// assert_eq!(checking.finish(), parse_sources(&sources, &Options::default()));
/// ```
#[derive(Debug)]
pub struct Checking {
    sources: Vec<Source<'static>>,
    options: Options,
    documents: IntoIter<Document>,
    /// How many documents there were.
    total: usize,
    /// Where something could not be read.
    unread: Vec<Span>,
    objects: Vec<Object>,
    diagnostics: Vec<Diagnostic>,
    lint: Option<Lint>,
    done: bool,
}

impl Checking {
    /// Begins with texts that have been [read](super::read_sources); they are copied unless they are
    /// [shared](Source::into_shared).
    #[must_use]
    pub fn new(
        sources: &[Source<'_>],
        (documents, diagnostics): (Vec<Document>, Vec<Diagnostic>),
        options: &Options,
    ) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        Self {
            sources: sources.iter().cloned().map(Source::into_shared).collect(),
            options: *options,
            total: documents.len(),
            unread: errors.map(|problem| problem.span).collect(),
            objects: Vec::with_capacity(documents.len()),
            documents: documents.into_iter(),
            diagnostics,
            lint: None,
            done: false,
        }
    }

    /// Does about this much work. Says whether all is done.
    ///
    /// A slice ends between two documents, or between two that are compared with all others.
    pub fn advance(&mut self, work: u64) -> bool {
        let mut done: u64 = 0;
        while !self.done {
            done = done.saturating_add(self.step() as u64);
            if done >= work {
                break;
            }
        }
        self.done
    }

    /// How much has been done [0..1].
    #[expect(clippy::cast_precision_loss, reason = "there are at most thousands")]
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.done {
            return 1.0;
        }
        let linted = self.lint.as_ref().map_or(0.0, Lint::fraction);
        (self.objects.len() as f64 / (self.total + 1) as f64).midpoint(linted)
    }

    /// Does the rest. Gives the objects and all problems.
    #[must_use]
    pub fn finish(mut self) -> Parsed {
        self.advance(u64::MAX);
        Parsed {
            objects: self.objects,
            diagnostics: self.diagnostics,
        }
    }

    /// Does a small piece of work, and gives its cost.
    fn step(&mut self) -> usize {
        const OBJECT: usize = 500;
        /// What comparing a problem with others costs.
        const PROBLEM: usize = 10;
        if let Some(document) = self.documents.next() {
            let cost = OBJECT + document.root.span.range().len();
            let object = self.take(document);
            self.objects.push(object);
            return cost;
        }
        let lint = self
            .lint
            .get_or_insert_with(|| Lint::new(&self.objects, self.options));
        let problems = &mut self.diagnostics;
        if let Some(cost) = lint.step(&self.sources, &self.objects, problems) {
            return cost;
        }
        sort(problems);
        // Upstream's validation says some things twice.
        problems.dedup();
        self.done = true;
        OBJECT + PROBLEM * problems.len()
    }

    fn take(&mut self, document: Document) -> Object {
        let within = |span: &Span| document.root.span.contains(span);
        let known = self.diagnostics.len();
        let (resource, defaulted) = take_in(&document, self.options, &mut self.diagnostics);
        let mut found = self.diagnostics[known..].iter();
        let refused = found.any(|problem| problem.severity == Severity::Error)
            || self.unread.iter().any(within);
        Object {
            document,
            resource,
            verdict: if refused {
                Verdict::Rejected
            } else {
                Verdict::Accepted
            },
            defaulted,
        }
    }
}
