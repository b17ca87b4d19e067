//! Edits of texts by field path, row by row: what stays as it is, and what is refused.

use hpa_core::manifest::edit::{
    EditError, Fragment, Placement, append_document, insert_item, remove, rename, set, set_at,
};
use hpa_core::manifest::{Document, FieldPath, read};
use test_support::check_each;

/// An edit of one row.
#[derive(Debug)]
enum Edit {
    /// Path and YAML.
    Set(&'static str, &'static str),
    /// Path, the key before which it is put, and YAML.
    Before(&'static str, &'static str, &'static str),
    /// Path of the list, place in it, and YAML.
    Item(&'static str, usize, &'static str),
    Remove(&'static str),
    /// Path and name.
    Rename(&'static str, &'static str),
}
use Edit::{Before, Item, Remove, Rename, Set};

fn apply(text: &str, document: &Document, edit: &Edit) -> Result<String, EditError> {
    let yaml = |text: &str| Fragment::yaml(text);
    match edit {
        Set(path, value) => set(text, document, &(*path).into(), yaml(value)?),
        Before(path, next, value) => {
            let place = Placement::Before(next);
            set_at(text, document, &(*path).into(), yaml(value)?, place)
        }
        Item(path, at, value) => insert_item(text, document, &(*path).into(), *at, yaml(value)?),
        Remove(path) => remove(text, document, &(*path).into()),
        Rename(path, name) => rename(text, document, &(*path).into(), name),
    }
}

/// Checks rows of a text, an edit of its last document, and the text or the refusal after it.
#[track_caller]
fn check(rows: &[(&str, Edit, &str)]) {
    check_each(rows, |(text, edit, expected)| {
        let (documents, problems) = read(text);
        let document = documents.last();
        let document = document.unwrap_or_else(|| panic!("{problems:?}"));
        let found = match apply(text, document, edit) {
            Ok(text) => text,
            Err(error) => format!("refused: {error}"),
        };
        assert_eq!(found, *expected, "{text:?}");
    });
}

#[test]
#[rustfmt::skip]
fn values_are_replaced_in_place() {
    check(&[
        ("a: 1\nb: 2\n", Set("a", "3"), "a: 3\nb: 2\n"),
        ("a: 1 # why\nb: 2", Set("a", "x y"), "a: x y # why\nb: 2"),
        ("a: 1\nb: 2", Set("b", "\"3\""), "a: 1\nb: \"3\""),
        ("a: 'it''s' # 'c'\n", Set("a", "5"), "a: 5 # 'c'\n"),
        ("a: \"q\\\" # no\" # c\n", Set("a", "5"), "a: 5 # c\n"),
        ("a:   1\t# tab\n", Set("a", "5"), "a:   5\t# tab\n"),
        ("a:\nb: 1\n", Set("a", "5"), "a: 5\nb: 1\n"),
        ("a: # c\nb: 1\n", Set("a", "5"), "a: 5 # c\nb: 1\n"),
        ("a: ~ # c\n", Set("a", "5"), "a: 5 # c\n"),
        ("a: plain\n  goes on # c\nb: 1\n", Set("a", "5"), "a: 5 # c\nb: 1\n"),
        ("a:\n  below # c\nb: 1\n", Set("a", "5"), "a: 5 # c\nb: 1\n"),
        ("a: | # c\n  one\n\n  two\n\n# d\nb: 1\n", Set("a", "5"), "a: 5 # c\n\n# d\nb: 1\n"),
        ("a: >-\n  \"q\nb: 1\n", Set("a", "5"), "a: 5\nb: 1\n"),
        ("'a b': 1\n\"c\": 2\n", Set("[a b]", "5"), "'a b': 5\n\"c\": 2\n"),
        ("'a b': 1\n\"c\" : 2\n", Set("c", "5"), "'a b': 1\n\"c\" : 5\n"),
        ("é: ü # ß\nb: 1\n", Set("é", "5"), "é: 5 # ß\nb: 1\n"),
        ("a:\r\n  b: 1 # c\r\n  d: 2\r\n", Set("a.b", "5"), "a:\r\n  b: 5 # c\r\n  d: 2\r\n"),
        ("a: !!str 5 # c\n", Set("a", "6"), "a: 6 # c\n"),
        ("a: 1\n", Set("[0]", "5"), "refused: The document is not a list; edit the text instead."),
        ("l:\n- 1 # c\n-\n- - 2\n", Set("l[0]", "5"), "l:\n- 5 # c\n-\n- - 2\n"),
        ("l:\n- 1 # c\n-\n- - 2\n", Set("l[1]", "5"), "l:\n- 1 # c\n- 5\n- - 2\n"),
        ("l:\n- 1 # c\n-\n- - 2\n", Set("l[2][0]", "5"), "l:\n- 1 # c\n-\n- - 5\n"),
        ("l:\n- 1\n", Set("l[1]", "5"), "l:\n- 1\n- 5\n"),
        ("l:\n- 1\n", Set("l[2]", "5"), "refused: l[2] does not exist; edit the text instead."),
        ("a: {b: 1, c: [1, 2]} # c\n", Set("a", "5"), "a: 5 # c\n"),
        ("a: 1\nb: 2\n", Set("a.b", "5"), "refused: a is not a map; edit the text instead."),
    ]);
}

#[test]
#[rustfmt::skip]
fn maps_and_lists_are_written_in_block_style() {
    check(&[
        ("a: 1\nb: 2\n", Set("a", "c: 1\nd:\n- 2"), "a:\n  c: 1\n  d:\n  - 2\nb: 2\n"),
        ("a: 1 # why\nb: 2\n", Set("a", "c: 1"), "a: # why\n  c: 1\nb: 2\n"),
        ("a: # why\n  x: 1 # old\n  # gone\n  y: 2 # end\n# stays\nb: 2\n", Set("a", "c: 1"), "a: # why # end\n  c: 1\n# stays\nb: 2\n"),
        ("a:\n  x: 1\n\nb: 2\n", Set("a", "[1, 2]"), "a: [1, 2]\n\nb: 2\n"),
        ("a: {x: 1}\nb: 2\n", Set("a", "- 1\n- 2"), "a:\n- 1\n- 2\nb: 2\n"),
        ("z:\n  - 1\na: {x: 1}\n", Set("a", "- 1\n- 2"), "z:\n  - 1\na:\n  - 1\n  - 2\n"),
        ("l:\n- 1 # c\n- 2\n", Set("l[0]", "a: 1\nb: 2"), "l:\n- # c\n  a: 1\n  b: 2\n- 2\n"),
        ("l:\n- a: 1\n  b: 2 # c\n- 2\n", Set("l[0]", "# new\nc: 3"), "l:\n- # c\n  # new\n  c: 3\n- 2\n"),
        ("l:\n  -   a: 1\n      b: 2\n  - 2\n", Set("l[0]", "c: 3\nd: 4"), "l:\n  - c: 3\n    d: 4\n  - 2\n"),
        ("a:\r\n  b: 1\r\n", Set("a.b", "c: 1\nd: 2"), "a:\r\n  b:\r\n    c: 1\r\n    d: 2\r\n"),
        ("a: 1", Set("a", "|-\n  one\n\n  two"), "a: |-\n    one\n\n    two"),
        ("a: 1 # c\nb: 2\n", Set("a", "|-\n one"), "a: |- # c\n   one\nb: 2\n"),
        ("a: 1\nb: {c: 2}\n", Set("b.c", "d: 1\ne: |\n  x\n"), "a: 1\nb: {c: {d: 1, e: \"x\\n\"}}\n"),
    ]);
}

#[test]
#[rustfmt::skip]
fn missing_parents_are_created() {
    check(&[
        ("a: 1\n", Set("b", "2"), "a: 1\nb: 2\n"),
        ("a: 1", Set("b", "2"), "a: 1\nb: 2"),
        ("a: 1 # c\n# d\n", Set("b", "2"), "a: 1 # c\nb: 2\n# d\n"),
        ("a:\n  b: 1\nz: 2\n", Set("a.c.d[0].e", "5"), "a:\n  b: 1\n  c:\n    d:\n    - e: 5\nz: 2\n"),
        ("a:\n  b:\n    - 1\nz: 2\n", Set("a.c.d[0].e", "5"), "a:\n  b:\n    - 1\n  c:\n    d:\n      - e: 5\nz: 2\n"),
        ("a:\nz: 2\n", Set("a.b", "5"), "a:\n  b: 5\nz: 2\n"),
        ("a: {} # c\nz: 2\n", Set("a.b", "5"), "a: # c\n  b: 5\nz: 2\n"),
        ("a: {b: 1}\n", Set("a.c", "x: [1]"), "a: {b: 1, c: {x: [1]}}\n"),
        ("a: { b: 1 }\n", Set("a.c.d", "1"), "a: { b: 1, c: {d: 1} }\n"),
        ("a: {b: {}}\n", Set("a.b.c", "1"), "a: {b: {c: 1}}\n"),
        ("a: {b, c: }\n", Set("a.b", "1"), "a: {b: 1, c: }\n"),
        ("a: {b, c: }\n", Set("a.c", "1"), "a: {b, c: 1 }\n"),
        ("a: |+\n  x\n\n\n", Set("b", "1"), "a: |+\n  x\n\n\nb: 1\n"),
        ("l:\n- a: 1\n  b: 2\n- 3\n", Set("l[0].c", "5"), "l:\n- a: 1\n  b: 2\n  c: 5\n- 3\n"),
        ("a: 1\n# about c\nc: 2\n", Before("b", "c", "x"), "a: 1\nb: x\n# about c\nc: 2\n"),
        ("# all\na: 1\n", Before("b", "a", "x"), "# all\nb: x\na: 1\n"),
        ("l:\n- a: 1\n", Before("l[0].b", "a", "x"), "l:\n- b: x\n  a: 1\n"),
        ("a: {c: 2}\n", Before("a.b", "c", "x"), "a: {b: x, c: 2}\n"),
        ("a: 1\n", Before("b", "nowhere", "x"), "a: 1\nb: x\n"),
        ("a: 1\n", Set("[a: b]", "2"), "a: 1\n\"a: b\": 2\n"),
        ("a: 1\n", Set("yes", "2"), "a: 1\n\"yes\": 2\n"),
    ]);
}

#[test]
#[rustfmt::skip]
fn items_are_inserted_into_lists() {
    check(&[
        ("l:\n- 1\n- 2\n", Item("l", 0, "0"), "l:\n- 0\n- 1\n- 2\n"),
        ("l:\n- 1\n# two\n- 2\n", Item("l", 1, "0"), "l:\n- 1\n- 0\n# two\n- 2\n"),
        ("l:\n  - 1 # c\nz: 1\n", Item("l", 9, "a: 1\nb: 2"), "l:\n  - 1 # c\n  - a: 1\n    b: 2\nz: 1\n"),
        ("l:\n- - 1\n  - 2\n", Item("l[0]", 0, "0"), "l:\n- - 0\n  - 1\n  - 2\n"),
        ("l:\n- - 1\n  - 2", Item("l[0]", 2, "3"), "l:\n- - 1\n  - 2\n  - 3"),
        ("l: [] # c\n", Item("l", 0, "{a: 1}"), "l: # c\n- {a: 1}\n"),
        ("l: # c\nz: 1\n", Item("l", 0, "{a: 1}"), "l: # c\n- {a: 1}\nz: 1\n"),
        ("z: 1\n", Item("l", 0, "{a: 1}"), "z: 1\nl:\n- {a: 1}\n"),
        ("l: [1, 2]\n", Item("l", 0, "0"), "l: [0, 1, 2]\n"),
        ("l: [1, 2]\n", Item("l", 1, "0"), "l: [1, 0, 2]\n"),
        ("l: [1, 2]\n", Item("l", 2, "a: 1"), "l: [1, 2, {a: 1}]\n"),
        ("l: [1, 2,]\n", Item("l", 2, "3"), "l: [1, 2, 3]\n"),
        ("l: [\n  1, # one\n  2 # two\n]\n", Item("l", 2, "3"), "l: [\n  1, # one\n  2, # two\n  3\n]\n"),
        ("l: [\n  1,\n  2,\n]\n", Item("l", 2, "3"), "l: [\n  1,\n  2,\n  3,\n]\n"),
        ("l: [\n  1,\n  2\n]\n", Item("l", 1, "3"), "l: [\n  1,\n  3,\n  2\n]\n"),
        ("l: {a: 1}\n", Item("l", 1, "3"), "refused: l is not a list; edit the text instead."),
    ]);
}

#[test]
#[rustfmt::skip]
fn removal_leaves_no_residue() {
    check(&[
        ("a: 1\nb: 2 # c\nd: 3\n", Remove("b"), "a: 1\nd: 3\n"),
        ("a: 1\n# above\nb:\n  c: 1\n\n# below\nd: 3", Remove("b"), "a: 1\n# above\n\n# below\nd: 3"),
        ("a: 1\nb: 2", Remove("b"), "a: 1\n"),
        ("a: # h\n  # above\n  b: 1 # c\nd: 3\n", Remove("a.b"), "a: {} # h\n  # above\nd: 3\n"),
        ("l:\n- a: 1 # c\n- 2\n", Remove("l[0].a"), "l:\n- {} # c\n- 2\n"),
        ("l:\n- 1\nd: 3\n", Remove("l[0]"), "l: []\nd: 3\n"),
        ("l:\n- a: 1 # c\n  b: 2\n- 3\n", Remove("l[0].a"), "l:\n- b: 2\n- 3\n"),
        ("l:\n- a: 1\n  # about b\n  b: 2\n", Remove("l[0].a"), "l:\n- \n  # about b\n  b: 2\n"),
        ("l:\n- a: 1\n  b: 2\n- 3\n", Remove("l[0]"), "l:\n- 3\n"),
        ("l:\n- - 1\n  - 2\n- 3\n", Remove("l[0][0]"), "l:\n- - 2\n- 3\n"),
        ("a: {b: 1, c: 2}\n", Remove("a.b"), "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", Remove("a.c"), "a: {b: 1}\n"),
        ("a: {b: 1}\n", Remove("a.b"), "a: {}\n"),
        ("a: { b: 1, }\n", Remove("a.b"), "a: { }\n"),
        ("l: [\n  1, # one\n  2, # two\n  3 # three\n]\n", Remove("l[1]"), "l: [\n  1, # one\n  3 # three\n]\n"),
        ("l: [\n  1,\n  2\n]\n", Remove("l[1]"), "l: [\n  1\n]\n"),
        ("a: 1\n", Remove("b"), "refused: b does not exist; edit the text instead."),
        ("a: 1\n", Remove(""), "refused: The document uses a YAML notation that cannot be edited here; edit the text instead."),
    ]);
}

#[test]
#[rustfmt::skip]
fn keys_are_renamed() {
    check(&[
        ("a : 1 # c\n", Rename("a", "b"), "b : 1 # c\n"),
        ("{\"a\":1}\n", Rename("a", "b"), "{\"b\":1}\n"),
        ("'a': 1\n", Rename("a", "on"), "\"on\": 1\n"),
        ("a: 1\nb: 2\n", Rename("a", "b"), "refused: b already exists; edit the text instead."),
        ("a: 1\nb: {c: 2}\n", Rename("b", "<<"), "refused: b uses a YAML notation that cannot be edited here; edit the text instead."),
    ]);
}

#[test]
#[rustfmt::skip]
fn json_stays_json() {
    let text = "{\n  \"a\": {\"b\": [1, 2]},\n  \"c\": \"d\"\n}\n";
    check(&[
        (text, Set("c", "e"), "{\n  \"a\": {\"b\": [1, 2]},\n  \"c\": \"e\"\n}\n"),
        (text, Set("e.f", "g"), "{\n  \"a\": {\"b\": [1, 2]},\n  \"c\": \"d\",\n  \"e\": {\"f\": \"g\"}\n}\n"),
        (text, Item("a.b", 2, "{x: y}"), "{\n  \"a\": {\"b\": [1, 2, {\"x\": \"y\"}]},\n  \"c\": \"d\"\n}\n"),
        (text, Remove("a"), "{\n  \"c\": \"d\"\n}\n"),
        (text, Remove("c"), "{\n  \"a\": {\"b\": [1, 2]}\n}\n"),
        ("{\"a\":1}", Set("a", ".inf"), "refused: JSON has no infinite numbers; enter a finite one."),
        ("{\"a\":1}", Set("a", "~"), "{\"a\":null}"),
    ]);
}

#[test]
#[rustfmt::skip]
fn anchors_aliases_and_merge_keys() {
    let text = "base: &b {x: 1, y: 2}\nown: *b\nspec:\n  <<: *b\n  y: 3\n";
    check(&[
        (text, Set("spec.y", "4"), "base: &b {x: 1, y: 2}\nown: *b\nspec:\n  <<: *b\n  y: 4\n"),
        (text, Set("spec.z", "4"), "base: &b {x: 1, y: 2}\nown: *b\nspec:\n  <<: *b\n  y: 3\n  z: 4\n"),
        (text, Set("own", "4"), "base: &b {x: 1, y: 2}\nown: 4\nspec:\n  <<: *b\n  y: 3\n"),
        (text, Set("own.x", "4"), "refused: own is a YAML alias; edit the text instead."),
        (text, Set("own.z", "4"), "refused: own is a YAML alias; edit the text instead."),
        (text, Set("spec.x", "4"), "refused: spec.x comes from a YAML merge key; edit the text instead."),
        (text, Remove("spec.x"), "refused: spec.x comes from a YAML merge key; edit the text instead."),
        (text, Set("base.x", "4"), "refused: base is repeated elsewhere by a YAML alias; edit the text instead."),
        (text, Remove("base"), "refused: base is repeated elsewhere by a YAML alias; edit the text instead."),
        (text, Remove("spec.y"), "refused: spec.y uses a YAML notation that cannot be edited here; edit the text instead."),
        ("a: &x 1 # c\nb: 2\n", Set("a", "5"), "a: &x 5 # c\nb: 2\n"),
        ("a: &x\n  b: 1\n", Set("a.b", "5"), "a: &x\n  b: 5\n"),
        ("a: &x # c\n  b: 1\n", Set("a", "d: 2"), "a: &x # c\n  d: 2\n"),
        ("a: &x\nb: 1\n", Set("a", "5"), "a: &x 5\nb: 1\n"),
        ("b: &b {x: 1}\ns:\n  y: 2\n  <<: *b\nz: 1\n", Set("s.t", "5"), "b: &b {x: 1}\ns:\n  y: 2\n  <<: *b\n  t: 5\nz: 1\n"),
        ("b: &b {x: 1}\ns: {<<: *b, y: 2}\n", Set("s.t", "5"), "b: &b {x: 1}\ns: {<<: *b, y: 2, t: 5}\n"),
        ("b: &b {x: 1}\ns: {<<: *b}\n", Set("s.t", "5"), "b: &b {x: 1}\ns: {t: 5, <<: *b}\n"),
    ]);
}

#[test]
#[rustfmt::skip]
fn documents_and_lists_of_objects() {
    let list = "kind: List\napiVersion: v1\nitems:\n- kind: A\n  a: 1\n- kind: B\n  a: 2\n";
    check(&[
        ("a: 1\n---\nkind: B\na: 2\n", Set("a", "3"), "a: 1\n---\nkind: B\na: 3\n"),
        ("a: [\n---\nkind: B\na: 2\n", Set("a", "3"), "a: [\n---\nkind: B\na: 3\n"),
        ("# head\n--- # b\nkind: B\n...\n# foot\n", Set("a", "3"), "# head\n--- # b\nkind: B\na: 3\n...\n# foot\n"),
        ("--- {kind: B}\n", Set("a", "3"), "--- {kind: B, a: 3}\n"),
        ("\u{feff}kind: B\n", Set("a", "3"), "\u{feff}kind: B\na: 3\n"),
        (list, Set("a", "3"), "kind: List\napiVersion: v1\nitems:\n- kind: A\n  a: 1\n- kind: B\n  a: 3\n"),
        (list, Set("b", "3"), "kind: List\napiVersion: v1\nitems:\n- kind: A\n  a: 1\n- kind: B\n  a: 2\n  b: 3\n"),
    ]);
}

#[test]
#[rustfmt::skip]
fn unsupported_notation_is_refused() {
    let odd = "refused: The document uses a YAML notation that cannot be edited here; edit the text instead.";
    check(&[
        ("? a\n: 1\nb: 2\n", Set("b", "5"), odd),
        ("a: [x: 1, 2]\n", Set("a[0].x", "5"), "a: [x: 5, 2]\n"),
        ("a: [x: 1, 2]\n", Set("a[0].y", "5"), "refused: a[0] uses a YAML notation that cannot be edited here; edit the text instead."),
        ("a: 1\na: 2\n", Set("a", "5"), "refused: Only error-free YAML can be edited here; fix the errors first."),
        ("a: 1\n", Set("a", "[1"), "refused: Not valid YAML: while parsing a flow sequence, expected ',' or ']'."),
        ("a: 1\n", Set("a", "---\nb"), "refused: Not valid YAML: a value must not contain a document header."),
        ("a: 1\n", Set("a", "5 # five"), "refused: Not valid YAML: comments require a map or list in block style."),
    ]);
    let (documents, _) = read("kind: A\na: 1\n");
    let path = FieldPath::new("a");
    let stale = |text: &str| set(text, &documents[0], &path, Fragment::number(5.0));
    assert_eq!(stale("kind: A\na: 2\n"), Err(EditError::Stale));
    assert_eq!(stale(" kind: A\n a: 1\n"), Err(EditError::Stale));
    assert_eq!(stale(""), Err(EditError::Stale));
    let more = "---\nkind: B\n";
    let after = stale(&format!("kind: A\na: 1\n{more}"));
    assert_eq!(after, Ok(format!("kind: A\na: 5\n{more}")));
}

#[test]
#[rustfmt::skip]
fn documents_are_appended() {
    let fragment = Fragment::yaml("kind: A\nl:\n- 1").expect("YAML");
    let check = |text: &str, expected: &str| {
        assert_eq!(append_document(text, &fragment).as_deref(), Ok(expected));
    };
    check("", "---\nkind: A\nl:\n- 1\n");
    check("a: 1", "a: 1\n---\nkind: A\nl:\n- 1\n");
    check("a: 1\r\n", "a: 1\r\n---\r\nkind: A\r\nl:\r\n- 1\r\n");
    assert!(append_document("", &Fragment::number(1.0)).is_err());
}
