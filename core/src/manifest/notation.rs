//! The notation of YAML scalars: recognizing numbers, and printing values.
//!
//! This is the only use of `serde_yaml`, so that it can be replaced here.

use serde::Serialize;

use super::node::{Number, Value};

/// Prints any value as YAML, in the order of its fields.
#[must_use]
pub fn print<T: Serialize>(value: &T) -> String {
    // Only maps with non-scalar keys cannot be printed, and the API has none.
    serde_yaml::to_string(value).unwrap_or_default()
}

/// A number in any of YAML's notations.
pub(super) fn number(text: &str) -> Option<Number> {
    // Most scalars are texts, and asking for each costs more than a look at how it begins.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    if let Ok(number) = text.parse::<serde_yaml::Number>() {
        return Some(match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Number::Int(int),
            (_, Some(int)) => Number::UInt(int),
            _ => Number::Float(number.as_f64()?),
        });
    }
    // Whole numbers beyond 64 bits, which it refuses, are floats to kubectl.
    let digits = text.trim_start_matches(['+', '-']);
    let whole = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let beyond = whole && text.len() - digits.len() <= 1;
    beyond.then(|| text.parse().ok().map(Number::Float))?
}

/// A scalar as both YAML 1.1, which kubectl reads, and YAML 1.2 read it back, in lines and in
/// brackets; an empty list or map in brackets, and a filled one as if it were empty.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(Number::Float(number)) => float(*number),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

/// A float as YAML writes it, with the fewest digits that read back as the same number.
fn float(number: f64) -> String {
    if number.is_nan() {
        ".nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        // Unlike Display, Debug always writes a point or an exponent, which keeps it a float.
        format!("{number:?}")
    }
}

/// A text, without quotes if possible.
pub(super) fn string(text: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let named = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if named || is_amount(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Whether a text is a duration or a quantity with a unit, such as `1m30s` or `250m`: no version of
/// YAML takes it for a number.
fn is_amount(text: &str) -> bool {
    let units = ['h', 'm', 's', 'u', 'n', 'k', 'K', 'M', 'G', 'T', 'P', 'i'];
    let mut digits = text.split(units);
    let first = digits.next().unwrap_or_default();
    let is_number = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    first.starts_with(|c: char| c.is_ascii_digit())
        && is_number(first)
        && digits.clone().count() > 0
        && digits.all(is_number)
        && text.ends_with(units)
}

/// A text in double quotes, as YAML and JSON read it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn what_could_be_read_as_something_else_is_quoted() {
        check_each(
            [
                "a", "v1", "apps/v1", "a-b_c.d", "1m30s", "0s", "250m", "1.5Gi", "64Ki",
            ],
            |text| {
                assert_eq!(string(text), text);
            },
        );
        let quoted = [
            "",
            "1",
            "1.30",
            "1e3",
            "0x1F",
            "1_0m",
            "1:30",
            "1.2.3",
            "2026-01-01",
            "012",
            "1m3",
            ".5m",
            "-1m",
            "yes",
            "On",
            "y",
            "null",
            "~",
            "a b",
            "a:",
            "#",
            "é",
            "1e3m",
            "0o17",
            "0b1",
        ];
        check_each(quoted, |text| {
            assert_eq!(string(text), format!("\"{text}\""));
        });
        assert_eq!(string("a\n\"\\\u{1}"), "\"a\\n\\\"\\\\\\u0001\"");
    }

    #[test]
    fn scalars_are_printed_as_they_are_read() {
        let float = |number| scalar(&Value::Number(Number::Float(number)));
        assert_eq!(float(5.0), "5.0");
        assert_eq!(float(1e20), "1e20");
        assert_eq!(float(-0.0), "-0.0");
        assert_eq!(float(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(float(f64::INFINITY), ".inf");
        assert_eq!(float(f64::NEG_INFINITY), "-.inf");
        assert_eq!(float(f64::NAN), ".nan");
        assert_eq!(
            scalar(&Value::Number(Number::UInt(u64::MAX))),
            u64::MAX.to_string()
        );
        assert_eq!(scalar(&Value::Null), "null");
    }
}
