//! The comparison of the current run with a pinned one: where they diverge, the texts, the summaries.

pub mod diff;

use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::edit::EditError;
use hpa_simulation::experiment::{Comparison, Entry};
use leptos::prelude::untrack;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::diff::{Change, diff};
use crate::dom::{El, button, el, html};
use crate::edit;
use crate::format::clock;
use crate::goals::amount;
use crate::model::{Shared, seconds};
use crate::state::Playground;

/// The comparison with a pinned run, and the buttons that pin one.
#[must_use]
pub fn compare(state: Playground) -> El {
    let said = RwSignal::new(String::new());
    let pin = move |text: Result<String, EditError>, words: &str| match text {
        Ok(text) => {
            state.pinned_text.set(Some(text));
            said.set(words.to_owned());
        }
        Err(error) => said.set(error.to_string()),
    };
    let has_behavior = move || {
        state.latest.with(|latest| {
            latest
                .trace()
                .is_some_and(|trace| trace.setup.autoscaler.spec.behavior.is_some())
        })
    };
    let comparison = Memo::new(move |_| {
        let pinned = state.pinned.get()?;
        let run = state.latest.with(|latest| latest.run.clone())?;
        Some(Shared::new(pinned.compare(&run)))
    });
    let inside = html(
        r#"<div>
            <div class="compare-with">
                <button type="button" class="text-button" data-testid="pin">Pin this run</button>
                <button type="button" class="text-button" data-testid="pin-behavior"></button>
                <select data-testid="pin-version" aria-label="Compare with another Kubernetes version"><option value="">Compare with Kubernetes …</option></select>
                <span data-testid="pinned"></span>
            </div>
            <p class="quiet" role="status"></p>
            <div data-testid="comparison"></div>
        </div>"#,
    );
    inside.at("pin").click(move || {
        let text = state.text.get_untracked();
        pin(Ok(text), "Pinned.");
    });
    inside
        .at("pin-behavior")
        .says(move || {
            let words = if has_behavior() {
                "Compare without behavior"
            } else {
                "Compare with default behavior"
            };
            words.to_owned()
        })
        .click(move || {
            let read = state.read.get_untracked();
            let text = state
                .text
                .with_untracked(|text| edit::toggle_behavior(text, &read));
            let words = if untrack(has_behavior) {
                "Comparing without behavior."
            } else {
                "Comparing with default behavior."
            };
            pin(text, words);
        });
    let versions = inside.at("pin-version");
    for version in (0..=u8::MAX).filter_map(KubernetesVersion::from_minor) {
        let version = version.to_string();
        versions
            .clone()
            .child(el("option", "").attr("value", &version).text(&version));
    }
    let own = versions.clone();
    versions.entered("change", move |version| {
        if !version.is_empty() {
            let read = state.read.get_untracked();
            let text = state
                .text
                .with_untracked(|text| edit::set_version(text, &read, &version));
            pin(text, &format!("Comparing with Kubernetes {version}."));
        }
        let own: &web_sys::HtmlSelectElement = own.node().unchecked_ref();
        own.set_value("");
    });
    inside.at("pinned").part(move || {
        let unpin = || button("text-button", "Unpin", move || state.pinned_text.set(None));
        state
            .pinned
            .with(Option::is_some)
            .then(|| unpin().id("unpin"))
    });
    inside.find("p").says(move || said.get());
    inside
        .at("comparison")
        .region(move || match comparison.get() {
            None => vec![
                el("p", "quiet").text("Pin this run to compare it with the runs of later changes."),
            ],
            Some(comparison) => vec![
                divergence(state, &comparison),
                texts(state),
                numbers(&comparison),
            ],
        });
    inside
}

fn divergence(state: Playground, comparison: &Comparison) -> El {
    let words = el("p", "");
    let Some(found) = &comparison.divergence else {
        return words.text("Both runs ask for the same number of replicas at every sync.");
    };
    let time = seconds(found.time);
    let (pinned, this) = found.desired;
    words
        .text("They diverge at ")
        .child(button("link", &clock(time), move || state.go(time)).id("part"))
        .text(&format!(
            ": the pinned run asks for {pinned} replicas, this one for {this}. First difference: {} ({}).",
            found.step, found.text
        ))
}

fn texts(state: Playground) -> El {
    let changes = state.pinned_text.with(|pinned| {
        let pinned = pinned.as_deref().unwrap_or_default();
        state.text.with(|text| diff(pinned, text))
    });
    if changes.is_empty() {
        return el("p", "quiet")
            .text("The texts are identical: change one to see where the runs diverge.");
    }
    let line = |change: Change| {
        let (class, mark, said, line) = match change {
            Change::Removed(line) => ("diff-removed", "− ", "pinned only: ", line),
            Change::Added(line) => ("diff-added", "+ ", "this run only: ", line),
            Change::Gap => ("diff-gap", "⋯ ", "", String::new()),
        };
        el("span", class)
            .child(el("span", "").attr("aria-hidden", "true").text(mark))
            .child(el("span", "visually-hidden").text(said))
            .text(&line)
            .text("\n")
    };
    el("pre", "printed")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Differences between the texts")
        .id("diff")
        .all(changes.into_iter().map(line).collect())
}

fn numbers(comparison: &Comparison) -> El {
    let table = html(
        r#"<table class="groups">
            <thead><tr><th scope="col">Summary</th><th scope="col" class="count">pinned</th><th scope="col" class="count">this</th></tr></thead>
            <tbody></tbody>
        </table>"#,
    );
    let row = |(before, after): &(Entry, Entry)| {
        let (pinned, this) = (amount(*before), amount(*after));
        let class = if pinned == this { "same" } else { "differs" };
        el("tr", class)
            .child(
                el("th", "")
                    .attr("scope", "row")
                    .text(after.measure.label()),
            )
            .child(el("td", "count").text(&pinned))
            .child(el("td", "count").text(&this))
    };
    table
        .find("tbody")
        .all(comparison.entries.iter().map(row).collect());
    table
}
