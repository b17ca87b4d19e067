//! What was changed since a text was opened, as merge patches: one a changed object, in YAML, as
//! `kubectl patch --type merge --patch-file` takes them.

use hpa_core::manifest::{self, Document};
use hpa_core::manifest::{Entry, Node, Value};

/// The patches that turn the objects of `before` into those of `after`; a comment where there are
/// none.
#[must_use]
pub fn between(before: &str, after: &str) -> String {
    if before == after {
        return "# Nothing was changed.\n".to_owned();
    }
    let (old, _) = manifest::read(before);
    let (new, _) = manifest::read(after);
    let mut patches = Vec::new();
    for document in &new {
        let Some(base) = old.iter().find(|base| same(base, document)) else {
            patches.push(format!("# {} is new: apply it whole.\n", name(document)));
            continue;
        };
        let mut lines = String::new();
        difference(&base.root, &document.root, 0, &mut lines);
        if !lines.is_empty() {
            patches.push(format!("# {}\n{lines}", name(document)));
        }
    }
    for base in &old {
        if !new.iter().any(|document| same(base, document)) {
            patches.push(format!("# {} was removed.\n", name(base)));
        }
    }
    if patches.is_empty() {
        "# Only comments or layout were changed.\n".to_owned()
    } else {
        patches.join("---\n")
    }
}

fn same(a: &Document, b: &Document) -> bool {
    let group = |document: &Document| {
        let (group, _) = document.api_version.split_once('/').unwrap_or_default();
        group.to_owned()
    };
    a.kind == b.kind && a.name() == b.name() && group(a) == group(b)
}

fn name(document: &Document) -> String {
    // A name may be any text of one line or more; a comment ends with its line.
    let name: String = format!("{} {}", document.kind, document.name());
    name.trim_end().replace(char::is_control, " ")
}

/// The lines of a merge patch from `old` to `new`, both maps.
fn difference(old: &Node, new: &Node, indent: usize, lines: &mut String) {
    for entry in new.entries() {
        let Some(base) = old.entry(&entry.key) else {
            write_entry(entry, indent, lines);
            continue;
        };
        if equal(&base.value, &entry.value) {
            continue;
        }
        let maps = [&base.value, &entry.value].map(|node| matches!(node.value, Value::Map(_)));
        if maps == [true, true] {
            lines.push_str(&format!("{:indent$}{}:\n", "", quoted(&entry.key)));
            difference(&base.value, &entry.value, indent + 2, lines);
        } else {
            write_entry(entry, indent, lines);
        }
    }
    for entry in old.entries() {
        if new.entry(&entry.key).is_none() {
            lines.push_str(&format!("{:indent$}{}: null\n", "", quoted(&entry.key)));
        }
    }
}

/// Whether two values are the same, wherever they stand and in whichever order the keys are.
fn equal(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|entry| {
                    let mut others = b.iter().filter(|other| other.key == entry.key);
                    others
                        .next()
                        .is_some_and(|other| equal(&entry.value, &other.value))
                })
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (a, b) => a == b,
    }
}

fn write_entry(entry: &Entry, indent: usize, lines: &mut String) {
    lines.push_str(&format!("{:indent$}{}:", "", quoted(&entry.key)));
    write_value(&entry.value, indent, lines);
}

/// Writes a value behind `key:`.
fn write_value(node: &Node, indent: usize, lines: &mut String) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            lines.push('\n');
            for entry in entries {
                write_entry(entry, indent + 2, lines);
            }
        }
        Value::List(items) if !items.is_empty() => {
            lines.push('\n');
            for item in items {
                write_item(item, indent, lines);
            }
        }
        value => lines.push_str(&format!(" {}\n", scalar(value))),
    }
}

/// Writes an item of a list, its dash at `indent`.
fn write_item(item: &Node, indent: usize, lines: &mut String) {
    let mut block = String::new();
    match &item.value {
        Value::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                write_entry(entry, indent + 2, &mut block);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for item in items {
                write_item(item, indent + 2, &mut block);
            }
        }
        value => block = format!("{:1$}{2}\n", "", indent + 2, scalar(value)),
    }
    // The dash takes the place of the first two blanks of the item's first line.
    lines.push_str(&format!("{:indent$}- {}", "", &block[indent + 2..]));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

/// A text as YAML reads it as the same text: plain where nothing speaks against it.
fn quoted(text: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
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
    use crate::model::PHP_APACHE;

    use super::*;

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}\n";

    #[track_caller]
    fn check(replace: &str, with: &str, expected: &str) {
        assert!(HPA.contains(replace));
        let patch = between(HPA, &HPA.replace(replace, with));
        assert_eq!(patch, expected);
        let (_, problems) = manifest::read(&patch);
        // It is YAML, and no object of its own.
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == "missing-kind"),
            "{patch}\n{problems:?}"
        );
    }

    #[test]
    fn only_what_was_changed_is_in_the_patch() {
        let head = "# HorizontalPodAutoscaler web\nspec:\n";
        check(
            "maxReplicas: 10",
            "maxReplicas: 6",
            &format!("{head}  maxReplicas: 6\n"),
        );
        check(
            "  minReplicas: 2\n",
            "",
            &format!("{head}  minReplicas: null\n"),
        );
        check(
            "minReplicas: 2",
            "minReplicas: 2\n  behavior: {scaleDown: {policies: [], selectPolicy: 'no'}}",
            &format!(
                "{head}  behavior:\n    scaleDown:\n      policies: []\n      selectPolicy: \"no\"\n"
            ),
        );
        check(
            "averageUtilization: 50",
            "averageUtilization: 60",
            &format!(
                "{head}  metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      target:\n        type: Utilization\n        averageUtilization: 60\n"
            ),
        );
    }

    #[test]
    fn what_is_no_change_of_an_object_is_said() {
        check(
            "spec:",
            "# why\nspec:",
            "# Only comments or layout were changed.\n",
        );
        check("maxReplicas", "maxReplicas", "# Nothing was changed.\n");
        check(
            "name: web",
            "name: api",
            "# HorizontalPodAutoscaler api is new: apply it whole.\n---\n# HorizontalPodAutoscaler web was removed.\n",
        );
        assert_eq!(between(PHP_APACHE, "]"), between(PHP_APACHE, "["));
    }

    #[test]
    fn texts_stay_texts() {
        for text in [
            "a",
            "on",
            "1",
            "1e3",
            "a: b",
            "é\"\\\n\t\u{1}",
            "",
            "# x",
            "- a",
        ] {
            let (documents, _) = manifest::read(&format!("kind: {}\n", quoted(text)));
            assert_eq!(documents[0].root.text("kind"), Some(text));
        }
    }
}
