//! The inspector: the explanation of the sync at the cursor, its conditions and events.

mod facts;
mod steps;

use hpa_core::manifest::{Document, Object, Resource, print_hpa};
use hpa_core::time::Timestamp;
use hpa_simulation::cluster::{SyncDetail, Trace};
use hpa_simulation::experiment::{Blockers, kubectl};
use leptos::prelude::*;

use crate::compare::compare;
use crate::dom::{El, button, el, html};
use crate::format::{clock, counted};
use crate::goals::{goals, numbers, standing};
use crate::model::{seconds, timestamp};
use crate::state::Playground;
use crate::transport::SHORTCUTS;

/// A section of the inspector: whether it is initially open, its id, its heading and its content.
type Part = (bool, &'static str, &'static str, fn(Playground) -> El);

/// The sections, from top to bottom.
const PARTS: [Part; 11] = [
    (true, "steps", "From metrics to replicas", |state| {
        per_sync(state, |_, detail| steps::steps(detail))
    }),
    (true, "whynot", "Why not up or down?", |state| {
        per_sync(state, blockers)
    }),
    (true, "pods", "Pods by group", |state| {
        per_part(state, facts::groups, facts::pods)
    }),
    (true, "goals", "Goals", goals),
    (true, "conditions-section", "Conditions", |state| {
        per_part(
            state,
            |detail| detail.status.conditions.clone(),
            facts::conditions,
        )
    }),
    (true, "events", "Events so far", facts::events),
    (false, "numbers", "Summary", numbers),
    (false, "compare", "Compare", compare),
    (false, "kubectl-get", "kubectl get hpa", |state| {
        printed(state, "kubectl get hpa", kubectl::get)
    }),
    (false, "kubectl-describe", "kubectl describe hpa", |state| {
        printed(state, "kubectl describe hpa", kubectl::describe)
    }),
    (false, "stored", "As the API server stores it", stored),
];

/// The inspector of the sync at the cursor.
#[must_use]
pub fn inspector(state: Playground) -> El {
    let parts = PARTS.map(|part| section(state, part)).to_vec();
    el("div", "inspector")
        .id("inspector")
        .child(el("div", "").part(move || Some(outcome(state))))
        .all(parts)
        .child(section(state, (false, "keys", "Keys", |_| keys())))
        .child(html(
            r#"<p class="section about"><a class="link" href="exactness.html">How exact is this?</a> The replayed recordings, and the known differences from Kubernetes.</p>"#,
        ))
}

/// A collapsible section of the inspector; a collapsed one is not computed.
fn section(state: Playground, (unfolded, name, title, body): Part) -> El {
    let open = RwSignal::new(unfolded);
    let head = button("section-head", "", move || {
        open.update(|open| *open = !*open);
    })
    .id(&format!("open-{name}"))
    .live("aria-expanded", move || open.get().to_string());
    let mark = el("span", "section-mark")
        .attr("aria-hidden", "true")
        .says(move || if open.get() { "▾" } else { "▸" }.to_owned());
    let mut head = head.child(mark).child(el("span", "").text(title));
    if name == "goals" {
        head = head.child(el("span", "section-note").says(move || standing(state)));
    }
    let shown = move || {
        open.get()
            .then(|| el("div", "section-body").id(name).child(body(state)))
    };
    el("div", "section")
        .child(el("h3", "").child(head))
        .child(el("div", "").part(shown))
}

fn per_sync(state: Playground, body: fn(Playground, &SyncDetail) -> El) -> El {
    el("div", "").part(move || state.detail.get().map(|detail| body(state, &detail)))
}

/// Like [`per_sync`], for one part of the detail: the elements are rebuilt only when that part changes,
/// not in each frame of a moving slider.
fn per_part<T: PartialEq + Send + Sync + 'static>(
    state: Playground,
    part: fn(&SyncDetail) -> T,
    body: fn(&T) -> El,
) -> El {
    let part = Memo::new(move |_| state.detail.get().map(|detail| part(&detail)));
    el("div", "").part(move || part.with(|part| part.as_ref().map(body)))
}

