//! The inspector: why the sync under the cursor came out as it did, and what it told.

mod facts;
mod steps;

use hpa_core::experiment::{Obstacle, WhyNot, kubectl};
use hpa_core::manifest::{Document, Object, Resource, print_hpa};
use hpa_core::simulation::SyncDetail;
use leptos::prelude::*;

use crate::compare::Compare;
use crate::format::{clock, counted};
use crate::goals::{Goals, Numbers, standing};
use crate::model::{Shared, seconds, timestamp};
use crate::state::Playground;
use crate::transport::SHORTCUTS;

/// Whether a section shows its body at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fold {
    Open,
    Closed,
}

/// Why the sync under the cursor came out as it did.
#[component]
pub fn Inspector(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let goals = Signal::derive(move || standing(state));
    view! {
        <div class="inspector" data-testid="inspector">
            {move || outcome(state)}
            <Section title="From the metrics to the count" name="steps" fold=Fold::Open
                body=move || per_sync(state, |detail| steps::steps(detail).into_any()) />
            <Section title="Why not up, why not down" name="whynot" fold=Fold::Open
                body=move || per_sync(state, move |detail| why_not(state, detail).into_any()) />
            <Section title="Pods by group" name="pods" fold=Fold::Open
                body=move || per_sync(state, |detail| facts::pods(detail).into_any()) />
            <Section title="Goals" name="goals" fold=Fold::Open note=goals
                body=move || view! { <Goals state=state /> }.into_any() />
            <Section title="Conditions" name="conditions-section" fold=Fold::Open
                body=move || per_sync(state, |detail| facts::conditions(detail).into_any()) />
            <Section title="Events until here" name="events" fold=Fold::Open
                body=move || facts::events(state).into_any() />
            <Section title="The run in numbers" name="numbers" fold=Fold::Closed
                body=move || view! { <Numbers state=state /> }.into_any() />
            <Section title="Compare" name="compare" fold=Fold::Closed
                body=move || view! { <Compare state=state /> }.into_any() />
            <Section title="kubectl get hpa" name="kubectl-get" fold=Fold::Closed
                body=move || printed(state, "kubectl get hpa", kubectl::get).into_any() />
            <Section title="kubectl describe hpa" name="kubectl-describe" fold=Fold::Closed
                body=move || printed(state, "kubectl describe hpa", kubectl::describe).into_any() />
            <Section title="As the API server stores it" name="stored" fold=Fold::Closed
                body=move || stored(state).into_any() />
            <Section title="Keys" name="keys" fold=Fold::Closed body=move || keys().into_any() />
        </div>
    }
}

/// A part of the inspector that folds away; what is folded is not computed either.
#[component]
fn Section(
    title: &'static str,
    name: &'static str,
    fold: Fold,
    #[prop(optional, into)] note: Option<Signal<String>>,
    body: impl Fn() -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let open = RwSignal::new(fold == Fold::Open);
    view! {
        <div class="section">
            <h3>
                <button type="button" class="section-head" data-testid=format!("open-{name}")
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)>
                    <span class="section-mark" aria-hidden="true">{move || if open.get() { "▾" } else { "▸" }}</span>
                    <span>{title}</span>
                    {note.map(|note| view! { <span class="section-note">{move || note.get()}</span> })}
                </button>
            </h3>
            {move || open.get().then(|| view! { <div class="section-body" data-testid=name>{body()}</div> })}
        </div>
    }
}

fn per_sync(
    state: Playground,
    body: impl Fn(&Shared<SyncDetail>) -> AnyView + Send + 'static,
) -> AnyView {
    let body = move || state.detail.get().map(|detail| body(&detail));
    view! { {body} }.into_any()
}

fn outcome(state: Playground) -> impl IntoView {
    let Some(detail) = state.detail.get() else {
        return view! { <p class="quiet">"No sync has happened yet. The first one comes after one sync period."</p> }.into_any();
    };
    let explanation = &detail.explanation;
    let (current, desired) = (explanation.current, explanation.desired);
    let replicas = counted(desired.into(), "replica", "replicas");
    let outcome = if current == desired {
        format!("stays at {replicas}")
    } else {
        format!("{current} → {replicas}")
    };
    view! {
        <p class="outcome">
            <span class="outcome-number" data-testid="outcome">{outcome}</span>
            <span class="quiet">" at the sync of "{clock(seconds(detail.time))}</span>
        </p>
    }
    .into_any()
}

