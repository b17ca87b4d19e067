//! Resolves scalars to null, booleans, numbers or strings by YAML's core schema.

use saphyr_parser::{ScalarStyle, Tag};

use super::node::{Number, Value};
use super::notation::number;

/// The value of a scalar with this style and tag.
///
/// # Errors
/// What the tag says the scalar is, where it is not.
pub(super) fn resolve(
    text: String,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Value, &'static str> {
    let plain = style == ScalarStyle::Plain;
    let suffix = match tag {
        Some(tag) if tag.is_yaml_core_schema() => &*tag.suffix,
        // The API ignores custom tags.
        Some(_) | None if plain => return Ok(untagged(text)),
        _ => return Ok(Value::String(text)),
    };
    let fits = match suffix {
        "null" => is_null(&text).then_some(Value::Null),
        "bool" => boolean(&text).map(Value::Bool),
        "int" => number(&text)
            .filter(|number| !matches!(number, Number::Float(_)))
            .map(Value::Number),
        "float" => number(&text).map(|number| Value::Number(Number::Float(number.to_f64()))),
        _ => return Ok(Value::String(text)),
    };
    fits.ok_or(match suffix {
        "null" => "null",
        "bool" => "a boolean",
        "int" => "an integer",
        _ => "a float",
    })
}

fn untagged(text: String) -> Value {
    if text.is_empty() || is_null(&text) {
        Value::Null
    } else if let Some(value) = boolean(&text) {
        Value::Bool(value)
    } else if let Some(value) = number(&text) {
        Value::Number(value)
    } else {
        Value::String(text)
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "null" | "Null" | "NULL" | "~")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check(rows: &[(&str, Value)]) {
        check_each(rows, |(text, expected)| {
            let found = resolve((*text).to_owned(), ScalarStyle::Plain, None);
            assert_eq!(found.as_ref(), Ok(expected), "{text:?}");
        });
    }

    #[test]
    fn plain_scalars_are_null_booleans_numbers_or_texts() {
        let int = |n| Value::Number(Number::Int(n));
        let float = |n| Value::Number(Number::Float(n));
        let text = |s: &str| Value::String(s.to_owned());
        check(&[
            ("", Value::Null),
            ("~", Value::Null),
            ("NULL", Value::Null),
            ("nUll", text("nUll")),
            ("True", Value::Bool(true)),
            ("FALSE", Value::Bool(false)),
            ("yes", text("yes")),
            ("0", int(0)),
            ("+12", int(12)),
            ("-12", int(-12)),
            ("0x1F", int(31)),
            ("-0o17", int(-15)),
            ("0b101", int(5)),
            ("007", text("007")),
            ("1_000", text("1_000")),
            ("9223372036854775807", int(i64::MAX)),
            ("9223372036854775808", Value::Number(Number::UInt(1 << 63))),
            ("18446744073709551616", float(18_446_744_073_709_551_616.0)),
            ("-9223372036854775809", float(-9_223_372_036_854_775_809.0)),
            ("1.50", float(1.5)),
            (".5", float(0.5)),
            ("1e3", float(1000.0)),
            ("-.inf", float(f64::NEG_INFINITY)),
            ("1e999", text("1e999")),
            ("250m", text("250m")),
            ("100Mi", text("100Mi")),
            ("1.2.3", text("1.2.3")),
            ("+-1", text("+-1")),
            ("-", text("-")),
            ("2026-01-01", text("2026-01-01")),
        ]);
    }

    #[test]
    fn quotes_make_a_text_and_tags_demand() {
        let resolve = |text: &str, style, suffix: &str| {
            let tag = Tag {
                handle: "tag:yaml.org,2002:".to_owned(),
                suffix: suffix.to_owned(),
            };
            resolve(text.to_owned(), style, (!suffix.is_empty()).then_some(&tag))
        };
        let quoted = ScalarStyle::DoubleQuoted;
        assert_eq!(resolve("5", quoted, ""), Ok(Value::String("5".to_owned())));
        assert_eq!(
            resolve("5", quoted, "int"),
            Ok(Value::Number(Number::Int(5)))
        );
        assert_eq!(
            resolve("5", ScalarStyle::Plain, "str"),
            Ok(Value::String("5".to_owned()))
        );
        assert_eq!(
            resolve("5", ScalarStyle::Plain, "float"),
            Ok(Value::Number(Number::Float(5.0)))
        );
        assert_eq!(resolve("five", quoted, "int"), Err("an integer"));
        assert_eq!(resolve("x", quoted, "null"), Err("null"));
    }
}
