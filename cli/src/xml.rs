//! Texts in XML reports.

/// Escapes a text for XML; control characters, which XML forbids, become blanks.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
