//! A tokenizer for highlighting YAML: keys, numbers, comments and so on.
//!
//! It only has to look right, also for invalid text; the parser decides what a text means.

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A mapping's key.
    Key,
    /// Quoted text and block scalars.
    Quoted,
    /// A number or a quantity.
    Number,
    /// `true`, `false`, `null`.
    Word,
    /// Any other scalar.
    Plain,
    /// `-`, `:`, brackets, anchors and tags.
    Mark,
    /// From `#` to the end of the line.
    Comment,
    /// `---` and `...`.
    Separator,
}

/// A piece of a line: bytes from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Its kind.
    pub kind: Kind,
}

/// The state carried over from previous lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Inside a block scalar (`|` or `>`): the indentation of its key.
    block: Option<usize>,
    /// The number of open brackets.
    depth: usize,
}

impl Context {
    /// The tokens of the next line, without its line break. Whitespace is left out.
    pub fn line(&mut self, line: &str) -> Vec<Token> {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if let Some(parent) = self.block {
            if indent > parent || line.trim().is_empty() {
                return whole(line, indent, Kind::Quoted);
            }
            self.block = None;
        }
        if line.starts_with("---") || line.starts_with("...") {
            self.depth = 0;
            return whole(line, 0, Kind::Separator);
        }
        let mut tokens = Vec::new();
        let mut position = 0;
        while let Some(start) = next_start(line, position) {
            position = self.token(line, start, indent, &mut tokens);
        }
        tokens
    }

    /// Reads over a line of which no tokens are needed.
    pub fn skip(&mut self, line: &str) {
        // In most lines no character can change the state.
        let plain = self.block.is_none() && self.depth == 0;
        if !plain || line.contains(['{', '[', '|', '>']) {
            self.line(line);
        }
    }

    /// Reads the token at `start` and returns the position after it.
    fn token(&mut self, line: &str, start: usize, indent: usize, tokens: &mut Vec<Token>) -> usize {
        let rest = &line[start..];
        let first = rest.chars().next().unwrap_or(' ');
        let spaced = start == 0 || line[..start].ends_with([' ', '\t']);
        let mut push = |end: usize, kind| {
            tokens.push(Token { start, end, kind });
            end
        };
        match first {
            '#' if spaced => push(line.len(), Kind::Comment),
            '-' if rest[1..].is_empty() || rest[1..].starts_with(' ') => {
                push(start + 1, Kind::Mark)
            }
            '{' | '[' => {
                self.depth += 1;
                push(start + 1, Kind::Mark)
            }
            '}' | ']' if self.depth > 0 => {
                self.depth -= 1;
                push(start + 1, Kind::Mark)
            }
            ',' if self.depth > 0 => push(start + 1, Kind::Mark),
            ':' if ends_key(&rest[1..]) => push(start + 1, Kind::Mark),
            '&' | '*' | '!' => push(start + rest.find(' ').unwrap_or(rest.len()), Kind::Mark),
            '|' | '>' if self.depth == 0 => {
                self.block = Some(indent);
                push(start + rest.find(" #").unwrap_or(rest.len()), Kind::Mark)
            }
            '"' | '\'' => {
                let end = start + quoted_length(rest, first);
                let kind = if ends_key_at(line, end) {
                    Kind::Key
                } else {
                    Kind::Quoted
                };
                push(end, kind)
            }
            _ => {
                let end = start + self.plain_length(rest);
                let kind = if ends_key_at(line, end) {
                    Kind::Key
                } else {
                    scalar(&line[start..end])
                };
                push(end, kind)
            }
        }
    }

    /// The length of the plain scalar at the start of `rest`, at least one character.
    fn plain_length(self, rest: &str) -> usize {
        let mut previous = ' ';
        for (position, character) in rest.char_indices() {
            let ends = match character {
                '#' => previous == ' ',
                ':' => ends_key(&rest[position + 1..]),
                ',' | '[' | ']' | '{' | '}' => self.depth > 0,
                _ => false,
            };
            if ends && position > 0 {
                return rest[..position].trim_end().len();
            }
            previous = character;
        }
        rest.trim_end().len().max(1)
    }
}

