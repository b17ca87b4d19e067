//! The rules of this repository as data, and the tests that hold the repository to them.
//!
//! Each checker takes text and answers with a list of complaints, so that its module can show it a bad
//! sample: a rule that cannot fail proves nothing.

mod docs;
mod image;
mod names;
mod workspace;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::WalkDir;
use workspace::Workspace;

/// Which files have to open with a sentence behind `//!`, and how long a file may get.
const OPENING: &str = "//!";
const OPENING_EXTENSIONS: &[&str] = &["rs", "mjs"];
const LIMITED_EXTENSIONS: &[&str] = &["rs", "mjs", "css"];
const MAX_LINES: usize = 600;

/// The documents whose links and commands are compared with the repository, and those of docs/.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
/// Those of them in which whatever looks like a path has to exist.
const DOCUMENTS_WITH_PATHS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md"];
/// What looks like a path in a document and is none, or exists only after a build.
const NOT_PATHS_IN_DOCUMENTS: &[&str] = &[
    "dist/",
    "target/",
    "autoscaling/v1",
    "autoscaling/v2",
    "apps/v1",
];
const ARCHITECTURE_MAX_LINES: usize = 200;

/// Where files outside the sources name paths of the repository, packages and commands.
const NAMING: &[&str] = &[
    ".cargo/",
    ".ci/",
    ".github/",
    "Cargo.toml",
    "Makefile",
    "Trunk.toml",
    "cli/examples/",
    "controller/deploy/",
    "e2e/",
    "fuzz/",
    "index.html",
    "npm/examples/",
    "scripts/",
    "web/static/",
    "xtask/src/",
];
/// What looks like a path in them and is none.
const NOT_PATHS: &[&str] = &[
    // Made by the release workflow.
    "release/hpa-sim.yaml",
    // Of Rust's standard library.
    "sysroot/Cargo.toml",
    // Benchmarks of criterion.
    "simulation/walkthrough",
    "simulation/24",
    "simulation/7",
];

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

fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask/ lies in the workspace")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// True if there is a file or folder of this path, or one that matches it where it has a `*`.
fn exists(path: &str) -> bool {
    let pattern = root().join(path.trim_end_matches('/'));
    let pattern = pattern.to_str().expect("a path in UTF-8");
    glob::glob(pattern).is_ok_and(|mut paths| paths.next().is_some())
}

/// All files, as sorted paths relative to the top.
fn files() -> Vec<String> {
    let ours = WalkDir::new(root()).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        !SKIPPED.contains(&&*name)
    });
    let mut files: Vec<String> = ours
        .map(|entry| entry.expect("a readable entry"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root()).expect("a path in it");
            path.to_string_lossy().replace('\\', "/")
        })
        .collect();
    files.sort();
    files
}

/// [`DOCUMENTS`], and what lies in docs/.
fn documents() -> Vec<String> {
    let of_docs = files().into_iter();
    let of_docs = of_docs.filter(|path| path.starts_with("docs/") && has_extension(path, &["md"]));
    let all = DOCUMENTS.iter().map(|&name| name.to_owned());
    all.chain(of_docs).collect()
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    extensions.iter().any(|wanted| extension == *wanted)
}

fn workspace() -> Workspace {
    Workspace::at(&root().join("Cargo.toml")).expect("cargo metadata")
}

/// The names of xtask's commands, as its help lists them.
fn tasks() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("--help")
        .output()
        .expect("xtask runs");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let (_, commands) = help.split_once("Commands:\n").expect("a list of commands");
    let lines = commands.lines().take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn opening_complaint(path: &str, text: &str) -> Option<String> {
    let opening = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix(OPENING));
    let says = opening.is_some_and(|sentence| !sentence.trim().is_empty());
    (!says).then(|| format!("{path}: does not open with a sentence behind {OPENING}"))
}

fn length_complaint(path: &str, text: &str, most: usize) -> Option<String> {
    let lines = text.lines().count();
    (lines > most).then(|| format!("{path}: has {lines} lines, more than {most}"))
}

/// Sources other than the index of crates.io under the name that every machine gives it.
fn cargo_lock_complaints(path: &str, text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .filter(|source| *source != "\"registry+https://github.com/rust-lang/crates.io-index\"")
        .map(|source| format!("{path}: a dependency comes from {source}"))
        .collect()
}

/// Addresses: those of a registry mirror that was configured when the lock file was written.
fn npm_lock_complaints(path: &str, text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| line.contains("\"resolved\"") && line.contains("://"))
        .map(|line| format!("{path}: names a host: {}", line.trim()))
        .collect()
}

#[test]
fn files_say_what_they_know_and_stay_short() {
    let mut complaints = Vec::new();
    for path in files() {
        let text = |extensions| has_extension(&path, extensions).then(|| read(&path));
        if let Some(text) = text(OPENING_EXTENSIONS) {
            complaints.extend(opening_complaint(&path, &text));
        }
        if let Some(text) = text(LIMITED_EXTENSIONS) {
            complaints.extend(length_complaint(&path, &text, MAX_LINES));
        }
    }
    assert_none(&complaints);
}