fn why_not(state: Playground, detail: &SyncDetail) -> impl IntoView {
    let period = state.latest.with_untracked(|latest| {
        let trace = latest.trace()?;
        Some(trace.setup.controller.sync_period)
    });
    let found = WhyNot::of(detail, period.unwrap_or_default());
    let row = |title: &'static str, obstacle: Obstacle| {
        let earliest = obstacle
            .earliest
            .filter(|time| *time > detail.time)
            .map(|time| {
                let time = seconds(time);
                view! {
                    <button type="button" class="link" on:click=move |_| state.go(time)>
                        {format!("not before {}", clock(time))}
                    </button>
                }
            });
        view! {
            <dt>{title}</dt>
            <dd>{sentence(&obstacle.text)}" "{earliest}</dd>
        }
    };
    view! {
        <dl class="facts">
            {row("Up", found.up)}
            {row("Down", found.down)}
        </dl>
    }
}

/// The text with a capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(rest).collect();
    if !sentence.is_empty() && !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

fn printed(
    state: Playground,
    label: &'static str,
    print: fn(
        &hpa_core::simulation::Trace,
        Option<&SyncDetail>,
        hpa_core::time::Timestamp,
    ) -> String,
) -> impl IntoView {
    let text = Memo::new(move |_| {
        let detail = state.detail.get();
        let time = timestamp(state.now());
        state.latest.with(|latest| {
            let trace = latest.trace()?;
            Some(print(trace, detail.as_deref(), time))
        })
    });
    view! {
        <pre class="printed" tabindex="0" role="region" aria-label=label>{move || text.get()}</pre>
    }
}

/// The autoscaler that is simulated as an API server gives it back, with what it filled in marked.
fn stored(state: Playground) -> impl IntoView {
    let lines = Memo::new(move |_| {
        state.read.with(|read| {
            let name = |object: &Object| match &object.resource {
                Resource::HorizontalPodAutoscaler(hpa) => Some(stored_lines(
                    &print_hpa(hpa),
                    &object
                        .defaulted
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>(),
                )),
                _ => None,
            };
            read.objects.iter().filter_map(name).next()
        })
    });
    let view = move || {
        lines.get().map(|lines| {
            lines
                .into_iter()
                .map(|(line, filled)| {
                    let class = if filled {
                        "stored-line is-filled"
                    } else {
                        "stored-line"
                    };
                    let said = filled
                        .then(|| view! { <span class="visually-hidden">" (filled in)"</span> });
                    view! { <span class=class>{line}{said}"\n"</span> }
                })
                .collect_view()
        })
    };
    view! {
        <p class="quiet">"Lines with a mark were not written: they are the defaults that were filled in."</p>
        <pre class="printed" tabindex="0" role="region" aria-label="The stored manifest">{view}</pre>
    }
}

/// The lines of a printed object, and whether one of the fields at `paths` stands there.
fn stored_lines(yaml: &str, paths: &[String]) -> Vec<(String, bool)> {
    let (documents, _) = hpa_core::manifest::read(yaml);
    let range = |document: &Document, path: &String| {
        let path = hpa_core::manifest::FieldPath::new(path);
        let parent = path.parent();
        let value = document.root.at(&path)?;
        let key = path.to_string();
        let key = key
            .strip_prefix(&parent.to_string())
            .unwrap_or(&key)
            .trim_start_matches('.')
            .to_owned();
        let first = document
            .root
            .at(&parent)
            .and_then(|parent| parent.entry(&key))
            .map_or(value.span.start.line, |entry| entry.key_span.start.line);
        Some(first..=value.span.end.line.max(first))
    };
    let ranges: Vec<_> = documents
        .first()
        .map(|document| {
            paths
                .iter()
                .filter_map(|path| range(document, path))
                .collect()
        })
        .unwrap_or_default();
    let filled = |number: usize| ranges.iter().any(|range| range.contains(&number));
    yaml.lines()
        .enumerate()
        .map(|(index, line)| (line.to_owned(), filled(index + 1)))
        .collect()
}

fn keys() -> impl IntoView {
    let rows = SHORTCUTS.map(|(keys, what)| view! { <dt>{keys}</dt><dd>{what}</dd> });
    view! { <dl class="facts keys">{rows.collect_view()}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_is_marked() {
        let text = "metadata:\n  name: web\nspec:\n  minReplicas: 1\n  maxReplicas: 3\n";
        let lines = stored_lines(text, &["spec.minReplicas".to_owned()]);
        let marked: Vec<_> = lines.iter().filter(|(_, filled)| *filled).collect();
        assert_eq!(marked, [&("  minReplicas: 1".to_owned(), true)]);
    }

    #[test]
    fn obstacles_are_sentences() {
        assert_eq!(sentence("this sync goes to 4"), "This sync goes to 4.");
        assert_eq!(sentence(""), "");
    }
}
