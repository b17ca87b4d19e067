//! Converts the parser's marks to positions in the whole text: bytes, lines and columns.

use std::sync::Arc;

use saphyr_parser::Marker;

use super::diagnostic::{Position, Span};
use super::source::SourceId;

/// Turns character offsets within a part of a text into places in the whole text.
pub(super) struct Places {
    pub(super) text: Arc<str>,
    pub(super) source: SourceId,
    pub(super) origin: Position,
    /// How many characters the parser has been given before the part.
    inserted: usize,
    ascii: bool,
    /// Character offsets at which lines begin, as far as the part has been searched for them.
    lines: Vec<usize>,
    /// How far that is: characters and bytes.
    searched: (usize, usize),
    /// A character offset whose byte offset is known; neighbors are found from it.
    known: (usize, usize),
}

impl Places {
    pub(super) fn new(text: Arc<str>, source: SourceId, origin: Position, inserted: usize) -> Self {
        Self {
            ascii: text.is_ascii(),
            text,
            source,
            origin,
            inserted,
            lines: vec![0],
            searched: (0, 0),
            known: (0, 0),
        }
    }

    /// The character offset of a mark.
    fn index(&self, marker: Marker) -> usize {
        marker.index().saturating_sub(self.inserted)
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

    /// The line of a character, counted from 0, and the character at which it begins.
    ///
    /// Counted here because the parser's own lines also end at a lone carriage return.
    fn line(&mut self, index: usize) -> (usize, usize) {
        let (mut at, mut byte) = self.searched;
        if self.ascii {
            let upto = index.min(self.text.len()).max(byte);
            let new = self.text.as_bytes()[byte..upto].iter().enumerate();
            let breaks = new.filter(|(_, c)| **c == b'\n');
            self.lines.extend(breaks.map(|(offset, _)| at + offset + 1));
            (at, byte) = (upto, upto);
        } else {
            for c in self.text[byte..].chars().take(index.saturating_sub(at)) {
                at += 1;
                byte += c.len_utf8();
                if c == '\n' {
                    self.lines.push(at);
                }
            }
        }
        self.searched = (at, byte);
        let line = self.lines.partition_point(|start| *start <= index) - 1;
        (line, self.lines[line])
    }

    pub(super) fn position(&mut self, marker: Marker) -> Position {
        let index = self.index(marker);
        self.position_of(index)
    }

    fn position_of(&mut self, index: usize) -> Position {
        let byte = self.byte(index);
        let (line, start) = self.line(index);
        Position {
            byte: self.origin.byte + byte,
            line: self.origin.line + line,
            column: index - start + 1,
        }
    }

    pub(super) fn at(&mut self, marker: Marker) -> Span {
        Span::at(self.source, self.position(marker))
    }

    /// A span without the blank space that the parser counts to some values.
    pub(super) fn span(&mut self, start: Marker, end: Marker) -> Span {
        let (start, end) = (self.position(start), self.index(end));
        let end_byte = self.byte(end);
        let covered = &self.text[(start.byte - self.origin.byte).min(end_byte)..end_byte];
        let blank = covered.len() - covered.trim_end().len();
        let blank_chars = covered[covered.len() - blank..].chars().count();
        Span {
            source: self.source,
            start,
            end: self.position_of(end - blank_chars),
        }
    }
}
