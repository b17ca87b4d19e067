//! How Go writes a string inside a message: quoted for people (`%q`), as Go itself and as JSON.
//!
//! Upstream: `strconv.Quote` and `encoding/json`, as API errors use them for bad values.

use std::fmt::Write;

/// `text` as Go's `strconv.Quote` writes it: in double quotes, with everything escaped that is
/// not printable.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\0'..='\x1f' | '\x7f' => push_escape(&mut out, 'x', 2, c),
            c if prints(c) => out.push(c),
            c if u32::from(c) <= 0xffff => push_escape(&mut out, 'u', 4, c),
            c => push_escape(&mut out, 'U', 8, c),
        }
    }
    out.push('"');
    out
}

/// A list of strings as Go's `json.Marshal` writes it; an empty list is `null`, because the code
/// that reports it copies into a nil slice.
#[must_use]
pub fn json_list(items: &[String]) -> String {
    if items.is_empty() {
        return "null".to_owned();
    }
    let mut out = String::from("[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_json(&mut out, item);
    }
    out.push(']');
    out
}

/// A list of strings as Go's `%#v` prints it; an empty list is nil.
#[must_use]
pub fn go_list(items: &[String]) -> String {
    if items.is_empty() {
        return "[]string(nil)".to_owned();
    }
    let quoted: Vec<String> = items.iter().map(|item| quote(item)).collect();
    format!("[]string{{{}}}", quoted.join(", "))
}

fn push_json(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Go escapes what would be markup in HTML, and the line ends of JavaScript.
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                push_escape(out, 'u', 4, c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn push_escape(out: &mut String, letter: char, width: usize, c: char) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = write!(out, "\\{letter}{code:0width$x}");
}

/// An approximation of Go's `unicode.IsPrint` that covers control, space and format characters
/// and the private use area.
fn prints(c: char) -> bool {
    !(c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(quote(text), expected);
        }
        check("a b", r#""a b""#);
        check("a\"\\\n\t\x01\x7f", r#""a\"\\\n\t\x01\x7f""#);
        check("é\u{a0}\u{feff}日", "\"é\\u00a0\\ufeff日\"");
    }

    #[test]
    fn json() {
        let list = |items: &[&str]| json_list(&items.iter().map(|&i| i.into()).collect::<Vec<_>>());
        assert_eq!(list(&[]), "null");
        assert_eq!(list(&["a", "b\"<"]), r#"["a","b\"\u003c"]"#);
    }
}
