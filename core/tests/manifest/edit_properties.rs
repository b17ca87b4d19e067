//! Properties of edits: what was meant is done, and nothing else.

use hpa_core::manifest::edit::{
    EditError, Fragment, insert_item, print_value, remove, rename, set,
};
use hpa_core::manifest::{Document, FieldPath, Node, Value, changes, read, read_value, same_value};
use proptest::prelude::*;
use test_support::{Shipped, check_each, shipped_experiments};

use crate::generated::{self, Tree};

fn documents(text: &str) -> Vec<Document> {
    read(text).0
}

/// Every value below `node`, with its path: those of maps and lists too.
fn paths(node: &Node, path: &FieldPath, found: &mut Vec<(FieldPath, Node)>) {
    found.push((path.clone(), node.clone()));
    for entry in node.entries() {
        paths(&entry.value, &path.child(&entry.key), found);
    }
    for (at, item) in node.items().iter().enumerate() {
        paths(item, &path.index(at), found);
    }
}

fn all(node: &Node) -> Vec<(FieldPath, Node)> {
    let mut found = Vec::new();
    paths(node, &FieldPath::default(), &mut found);
    found
}

/// The values that are not in `path`, nor around it: what an edit there must leave alone.
fn others(node: &Node, path: &FieldPath) -> Vec<(FieldPath, String)> {
    let outside = all(node).into_iter();
    let outside = outside.filter(|(other, _)| !path.contains(other) && !other.contains(path));
    outside
        .map(|(path, node)| (path, print_value(&node.value)))
        .collect()
}

/// The numbered comments of a generated text, each with its place.
fn comments(text: &str) -> Vec<(usize, &str)> {
    let hash = text.match_indices("# c");
    let found = hash.filter_map(|(at, _)| {
        let end = text[at..].find(';')?;
        Some((at, &text[at..=at + end]))
    });
    found.collect()
}

/// Whether `short` is what is left of `long` when something is taken out of it.
fn is_left_of(short: &str, long: &str) -> bool {
    let mut long = long.chars();
    short.chars().all(|c| long.any(|other| other == c))
}

/// What of `before` is not in `after` any more: the bytes between their common ends.
fn touched(before: &str, after: &str) -> std::ops::Range<usize> {
    let (a, b) = (before.as_bytes(), after.as_bytes());
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let room = a.len().min(b.len()) - head;
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take(room)
        .take_while(|(x, y)| x == y)
        .count();
    head..a.len() - tail
}

