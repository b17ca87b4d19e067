//! Problems of a text as a compiler shows them: the line, and a mark under what is wrong.

use std::fmt;

use hpa_core::manifest::{Diagnostic, Severity};

use crate::style::{Accent, Style};

/// A problem with the text it was found in.
pub(crate) struct Problem<'a> {
    /// The file's name.
    pub(crate) file: &'a str,
    /// The text.
    pub(crate) text: &'a str,
    /// What is wrong.
    pub(crate) diagnostic: &'a Diagnostic,
    /// With colors or without.
    pub(crate) style: Style,
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            text,
            diagnostic,
            style,
        } = *self;
        let (word, accent) = match diagnostic.severity {
            Severity::Error => ("error", Accent::Red),
            Severity::Warning => ("warning", Accent::Yellow),
            Severity::Info => ("info", Accent::Blue),
        };
        let (start, end) = (diagnostic.span.start, diagnostic.span.end);
        let head = format!("{word}[{}]", diagnostic.code);
        writeln!(f, "{}: {}", style.paint(accent, head), diagnostic.message)?;
        let number = start.line.to_string();
        let margin = " ".repeat(number.len());
        let bar = style.paint(Accent::Dim, "|");
        writeln!(f, "{margin}--> {file}:{}:{}", start.line, start.column)?;
        if let Some(line) = text.lines().nth(start.line.saturating_sub(1)) {
            // Tabs would put the mark elsewhere than it is counted.
            let shown = line.replace('\t', " ");
            let width = shown.chars().count();
            let until = if end.line == start.line {
                end.column
            } else {
                width + 1
            };
            let marks = until.saturating_sub(start.column).clamp(1, width.max(1));
            let indent = " ".repeat(start.column.saturating_sub(1));
            let mark = style.paint(accent, "^".repeat(marks));
            writeln!(f, "{margin} {bar}")?;
            writeln!(f, "{number} {bar} {shown}")?;
            writeln!(f, "{margin} {bar} {indent}{mark}")?;
        }
        if let Some(hint) = &diagnostic.hint {
            writeln!(f, "{margin} = help: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Experiment;

    use super::*;

    #[test]
    fn a_mark_stands_under_the_field() {
        let text = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a\nspec:\n  maxReplcas: 3\n";
        let parsed = Experiment::parse(text);
        let shown: String = parsed
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "unknown-field")
            .map(|diagnostic| {
                let style = Style::Plain;
                Problem {
                    file: "a.yaml",
                    text,
                    diagnostic,
                    style,
                }
                .to_string()
            })
            .collect();
        assert!(shown.contains("--> a.yaml:6:3\n"), "{shown}");
        assert!(
            shown.contains("6 |   maxReplcas: 3\n  |   ^^^^^^^^^^"),
            "{shown}"
        );
    }
}
