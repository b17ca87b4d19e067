//! The goals of the experiment with their verdicts, and the summary of the run.

use hpa_simulation::experiment::{Entry, Expect, Outcome, Verdict};

use crate::dom::{El, button, el};
use crate::format::{clock, number};
use crate::live::Memo;
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
#[must_use]
pub fn goals(state: Playground) -> El {
    let verdicts = Memo::new(move |_| {
        state.latest.with(|latest| {
            let run = latest.run.as_ref();
            run.map(|run| run.verdicts.clone()).unwrap_or_default()
        })
    });
    let items = move || {
        let verdicts = verdicts.get();
        if verdicts.is_empty() {
            return vec![el("li", "quiet").text(
                "This experiment has no goals. Add some under `goals` in the experiment document.",
            )];
        }
        let goals = verdicts.iter().map(|verdict| goal(state, verdict));
        goals.collect()
    };
    let standing = el("p", "visually-hidden")
        .attr("role", "status")
        .id("goals-standing")
        .says(move || standing(state));
    el("div", "")
        .child(standing)
        .child(el("ul", "goals").region(items))
}

fn goal(state: Playground, verdict: &Verdict) -> El {
    let (class, mark, word) = match verdict.outcome {
        Outcome::Met => ("goal goal-met", "✓", "met"),
        Outcome::Violated => ("goal goal-violated", "✗", "violated"),
    };
    let mut came = el("p", "").child(el("span", "goal-word").text(word));
    if verdict.goal.expect == Expect::Violated {
        came = came.text(" (as intended)");
    }
    came = came.text(": ").text(&verdict.measured_text());
    if let Some(time) = verdict.violation {
        let time = seconds(time);
        let words = format!("first at {}", clock(time));
        came = came
            .text(" · ")
            .child(button("link", &words, move || state.go(time)));
    }
    let mut words = el("div", "")
        .child(el("p", "goal-name").text(&verdict.goal.name))
        .child(came);
    if let (Outcome::Violated, Some(hint)) = (verdict.outcome, &verdict.goal.hint) {
        words = words.child(el("p", "quiet").text(hint));
    }
    el("li", class)
        .child(
            el("span", "goal-mark")
                .attr("aria-hidden", "true")
                .text(mark),
        )
        .child(words)
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
#[must_use]
pub fn numbers(state: Playground) -> El {
    let rows = move || {
        state.latest.with(|latest| {
            let entries = latest.run.as_ref().map(|run| run.summary.entries());
            let row = |entry: Entry| {
                el("tr", "")
                    .child(
                        el("th", "")
                            .attr("scope", "row")
                            .text(entry.measure.label()),
                    )
                    .child(el("td", "count").text(&amount(entry)))
            };
            entries.unwrap_or_default().into_iter().map(row).collect()
        })
    };
    el("table", "groups").child(el("tbody", "").region(rows))
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