/// The lines of the text on which the value at `path` stands, its key among them.
fn lines_of(text: &str, document: &Document, path: &FieldPath) -> std::ops::Range<usize> {
    let node = document.root.at(path).expect("a value");
    let parent = document.root.at(&path.parent()).expect("its parent");
    let key = parent
        .entries()
        .iter()
        .find(|entry| entry.value.span == node.span);
    let start = match key {
        Some(entry) => entry.key_span.start.byte.min(node.span.start.byte),
        // The dash may be above.
        None => text[..node.span.start.byte]
            .rfind(['-', '[', ','])
            .unwrap_or(0),
    };
    let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = node.span.end.byte.max(start);
    start..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

fn fragment() -> impl Strategy<Value = Fragment> {
    let yaml = [
        "5",
        "x",
        "'it''s'",
        "\"q # \\\"\"",
        "~",
        "true",
        "plain words",
        "{a: 1, b: [x, y]}",
        "[]",
        "{}",
        "a: 1\nb:\n- x # inside\n- y: 2",
        "- 1\n- a: 1\n  b: 2",
        "|-\n  one\n\n  two",
        "\"one\n  two\"",
    ];
    let text = ".{0,12}".prop_map(|text: String| Fragment::string(&text));
    let yaml = prop::sample::select(yaml.to_vec());
    prop_oneof![3 => yaml.prop_map(|yaml| Fragment::yaml(yaml).expect("YAML")), 1 => text]
}

/// A generated document as text, with the place of a value in it that is not the whole.
fn place() -> impl Strategy<Value = (String, FieldPath, Node)> {
    let text = |(tree, crlf, open): (Tree, bool, bool)| generated::text(&tree, crlf, open);
    let text = (generated::document(), any::<bool>(), any::<bool>()).prop_map(text);
    (text, any::<prop::sample::Index>()).prop_map(|(text, index)| {
        let (documents, problems) = read(&text);
        let document = documents
            .first()
            .unwrap_or_else(|| panic!("{text}\n{problems:?}"));
        let all = all(&document.root);
        let (path, node) = &all[1 + index.index(all.len() - 1)];
        (text, path.clone(), node.clone())
    })
}

#[track_caller]
fn done(text: &str, path: &FieldPath, result: Result<String, EditError>) -> (String, Document) {
    let after = result.unwrap_or_else(|error| panic!("{error} at {path} of\n{text}"));
    let document = documents(&after).swap_remove(0);
    (after, document)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn setting_changes_one_value((text, path, old) in place(), value in fragment()) {
        let before = documents(&text).swap_remove(0);
        let result = set(&text, &before, &path, value.clone());
        let (after, document) = done(&text, &path, result);
        let found = document.root.at(&path).expect("what was set");
        prop_assert_eq!(print_value(&found.value), print_value(value.value()), "{}", after);
        prop_assert_eq!(others(&document.root, &path), others(&before.root, &path), "{}", after);
        let lines = lines_of(&text, &before, &path);
        let touched = touched(&text, &after);
        prop_assert!(touched.is_empty() || (lines.start <= touched.start && touched.end <= lines.end),
            "{touched:?} in {lines:?} of\n{text}\nnow\n{after}");
        let is_scalar = |value: &Value| !matches!(value, Value::Map(_) | Value::List(_));
        for (at, comment) in comments(&text) {
            // A value takes the comments on lines of its own with it.
            let stays = !lines.contains(&at) || is_scalar(&old.value);
            prop_assert!(!stays || after.contains(comment), "{comment} of\n{text}\nis not in\n{after}");
        }
        let back = set(&after, &document, &path, Fragment::of(old.value.clone()));
        let (_, back) = done(&after, &path, back);
        prop_assert!(same_value(&back.root, &before.root), "{text}");
    }

    #[test]
    fn keys_and_items_come_and_go((text, path, node) in place(), value in fragment(), at in 0..4_usize) {
        let before = documents(&text).swap_remove(0);
        let (result, new) = match &node.value {
            Value::Map(_) => {
                let new = path.child("new");
                (set(&text, &before, &new, value.clone()), new)
            }
            Value::List(items) => {
                let at = at.min(items.len());
                (insert_item(&text, &before, &path, at, value.clone()), path.index(at))
            }
            _ => return Ok(()),
        };
        let (after, document) = done(&text, &path, result);
        let found = document.root.at(&new).expect("what was added");
        prop_assert_eq!(print_value(&found.value), print_value(value.value()));
        let empty = node.entries().is_empty() && node.items().is_empty();
        prop_assert!(empty || is_left_of(&text, &after), "{text}\n{after}");
        for (_, comment) in comments(&text) {
            prop_assert!(after.contains(comment), "{comment} of\n{text}\nis not in\n{after}");
        }
        let back = remove(&after, &document, &new);
        let (last, back) = done(&after, &new, back);
        prop_assert!(same_value(&back.root, &before.root), "{text}");
        prop_assert!(empty || is_left_of(&last, &after), "{text}\n{after}");
    }

    #[test]
    fn removing_takes_one_value_and_renaming_none((text, path, _) in place()) {
        let before = documents(&text).swap_remove(0);
        let parent = before.root.at(&path.parent()).expect("its parent");
        let count = parent.entries().len() + parent.items().len();
        if path.segments().len() > 1 || count > 1 {
            match remove(&text, &before, &path) {
                Ok(after) => {
                    let document = documents(&after).swap_remove(0);
                    let left = document.root.at(&path.parent()).expect("its parent");
                    prop_assert_eq!(left.entries().len() + left.items().len(), count - 1);
                    if !parent.entries().is_empty() {
                        prop_assert!(document.root.at(&path).is_none());
                        prop_assert_eq!(others(&document.root, &path), others(&before.root, &path), "{}", after);
                    }
                    prop_assert!(count == 1 || is_left_of(&after, &text), "{text}\n{after}");
                    let lines = lines_of(&text, &before, &path);
                    for (at, comment) in comments(&text) {
                        prop_assert!(lines.contains(&at) || after.contains(comment), "{comment} of\n{text}\nis not in\n{after}");
                    }
                }
                // Empty lines behind the value would become part of the one before.
                Err(error) => prop_assert!(text.contains("|+"), "{error}\n{text}"),
            }
        }
        if !parent.entries().is_empty() {
            let result = rename(&text, &before, &path, "new name");
            let (after, document) = done(&text, &path, result);
            let renamed = document.root.at(&path.parent().child("new name")).expect("renamed");
            let old = before.root.at(&path).expect("a value");
            prop_assert!(same_value(renamed, old));
            prop_assert_eq!(comments(&after).len(), comments(&text).len());
        }
    }

    #[test]
    fn nothing_panics_and_nothing_is_silently_wrong(
        text in prop_oneof![
            "[-a-c0-2: {}\\[\\],#&*!|>'\"?%\n\r\t ]{0,60}",
            "(a|b|  a|- |  - |    |: |:\n|\n|\\{|\\}|\\[|\\]|, |# c1;|&x |\\*x|<<: |'|\"|\\|\n|1|---\n|\r\n|\\? ){0,40}",
        ],
        steps in prop::collection::vec((0..3_usize, 0..3_usize), 0..4),
        value in fragment(),
        index in any::<prop::sample::Index>(),
    ) {
        for document in documents(&text) {
            let known = all(&document.root);
            let made = steps.iter().fold(FieldPath::default(), |path, (kind, at)| match kind {
                0 => path.index(*at),
                1 => path.child(["a", "b", "new"][*at]),
                _ => path.child(["c", "<<", ""][*at]),
            });
            for path in [made, known[index.index(known.len())].0.clone()] {
                let before = others(&document.root, &path);
                let same = |after: &str| {
                    let now = documents(after).into_iter().find(|now| now.index == document.index);
                    others(&now.expect("the document").root, &path)
                };
                if let Ok(after) = set(&text, &document, &path, value.clone()) {
                    prop_assert_eq!(same(&after), before.clone(), "{:?} to {:?}", text, after);
                    let now = documents(&after);
                    let now = now.iter().find(|now| now.index == document.index).expect("the document");
                    let found = now.root.at(&path).expect("what was set");
                    prop_assert_eq!(print_value(&found.value), print_value(value.value()), "{:?}", after);
                }
                if let Ok(after) = insert_item(&text, &document, &path, 1, value.clone()) {
                    prop_assert_eq!(same(&after), before.clone(), "{:?} to {:?}", text, after);
                }
                let last_is_key = document.root.at(&path.parent()).is_some_and(|parent| !parent.entries().is_empty());
                if let Ok(after) = remove(&text, &document, &path) && last_is_key {
                    prop_assert_eq!(same(&after), before.clone(), "{:?} to {:?}", text, after);
                }
                let _ = rename(&text, &document, &path, "new");
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_back(value in fragment(), tree in generated::document()) {
        let text = generated::text(&tree, false, false);
        let node = read_value(&text, 10_000).expect("YAML");
        for value in [value.value(), &node.value] {
            let printed = print_value(value);
            let back = read_value(&printed, 10_000).expect("YAML");
            prop_assert_eq!(print_value(&back.value), printed.clone());
            let again = Fragment::yaml(&printed).expect("a value");
            let again = Node::new(back.span, again.value().clone());
            prop_assert_eq!(changes(&back, &again), []);
        }
    }
}

/// Of each shipped experiment one value in sixteen is changed and changed back, or gets something
/// more, which goes again: nothing is refused, and nothing else moves.
#[test]
fn shipped_experiments_are_edited_everywhere() {
    let (mut seen, mut edited) = (0, 0);
    check_each(shipped_experiments(), |Shipped { name, text }| {
        for (at, document) in documents(&text).iter().enumerate() {
            for (path, node) in all(&document.root) {
                seen += 1;
                if seen % 16 != 0 {
                    continue;
                }
                let read = |text: &str| documents(text).swap_remove(at);
                let ok = |result: Result<String, EditError>| {
                    result.unwrap_or_else(|error| panic!("{error} at {path} of {name}"))
                };
                let (after, new) = match &node.value {
                    Value::Map(_) => {
                        let new = path.child("new");
                        (set(&text, document, &new, Fragment::string("x")), new)
                    }
                    Value::List(items) => {
                        let index = edited % (items.len() + 1);
                        let item = Fragment::yaml("a: 1\nb: 2").expect("YAML");
                        let after = insert_item(&text, document, &path, index, item);
                        (after, path.index(index))
                    }
                    old => {
                        let after = ok(set(&text, document, &path, Fragment::string("x")));
                        let other = read(&after);
                        assert_eq!(
                            others(&other.root, &path),
                            others(&document.root, &path),
                            "{path} of {name}"
                        );
                        let back = ok(set(&after, &other, &path, Fragment::of(old.clone())));
                        assert!(same_value(&read(&back).root, &document.root));
                        edited += 1;
                        continue;
                    }
                };
                let after = ok(after);
                let other = read(&after);
                let back = ok(remove(&after, &other, &new));
                if node.entries().is_empty() && node.items().is_empty() {
                    assert!(same_value(&read(&back).root, &document.root));
                } else {
                    assert!(is_left_of(&text, &after), "{path} of {name}");
                    assert_eq!(back, text, "{path} of {name}");
                }
                edited += 1;
            }
        }
    });
    assert!(edited > 250, "{edited} edits");
}