fn outcome(state: Playground) -> El {
    let Some(detail) = state.detail.get() else {
        return el("p", "quiet").text("No sync yet: the first one happens after one sync period.");
    };
    let explanation = &detail.explanation;
    let (current, desired) = (explanation.current, explanation.desired);
    let replicas = counted(desired.into(), "replica", "replicas");
    let outcome = if current == desired {
        format!("stays at {replicas}")
    } else {
        format!("{current} → {replicas}")
    };
    let time = clock(seconds(detail.time));
    el("p", "outcome")
        .child(el("span", "outcome-number").id("outcome").text(&outcome))
        .child(el("span", "quiet").text(" at the sync at ").text(&time))
}

fn blockers(state: Playground, detail: &SyncDetail) -> El {
    let config = state.latest.with_untracked(|latest| {
        let trace = latest.trace()?;
        Some(trace.setup.controller.clone())
    });
    let found = Blockers::of(detail, &config.unwrap_or_default());
    let mut list = el("dl", "facts");
    for (title, blocker) in [("Up", found.up), ("Down", found.down)] {
        let mut words = el("dd", "").text(&sentence(&blocker.text));
        if let Some(time) = blocker.earliest.filter(|time| *time > detail.time) {
            let time = seconds(time);
            let when = format!("Earliest: {}", clock(time));
            words = words
                .text(" ")
                .child(button("link", &when, move || state.go(time)));
        }
        list = list.child(el("dt", "").text(title)).child(words);
    }
    list
}

/// The text with a capital letter at the beginning and a period at the end.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    // Field names keep their case.
    let word = text.split(' ').next().unwrap_or_default();
    let name = word.contains(|c: char| c.is_ascii_uppercase());
    let capital = |first: char| {
        if name {
            first
        } else {
            first.to_ascii_uppercase()
        }
    };
    let first = rest.next().map(capital);
    let mut sentence: String = first.into_iter().chain(rest).collect();
    if !sentence.is_empty() && !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

fn printed(
    state: Playground,
    label: &str,
    print: fn(&Trace, Option<&SyncDetail>, Timestamp) -> String,
) -> El {
    let text = move || {
        let detail = state.detail.get();
        let time = timestamp(state.now());
        state.latest.with(|latest| {
            let trace = latest.trace();
            trace.map_or_else(String::new, |trace| print(trace, detail.as_deref(), time))
        })
    };
    printout(label).says(text)
}

fn printout(label: &str) -> El {
    el("pre", "printed")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
}

/// The simulated autoscaler as the API server returns it, with the defaults marked.
fn stored(state: Playground) -> El {
    let lines = move || {
        let lines = state.read.with(|read| {
            let name = |object: &Object| match &object.resource {
                Resource::HorizontalPodAutoscaler(hpa) => {
                    let paths: Vec<String> =
                        object.defaulted.iter().map(ToString::to_string).collect();
                    Some(stored_lines(&print_hpa(hpa), &paths))
                }
                _ => None,
            };
            read.objects.iter().find_map(name).unwrap_or_default()
        });
        let line = |(line, filled): (String, bool)| {
            let class = if filled {
                "stored-line is-filled"
            } else {
                "stored-line"
            };
            let mut shown = el("span", class).text(&line);
            if filled {
                shown = shown.child(el("span", "visually-hidden").text(" (default)"));
            }
            shown.text("\n")
        };
        lines.into_iter().map(line).collect()
    };
    el("div", "")
        .child(el("p", "quiet").text("Marked lines are defaults set by the API server."))
        .child(printout("The stored manifest").region(lines))
}

/// The lines of a printed object, and whether each belongs to a field at one of `paths`.
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

fn keys() -> El {
    let mut list = el("dl", "facts keys");
    for (keys, what) in SHORTCUTS {
        list = list
            .child(el("dt", "").text(keys))
            .child(el("dd", "").text(what));
    }
    list
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

    #[test]
    fn blockers_are_sentences() {
        assert_eq!(sentence("this sync goes to 4"), "This sync goes to 4.");
        assert_eq!(sentence(""), "");
    }
}