fn whole(line: &str, start: usize, kind: Kind) -> Vec<Token> {
    let end = line.len();
    if start < end {
        vec![Token { start, end, kind }]
    } else {
        Vec::new()
    }
}

fn next_start(line: &str, position: usize) -> Option<usize> {
    let rest = line.get(position..)?;
    rest.find(|character| !matches!(character, ' ' | '\t' | '\r'))
        .map(|offset| position + offset)
}

/// Whether a colon before `rest` ends a key.
fn ends_key(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t', '\r', ',', '}', ']'])
}

fn ends_key_at(line: &str, end: usize) -> bool {
    line[end..]
        .trim_start()
        .strip_prefix(':')
        .is_some_and(ends_key)
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (position, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return position + 1;
        }
    }
    rest.len()
}

fn scalar(text: &str) -> Kind {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '%'));
    match text {
        "true" | "false" | "null" | "~" => Kind::Word,
        _ if numeric => Kind::Number,
        _ => Kind::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[(&str, Kind)]) {
        let tokens = Context::default().line(line);
        let found: Vec<_> = tokens
            .iter()
            .map(|token| (&line[token.start..token.end], token.kind))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_are_split_into_tokens() {
        use Kind::{Comment, Key, Mark, Number, Plain, Quoted, Separator, Word};
        check(
            "kind: Deployment",
            &[("kind", Key), (":", Mark), ("Deployment", Plain)],
        );
        check(
            "  - name: web # the one",
            &[
                ("-", Mark),
                ("name", Key),
                (":", Mark),
                ("web", Plain),
                ("# the one", Comment),
            ],
        );
        check("cpu: 200m", &[("cpu", Key), (":", Mark), ("200m", Number)]);
        check(
            "image: registry.k8s.io/hpa-example:v1",
            &[
                ("image", Key),
                (":", Mark),
                ("registry.k8s.io/hpa-example:v1", Plain),
            ],
        );
        check(
            "on: \"a: b\"",
            &[("on", Key), (":", Mark), ("\"a: b\"", Quoted)],
        );
        check(
            "'quoted key': true",
            &[("'quoted key'", Key), (":", Mark), ("true", Word)],
        );
        check(
            "x: {cpu: 1, m: [a, 2Gi]}",
            &[
                ("x", Key),
                (":", Mark),
                ("{", Mark),
                ("cpu", Key),
                (":", Mark),
                ("1", Number),
                (",", Mark),
                ("m", Key),
                (":", Mark),
                ("[", Mark),
                ("a", Plain),
                (",", Mark),
                ("2Gi", Number),
                ("]", Mark),
                ("}", Mark),
            ],
        );
        check("---", &[("---", Separator)]);
        check("# all of it", &[("# all of it", Comment)]);
        check("a: b#c", &[("a", Key), (":", Mark), ("b#c", Plain)]);
        check("limit: -5", &[("limit", Key), (":", Mark), ("-5", Number)]);
        check("", &[]);
    }

    #[test]
    fn a_block_scalar_ends_at_the_indentation_of_its_key() {
        let mut context = Context::default();
        let kinds: Vec<Vec<Kind>> = ["  note: |", "    key: value", "", "  next: 1"]
            .into_iter()
            .map(|line| context.line(line).iter().map(|token| token.kind).collect())
            .collect();
        assert_eq!(kinds[1], [Kind::Quoted]);
        assert_eq!(kinds[3], [Kind::Key, Kind::Mark, Kind::Number]);
    }

    #[test]
    fn tokens_of_any_text_are_in_order_and_do_not_overlap() {
        let pieces = [
            "a", ":", " ", "-", "\"", "'", "{", "}", "[", ",", "#", "|", "é", "\t", "\\", "1", "*",
            "\r",
        ];
        for seed in 0..40_000_usize {
            let line: String = (0..6)
                .map(|i| pieces[(seed / 7_usize.pow(i) + seed) % pieces.len()])
                .collect();
            let mut context = Context::default();
            for _ in 0..2 {
                let mut last = 0;
                for token in context.line(&line) {
                    assert!(last <= token.start && token.start < token.end, "{line:?}");
                    assert!(line.get(token.start..token.end).is_some(), "{line:?}");
                    last = token.end;
                }
            }
        }
    }
}
