//! What kubectl prints at the cursor, and the autoscaler as the API server stores it.

use hpa_core::manifest::{Document, FieldPath, Object, Resource, print_hpa};
use hpa_core::time::Timestamp;
use hpa_simulation::cluster::{SyncDetail, Trace};
use hpa_simulation::experiment::kubectl;
use leptos::prelude::*;

use crate::lazy::lazy_part;
use crate::model::{Parsed, timestamp};
use crate::state::Playground;

/// Something that is printed as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printout {
    /// `kubectl get hpa`.
    Get,
    /// `kubectl describe hpa`.
    Describe,
    /// The stored manifest.
    Stored,
}

lazy_part! {
    part = printout, preload = preload;
    pub(crate) fn printed(printout: Printout) -> AnyView {
        match printout {
            Printout::Get => {
                view! { <Kubectl label="kubectl get hpa" print=kubectl::get /> }.into_any()
            }
            Printout::Describe => {
                view! { <Kubectl label="kubectl describe hpa" print=kubectl::describe /> }
                    .into_any()
            }
            Printout::Stored => view! { <Stored /> }.into_any(),
        }
    }
}

/// The output of a command at the cursor.
#[component]
fn Kubectl(
    /// The command.
    label: &'static str,
    /// Prints it for a run, its sync at the cursor, and the time of the cursor.
    print: fn(&Trace, Option<&SyncDetail>, Timestamp) -> String,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let text = move || {
        let detail = state.detail.get();
        let time = timestamp(state.now());
        state.latest.with(|latest| {
            let trace = latest.trace();
            trace.map_or_else(String::new, |trace| print(trace, detail.as_deref(), time))
        })
    };
    view! {
        <pre class="printed" tabindex="0" role="region" aria-label=label>
            {text}
        </pre>
    }
}

/// The simulated autoscaler as the API server returns it, with the defaults marked.
#[component]
fn Stored() -> impl IntoView {
    let state = expect_context::<Playground>();
    let line = |(line, filled): (String, bool)| {
        let class = if filled {
            "stored-line is-filled"
        } else {
            "stored-line"
        };
        let default = filled.then(|| view! { <span class="visually-hidden">" (default)"</span> });
        view! { <span class=class>{line} {default} "\n"</span> }
    };
    let lines = move || {
        let lines = state.read.with(|read| stored(read));
        lines.into_iter().map(line).collect_view()
    };
    view! {
        <p class="quiet">"Marked lines are defaults set by the API server."</p>
        <pre class="printed" tabindex="0" role="region" aria-label="The stored manifest">
            {lines}
        </pre>
    }
}

/// The lines of the first autoscaler, and whether each is a default; none without an autoscaler.
fn stored(read: &Parsed) -> Vec<(String, bool)> {
    let lines = |object: &Object| match &object.resource {
        Resource::HorizontalPodAutoscaler(hpa) => {
            let paths: Vec<String> = object.defaulted.iter().map(ToString::to_string).collect();
            Some(stored_lines(&print_hpa(hpa), &paths))
        }
        _ => None,
    };
    read.objects.iter().find_map(lines).unwrap_or_default()
}

/// The lines of a printed object, and whether each belongs to a field at one of `paths`.
fn stored_lines(yaml: &str, paths: &[String]) -> Vec<(String, bool)> {
    let (documents, _) = hpa_core::manifest::read(yaml);
    let range = |document: &Document, path: &String| {
        let path = FieldPath::new(path);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_marked() {
        let text = "metadata:\n  name: web\nspec:\n  minReplicas: 1\n  maxReplicas: 3\n";
        let lines = stored_lines(text, &["spec.minReplicas".to_owned()]);
        let marked: Vec<_> = lines.iter().filter(|(_, filled)| *filled).collect();
        assert_eq!(marked, [&("  minReplicas: 1".to_owned(), true)]);
    }
}
