//! The rules of this repository as data, and the tests that hold the repository to them.
//!
//! The checkers take text and answer with a list of complaints, so that `checkers` can show each
//! of them a bad sample: a rule that cannot fail proves nothing.

mod checkers;
mod docs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which files have to open with `//!`, and how long a file may get.
const OPENING: &str = "//!";
const OPENING_EXTENSIONS: &[&str] = &["rs", "mjs"];
const LIMITED_EXTENSIONS: &[&str] = &["rs", "mjs", "css"];
const MAX_LINES: usize = 600;

/// The documents whose statements are compared with the repository.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
/// Those of them in which whatever looks like a path has to exist.
const DOCUMENTS_WITH_PATHS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md"];
/// What looks like a path and is none, or exists only after a build.
const NOT_PATHS: &[&str] = &[
    "dist/",
    "target/",
    "autoscaling/v1",
    "autoscaling/v2",
    "apps/v1",
];
const ARCHITECTURE_MAX_LINES: usize = 200;

/// Folders that hold no source of ours.
const SKIPPED: &[&str] = &[
    "target",
    "dist",
    "node_modules",
    ".git",
    "pkg",
    "corpus",
    "artifacts",
];

fn root() -> PathBuf {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    core.parent()
        .expect("core/ lies in the workspace")
        .to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under `folder`, as sorted paths relative to the top.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if SKIPPED.contains(&&*name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root()).expect("a path under the top");
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    extensions.iter().any(|wanted| extension == *wanted)
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn files_say_what_they_know_and_stay_short() {
    let mut complaints = Vec::new();
    for path in files("") {
        let text = |extensions| has_extension(&path, extensions).then(|| read(&path));
        if let Some(text) = text(OPENING_EXTENSIONS) {
            complaints.extend(opening_complaint(&path, &text, OPENING));
        }
        if let Some(text) = text(LIMITED_EXTENSIONS) {
            complaints.extend(length_complaint(&path, &text, MAX_LINES));
        }
    }
    assert_none(&complaints);
}

#[test]
fn paths_in_documents_exist() {
    let exists = |path: &str| root().join(path).exists();
    let mut complaints = Vec::new();
    for document in DOCUMENTS_WITH_PATHS {
        complaints.extend(docs::path_complaints(
            document,
            &read(document),
            NOT_PATHS,
            exists,
        ));
    }
    for document in DOCUMENTS {
        complaints.extend(docs::link_complaints(document, &read(document), exists));
    }
    assert_none(&complaints);
}

#[test]
fn architecture_stays_readable_in_one_sitting() {
    let text = read("ARCHITECTURE.md");
    assert_none(&Vec::from_iter(length_complaint(
        "ARCHITECTURE.md",
        &text,
        ARCHITECTURE_MAX_LINES,
    )));
}

#[test]
fn commands_in_documents_work() {
    let targets = docs::make_targets(&read("Makefile"));
    let suites: BTreeSet<String> = ["core", "simulation", "cli", "controller"]
        .iter()
        .flat_map(|package| files(&format!("{package}/tests")))
        .filter_map(|path| path.split_once("/tests/").map(|(_, rest)| rest.to_owned()))
        .filter_map(|path| {
            let name = path.strip_suffix("/main.rs").or(path.strip_suffix(".rs"));
            name.map(str::to_owned)
        })
        .collect();
    let mut complaints = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
        complaints.extend(docs::word_complaints(document, &text, "make ", &targets));
        complaints.extend(docs::word_complaints(document, &text, "--test ", &suites));
    }
    assert_none(&complaints);
}

#[test]
fn the_readme_gives_both_commands_and_ci_runs_the_second() {
    let readme = read("README.md");
    let first_screen: String = readme.lines().take(40).collect::<Vec<_>>().join("\n");
    for command in ["make serve", "make test"] {
        assert!(
            first_screen.contains(command),
            "README.md: `{command}` is not on the first screen"
        );
    }
    assert!(
        read(".ci/run").contains(" test\n"),
        ".ci/run does not call make test"
    );
}

#[test]
fn lock_files_name_no_host_but_the_usual() {
    let mut complaints = docs::cargo_lock_complaints("Cargo.lock", &read("Cargo.lock"));
    for path in files("")
        .iter()
        .filter(|path| path.ends_with("package-lock.json"))
    {
        complaints.extend(docs::npm_lock_complaints(path, &read(path)));
    }
    assert_none(&complaints);
}

fn opening_complaint(path: &str, text: &str, opening: &str) -> Option<String> {
    let first = text.lines().next().unwrap_or_default();
    let says = first.strip_prefix(opening).unwrap_or_default();
    says.trim()
        .is_empty()
        .then(|| format!("{path}: does not open with `{opening}` and a sentence"))
}

fn length_complaint(path: &str, text: &str, most: usize) -> Option<String> {
    let lines = text.lines().count();
    (lines > most).then(|| format!("{path}: {lines} lines, more than {most}"))
}