#[test]
fn paths_in_documents_exist() {
    let mut complaints = Vec::new();
    for document in DOCUMENTS_WITH_PATHS {
        let text = read(document);
        let paths = docs::path_complaints(document, &text, NOT_PATHS_IN_DOCUMENTS, exists);
        complaints.extend(paths);
    }
    for document in documents() {
        let folder = Path::new(&document).parent().unwrap_or(Path::new(""));
        let exists = |link: &str| root().join(folder).join(link).exists();
        complaints.extend(docs::link_complaints(&document, &read(&document), exists));
    }
    assert_none(&complaints);
}

#[test]
fn architecture_stays_readable_in_one_sitting() {
    let text = read("ARCHITECTURE.md");
    let complaint = length_complaint("ARCHITECTURE.md", &text, ARCHITECTURE_MAX_LINES);
    assert_none(&Vec::from_iter(complaint));
}

#[test]
fn commands_in_documents_work() {
    let targets = docs::make_targets(&read("Makefile"));
    let (tasks, workspace) = (tasks(), workspace());
    let mut complaints = Vec::new();
    for document in documents() {
        let text = read(&document);
        complaints.extend(docs::word_complaints(&document, &text, "make ", &targets));
        complaints.extend(docs::word_complaints(
            &document,
            &text,
            "cargo xtask ",
            &tasks,
        ));
        for code in docs::code(&text) {
            complaints.extend(names::cargo_complaints(&document, &code, &workspace));
        }
    }
    assert_none(&complaints);
}

#[test]
fn what_scripts_and_workflows_name_exists() {
    let tops: BTreeSet<String> = fs::read_dir(root())
        .expect("the top of the repository")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let (tasks, workspace) = (tasks(), workspace());
    let mut complaints = Vec::new();
    let mut read_files = 0;
    for path in files() {
        let names = NAMING.iter().any(|start| path.starts_with(start))
            && !has_extension(&path, &["json", "lock"]);
        if !names {
            continue;
        }
        read_files += 1;
        let text = read(&path);
        let is_top = |name: &str| tops.contains(name);
        complaints.extend(names::path_complaints(
            &path, &text, NOT_PATHS, is_top, exists,
        ));
        complaints.extend(names::cargo_complaints(&path, &text, &workspace));
        for task in docs::unknown_words(&text, "cargo xtask ", &tasks) {
            complaints.push(format!("{path}: there is no `cargo xtask {task}`"));
        }
    }
    assert_none(&complaints);
    assert!(read_files > 40, "only {read_files} files were read");
}

#[test]
fn the_image_is_built_from_what_its_dockerfile_copies() {
    let to = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("image");
    let dockerfile = read("controller/deploy/Dockerfile");
    assert_none(&image::complaints(&dockerfile, root(), &to));
    fs::remove_dir_all(to).expect("the copy is removed");
}

#[test]
fn the_readme_gives_both_commands_and_ci_runs_the_tests() {
    let readme = read("README.md");
    let first_screen: Vec<&str> = readme.lines().take(40).collect();
    for command in ["make serve", "make test"] {
        assert!(
            first_screen.iter().any(|line| line.contains(command)),
            "README.md: `{command}` is not on the first screen"
        );
    }
    assert!(
        read(".ci/run").contains("\ncargo xtask ci\n"),
        ".ci/run does not run all checks and tests"
    );
}

#[test]
fn lock_files_name_no_host_but_the_usual() {
    let mut complaints = Vec::new();
    for path in files() {
        if path.ends_with("Cargo.lock") {
            complaints.extend(cargo_lock_complaints(&path, &read(&path)));
        }
        if path.ends_with("package-lock.json") {
            complaints.extend(npm_lock_complaints(&path, &read(&path)));
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_checkers_complain() {
    let opening = |text| opening_complaint("a.rs", text).is_some();
    assert!(!opening("//! Knows it all.\n"));
    assert!(opening("use std::fmt;\n//! Too late.\n"));
    assert!(opening("//!\n"));
    assert!(opening(""));
    let length = |text: &str| length_complaint("a.rs", text, 2).is_some();
    assert!(!length("1\n2\n"));
    assert!(length("1\n2\n3\n"));
    let cargo = |source| cargo_lock_complaints("Cargo.lock", source).len();
    let usual = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    assert_eq!(cargo(usual), 0);
    assert_eq!(
        cargo("source = \"sparse+https://mirror.example/index/\""),
        1
    );
    let npm = |line| npm_lock_complaints("package-lock.json", line).len();
    assert_eq!(npm("\"integrity\": \"sha512-x\","), 0);
    assert_eq!(npm("\"resolved\": \"https://mirror.example/a.tgz\","), 1);
    assert!(exists("core/UPSTREAM.md") && exists("core/") && exists("e2e/*.test.mjs"));
    assert!(!exists("core/DOWNSTREAM.md") && !exists("e2e/*.test.rs"));
}
