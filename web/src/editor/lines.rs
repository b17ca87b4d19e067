//! Splits a text into lines of highlighted pieces, with problems marked.

use super::tokens::{Context, Kind};

/// The severity of a marked problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A hint.
    Hint,
    /// Valid, but likely not intended.
    Warning,
    /// Invalid.
    Error,
}

/// The byte range of a problem in the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// First byte.
    pub start: usize,
    /// Byte after the last; an empty range is shown at the end of its line.
    pub end: usize,
    /// Its severity.
    pub mark: Mark,
}

/// A piece of a line with uniform highlighting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Its kind; `None` for whitespace.
    pub kind: Option<Kind>,
    /// The most severe problem here.
    pub mark: Option<Mark>,
}

/// One line, its pieces in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The pieces; their texts concatenate to the line.
    pub pieces: Vec<Piece>,
}

impl Line {
    /// The most severe problem on this line.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        self.pieces.iter().filter_map(|piece| piece.mark).max()
    }
}

/// The pieces of a line that begins at byte `start` of the text, after the lines that `context` knows.
pub(super) fn pieces(
    line: &str,
    start: usize,
    context: &mut Context,
    marks: &[Marked],
) -> Vec<Piece> {
    let tokens = context.line(line);
    let here: Vec<Marked> = marks
        .iter()
        .filter_map(|mark| within(*mark, line, start))
        .collect();
    let edges = tokens.iter().flat_map(|token| [token.start, token.end]);
    let mut cuts: Vec<usize> = [0, line.len()]
        .into_iter()
        .chain(edges)
        .chain(here.iter().flat_map(|mark| [mark.start, mark.end]))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut tokens = tokens.iter().peekable();
    let mut pieces: Vec<Piece> = cuts
        .windows(2)
        .map(|cut| {
            while tokens.next_if(|token| token.end <= cut[0]).is_some() {}
            let token = tokens.peek().filter(|token| token.start <= cut[0]);
            Piece {
                text: line[cut[0]..cut[1]].to_owned(),
                kind: token.map(|token| token.kind),
                mark: here
                    .iter()
                    .filter(|mark| mark.start <= cut[0] && cut[1] <= mark.end)
                    .map(|mark| mark.mark)
                    .max(),
            }
        })
        .collect();
    // An empty range (a missing value) needs a visible piece to be marked.
    if let Some(mark) = here
        .iter()
        .filter(|mark| mark.start == mark.end)
        .map(|mark| mark.mark)
        .max()
    {
        pieces.push(Piece {
            text: " ".to_owned(),
            kind: None,
            mark: Some(mark),
        });
    }
    pieces
}

/// The part of a mark on one line, in bytes of the line, at character boundaries.
fn within(mark: Marked, line: &str, start: usize) -> Option<Marked> {
    let last = start + line.len();
    if mark.start > last || mark.end < start || (mark.end == start && mark.start < start) {
        return None;
    }
    let indent = line.len() - line.trim_start().len();
    let from = floor(
        line,
        mark.start.saturating_sub(start).max(indent.min(line.len())),
    );
    let to = floor(line, mark.end.min(last).saturating_sub(start)).max(from);
    (from < to || mark.start >= start).then_some(Marked {
        start: from,
        end: to,
        mark: mark.mark,
    })
}

fn floor(line: &str, position: usize) -> usize {
    let mut position = position.min(line.len());
    while !line.is_char_boundary(position) {
        position -= 1;
    }
    position
}

