//! Reads texts into documents in slices of work.

use std::fmt;
use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::document::{Document, Parts, Reader, too_long};
use super::source::{Source, SourceId};
use super::yaml::{MAX_NODES, Scan};

/// Texts that are being read. Dropping it cancels the reading.
///
/// A unit of work takes some 10 to 20 ns on a typical computer, as a unit of a simulation does. The
/// result does not depend on the slices:
///
/// ```
/// use hpa_core::manifest::{Reading, Source, read};
///
/// let text = "kind: Pod\napiVersion: v1\n---\nkind: [";
/// let mut reading = Reading::new(&[Source::from(text)]);
/// while !reading.advance(1_000) {
///     assert!(reading.fraction() < 1.0);
///     // Here a page paints.
/// }
/// assert_eq!(reading.finish(), read(text));
/// ```
pub struct Reading {
    /// Each with a text that it shares.
    sources: Vec<Source<'static>>,
    reader: Reader,
    /// Which source is being read.
    source: usize,
    /// How many bytes the sources have up to this one.
    length: usize,
    /// How many bytes all sources have.
    total: usize,
    current: Option<Current>,
}

/// What is being read of a source.
struct Current {
    parts: Parts,
    /// Which document is next.
    index: usize,
    scan: Option<Scan>,
    /// The first byte of the part that is being read, and the first after it.
    part: Range<usize>,
}

impl Reading {
    /// Begins to read these texts, which are copied unless they are [shared](Source::into_shared).
    #[must_use]
    pub fn new(sources: &[Source<'_>]) -> Self {
        Self {
            sources: sources.iter().cloned().map(Source::into_shared).collect(),
            reader: Reader::new(),
            source: 0,
            length: 0,
            total: sources.iter().map(|source| source.text().len()).sum(),
            current: None,
        }
    }

    /// Does about this much work. Says whether all is read.
    ///
    /// A slice ends between two values of a document. One value is read at once, however long its text
    /// is, and so is a list or map in brackets where a key may be, because it may be one.
    pub fn advance(&mut self, work: u64) -> bool {
        let mut done: u64 = 0;
        while self.source < self.sources.len() {
            done = done.saturating_add(self.step() as u64);
            if done >= work {
                break;
            }
        }
        self.source >= self.sources.len()
    }

    /// How much of the texts has been read [0..1].
    #[expect(clippy::cast_precision_loss, reason = "a text has a few megabytes")]
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.source >= self.sources.len() {
            return 1.0;
        }
        let before = self.sources[..self.source].iter();
        let before: usize = before.map(|source| source.text().len()).sum();
        let scanned = self.current.as_ref().map_or(0, |current| {
            let Range { start, end } = current.part.clone();
            let scan = current.scan.as_ref();
            scan.map_or(end, |scan| end.min(start + scan.read()))
        });
        ((before + scanned) as f64 / (self.total + 1) as f64).min(1.0)
    }

    /// Reads the rest. Gives the documents of all texts in their order and the problems; documents that
    /// cannot be read are missing.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Document>, Vec<Diagnostic>) {
        self.advance(u64::MAX);
        (self.reader.documents, self.reader.diagnostics)
    }

    /// Does a small piece of work, and gives its cost.
    fn step(&mut self) -> usize {
        const PART: usize = 100;
        /// How many bytes of a part cost a unit, to find its end and to copy it.
        const BYTES: usize = 64;
        let id = SourceId::new(self.source);
        let text = self.sources[self.source].text();
        let Some(current) = &mut self.current else {
            self.length += text.len();
            if let Some(problem) = too_long(id, self.length) {
                self.reader.diagnostics.push(problem);
                self.source = self.sources.len();
            } else {
                self.current = Some(Current {
                    parts: Parts::of(text),
                    index: 0,
                    scan: None,
                    part: 0..0,
                });
            }
            return PART;
        };
        if let Some(scan) = &mut current.scan {
            let (cost, read) = scan.step();
            if let Some(read) = read {
                self.reader.take(current.index, read, text);
                current.scan = None;
                current.index += 1;
            }
            return cost;
        }
        match current.parts.next(text) {
            Some((origin, part)) if self.reader.admit(id, origin) => {
                current.part = origin.byte..origin.byte + part.len();
                current.scan = Some(Scan::new(part, id, origin, MAX_NODES));
                PART + part.len() / BYTES
            }
            _ => {
                self.current = None;
                self.source += 1;
                PART
            }
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("fraction", &self.fraction())
            .finish_non_exhaustive()
    }
}
