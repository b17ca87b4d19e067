//! The list of problems, each leading to its place in the text.

use hpa_core::manifest::Severity;
use leptos::prelude::*;

use crate::editor::Place;
use crate::editor::lines::{Mark, Marked};
use crate::format::counted;
use crate::model::Diagnostic;
use crate::state::Playground;

/// Where the editor shows the problems.
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

/// How many problems there are, graver ones first: `1 error, 2 warnings`.
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
#[component]
pub fn Problems(
    /// The page's state.
    state: Playground,
    /// The editor.
    place: Place,
) -> impl IntoView {
    let read = state.read;
    let items = move || {
        let read = read.get();
        let item = |diagnostic: &Diagnostic| problem(state, place, diagnostic.clone());
        read.diagnostics.iter().map(item).collect_view()
    };
    view! {
        <div class="problems" data-testid="problems">
            <p id="problems-summary" class="problems-summary" role="status">
                {move || read.with(|read| summary(&read.diagnostics))}
            </p>
            <ol class="problems-list">{items}</ol>
        </div>
    }
}

fn problem(state: Playground, place: Place, diagnostic: Diagnostic) -> impl IntoView {
    let (class, severity) = match diagnostic.severity {
        Severity::Error => ("problem problem-error", "Error"),
        Severity::Warning => ("problem problem-warning", "Warning"),
        Severity::Info => ("problem problem-hint", "Hint"),
    };
    let range = diagnostic.span.range();
    let jump = move |_| {
        state
            .text
            .with_untracked(|text| place.select(text, range.start, range.end));
    };
    view! {
        <li class=class>
            <button type="button" on:click=jump>
                <span class="problem-line">{format!("Line {}", diagnostic.span.start.line)}</span>
                <span class="problem-text">
                    <span class="visually-hidden">{severity}": "</span>
                    {diagnostic.message}
                    {diagnostic.hint.map(|hint| view! { <span class="problem-hint-text">{hint}</span> })}
                </span>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use hpa_core::manifest::{FieldPath, Span};

    use super::*;

    #[test]
    fn problems_are_counted_graver_ones_first() {
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
