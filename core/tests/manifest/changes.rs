//! What differs between two documents, and the merge patch that it makes.

use hpa_core::manifest::edit::print_value;
use hpa_core::manifest::{Value, changes, merge_patch, read, same_object, same_value};

/// The paths that differ, marked `+`, `-` or `~`, and the patch.
#[track_caller]
fn check(before: &str, after: &str, expected: &[&str], patch: &str) {
    let root = |text: &str| read(text).0.swap_remove(0).root;
    let (old, new) = (root(before), root(after));
    let found = changes(&old, &new);
    let shown = found.iter().map(|change| {
        let sign = match (change.before, change.after) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        format!("{sign}{}", change.path)
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    let value = merge_patch(&found);
    let printed = match value {
        Value::Null => String::new(),
        value => print_value(&value),
    };
    assert_eq!(printed, patch);
    assert_eq!(same_value(&old, &new), expected.is_empty());
}

#[test]
fn only_differences_are_listed() {
    let text = "kind: A\nspec: {a: 1, b: {c: [1, 2], d: x}, e: ~}\n";
    let with = |old: &str, new: &str| text.replace(old, new);
    check(text, text, &[], "");
    let moved = "spec:\n  e:\n  b: {d: 'x', c: [0x1, 2]} # same\n  a: 1\nkind: A\n";
    check(text, moved, &[], "");
    check(text, &with("a: 1", "a: 2"), &["~spec.a"], "spec:\n  a: 2\n");
    check(
        text,
        &with("a: 1", "a: \"1\""),
        &["~spec.a"],
        "spec:\n  a: \"1\"\n",
    );
    check(
        text,
        &with("a: 1, ", ""),
        &["-spec.a"],
        "spec:\n  a: null\n",
    );
    check(
        text,
        &with("a: 1", "f: {g: [{h: 'no'}]}"),
        &["+spec.f", "-spec.a"],
        "spec:\n  f:\n    g:\n    - h: \"no\"\n  a: null\n",
    );
    check(
        text,
        &with("1, 2", "1"),
        &["~spec.b.c"],
        "spec:\n  b:\n    c:\n    - 1\n",
    );
    check(
        text,
        &with("{c: [1, 2], d: x}", "{}"),
        &["-spec.b.c", "-spec.b.d"],
        "spec:\n  b:\n    c: null\n    d: null\n",
    );
    check(
        text,
        &with("{c: [1, 2], d: x}", "z"),
        &["~spec.b"],
        "spec:\n  b: z\n",
    );
    check(
        text,
        &with("a: 1", "a: {}"),
        &["~spec.a"],
        "spec:\n  a: {}\n",
    );
    check(
        "kind: A\n\"a.b\": .nan\n",
        "kind: A\n\"a.b\": .nan\nc: .inf\n",
        &["+c"],
        "c: .inf\n",
    );
    check("\"a.b\": 1\n", "\"a.b\": 2\n", &["~a.b"], "a.b: 2\n");
}

#[test]
fn versions_of_an_object_have_its_kind_name_and_group() {
    let read = |text: &str| read(text).0.swap_remove(0);
    let document = |api: &str, name: &str| {
        read(&format!(
            "apiVersion: {api}\nkind: A\nmetadata: {{name: {name}}}\n"
        ))
    };
    let base = document("g/v1", "x");
    assert!(same_object(&base, &document("g/v2", "x")));
    assert!(!same_object(&base, &document("h/v1", "x")));
    assert!(!same_object(&base, &document("g/v1", "y")));
}
