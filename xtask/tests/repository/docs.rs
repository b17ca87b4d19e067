//! Checks on documents: the paths, links and commands that they name.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag};

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
        .into_iter()
        .filter(|code| !code.contains(char::is_whitespace) && !code.contains("::"))
        .filter(|code| code.contains('/') || FILE_ENDINGS.iter().any(|end| code.ends_with(end)))
        .filter(|code| !code.contains("://") && !not_paths.contains(&&**code))
        .filter(|code| !exists(code))
        .map(|code| format!("{document}: `{code}` does not exist"))
        .collect()
}

/// Links, also of pictures, to files that do not exist.
pub(crate) fn link_complaints(
    document: &str,
    text: &str,
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    Parser::new(text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url)
            }
            _ => None,
        })
        .filter(|link| !link.contains("://"))
        .filter_map(|link| link.split('#').next().map(str::to_owned))
        .filter(|file| !file.is_empty() && !exists(file))
        .map(|file| format!("{document}: the link to {file} leads nowhere"))
        .collect()
}

/// Words that follow `lead` in the code of a document and are not `known`.
pub(crate) fn word_complaints(
    document: &str,
    text: &str,
    lead: &str,
    known: &BTreeSet<String>,
) -> Vec<String> {
    code(text)
        .iter()
        .flat_map(|code| unknown_words(code, lead, known))
        .map(|word| format!("{document}: there is no `{lead}{word}`"))
        .collect()
}

/// Words that follow `lead` in a text and are not `known`.
pub(crate) fn unknown_words(text: &str, lead: &str, known: &BTreeSet<String>) -> Vec<String> {
    text.match_indices(lead)
        .filter(|(at, _)| *at == 0 || text[..*at].ends_with([' ', '\n', '@', '"', '`']))
        .filter_map(|(at, _)| {
            text[at + lead.len()..]
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .next()
        })
        .filter(|word| !word.is_empty() && !known.contains(*word))
        .map(str::to_owned)
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

/// What stands in backticks, or in a block of code.
pub(crate) fn code(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut block = None;
    for event in Parser::new(text) {
        match event {
            Event::Code(code) => pieces.push(code.to_string()),
            Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::End(_) => pieces.extend(block.take()),
            _ => {}
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exists(path: &str) -> bool {
        path == "core/src/" || path == "README.md"
    }

    #[test]
    fn paths() {
        let paths = |text| path_complaints("A.md", text, &["apps/v1"], exists);
        let good =
            "`core/src/` and `README.md`, `apps/v1`, `a::b/c`, `not a/path`, `https://a.example/b`";
        assert_eq!(paths(good), Vec::<String>::new());
        assert_eq!(
            paths("see `core/scr/`"),
            ["A.md: `core/scr/` does not exist"]
        );
        assert_eq!(paths("| a |\n|---|\n| `LIESMICH.md` |").len(), 1);
    }

    #[test]
    fn links() {
        let links = |text| link_complaints("A.md", text, exists);
        assert_eq!(
            links("[a](README.md#top) [b](https://example.com/x) [c](#here)"),
            Vec::<String>::new()
        );
        assert_eq!(
            links("[a](READ.md)"),
            ["A.md: the link to READ.md leads nowhere"]
        );
        assert_eq!(links("![a](picture.png)").len(), 1);
        assert_eq!(links("[a][1]\n\n[1]: READ.md").len(), 1);
    }

    #[test]
    fn commands() {
        let targets = make_targets(".PHONY: x\nPORT ?= 1\nserve: a ## b\n\ttrunk: x\ntest:\n");
        assert_eq!(Vec::from_iter(&targets), ["serve", "test"]);
        let words = |text| word_complaints("A.md", text, "make ", &targets);
        let good = "We make sense.\n```sh\nmake serve PORT=1\nmake test\n```\n`make test`";
        assert_eq!(words(good), Vec::<String>::new());
        assert_eq!(
            words("```\ngit clone x\nmake server\n```"),
            ["A.md: there is no `make server`"]
        );
        assert_eq!(words("run `make tests`").len(), 1);
    }
}
