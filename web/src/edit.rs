//! Knows how single fields and list items are put into the text, and leaves the rest of it alone.

use hpa_core::manifest::{Document, Node, OWN_API_GROUP, Resource};
use hpa_simulation::experiment::Parsed;
use hpa_simulation::experiment::{API_VERSION, KIND};

/// Sets a field of the experiment document at its top; adds the document where there is none.
/// `None` where the text has no place for it, such as a document in braces.
#[must_use]
pub fn set_field(text: &str, parsed: &Parsed, key: &str, value: &str) -> Option<String> {
    let Some(document) = own(parsed) else {
        return Some(with_document(text, &format!("{key}: {value}\n")));
    };
    match document.root.entry(key) {
        Some(entry) => {
            let span = entry.value.span;
            let written = text.get(span.start.byte..span.end.byte)?;
            let end = span.start.byte + scalar_length(written);
            (span.start.line == span.end.line && span.start.byte < end)
                .then(|| replaced(text, span.start.byte, end, value))
        }
        None => insert_field(text, &document.root, &format!("{key}: {value}")),
    }
}

/// Adds an event to the timeline of the experiment document, given as the item of a list in one
/// line; adds the document and the list where they are missing. `None` as for [`set_field`].
#[must_use]
pub fn add_event(text: &str, parsed: &Parsed, event: &str) -> Option<String> {
    let Some(document) = own(parsed) else {
        return Some(with_document(text, &format!("timeline:\n- {event}\n")));
    };
    let Some(timeline) = document.root.entry("timeline") else {
        return insert_field(text, &document.root, &format!("timeline:\n- {event}"));
    };
    let Some(first) = timeline.value.items().first() else {
        // An empty list in brackets, or nothing.
        let (start, end) = (timeline.key_span.end.byte, timeline.value.span.end.byte);
        let end = end.max(start);
        let between = text.get(start..end)?.trim_start_matches(':').trim();
        return matches!(between, "" | "[]" | "null" | "~")
            .then(|| replaced(text, start, end, &format!(":\n- {event}")));
    };
    // Items in lines begin with a dash at the place that the others have.
    let line = line_of(text, first.span.start.byte);
    let dash = text.get(line..first.span.start.byte)?;
    (dash.trim() == "-").then(|| {
        let indent = &dash[..dash.len() - dash.trim_start().len()];
        replaced(text, line, line, &format!("{indent}- {event}\n"))
    })
}

/// Gives the simulated autoscaler an empty `behavior` where it has none, and takes the one it has
/// away. `None` as for [`set_field`].
#[must_use]
pub fn toggle_behavior(text: &str, parsed: &Parsed) -> Option<String> {
    let experiment = parsed.experiment.as_ref()?;
    let name = &experiment.setup.autoscaler.metadata.name;
    let object = parsed.objects.iter().find(|object| {
        matches!(&object.resource, Resource::HorizontalPodAutoscaler(hpa) if hpa.metadata.name == *name)
    })?;
    let spec = &object.document.root.entry("spec")?.value;
    let Some(behavior) = spec.entry("behavior") else {
        return insert_field(text, spec, "behavior: {}");
    };
    let start = line_of(text, behavior.key_span.start.byte);
    text.get(start..behavior.key_span.start.byte)?
        .trim()
        .is_empty()
        .then(|| {
            let end = behavior.value.span.end.byte.max(behavior.key_span.end.byte);
            // A value in lines may end at the beginning of the next line.
            let kept = text[..end].trim_end().len();
            let end = text[kept..]
                .find('\n')
                .map_or(text.len(), |at| kept + at + 1);
            replaced(text, start, end, "")
        })
}

fn own(parsed: &Parsed) -> Option<&Document> {
    let mut documents = parsed.objects.iter().map(|object| &object.document);
    documents.find(|document| document.api_version.starts_with(OWN_API_GROUP))
}

