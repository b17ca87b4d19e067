//! Checks on documents: paths, links and commands that they name, and on lock files.

use std::collections::BTreeSet;

/// Endings by which a name without a slash is known for a file's.
const FILE_ENDINGS: &[&str] = &[
    ".rs", ".md", ".toml", ".lock", ".sh", ".mjs", ".json", ".html", ".css", ".yml",
];

/// Names in backticks that look like a path from the top and do not exist.
pub(crate) fn path_complaints(
    document: &str,
    text: &str,
    not_paths: &[&str],
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    code(text)
        .filter(|code| !code.contains(char::is_whitespace) && !code.contains("::"))
        .filter(|code| code.contains('/') || FILE_ENDINGS.iter().any(|end| code.ends_with(end)))
        .filter(|code| !code.contains("://") && !not_paths.contains(code))
        .filter(|code| !exists(code))
        .map(|code| format!("{document}: `{code}` does not exist"))
        .collect()
}

/// Links to files that do not exist.
pub(crate) fn link_complaints(
    document: &str,
    text: &str,
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty() && !link.contains("://") && !exists(link))
        .map(|link| format!("{document}: the link to {link} leads nowhere"))
        .collect()
}

/// Words that follow `lead` in code and are not `known`.
pub(crate) fn word_complaints(
    document: &str,
    text: &str,
    lead: &str,
    known: &BTreeSet<String>,
) -> Vec<String> {
    code(text)
        .flat_map(|code| {
            code.match_indices(lead)
                .filter(|(at, _)| *at == 0 || code[..*at].ends_with([' ', '\n']))
                .map(|(at, _)| &code[at + lead.len()..])
        })
        .filter_map(|rest| {
            rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ')'))
                .next()
        })
        .filter(|word| !word.is_empty() && !word.contains('/') && !known.contains(*word))
        .map(|word| format!("{document}: there is no `{lead}{word}`"))
        .collect()
}

/// The targets of a Makefile.
pub(crate) fn make_targets(makefile: &str) -> BTreeSet<String> {
    makefile
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(':'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// Sources other than the index of crates.io under the name that every machine gives it.
pub(crate) fn cargo_lock_complaints(path: &str, text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .filter(|source| *source != "\"registry+https://github.com/rust-lang/crates.io-index\"")
        .map(|source| format!("{path}: a dependency comes from {source}"))
        .collect()
}

/// Addresses, which would be those of the registry that whoever wrote the lock file had set up.
pub(crate) fn npm_lock_complaints(path: &str, text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| line.contains("\"resolved\"") && line.contains("://"))
        .map(|line| format!("{path}: names a host: {}", line.trim()))
        .collect()
}

/// What stands in backticks or in a fenced block.
fn code(text: &str) -> impl Iterator<Item = &str> {
    // Fences first: between two of them a backtick is only a character.
    text.split("```").enumerate().flat_map(|(at, part)| {
        let (block, prose) = if at % 2 == 1 {
            (Some(part), "")
        } else {
            (None, part)
        };
        let spans = prose.split('`').skip(1).step_by(2);
        block.into_iter().chain(spans)
    })
}
