//! Checks on scripts, workflows and configuration: the paths, packages and targets that they name.

use std::path::Path;

use crate::workspace::Workspace;

/// Endings of files that are kept in this repository: a path that ends so is one of its files.
const OWN_ENDINGS: &[&str] = &[
    ".css", ".html", ".md", ".mjs", ".rs", ".sh", ".toml", ".tsv", ".yaml", ".yml",
];

/// Folders that a build, a test or a tool makes. What lies in one is not checked.
const MADE: &[&str] = &[
    "artifacts",
    "corpus",
    "dist",
    "node_modules",
    "pkg",
    "target",
];

/// What a file names as a path of the repository although it does not exist.
///
/// A path is what begins with a name at the top of the repository, or ends like one of its files. It
/// is read from the top, or from the file's own folder.
pub(crate) fn path_complaints(
    file: &str,
    text: &str,
    not_paths: &[&str],
    is_top: impl Fn(&str) -> bool,
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut complaints = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for path in paths(line) {
            let first = path.split('/').next().unwrap_or_default();
            let ours = is_top(first) || OWN_ENDINGS.iter().any(|ending| path.ends_with(ending));
            if !ours || not_paths.contains(&path) {
                continue;
            }
            if path.split('/').any(|part| MADE.contains(&part)) {
                continue;
            }
            let beside = folder.join(path);
            if !exists(path) && !beside.to_str().is_some_and(&exists) {
                complaints.push(format!("{file}:{}: {path} does not exist", at + 1));
            }
        }
    }
    complaints
}

/// What looks like a relative path in a line: names with a slash between them or at their end.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-/*@".contains(c);
    line.split(move |c| !is_part(c))
        .map(move |run| (run, run.as_ptr() as usize - line.as_ptr() as usize))
        // Behind these a path goes on that begins with something else: a variable, an address, an escape.
        .filter(|(_, at)| !line[..*at].ends_with(['$', '}', ':', '\\', '>']))
        .map(|(run, _)| run.trim_start_matches('@').trim_end_matches('.'))
        .map(|run| run.strip_prefix("./").unwrap_or(run))
        .filter(|run| {
            run.contains('/') && !run.starts_with(['/', '.', '*'])
                || run.starts_with(".github/")
                || run.starts_with(".ci/")
        })
}

/// Packages and targets that a cargo command in a file names although the workspace has none such.
pub(crate) fn cargo_complaints(file: &str, text: &str, workspace: &Workspace) -> Vec<String> {
    let mut complaints = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || "\"'`,[]()=".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let &[option, name] = pair else { continue };
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            if name.starts_with('-') || !name.chars().all(is_name) {
                continue; // a variable, or another option
            }
            let known = match option {
                "-p" | "--package" => workspace.has_package(name),
                "--bin" | "--bench" | "--test" | "--example" => {
                    workspace.has_target(&option[2..], name)
                }
                _ => continue,
            };
            if !known {
                complaints.push(format!("{file}:{}: there is no {option} {name}", at + 1));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(file: &str, text: &str) -> Vec<String> {
        let exists = |path: &str| {
            [
                "core/src",
                "core/fuzz/a.rs",
                "scripts/setup.sh",
                "e2e/*.mjs",
                ".ci/run",
            ]
            .contains(&path)
        };
        let is_top = |name: &str| ["core", "scripts", "e2e", ".ci"].contains(&name);
        path_complaints(file, text, &["release/a.yaml"], is_top, exists)
    }

    #[test]
    fn paths_that_exist_and_what_is_no_path() {
        for text in [
            "cargo install --path core/src && node --test e2e/*.mjs",
            "\t@scripts/setup.sh # see core/src.",
            "- run: bash .ci/run",
            "join(ROOT, 'core/src')",
            "\"$TOP/core/scr\" ${top}/core/scr https://a.example/core/scr /core/scr",
            "text/html actions/checkout@v4 100 requests/s",
            "core/pkg/a.js core/fuzz/corpus/x target/core/scr",
            "release/a.yaml",
        ] {
            assert_eq!(complaints("a/b.sh", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(
            complaints("core/fuzz/Cargo.toml", "path = \"a.rs\""),
            Vec::<String>::new()
        );
        assert_eq!(
            complaints("core/Cargo.toml", "path = \"fuzz/a.rs\""),
            Vec::<String>::new()
        );
    }

    #[test]
    fn paths_that_do_not_exist() {
        for (text, path) in [
            ("COPY core/scr .", "core/scr"),
            ("hash core/src/lib.rs", "core/src/lib.rs"),
            ("join(ROOT, 'core/scr/')", "core/scr/"),
            ("\t@scripts/gone.sh", "scripts/gone.sh"),
            ("run ./scripts/gone.sh", "scripts/gone.sh"),
            ("gone/completely/a.rs", "gone/completely/a.rs"),
            ("- run: bash .ci/walk", ".ci/walk"),
            ("open (core/scr)", "core/scr"),
        ] {
            assert_eq!(
                complaints("a/b.sh", text),
                [format!("a/b.sh:1: {path} does not exist")]
            );
        }
    }

    #[test]
    fn packages_and_targets() {
        let workspace = Workspace::of(&[("hpa-core", &[("test", "vectors"), ("bin", "hpa")])]);
        let complaints = |text| cargo_complaints("a.sh", text, &workspace);
        for text in [
            "cargo test -p hpa-core --test vectors -- --test-threads 1",
            "['--package', 'hpa-core', '--bin', 'hpa']",
            "cargo run -p \"$package\" --bin {name}; node --test --test-concurrency=2 e2e/*.mjs",
        ] {
            assert_eq!(complaints(text), Vec::<String>::new(), "{text}");
        }
        for text in [
            "cargo test -p hpa-cor",
            "cargo test --package=hpa-cor",
            "cargo test --test vector",
            "cargo bench --bench vectors",
            "'--bin', 'hpa-sim'",
        ] {
            assert_eq!(complaints(text).len(), 1, "{text}");
        }
    }
}
