//! Shows each checker a bad sample, and a good one that looks like it.

use crate::{LAYERS, docs, source};

/// `text` in the file `path` is complained about in as many words as `named` has.
#[track_caller]
fn layers(path: &str, text: &str, named: &[&str]) {
    let complaints = source::layer_complaints(path, text, LAYERS);
    assert_eq!(complaints.len(), named.len(), "{complaints:?}");
    for (complaint, name) in complaints.iter().zip(named) {
        assert!(
            complaint.ends_with(&format!("must not name `{name}`")),
            "{complaint}"
        );
    }
}

#[test]
fn layers_see_every_way_to_name_a_module() {
    let file = "core/src/autoscaler/limits.rs";
    layers(file, "use crate::api::Pod;", &[]);
    layers(file, "use crate::simulation::Run;", &["simulation"]);
    layers(file, "let x = crate::manifest::parse();", &["manifest"]);
    layers(file, "use super::super::experiment;", &["experiment"]);
    layers(file, "use super::simulation;", &[]);
    layers(
        "core/src/autoscaler/mod.rs",
        "use super::simulation;",
        &["simulation"],
    );
    layers("core/src/time.rs", "use super::api;", &["api"]);
    layers(
        file,
        "use crate::{api::{js, Pod}, simulation::{self, api}};",
        &["simulation"],
    );
    layers(file, "use crate::{\n  time,\n  js,\n};", &["js"]);
    layers(
        "core/src/bin/hpa-controller/main.rs",
        "use hpa_core::simulation;",
        &["simulation"],
    );
    layers(
        "core/src/bin/hpa-sim/main.rs",
        "use hpa_core::simulation;",
        &[],
    );
    layers(
        "core/src/manifest/mod.rs",
        "use crate::autoscaler;",
        &["autoscaler"],
    );
    layers(
        "core/src/autoscaler/mod.rs",
        "use crate::manifest;",
        &["manifest"],
    );
    layers("core/src/lib.rs", "pub use crate::simulation;", &[]);
}

#[test]
fn layers_read_code_and_nothing_else() {
    let file = "core/src/api/mod.rs";
    layers(
        file,
        "//! See [`crate::simulation`].\n/* crate::js /* */ crate::js */",
        &[],
    );
    layers(
        file,
        r##"let s = "crate::js"; let r = r#"" crate::js "#; use crate::js;"##,
        &["js"],
    );
    layers(
        file,
        "fn f<'a>(x: &'a str) { let q = '\"'; crate::js::f() }",
        &["js"],
    );
    layers(
        file,
        r"let q = '\''; let r#type = 1; crate::js::f()",
        &["js"],
    );
}

#[test]
fn a_new_module_has_to_be_given_a_place() {
    let complaints = source::layer_complaints("core/src/util.rs", "", LAYERS);
    assert_eq!(
        complaints,
        ["core/src/util.rs: the layer `util` has no place in the table LAYERS"]
    );
}

#[test]
fn hidden_crates() {
    let hidden = [("serde_yaml", "manifest")];
    let complaints = |path| {
        source::hidden_crate_complaints(path, "let x = serde_yaml::from_str(y);", &hidden).len()
    };
    assert_eq!(complaints("core/src/manifest/decode.rs"), 0);
    assert_eq!(complaints("core/src/experiment/mod.rs"), 1);
    assert_eq!(complaints("web/src/lib.rs"), 1);
    assert_eq!(complaints("core/src/quantity/tests.rs"), 0);
}

#[test]
fn openings_and_lengths() {
    let opening = |text| source::opening_complaint("a.rs", text, "//!").is_some();
    assert!(!opening("//! Knows it all.\n"));
    assert!(opening("use std::fmt;\n//! Too late.\n"));
    assert!(opening("//!\n"));
    assert!(opening(""));
    let length = |text: &str| source::length_complaint("a.rs", text, 2).is_some();
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
