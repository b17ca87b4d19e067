//! What the tests of whole experiments share.

use hpa_core::manifest::{Severity, Source, render};
use hpa_simulation::experiment::Experiment;

/// The experiment that a text says.
///
/// # Panics
/// With the problems as they are shown, if it says none.
#[track_caller]
pub(crate) fn experiment(name: &str, text: &str) -> Experiment {
    let parsed = Experiment::parse(text);
    let problems = parsed.diagnostics.iter();
    let errors = problems.filter(|problem| problem.severity == Severity::Error);
    let shown: String = errors
        .map(|problem| render(problem, &[Source::new(name, text)]).to_string())
        .collect();
    parsed
        .experiment
        .unwrap_or_else(|| panic!("{name}:\n{shown}"))
}