fn with_document(text: &str, fields: &str) -> String {
    let line = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{line}---\napiVersion: {API_VERSION}\nkind: {KIND}\n{fields}")
}

/// Puts `field` on lines of its own before the last field of a mapping that is written in lines.
fn insert_field(text: &str, mapping: &Node, field: &str) -> Option<String> {
    let last = mapping.entries().last()?;
    let line = line_of(text, last.key_span.start.byte);
    let indent = text.get(line..last.key_span.start.byte)?;
    indent.trim().is_empty().then(|| {
        let mut lines = String::new();
        for row in field.lines() {
            lines.push_str(indent);
            lines.push_str(row);
            lines.push('\n');
        }
        replaced(text, line, line, &lines)
    })
}

/// The length of a scalar in one line, without the comment that the parser's span takes in.
fn scalar_length(written: &str) -> usize {
    let quote = written
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let end = match quote {
        Some(quote) => written[1..].find(quote).map(|closing| closing + 2),
        None => written.find(" #"),
    };
    written[..end.unwrap_or(written.len())].trim_end().len()
}

fn line_of(text: &str, byte: usize) -> usize {
    text[..byte].rfind('\n').map_or(0, |position| position + 1)
}

fn replaced(text: &str, start: usize, end: usize, by: &str) -> String {
    format!("{}{by}{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PHP_APACHE, read};

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  # kept\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 12\n";

    #[track_caller]
    fn check(text: &str, change: impl Fn(&str, &Parsed) -> Option<String>, expected: Option<&str>) {
        let changed = change(text, &read(text));
        assert_eq!(changed.as_deref(), expected);
        if let Some(changed) = changed {
            let problems = read(&changed).diagnostics;
            assert!(read(&changed).experiment.is_some(), "{changed}{problems:?}");
        }
    }

    fn with(extra: &str) -> String {
        format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{extra}")
    }

    #[test]
    fn an_event_is_added_where_the_others_are() {
        let scale = |text: &str, parsed: &Parsed| add_event(text, parsed, "{at: 5m, scale: 3}");
        check(HPA, scale, Some(&with("timeline:\n- {at: 5m, scale: 3}\n")));
        check(
            &with("timeline: # mine\n  - at: 1m\n    scale: 2\nseed: 3\n"),
            scale,
            Some(&with(
                "timeline: # mine\n  - {at: 5m, scale: 3}\n  - at: 1m\n    scale: 2\nseed: 3\n",
            )),
        );
        check(
            &with("seed: 3\n"),
            scale,
            Some(&with("timeline:\n- {at: 5m, scale: 3}\nseed: 3\n")),
        );
        check(&with("timeline: [{at: 1m, scale: 2}]\n"), scale, None);
    }

    #[test]
    fn a_field_is_set_in_place() {
        let set =
            |text: &str, parsed: &Parsed| set_field(text, parsed, "kubernetesVersion", "\"1.30\"");
        check(HPA, set, Some(&with("kubernetesVersion: \"1.30\"\n")));
        check(
            &with("kubernetesVersion: \"1.36\" # now\n"),
            set,
            Some(&with("kubernetesVersion: \"1.30\" # now\n")),
        );
    }

    #[test]
    fn behavior_comes_and_goes() {
        let with_behavior = HPA.replace("  maxReplicas", "  behavior: {}\n  maxReplicas");
        check(HPA, toggle_behavior, Some(&with_behavior));
        check(&with_behavior, toggle_behavior, Some(HPA));
        let rules =
            "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 60\n  maxReplicas";
        check(
            &HPA.replace("  maxReplicas", rules),
            toggle_behavior,
            Some(HPA),
        );
    }

    #[test]
    fn the_walkthrough_takes_events_too() {
        let changed = add_event(PHP_APACHE, &read(PHP_APACHE), "{at: 5m, rollingUpdate: {}}");
        let changed = changed.expect("a place");
        let read = read(&changed);
        assert_eq!(read.experiment.expect("accepted").setup.timeline.len(), 1);
    }
}
