//! Removes indentation and comment lines from scripts and style sheets.
//!
//! Code on a line is never changed, so no JavaScript or CSS parser is needed.

use anyhow::{Result, ensure};

/// Returns a script or style sheet without indentation, empty lines and comment lines.
///
/// # Errors
/// If a template literal may span lines: its content must not change.
pub(crate) fn minify(name: &str, text: &str) -> Result<String> {
    let mut minified = String::with_capacity(text.len());
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
            minified += line;
            minified.push('\n');
        }
    }
    ensure!(
        !in_comment,
        "{name}: a comment does not end at the end of a line"
    );
    Ok(minified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_kept() {
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
            assert_eq!(minify("a.js", text).expect(text), expected);
        }
    }

    #[test]
    fn unsafe_input_is_refused() {
        for (text, why) in [
            (
                "a();\nconst x = `\n  a`;\n",
                "a.js, line 2: a template literal",
            ),
            ("/* a */ b();\nc();\n", "a.js: a comment does not end"),
            ("/* a\n", "a.js: a comment does not end"),
        ] {
            let error = minify("a.js", text).expect_err(text).to_string();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
