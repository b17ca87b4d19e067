//! The goals of the experiment with their verdicts, and the summary of the run.

use hpa_simulation::experiment::{Entry, Expect, Outcome, Verdict};
use leptos::prelude::*;

use crate::format::{clock, number};
use crate::model::seconds;
use crate::state::Playground;

/// How many goals are met, such as `2 of 3 met`; empty if there are none.
#[must_use]
pub fn standing(state: Playground) -> String {
    state.latest.with(|latest| {
        latest
            .run
            .as_ref()
            .map_or_else(String::new, |run| tally(&run.verdicts))
    })
}

fn tally(verdicts: &[Verdict]) -> String {
    let met = verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::Met);
    match verdicts.len() {
        0 => String::new(),
        all => format!("{} of {all} met", met.count()),
    }
}

/// The goals with their verdicts.
#[component]
pub fn Goals() -> impl IntoView {
    let state = expect_context::<Playground>();
    let verdicts = Memo::new(move |_| {
        state.latest.with(|latest| {
            let run = latest.run.as_ref();
            run.map(|run| run.verdicts.clone()).unwrap_or_default()
        })
    });
    let none = || {
        view! {
            <li class="quiet">
                "This experiment has no goals. Add some under `goals` in the experiment document."
            </li>
        }
    };
    let goals = move || {
        let verdicts = verdicts.get().into_iter();
        verdicts
            .map(|verdict| view! { <Goal verdict /> })
            .collect_view()
    };
    view! {
        <p class="visually-hidden" role="status" data-testid="goals-standing">
            {move || standing(state)}
        </p>
        <ul class="goals">
            <Show when=move || !verdicts.with(Vec::is_empty) fallback=none>
                {goals}
            </Show>
        </ul>
    }
}

#[component]
fn Goal(
    /// The goal and whether it is met.
    verdict: Verdict,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let measured = verdict.measured_text();
    let Verdict {
        goal,
        outcome,
        violation,
        ..
    } = verdict;
    let (class, mark, word) = match outcome {
        Outcome::Met => ("goal goal-met", "✓", "met"),
        Outcome::Violated => ("goal goal-violated", "✗", "violated"),
    };
    let intended = (goal.expect == Expect::Violated).then_some(" (as intended)");
    let violation = violation.map(|time| {
        let time = seconds(time);
        view! {
            " · "
            <button type="button" class="link" on:click=move |_| state.go(time)>
                {format!("first at {}", clock(time))}
            </button>
        }
    });
    let hint = goal
        .hint
        .filter(|_| outcome == Outcome::Violated)
        .map(|hint| view! { <p class="quiet">{hint}</p> });
    view! {
        <li class=class>
            <span class="goal-mark" aria-hidden="true">
                {mark}
            </span>
            <div>
                <p class="goal-name">{goal.name}</p>
                <p>
                    <span class="goal-word">{word}</span>
                    {intended}
                    ": "
                    {measured}
                    {violation}
                </p>
                {hint}
            </div>
        </li>
    }
}

/// A number of a summary with its unit.
#[must_use]
pub fn amount(entry: Entry) -> String {
    let number = number(entry.value);
    match entry.measure.unit().symbol() {
        "" => number,
        unit => format!("{number} {unit}"),
    }
}

/// The summary of the run as a table.
#[component]
pub fn Numbers() -> impl IntoView {
    let state = expect_context::<Playground>();
    let row = |entry: Entry| {
        view! {
            <tr>
                <th scope="row">{entry.measure.label()}</th>
                <td class="count">{amount(entry)}</td>
            </tr>
        }
    };
    let rows = move || {
        let entries = state.latest.with(|latest| {
            let run = latest.run.as_ref();
            run.map(|run| run.summary.entries()).unwrap_or_default()
        });
        entries.into_iter().map(row).collect_view()
    };
    view! {
        <table class="groups">
            <tbody>{rows}</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Measure;

    use super::*;
    use crate::model::{PHP_APACHE, read, run};

    #[test]
    fn met_goals_are_counted() {
        assert_eq!(tally(&[]), "");
        let run = run(&read(PHP_APACHE)).expect("runs");
        let all = run.verdicts.len();
        let text = tally(&run.verdicts);
        assert!(
            all == 0 || text.ends_with(&format!("of {all} met")),
            "{text}"
        );
    }

    #[test]
    fn amounts_have_their_unit() {
        assert_eq!(amount(Entry::new(Measure::PodHours, 2.0)), "2 h");
        let requests = Entry::new(Measure::Requests, 36_600.0);
        assert_eq!(amount(requests), "36\u{202f}600");
    }
}