/// The position in UTF-16 units, which browsers count in, of a byte of `text`.
#[must_use]
pub fn utf16(text: &str, byte: usize) -> u32 {
    let head = &text[..floor(text, byte)];
    // Much faster, which counts at the end of a text of a megabyte.
    let units = if head.is_ascii() {
        head.len()
    } else {
        head.chars().map(char::len_utf16).sum()
    };
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The byte of `text` at a position in UTF-16 units; the end of the text for one beyond it.
#[must_use]
pub fn byte(text: &str, units: u32) -> usize {
    let head = text.as_bytes().get(..units as usize);
    if head.is_some_and(<[u8]>::is_ascii) {
        return units as usize;
    }
    let mut seen = 0;
    let mut places = text.char_indices();
    let found = places.find(|(_, c)| {
        let here = seen;
        seen += u32::try_from(c.len_utf16()).unwrap_or(2);
        here >= units
    });
    found.map_or(text.len(), |(byte, _)| byte)
}

/// The byte at which line `number` (from 1) begins; the end of the text for a line beyond it.
#[must_use]
pub fn line_start(text: &str, number: usize) -> usize {
    let Some(breaks) = number.checked_sub(2) else {
        return 0;
    };
    text.match_indices('\n')
        .nth(breaks)
        .map_or(text.len(), |(position, _)| position + 1)
}

/// The lines of a text, one after the other.
#[cfg(test)]
pub(super) fn lines(text: &str, marks: &[Marked]) -> Vec<Line> {
    let mut context = Context::default();
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let pieces = pieces(line, start, &mut context, marks);
            start += line.len() + 1;
            Line { pieces }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, marks: &[Marked]) -> Vec<String> {
        lines(text, marks)
            .iter()
            .map(|line| {
                line.pieces
                    .iter()
                    .map(|piece| match piece.mark {
                        Some(Mark::Error) => format!("<{}>", piece.text),
                        Some(_) => format!("({})", piece.text),
                        None => piece.text.clone(),
                    })
                    .collect()
            })
            .collect()
    }

    #[track_caller]
    fn check(text: &str, marks: &[(usize, usize, Mark)], expected: &[&str]) {
        let marks: Vec<Marked> = marks
            .iter()
            .map(|&(start, end, mark)| Marked { start, end, mark })
            .collect();
        assert_eq!(show(text, &marks), expected);
    }

    #[test]
    fn problems_are_marked_in_place() {
        check("a: 1\nbb: x", &[(8, 9, Mark::Error)], &["a: 1", "bb:< >x"]);
        check("a: 1\nbb: x", &[(9, 10, Mark::Error)], &["a: 1", "bb: <x>"]);
        check(
            "a: 1",
            &[(0, 4, Mark::Warning), (3, 4, Mark::Error)],
            &["(a)(:)( )<1>"],
        );
    }

    #[test]
    fn a_multi_line_problem_leaves_out_the_indentation() {
        check(
            "a:\n  b: 1\nc: 2",
            &[(3, 9, Mark::Error)],
            &["a:", "  <b><:>< ><1>", "c: 2"],
        );
        check(
            "a:\n  b:\nc: 2",
            &[(0, 8, Mark::Error)],
            &["<a><:>", "  <b><:>", "c: 2"],
        );
    }

    #[test]
    fn an_empty_range_is_marked_at_the_end_of_the_line() {
        check("a:\nb: 1", &[(2, 2, Mark::Error)], &["a:< >", "b: 1"]);
        check("", &[(0, 0, Mark::Error)], &["< >"]);
    }

    #[test]
    fn a_range_may_split_a_character_or_exceed_the_text() {
        check("é: x", &[(1, 2, Mark::Error)], &["<é>: x"]);
        check("a", &[(7, 9, Mark::Error)], &["a"]);
    }

    #[test]
    fn positions_are_counted_as_browsers_do() {
        assert_eq!(utf16("aé😀b", 7), 4);
        assert_eq!(utf16("abc", 99), 3);
        assert_eq!(byte("aé😀b", 4), 7);
        assert_eq!(byte("abc", 99), 3);
        assert_eq!(byte("abc", 2), 2);
        assert_eq!(byte("abé", 2), 2);
        assert_eq!(byte("abéd", 3), 4);
        assert_eq!(line_start("a\nbc\nd", 1), 0);
        assert_eq!(line_start("a\nbc\nd", 2), 2);
        assert_eq!(line_start("a\nbc\nd", 3), 5);
        assert_eq!(line_start("a\nbc\nd", 9), 6);
    }
}
