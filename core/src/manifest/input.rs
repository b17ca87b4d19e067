//! The YAML parser's input: a text that it shares, in a form that the parser can read piece by piece.

use std::sync::Arc;

use saphyr_parser::Input;

/// How much the scanner looks ahead at a time, as with the parser's own input of texts.
const LOOKAHEAD: usize = 128;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text and how far the parser has read it.
pub(super) struct Text {
    whole: Arc<str>,
    /// The next byte.
    at: usize,
    /// The longest lookahead that the scanner has asked for.
    lookahead: usize,
    ascii: bool,
}

impl Text {
    pub(super) fn new(text: Arc<str>) -> Self {
        Self {
            ascii: text.is_ascii(),
            whole: text,
            at: 0,
            lookahead: 0,
        }
    }

    fn rest(&self) -> &str {
        self.whole.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        match self.whole.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.rest().chars().next(),
            None => None,
        }
    }
}

/// Whether a character is neither the end of a line, nor of the text, nor a byte order mark.
fn goes_on(c: char) -> bool {
    !matches!(c, '\n' | '\r' | '\0' | BYTE_ORDER_MARK)
}

/// Beyond the end all characters are `\0`.
impl Input for Text {
    fn lookahead(&mut self, count: usize) {
        self.lookahead = self.lookahead.max(count);
    }

    fn buflen(&self) -> usize {
        self.lookahead
    }

    fn bufmaxlen(&self) -> usize {
        LOOKAHEAD
    }

    fn raw_read_ch(&mut self) -> char {
        let next = self.peek();
        self.skip();
        next
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let next = self.next().filter(|c| goes_on(*c))?;
        self.skip();
        Some(next)
    }

    fn skip(&mut self) {
        self.at += self.next().map_or(0, char::len_utf8);
    }

    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    fn peek(&self) -> char {
        self.next().unwrap_or('\0')
    }

    fn peek_nth(&self, n: usize) -> char {
        if self.ascii {
            let byte = self.whole.as_bytes().get(self.at + n);
            return byte.map_or('\0', |byte| char::from(*byte));
        }
        self.rest().chars().nth(n).unwrap_or('\0')
    }

    fn peek_opt(&self) -> Option<char> {
        self.next()
    }

    /// Skips a comment, of which there may be a megabyte.
    fn skip_while_non_breakz(&mut self) -> usize {
        let rest = self.rest();
        let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let skipped = if self.ascii {
            length
        } else {
            rest[..length].chars().count()
        };
        self.at += length;
        skipped
    }
}

/// The text of a document in brackets such that the parser does not read all of it before its first
/// event, and how many characters have been inserted before it.
///
/// Brackets that begin a line may be a key, which the parser knows only after their end; behind `---`
/// they may not. What stands before them, blank space and comments, becomes spaces.
pub(super) fn in_braces(text: &str) -> Option<(String, usize)> {
    const START: &str = "---";
    let marked = text.strip_prefix(START);
    let after = marked.unwrap_or(text);
    let mut rest = after;
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r']);
        let Some(comment) = rest.strip_prefix('#') else {
            break;
        };
        let end = comment.find(['\n', '\r', '\0', '\u{feff}']);
        rest = end.map_or("", |end| &comment[end..]);
    }
    if !rest.starts_with(['{', '[']) {
        return None;
    }
    let before = &after[..after.len() - rest.len()];
    if marked.is_some() && !before.starts_with([' ', '\n', '\r']) {
        return None;
    }
    let inserted = if marked.is_some() { 0 } else { START.len() + 1 };
    let mut out = String::with_capacity(text.len() + inserted);
    out.push_str(START);
    let spaces = before.chars().count() + usize::from(marked.is_none());
    out.extend(std::iter::repeat_n(' ', spaces));
    out.push_str(rest);
    Some((out, inserted))
}
