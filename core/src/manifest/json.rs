//! Reads JSON as Go's decoders do: strictly, and with numbers as they are written.
//!
//! Upstream: Go's `encoding/json`, `scanner.go` and `decode.go`, which
//! `sigs.k8s.io/json` follows.

use super::diagnostic::{Position, Span};
use super::document::Document;
use super::node::{Entry, Node, Number, Value};
use super::source::SourceId;
use super::yaml::{MAX_DEPTH, MAX_NODES};

/// Reads the body of a request: one object in JSON, whose numbers count as they are written.
///
/// kubectl sends numbers in their shortest form, whatever a manifest says; other clients may
/// write `5.0`, which the API server does not accept where a whole number is expected.
///
/// Returns nothing if the text is not JSON, is nested too deep or too large.
#[must_use]
pub fn read_json(text: &str) -> Option<Document> {
    let root = parse(text)?;
    let name = |key| root.text(key).unwrap_or("").to_owned();
    Some(Document {
        index: 0,
        api_version: name("apiVersion"),
        kind: name("kind"),
        literals: Some(text.into()),
        root,
    })
}

/// The value of a text in JSON; its spans count bytes only.
pub(super) fn parse(text: &str) -> Option<Node> {
    if text.len() > super::MAX_TEXT {
        return None;
    }
    let mut reader = Reader {
        text,
        at: 0,
        nodes: MAX_NODES,
    };
    let value = reader.value(MAX_DEPTH)?;
    reader.blanks();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many values may still come.
    nodes: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, expected: &str) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        rest.starts_with(expected)
            .then(|| self.at += expected.len())
    }

    /// Whether the next character that is not blank is this one, which is then taken.
    fn next_is(&mut self, expected: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn since(&self, start: usize) -> Span {
        let position = |byte| Position {
            byte,
            ..Position::START
        };
        Span::new(SourceId::default(), position(start), position(self.at))
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.nodes = self.nodes.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        self.blanks();
        let start = self.at;
        let value = match self.peek()? {
            b'{' => Value::Map(self.map(depth)?),
            b'[' => Value::List(self.list(depth)?),
            b'"' => Value::String(self.string()?),
            b't' => self.take("true").map(|()| Value::Bool(true))?,
            b'f' => self.take("false").map(|()| Value::Bool(false))?,
            b'n' => self.take("null").map(|()| Value::Null)?,
            _ => Value::Number(self.number()?),
        };
        Some(Node::new(self.since(start), value))
    }

    fn map(&mut self, depth: usize) -> Option<Vec<Entry>> {
        self.at += 1;
        let mut entries = Vec::new();
        if self.next_is(b'}') {
            return Some(entries);
        }
        loop {
            self.blanks();
            let start = self.at;
            let key = (self.peek() == Some(b'"')).then(|| self.string())??;
            let key_span = self.since(start);
            self.next_is(b':').then_some(())?;
            let value = self.value(depth)?;
            entries.push(Entry {
                key,
                key_span,
                value,
            });
            if self.next_is(b'}') {
                return Some(entries);
            }
            self.next_is(b',').then_some(())?;
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node>> {
        self.at += 1;
        let mut items = Vec::new();
        if self.next_is(b']') {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            if self.next_is(b']') {
                return Some(items);
            }
            self.next_is(b',').then_some(())?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let c = rest.chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(out),
                '\\' => out.push(self.escape()?),
                '\0'..='\x1f' => return None,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        })
    }

    /// Half a surrogate pair is the replacement character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after = self.at;
        let second = self.take("\\u").and_then(|()| self.hex());
        if let Some(second @ 0xdc00..0xe000) = second {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code);
        }
        self.at = after;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.at += 4;
        all.then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<Number> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let literal = self.text.get(start..self.at)?;
        let whole = literal.parse().map(Number::Int);
        let whole = whole.or_else(|_| literal.parse().map(Number::UInt));
        whole
            .ok()
            .or_else(|| literal.parse().map(Number::Float).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    /// Strings of one value, as Rust prints them.
    fn read(text: &str) -> Option<String> {
        fn show(node: &Node) -> String {
            match &node.value {
                Value::Map(entries) => {
                    let shown = entries
                        .iter()
                        .map(|e| format!("{}={}", e.key, show(&e.value)));
                    format!("{{{}}}", shown.collect::<Vec<_>>().join(" "))
                }
                Value::List(items) => format!("{:?}", items.iter().map(show).collect::<Vec<_>>()),
                other => format!("{other:?}"),
            }
        }
        parse(text).map(|node| show(&node))
    }

    #[test]
    fn reads_what_go_reads() {
        check_each(
            [
                (
                    r#" {"a" : [ 1 , -2.5e1 ]} "#,
                    r#"{a=["Number(Int(1))", "Number(Float(-25.0))"]}"#,
                ),
                (
                    r#""\u0061\n\ud83d\ude00\ud800""#,
                    "String(\"a\\n😀\u{fffd}\")",
                ),
                ("18446744073709551615", "Number(UInt(18446744073709551615))"),
                ("[]", "[]"),
                ("null", "Null"),
            ],
            |(text, expected)| assert_eq!(read(text).as_deref(), Some(expected)),
        );
    }

    #[test]
    fn refuses_what_only_yaml_reads() {
        check_each(
            [
                "",
                "{a: 1}",
                "[1,]",
                "{\"a\":1,}",
                "'a'",
                "01",
                "1.",
                "+1",
                ".5",
                "0x1",
                "\"\t\"",
                "\"\\x\"",
                "tru",
                "[1 2]",
                "{} {}",
                "\"\\u12\"",
                "// a\n1",
                "NaN",
                "\"\\u+123\"",
            ],
            |text| assert_eq!(read(text), None, "{text}"),
        );
        assert_eq!(read(&"[".repeat(100_000)), None);
    }
}
