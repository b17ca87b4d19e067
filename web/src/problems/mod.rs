//! The list of problems, with buttons that go to their places in the text.

use hpa_core::manifest::{Severity, Span};
use leptos::prelude::*;

use crate::editor::lines::{Mark, Marked};
use crate::format::counted;
use crate::model::Diagnostic;
use crate::options::Access;
use crate::session::Session;

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

/// The problems of the text: their number and, for each, a button that selects its place.
#[component]
pub fn Problems() -> impl IntoView {
    let read = expect_context::<Session>().state.read;
    let found = Memo::new(move |_| read.with(|read| by_severity(&read.diagnostics)));
    view! {
        <div class="problems" data-testid="problems">
            <p class="problems-summary" id="problems-summary" role="status">
                {move || found.with(|found| summary(found))}
            </p>
            <ol class="problems-list">
                {move || {
                    found
                        .get()
                        .into_iter()
                        .map(|diagnostic| view! { <Problem diagnostic /> })
                        .collect_view()
                }}
            </ol>
        </div>
    }
}

/// The problems, most severe first; those of one severity keep their order.
fn by_severity(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let of = |severity| {
        let found = diagnostics.iter();
        found.filter(move |diagnostic| diagnostic.severity == severity)
    };
    [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .flat_map(of)
        .cloned()
        .collect()
}

#[component]
fn Problem(
    /// What is wrong, and where.
    diagnostic: Diagnostic,
) -> impl IntoView {
    let Session { state, place, .. } = expect_context();
    let select = move |span: Span| {
        let range = span.range();
        move |_| {
            state
                .text
                .with_untracked(|text| place.select(text, range.start, range.end));
        }
    };
    let (class, severity) = match diagnostic.severity {
        Severity::Error => ("problem problem-error", "Error: "),
        Severity::Warning => ("problem problem-warning", "Warning: "),
        Severity::Info => ("problem problem-hint", "Hint: "),
    };
    let hint = |hint: String| view! { <span class="problem-hint-text">{hint}</span> };
    let related = diagnostic.related.into_iter().map(|related| {
        view! {
            <button
                type="button"
                class="text-button problem-related"
                data-testid="problem-related"
                on:click=select(related.span)
            >
                {format!("line {}: {}", related.span.start.line, related.message)}
            </button>
        }
    });
    let fix = diagnostic.fix.filter(|_| state.access == Access::Edit);
    let fix = fix.map(|fix| {
        let label = format!("Fix: {}", fix.label.replace('`', ""));
        let apply = move |_| {
            let fixed = state.text.with_untracked(|text| fix.apply(text));
            if let Some(text) = fixed {
                state.text.set(text);
            }
        };
        view! {
            <button type="button" class="text-button problem-fix" data-testid="fix" on:click=apply>
                {label}
            </button>
        }
    });
    view! {
        <li class=class>
            <button type="button" class="problem-jump" on:click=select(diagnostic.span)>
                <span class="problem-line">{format!("Line {}", diagnostic.span.start.line)}</span>
                <span class="problem-text">
                    <span class="visually-hidden">{severity}</span>
                    {diagnostic.message}
                    {diagnostic.hint.map(hint)}
                </span>
            </button>
            {related.collect_view()}
            {fix}
        </li>
    }
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

    #[test]
    fn the_most_severe_problems_come_first_and_keep_their_order() {
        let problem = |(severity, message)| {
            Diagnostic::new(
                severity,
                "code",
                Span::default(),
                FieldPath::default(),
                message,
            )
        };
        let all = [
            (Severity::Info, "1"),
            (Severity::Error, "2"),
            (Severity::Warning, "3"),
            (Severity::Error, "4"),
        ]
        .map(problem);
        let sorted = by_severity(&all);
        let order: Vec<&str> = sorted.iter().map(|found| &*found.message).collect();
        assert_eq!(order, ["2", "4", "3", "1"]);
    }
}
