//! Comparing: the run on screen beside a pinned one, where they part, and what it came to.

pub mod diff;

use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::experiment::Comparison;
use leptos::prelude::*;

use self::diff::{Change, diff};
use crate::edit;
use crate::format::clock;
use crate::goals::amount;
use crate::model::{Shared, seconds};
use crate::state::Playground;

/// The run on screen beside a pinned one.
#[component]
pub fn Compare(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let pin = move |text: Option<String>, words: String| match text {
        Some(text) => {
            state.pinned_text.set(Some(text));
            said.set(words);
        }
        None => said.set("The text has no place for this change".to_owned()),
    };
    let pin_this = move |_| {
        pin(
            Some(state.text.get_untracked()),
            "Pinned. Change something and see where the runs part.".to_owned(),
        );
    };
    let pin_behavior = move |_| {
        let read = state.read.get_untracked();
        let text = state
            .text
            .with_untracked(|text| edit::toggle_behavior(text, &read));
        pin(text, "Compared with the other behavior.".to_owned());
    };
    let pin_version = move |version: String| {
        let read = state.read.get_untracked();
        let text = state.text.with_untracked(|text| {
            edit::set_field(text, &read, "kubernetesVersion", &format!("{version:?}"))
        });
        pin(text, format!("Compared with Kubernetes {version}."));
    };
    let has_behavior = move || {
        state.latest.with(|latest| {
            latest
                .trace()
                .is_some_and(|trace| trace.setup.autoscaler.spec.behavior.is_some())
        })
    };
    let versions = (0..=u8::MAX)
        .filter_map(KubernetesVersion::from_minor)
        .map(|version| version.to_string())
        .map(|version| view! { <option value=version.clone()>{version.clone()}</option> })
        .collect_view();
    let comparison = Memo::new(move |_| {
        let pinned = state.pinned.get()?;
        let run = state.latest.with(|latest| latest.run.clone())?;
        Some(Shared::new(pinned.compare(&run)))
    });
    let result = move || {
        match comparison.get() {
        None => view! { <p class="quiet">"Pin a run: it stays while the text changes, and both are compared."</p> }.into_any(),
        Some(comparison) => view! {
            {divergence(state, &comparison)}
            {texts(state)}
            {numbers(&comparison)}
        }
        .into_any(),
    }
    };
    view! {
        <div class="compare-with">
            <button type="button" class="text-button" data-testid="pin" on:click=pin_this>"Pin this run"</button>
            <button type="button" class="text-button" data-testid="pin-behavior" on:click=pin_behavior>
                {move || if has_behavior() { "Compare without behavior" } else { "Compare with behavior: {}" }}
            </button>
            <select data-testid="pin-version" aria-label="Compare with another Kubernetes version"
                on:change:target=move |event| {
                    let version = event.target().value();
                    if !version.is_empty() {
                        pin_version(version);
                    }
                    event.target().set_value("");
                }>
                <option value="">"Compare with Kubernetes …"</option>
                {versions}
            </select>
            {move || state.pinned.get().map(|_| view! {
                <button type="button" class="text-button" data-testid="unpin" on:click=move |_| state.pinned_text.set(None)>"Unpin"</button>
            })}
        </div>
        <p class="quiet" role="status">{move || said.get()}</p>
        <div data-testid="comparison">{result}</div>
    }
}

fn divergence(state: Playground, comparison: &Comparison) -> impl IntoView + use<> {
    match &comparison.divergence {
        None => view! { <p>"Both runs ask for the same replicas at every sync."</p> }.into_any(),
        Some(found) => {
            let time = seconds(found.time);
            let (pinned, this) = found.desired;
            let words = format!(
                " the pinned run asks for {pinned} replicas, this one for {this}, because of {}: {}.",
                found.step, found.text
            );
            view! {
                <p>
                    "They part at "
                    <button type="button" class="link" data-testid="part" on:click=move |_| state.go(time)>{clock(time)}</button>
                    ":"{words}
                </p>
            }
            .into_any()
        }
    }
}

fn texts(state: Playground) -> impl IntoView {
    let changes = move || {
        let pinned = state.pinned_text.get().unwrap_or_default();
        let changes = state.text.with(|text| diff(&pinned, text));
        if changes.is_empty() {
            return view! { <p class="quiet">"The texts are the same."</p> }.into_any();
        }
        let lines = changes.into_iter().map(|change| {
            let (class, mark, said, line) = match change {
                Change::Removed(line) => ("diff-removed", "−", "only pinned: ", line),
                Change::Added(line) => ("diff-added", "+", "only here: ", line),
                Change::Gap => ("diff-gap", "⋯", "", String::new()),
            };
            view! {
                <span class=class><span aria-hidden="true">{mark}" "</span><span class="visually-hidden">{said}</span>{line}"\n"</span>
            }
        });
        view! {
            <pre class="printed" tabindex="0" role="region" aria-label="What differs in the texts" data-testid="diff">{lines.collect_view()}</pre>
        }
        .into_any()
    };
    view! { {changes} }
}

fn numbers(comparison: &Comparison) -> impl IntoView + use<> {
    let rows = comparison.entries.iter().map(|(pinned, this)| {
        let class = if amount(*pinned) == amount(*this) {
            "same"
        } else {
            "differs"
        };
        view! {
            <tr class=class>
                <th scope="row">{this.name}</th>
                <td class="count">{amount(*pinned)}</td>
                <td class="count">{amount(*this)}</td>
            </tr>
        }
    });
    view! {
        <table class="groups">
            <thead><tr><th scope="col">"In numbers"</th><th scope="col" class="count">"pinned"</th><th scope="col" class="count">"this"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
