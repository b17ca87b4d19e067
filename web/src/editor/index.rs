//! An index of a text's lines, updated where the text changed, so that any of them can be highlighted
//! without reading the text before them.

use std::ops::Range;

use super::lines::{Line, Marked, pieces};
use super::tokens::Context;
use crate::session::history::change;

/// Where a line begins, and what the tokenizer knows there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    byte: usize,
    context: Context,
    /// An upper bound of the line's width in columns.
    width: usize,
}

/// The lines of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    text: String,
    starts: Vec<Start>,
}

impl Default for Index {
    fn default() -> Self {
        let start = Start {
            byte: 0,
            context: Context::default(),
            width: 0,
        };
        Self {
            text: String::new(),
            starts: vec![start],
        }
    }
}

impl Index {
    /// Follows a change of the text; returns whether there is one.
    pub fn update(&mut self, text: &str) -> bool {
        if self.text == text {
            return false;
        }
        let change = change(&self.text, text);
        let (old, new) = (self.text.len(), text.len());
        let head = change.start;
        // The line that the change begins in keeps its start.
        let kept = self.starts.partition_point(|start| start.byte <= head);
        let first = self.starts[kept - 1];
        // Later lines that follow an unchanged line break move along.
        let moved = self
            .starts
            .partition_point(|start| start.byte <= change.end_before)
            .max(kept);
        let shifted = |start: &Start| start.byte + new - old;
        let mut fresh = Vec::new();
        let mut rest = self.starts[moved..].iter().peekable();
        let mut next = Some((first.byte, first.context));
        while let Some((byte, mut context)) = next {
            while rest.next_if(|start| shifted(start) < byte).is_some() {}
            let known = rest.peek();
            if known.is_some_and(|start| shifted(start) == byte && start.context == context) {
                break;
            }
            let line = line_at(text, byte);
            fresh.push(Start {
                byte,
                context,
                width: width(line),
            });
            context.skip(line);
            let end = byte + line.len();
            next = (end < text.len()).then_some((end + 1, context));
        }
        // Without a next line the end was reached, and nothing that was known follows.
        if next.is_some() {
            fresh.extend(rest.map(|start| Start {
                byte: shifted(start),
                ..*start
            }));
        }
        self.starts.truncate(kept - 1);
        self.starts.append(&mut fresh);
        text.clone_into(&mut self.text);
        true
    }

    /// The number of lines, at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The first byte of a line, counted from 0.
    #[must_use]
    pub fn start(&self, line: usize) -> Option<usize> {
        self.starts.get(line).map(|start| start.byte)
    }

    /// The line that a byte is on, counted from 0.
    #[must_use]
    pub fn line_of(&self, byte: usize) -> usize {
        let after = self.starts.partition_point(|start| start.byte <= byte);
        after.saturating_sub(1)
    }

    /// An upper bound of the width of the widest line, in columns of a monospaced font.
    #[must_use]
    pub fn width(&self) -> usize {
        let widths = self.starts.iter().map(|start| start.width);
        widths.max().unwrap_or_default()
    }

    /// The lines in `range`, counted from 0, with the problems in them marked.
    #[must_use]
    pub fn lines(&self, range: Range<usize>, marks: &[Marked]) -> Vec<Line> {
        let end = range.end.min(self.count());
        let lines = &self.starts[range.start.min(end)..end];
        let line = |start: &Start| {
            let mut context = start.context;
            let line = line_at(&self.text, start.byte);
            pieces(line, start.byte, &mut context, marks)
        };
        lines
            .iter()
            .map(|start| Line {
                pieces: line(start),
            })
            .collect()
    }
}

fn line_at(text: &str, start: usize) -> &str {
    let rest = &text[start..];
    rest.find('\n').map_or(rest, |end| &rest[..end])
}

/// A tab and what is not ASCII may be two columns wide.
fn width(line: &str) -> usize {
    let wide = |c: char| if c == '\t' || !c.is_ascii() { 2 } else { 1 };
    line.chars().map(wide).sum()
}

#[cfg(test)]
mod tests {
    use super::super::lines::{Mark, lines};
    use super::*;

    #[track_caller]
    fn check(index: &Index, text: &str) {
        let mut anew = Index::default();
        anew.update(text);
        assert_eq!(*index, anew, "{text:?}");
        let mark = Marked {
            start: text.len() / 3,
            end: text.len() / 2,
            mark: Mark::Error,
        };
        let all = lines(text, &[mark]);
        assert_eq!(index.lines(0..usize::MAX, &[mark]), all, "{text:?}");
        let some = index.count() / 3..index.count() / 2 + 1;
        assert_eq!(index.lines(some.clone(), &[mark]), all[some], "{text:?}");
    }

    #[test]
    fn an_updated_index_equals_a_new_one() {
        let pieces = [
            "", "a: 1", "\n", "b: |\n", "  c: {", "}\n", "é", "\t- [x", "]\n\n", "---\n",
        ];
        let mut index = Index::default();
        let mut text = String::new();
        check(&index, &text);
        for step in 0..3000_usize {
            let floor = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let from = floor(step * 7919 % (text.len() + 1));
            let to = floor((from + step % 13).min(text.len()));
            let piece = pieces[(step * 31 + step / 10) % pieces.len()];
            text.replace_range(from..to, if text.len() > 200 { "" } else { piece });
            index.update(&text);
            check(&index, &text);
        }
        assert!(!index.update(&text));
    }

    #[test]
    fn a_line_is_found_by_its_number() {
        let mut index = Index::default();
        index.update("a\né: x\n");
        assert_eq!(index.count(), 3);
        assert_eq!(index.start(1), Some(2));
        assert_eq!(index.start(3), None);
        assert_eq!(index.width(), 5);
    }
}
