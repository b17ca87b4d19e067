//! The list of problems, with buttons that go to their places in the text.

use hpa_core::manifest::{Severity, Span};
use leptos::prelude::*;

use crate::dom::{El, button, el};
use crate::editor::Place;
use crate::editor::lines::{Mark, Marked};
use crate::format::counted;
use crate::model::Diagnostic;
use crate::options::Access;
use crate::state::Playground;

/// The problems as marks in the editor.
#[must_use]
pub fn marks(diagnostics: &[Diagnostic]) -> Vec<Marked> {
    let marked = |diagnostic: &Diagnostic| Marked {
        start: diagnostic.span.start.byte,
        end: diagnostic.span.end.byte,
        mark: match diagnostic.severity {
            Severity::Error => Mark::Error,
            Severity::Warning => Mark::Warning,
            Severity::Info => Mark::Hint,
        },
    };
    diagnostics.iter().map(marked).collect()
}

/// The number of problems, most severe first: `1 error, 2 warnings`.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| {
        let found = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity);
        i64::try_from(found.count()).unwrap_or(i64::MAX)
    };
    let parts: Vec<String> = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Info), "hint", "hints"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    if parts.is_empty() {
        "no problems".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The problems of the manifests.
#[must_use]
pub fn problems(state: Playground, place: Place) -> El {
    let read = state.read;
    let found = Memo::new(move |_| read.with(|read| read.diagnostics.clone()));
    let items = move || {
        let found = found.get();
        let of = |severity| {
            let own = found.iter();
            own.filter(move |found| found.severity == severity)
        };
        // Sorted by severity, then by position.
        let all = [Severity::Error, Severity::Warning, Severity::Info];
        let item = |diagnostic: &Diagnostic| problem(state, place, diagnostic.clone());
        all.into_iter().flat_map(of).map(item).collect()
    };
    let summary = el("p", "problems-summary")
        .attr("id", "problems-summary")
        .attr("role", "status")
        .says(move || found.with(|found| summary(found)));
    el("div", "problems")
        .id("problems")
        .child(summary)
        .child(el("ol", "problems-list").region(items))
}

/// A button that selects a part of the text in the editor.
fn jump_to(class: &str, label: &str, state: Playground, place: Place, span: Span) -> El {
    let range = span.range();
    button(class, label, move || {
        state
            .text
            .with_untracked(|text| place.select(text, range.start, range.end));
    })
}

fn problem(state: Playground, place: Place, diagnostic: Diagnostic) -> El {
    let (class, severity) = match diagnostic.severity {
        Severity::Error => ("problem problem-error", "Error: "),
        Severity::Warning => ("problem problem-warning", "Warning: "),
        Severity::Info => ("problem problem-hint", "Hint: "),
    };
    let mut words = el("span", "problem-text")
        .child(el("span", "visually-hidden").text(severity))
        .text(&diagnostic.message);
    if let Some(hint) = &diagnostic.hint {
        words = words.child(el("span", "problem-hint-text").text(hint));
    }
    let line = format!("Line {}", diagnostic.span.start.line);
    let jump = jump_to("problem-jump", "", state, place, diagnostic.span)
        .child(el("span", "problem-line").text(&line))
        .child(words);
    let related = diagnostic.related.iter().map(|related| {
        let label = format!("line {}: {}", related.span.start.line, related.message);
        let class = "text-button problem-related";
        jump_to(class, &label, state, place, related.span).id("problem-related")
    });
    let item = el("li", class).child(jump).all(related.collect());
    let Some(fix) = diagnostic.fix.filter(|_| state.access == Access::Edit) else {
        return item;
    };
    let label = format!("Fix: {}", fix.label.replace('`', ""));
    let mend = move || {
        let mended = state.text.with_untracked(|text| fix.apply(text));
        if let Some(text) = mended {
            state.text.set(text);
        }
    };
    item.child(button("text-button problem-fix", &label, mend).id("fix"))
}

#[cfg(test)]
mod tests {
    use hpa_core::manifest::FieldPath;

    use super::*;

    #[test]
    fn a_misspelled_field_is_fixed() {
        let text = crate::model::PHP_APACHE.replace("maxReplicas:", "maxReplica:");
        let read = crate::model::read(&text);
        let unknown = |found: &&Diagnostic| found.code == "unknown-field";
        let found = read.diagnostics.iter().find(unknown).expect("a problem");
        let fix = found.fix.as_ref().expect("a fix");
        let mended = fix.apply(&text);
        assert_eq!(mended.as_deref(), Some(crate::model::PHP_APACHE));
        let mut within = found.fix.clone().expect("a fix");
        (within.start, within.end) = (1, 1);
        assert_eq!(within.apply("é"), None);
    }

    #[test]
    fn the_summary_counts_the_most_severe_problems_first() {
        let problem =
            |severity| Diagnostic::new(severity, "code", Span::default(), FieldPath::default(), "");
        let all = [
            Severity::Warning,
            Severity::Error,
            Severity::Warning,
            Severity::Info,
        ]
        .map(problem);
        assert_eq!(summary(&all), "1 error, 2 warnings, 1 hint");
        assert_eq!(summary(&[]), "no problems");
    }
}
