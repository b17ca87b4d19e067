//! Shows each checker a bad sample, and a good one that looks like it.

use crate::{docs, length_complaint, opening_complaint};

#[test]
fn openings_and_lengths() {
    let opening = |text| opening_complaint("a.rs", text, "//!").is_some();
    assert!(!opening("//! Knows it all.\n"));
    assert!(opening("use std::fmt;\n//! Too late.\n"));
    assert!(opening("//!\n"));
    assert!(opening(""));
    let length = |text: &str| length_complaint("a.rs", text, 2).is_some();
    assert!(!length("1\n2\n"));
    assert!(length("1\n2\n3\n"));
}

#[test]
fn paths_and_links() {
    let exists = |path: &str| path == "core/src/" || path == "README.md";
    let paths = |text| docs::path_complaints("A.md", text, &["apps/v1"], exists);
    assert!(paths("`core/src/` and `README.md`, `apps/v1`, `a::b/c`, `not a/path`").is_empty());
    assert_eq!(
        paths("see `core/scr/`"),
        ["A.md: `core/scr/` does not exist"]
    );
    assert_eq!(paths("see `LIESMICH.md`").len(), 1);
    let links = |text| docs::link_complaints("A.md", text, exists);
    assert!(links("[a](README.md#top) [b](https://example.com/x) [c](#here)").is_empty());
    assert_eq!(
        links("[a](READ.md)"),
        ["A.md: the link to READ.md leads nowhere"]
    );
}

#[test]
fn commands() {
    let targets = docs::make_targets(".PHONY: x\nPORT ?= 1\nserve: a ## b\n\ttrunk: x\ntest:\n");
    assert_eq!(
        targets.iter().map(String::as_str).collect::<Vec<_>>(),
        ["serve", "test"]
    );
    let words = |text| docs::word_complaints("A.md", text, "make ", &targets);
    assert!(
        words("We make sense.\n```sh\nmake serve PORT=1\nmake test\n```\n`make test`").is_empty()
    );
    assert_eq!(
        words("```\ngit clone x\nmake server\n```"),
        ["A.md: there is no `make server`"]
    );
    assert_eq!(words("run `make tests`").len(), 1);
}

#[test]
fn lock_files() {
    let cargo = |source| docs::cargo_lock_complaints("Cargo.lock", source).len();
    assert_eq!(
        cargo("source = \"registry+https://github.com/rust-lang/crates.io-index\""),
        0
    );
    assert_eq!(
        cargo("source = \"sparse+https://mirror.example/index/\""),
        1
    );
    let npm = |line| docs::npm_lock_complaints("package-lock.json", line).len();
    assert_eq!(npm("\"integrity\": \"sha512-x\","), 0);
    assert_eq!(npm("\"resolved\": \"https://mirror.example/a.tgz\","), 1);
}
