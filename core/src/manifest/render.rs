//! Renders a problem as compilers do: the message, the source line, and a mark under the range.

use std::fmt::{self, Write as _};

use super::diagnostic::{Diagnostic, Severity, Span};
use super::source::{Source, place};

/// How many characters of a line are shown, so that a line of a megabyte does not hide its problem.
const SHOWN: usize = 160;
/// How many of them at most stand before the mark.
const BEFORE: usize = 100;

/// A problem for a terminal or a log; see [`render`].
#[derive(Clone, Copy, Debug)]
pub struct Rendered<'a> {
    diagnostic: &'a Diagnostic,
    sources: &'a [Source<'a>],
    colored: bool,
}

/// Shows a problem of `sources`, which it was found in, as compilers do. Print it:
///
/// ```
/// use hpa_core::manifest::{Options, Source, parse_sources, render};
///
/// let sources = [Source::new("hpa.yaml", "kind: Pod\n")];
/// let parsed = parse_sources(&sources, &Options::default());
/// assert_eq!(
///     render(&parsed.diagnostics[0], &sources).to_string(),
///     "error[missing-api-version]: Object 'apiVersion' is missing
///  --> hpa.yaml:1:1
///   |
/// 1 | kind: Pod
///   | ^^^^
///   = help: a HorizontalPodAutoscaler has autoscaling/v2, a Deployment apps/v1
/// "
/// );
/// ```
#[must_use]
pub const fn render<'a>(diagnostic: &'a Diagnostic, sources: &'a [Source<'a>]) -> Rendered<'a> {
    Rendered {
        diagnostic,
        sources,
        colored: false,
    }
}

impl Rendered<'_> {
    /// With ANSI colors, for a terminal; default without.
    #[must_use]
    pub const fn colored(mut self, colored: bool) -> Self {
        self.colored = colored;
        self
    }

    fn paint(&self, color: u8, text: &str) -> String {
        if self.colored {
            format!("\x1b[{color}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// The place, its line and the mark; gives the margin before it.
    fn excerpt(
        &self,
        f: &mut fmt::Formatter<'_>,
        span: Span,
        color: u8,
    ) -> Result<usize, fmt::Error> {
        let margin = span.start.line.to_string().len();
        let place = Visible(&place(span, self.sources)).to_string();
        writeln!(f, "{:margin$}--> {place}", "")?;
        let source = self.sources.get(span.source.index());
        let found = source.and_then(|source| source.text().split_at_checked(span.start.byte));
        let Some((before, after)) = found else {
            return Ok(margin);
        };
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = after.find('\n').unwrap_or(after.len());
        let line = before[line_start..]
            .chars()
            .chain(after[..line_end].chars());
        let column = span.start.column.saturating_sub(1);
        let skipped = column.saturating_sub(BEFORE);
        let shown: String = line.skip(skipped).take(SHOWN).collect();
        let shown = shown.trim_end_matches('\r');
        let indent = column - skipped;
        let room = shown.chars().count().saturating_sub(indent).max(1);
        let length = if span.is_one_line() {
            span.end.column.saturating_sub(span.start.column)
        } else {
            room
        };
        let mark = self.paint(color, &"^".repeat(length.clamp(1, room)));
        let bar = self.paint(DIM, "|");
        writeln!(f, "{:margin$} {bar}", "")?;
        writeln!(f, "{} {bar} {}", span.start.line, Visible(shown))?;
        writeln!(f, "{:margin$} {bar} {:indent$}{mark}", "", "")?;
        Ok(margin)
    }
}

const DIM: u8 = 2;
const GREEN: u8 = 32;

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = self.diagnostic;
        let color = match problem.severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Info => 34,
        };
        let head = self.paint(color, &format!("{}[{}]", problem.severity, problem.code));
        writeln!(f, "{head}: {}", Visible(&problem.message))?;
        let margin = self.excerpt(f, problem.span, color)?;
        if let Some(hint) = &problem.hint {
            writeln!(f, "{:margin$} = help: {}", "", Visible(hint))?;
        }
        for related in &problem.related {
            let head = self.paint(GREEN, "note");
            writeln!(f, "{head}: {}", Visible(&related.message))?;
            self.excerpt(f, related.span, GREEN)?;
        }
        Ok(())
    }
}

/// An untrusted text without control characters that affect a terminal's cursor or colors.
struct Visible<'a>(&'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            // A wider one would put the mark elsewhere than it is counted.
            '\t' => f.write_char(' '),
            _ if c.is_control() && c != '\n' => f.write_char('\u{fffd}'),
            _ => f.write_char(c),
        })
    }
}
