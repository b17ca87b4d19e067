//! Removes indentation and comment lines from scripts and style sheets.
//!
//! Not a minifier: code on a line is never changed, so no JavaScript or CSS parser is needed.

use anyhow::{Result, ensure};

/// The text of a script or style sheet without indentation, empty lines and lines of comment.
///
/// # Errors
/// If a template literal may go on over the end of a line: what it holds must not be changed.
pub(crate) fn thin(name: &str, text: &str) -> Result<String> {
    let mut thin = String::with_capacity(text.len());
    let mut in_comment = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            ensure!(
                line.matches('`').count().is_multiple_of(2),
                "{name}, line {}: a template literal must end on its line",
                at + 1
            );
            thin += line;
            thin.push('\n');
        }
    }
    ensure!(
        !in_comment,
        "{name}: a comment does not end at the end of a line"
    );
    Ok(thin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_says_the_same() {
        let rows = [
            ("", ""),
            ("a();\n", "a();\n"),
            (
                "  a();\n\n\tb(); // why\n   // why\n",
                "a();\nb(); // why\n",
            ),
            ("/** One line. */\na();\n", "a();\n"),
            ("  /**\n   * Some\n   * lines. */\na();\n", "a();\n"),
            ("/* a *\n/ b */\na { top: 0 }\n", "a { top: 0 }\n"),
            ("const x = `a ${b} c`;\n", "const x = `a ${b} c`;\n"),
            ("a(); /* stays */\n", "a(); /* stays */\n"),
            ("no newline", "no newline\n"),
        ];
        for (text, expected) in rows {
            assert_eq!(thin("a.js", text).expect(text), expected);
        }
    }

    #[test]
    fn what_could_be_changed_is_refused() {
        for (text, why) in [
            (
                "a();\nconst x = `\n  a`;\n",
                "a.js, line 2: a template literal",
            ),
            ("/* a */ b();\nc();\n", "a.js: a comment does not end"),
            ("/* a\n", "a.js: a comment does not end"),
        ] {
            let error = thin("a.js", text).expect_err(text).to_string();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
