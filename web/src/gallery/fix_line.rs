//! The line that offers the fix of an experiment.

use hpa_simulation::experiment::{Expect, Goal};
use leptos::prelude::*;

use crate::model::Parsed;
use crate::options::Access;
use crate::session::Session;
use crate::shell::notice::Notice;

/// Offers the experiment's fix while it can still be applied.
#[component]
pub fn FixLine() -> impl IntoView {
    let session = expect_context::<Session>();
    let state = session.state;
    let fix = Memo::new(move |_| {
        if state.access == Access::ReadOnly {
            return None;
        }
        let read = state.read.get();
        state.text.with(|text| offered(&read, text))
    });
    let line = move |(summary, fixed): (String, String)| {
        let apply = move |_| {
            session.history.open(fixed.clone());
            let done = Notice::undoable("The fix was applied.");
            session.state.notice.set(Some(done));
        };
        view! {
            <div class="fix" data-testid="fix">
                <p>
                    <strong>"Fix: "</strong>
                    {summary}
                </p>
                <button type="button" class="text-button" data-testid="apply-fix" on:click=apply>
                    "Apply the fix"
                </button>
            </div>
        }
    };
    view! { <div>{move || fix.get().map(line)}</div> }
}

/// The summary of a text's fix and the fixed text, as long as a goal is expected to be violated.
fn offered(read: &Parsed, text: &str) -> Option<(String, String)> {
    let experiment = read.experiment.as_ref()?;
    let fix = experiment.fix.as_ref()?;
    let violated = |goal: &Goal| goal.expect == Expect::Violated;
    let fixed = experiment
        .goals
        .iter()
        .any(violated)
        .then(|| fix.apply(text))??;
    Some((fix.summary.clone(), fixed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn a_fix_is_offered_once() {
        let text = include_str!("../../../simulation/experiments/pain-03-flapping.yaml");
        let (summary, fixed) = offered(&model::read(text), text).expect("a fix");
        assert_eq!(summary, "The default window of five minutes");
        assert!(fixed.contains("stabilizationWindowSeconds: 300"), "{fixed}");
        assert_eq!(offered(&model::read(&fixed), &fixed), None);
    }
}
