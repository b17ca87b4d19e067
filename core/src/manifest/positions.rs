//! Converts the parser's marks to positions in the whole text: bytes, lines and columns.

use saphyr_parser::Marker;

use super::diagnostic::{Position, Span};
use super::source::SourceId;

/// Turns character offsets within a part of a text into places in the whole text.
pub(super) struct Places<'a> {
    text: &'a str,
    pub(super) source: SourceId,
    pub(super) origin: Position,
    ascii: bool,
    /// Character offsets at which lines begin.
    lines: Vec<usize>,
    /// A character offset whose byte offset is known; neighbors are found from it.
    known: (usize, usize),
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, source: SourceId, origin: Position) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.chars()
                .enumerate()
                .filter(|(_, c)| *c == '\n')
                .map(|(at, _)| at + 1),
        );
        Self {
            text,
            source,
            origin,
            ascii: text.is_ascii(),
            lines,
            known: (0, 0),
        }
    }

    fn byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        let (mut at, mut byte) = self.known;
        if index >= at {
            for c in self.text[byte..].chars().take(index - at) {
                byte += c.len_utf8();
            }
        } else {
            for c in self.text[..byte].chars().rev().take(at - index) {
                byte -= c.len_utf8();
            }
        }
        at = index;
        self.known = (at, byte);
        byte
    }

    pub(super) fn position(&mut self, marker: Marker) -> Position {
        let byte = self.byte(marker.index());
        // Counted here because the parser's own lines also end at a lone carriage return.
        let line = self.lines.partition_point(|start| *start <= marker.index()) - 1;
        let column = marker.index() - self.lines[line] + 1;
        Position {
            byte: self.origin.byte + byte,
            line: self.origin.line + line,
            column,
        }
    }

    pub(super) fn at(&mut self, marker: Marker) -> Span {
        Span::at(self.source, self.position(marker))
    }

    /// A span without the blank space that the parser counts to some values.
    pub(super) fn span(&mut self, start: Marker, end: Marker) -> Span {
        let (start, mut end) = (self.position(start), end);
        let end_byte = self.byte(end.index());
        let covered = &self.text[(start.byte - self.origin.byte).min(end_byte)..end_byte];
        let blank = covered.len() - covered.trim_end().len();
        let blank_chars = covered[covered.len() - blank..].chars().count();
        end = Marker::new(end.index() - blank_chars, end.line(), end.col());
        Span {
            source: self.source,
            start,
            end: self.position(end),
        }
    }
}
