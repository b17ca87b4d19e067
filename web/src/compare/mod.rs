//! The comparison of the current run with a pinned one: where they diverge, the texts, the summaries.

pub mod diff;

use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::edit::EditError;
use hpa_simulation::experiment::{self, Entry};
use leptos::prelude::*;

use self::diff::{Change, diff};
use crate::edit;
use crate::format::clock;
use crate::goals::amount;
use crate::lazy::lazy_part;
use crate::model::{Shared, seconds};
use crate::state::Playground;

lazy_part! {
    part = comparison, preload = preload;
    pub(crate) fn comparison() -> AnyView {
        view! { <Compare /> }.into_any()
    }
}

/// The comparison with a pinned run, and the buttons that pin one.
#[component]
fn Compare() -> impl IntoView {
    let state = expect_context::<Playground>();
    let comparison = Memo::new(move |_| {
        let pinned = state.pinned.get()?;
        let run = state.latest.with(|latest| latest.run.clone())?;
        Some(Shared::new(pinned.compare(&run)))
    });
    let none = || {
        view! {
            <p class="quiet">"Pin this run to compare it with the runs of later changes."</p>
        }
    };
    let found = move || {
        let comparison = comparison.get()?;
        Some(view! {
            <Divergence comparison=comparison.clone() />
            <Texts />
            <Summaries comparison />
        })
    };
    view! {
        <Pinning />
        <div data-testid="comparison">
            <Show when=move || comparison.with(Option::is_some) fallback=none>
                {found}
            </Show>
        </div>
    }
}

/// The ways to pin a run, and the message of the last one.
#[component]
fn Pinning() -> impl IntoView {
    let state = expect_context::<Playground>();
    let message = RwSignal::new(String::new());
    let pin = move |text: Result<String, EditError>, done: String| match text {
        Ok(text) => {
            state.pinned_text.set(Some(text));
            message.set(done);
        }
        Err(error) => message.set(error.to_string()),
    };
    let has_behavior = Memo::new(move |_| {
        state.latest.with(|latest| {
            latest
                .trace()
                .is_some_and(|trace| trace.setup.autoscaler.spec.behavior.is_some())
        })
    });
    let other_behavior = move || {
        if has_behavior.get() {
            "without behavior"
        } else {
            "with default behavior"
        }
    };
    let pin_behavior = move |_| {
        let read = state.read.get_untracked();
        let text = state
            .text
            .with_untracked(|text| edit::toggle_behavior(text, &read));
        pin(text, format!("Comparing {}.", untrack(other_behavior)));
    };
    let pin_version = move |version: String| {
        let read = state.read.get_untracked();
        let text = state
            .text
            .with_untracked(|text| edit::set_version(text, &read, &version));
        pin(text, format!("Comparing with Kubernetes {version}."));
    };
    let versions = (0..=u8::MAX)
        .filter_map(KubernetesVersion::from_minor)
        .map(|version| {
            let version = version.to_string();
            view! { <option>{version}</option> }
        });
    let has_pinned = move || state.pinned.with(Option::is_some);
    view! {
        <div class="compare-with">
            <button
                type="button"
                class="text-button"
                data-testid="pin"
                on:click=move |_| pin(Ok(state.text.get_untracked()), "Pinned.".to_owned())
            >
                "Pin this run"
            </button>
            <button
                type="button"
                class="text-button"
                data-testid="pin-behavior"
                on:click=pin_behavior
            >
                "Compare "
                {other_behavior}
            </button>
            <select
                data-testid="pin-version"
                aria-label="Compare with another Kubernetes version"
                on:change:target=move |event| {
                    let version = event.target().value();
                    if !version.is_empty() {
                        pin_version(version);
                    }
                    event.target().set_value("");
                }
            >
                <option value="">"Compare with Kubernetes …"</option>
                {versions.collect_view()}
            </select>
            <span data-testid="pinned">
                <Show when=has_pinned>
                    <button
                        type="button"
                        class="text-button"
                        data-testid="unpin"
                        on:click=move |_| state.pinned_text.set(None)
                    >
                        "Unpin"
                    </button>
                </Show>
            </span>
        </div>
        <p class="quiet" role="status">
            {message}
        </p>
    }
}

/// Where the runs diverge.
#[component]
fn Divergence(
    /// The comparison of the runs.
    comparison: Shared<experiment::Comparison>,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let Some(found) = &comparison.divergence else {
        return view! { <p>"Both runs ask for the same number of replicas at every sync."</p> }
            .into_any();
    };
    let time = seconds(found.time);
    let (pinned, this) = found.desired;
    let difference = format!(
        ": the pinned run asks for {pinned} replicas, this one for {this}. First difference: {} ({}).",
        found.step, found.text
    );
    view! {
        <p>
            "They diverge at "
            <button
                type="button"
                class="link"
                data-testid="part"
                on:click=move |_| state.go(time)
            >
                {clock(time)}
            </button>
            {difference}
        </p>
    }
    .into_any()
}

/// The lines that differ between the texts.
#[component]
fn Texts() -> impl IntoView {
    let state = expect_context::<Playground>();
    let changes = Memo::new(move |_| {
        state.pinned_text.with(|pinned| {
            let pinned = pinned.as_deref().unwrap_or_default();
            state.text.with(|text| diff(pinned, text))
        })
    });
    let none = || {
        view! {
            <p class="quiet">
                "The texts are identical: change one to see where the runs diverge."
            </p>
        }
    };
    let line = |change: Change| {
        let (class, mark, side, line) = match change {
            Change::Removed(line) => ("diff-removed", "− ", "pinned only: ", line),
            Change::Added(line) => ("diff-added", "+ ", "this run only: ", line),
            Change::Gap => ("diff-gap", "⋯ ", "", String::new()),
        };
        view! {
            <span class=class>
                <span aria-hidden="true">{mark}</span>
                <span class="visually-hidden">{side}</span>
                {line}
                "\n"
            </span>
        }
    };
    let lines = move || changes.get().into_iter().map(line).collect_view();
    view! {
        <Show when=move || !changes.with(Vec::is_empty) fallback=none>
            <pre
                class="printed"
                tabindex="0"
                role="region"
                aria-label="Differences between the texts"
                data-testid="diff"
            >
                {lines}
            </pre>
        </Show>
    }
}

/// The summaries of both runs side by side.
#[component]
fn Summaries(
    /// The comparison of the runs.
    comparison: Shared<experiment::Comparison>,
) -> impl IntoView {
    let row = |(before, after): &(Entry, Entry)| {
        let (pinned, this) = (amount(*before), amount(*after));
        let class = if pinned == this { "same" } else { "differs" };
        view! {
            <tr class=class>
                <th scope="row">{after.measure.label()}</th>
                <td class="count">{pinned}</td>
                <td class="count">{this}</td>
            </tr>
        }
    };
    view! {
        <table class="groups">
            <thead>
                <tr>
                    <th scope="col">"Summary"</th>
                    <th scope="col" class="count">
                        "pinned"
                    </th>
                    <th scope="col" class="count">
                        "this"
                    </th>
                </tr>
            </thead>
            <tbody>{comparison.entries.iter().map(row).collect_view()}</tbody>
        </table>
    }
}
