//! The goals of the experiment with what came of them, and the run in numbers.

use hpa_core::experiment::summary::Entry;
use hpa_core::experiment::{Expect, Outcome, Verdict};
use leptos::prelude::*;

use crate::format::{clock, number};
use crate::model::seconds;
use crate::state::Playground;

/// How many goals are met, such as `2 of 3 met`; empty where there are none.
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
pub fn Goals(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let verdicts = Memo::new(move |_| {
        state.latest.with(|latest| {
            latest
                .run
                .as_ref()
                .map(|run| run.verdicts.clone())
                .unwrap_or_default()
        })
    });
    let items = move || {
        let verdicts = verdicts.get();
        if verdicts.is_empty() {
            return view! {
                <p class="quiet">"The experiment has no goals. An experiment document names them under goals."</p>
            }
            .into_any();
        }
        let items = verdicts.into_iter().map(|verdict| goal(state, verdict));
        view! { <ul class="goals">{items.collect_view()}</ul> }.into_any()
    };
    view! {
        <p class="visually-hidden" role="status" data-testid="goals-standing">{move || standing(state)}</p>
        {items}
    }
}

fn goal(state: Playground, verdict: Verdict) -> impl IntoView {
    let (class, mark, word) = match verdict.outcome {
        Outcome::Met => ("goal goal-met", "✓", "met"),
        Outcome::Violated => ("goal goal-violated", "✗", "violated"),
    };
    let measured = verdict.measured_text();
    let violation = verdict.violation.map(|time| {
        let time = seconds(time);
        view! {
            " · "
            <button type="button" class="link" on:click=move |_| state.go(time)>{format!("first at {}", clock(time))}</button>
        }
    });
    let meant =
        (verdict.goal.expect == Expect::Violated).then_some(", as this experiment means to show");
    let hint = (verdict.outcome == Outcome::Violated)
        .then_some(verdict.goal.hint)
        .flatten()
        .map(|hint| view! { <p class="quiet">{hint}</p> });
    view! {
        <li class=class>
            <span class="goal-mark" aria-hidden="true">{mark}</span>
            <div>
                <p class="goal-name">{verdict.goal.name}</p>
                <p><span class="goal-word">{word}</span>{meant}": "{measured}{violation}</p>
                {hint}
            </div>
        </li>
    }
}

/// A number of a summary with its unit.
#[must_use]
pub fn amount(entry: Entry) -> String {
    let number = number(entry.value);
    if entry.unit.is_empty() {
        number
    } else {
        format!("{number} {}", entry.unit)
    }
}

/// The run in numbers.
#[component]
pub fn Numbers(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let rows = move || {
        state.latest.with(|latest| {
            let entries = latest.run.as_ref().map(|run| run.summary.entries());
            entries
                .unwrap_or_default()
                .into_iter()
                .map(|entry| {
                    view! { <tr><th scope="row">{entry.name}</th><td class="count">{amount(entry)}</td></tr> }
                })
                .collect_view()
        })
    };
    view! { <table class="groups"><tbody>{rows}</tbody></table> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PHP_APACHE, read, run};

    #[test]
    fn goals_are_tallied() {
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
        let entry = |value, unit| Entry {
            name: "x",
            value,
            unit,
        };
        assert_eq!(amount(entry(2.0, "h")), "2 h");
        assert_eq!(amount(entry(36_600.0, "")), "36\u{202f}600");
    }
}
