//! Edits of the text made by the page's controls.

use hpa_core::manifest::edit::{self, EditError, Fragment, Placement};
use hpa_core::manifest::{Document, FieldPath, OWN_API_GROUP, Resource};
use hpa_simulation::experiment::Parsed;
use hpa_simulation::experiment::{API_VERSION, KIND};

/// Sets the experiment's Kubernetes version, such as `1.30`.
///
/// # Errors
/// Why the text cannot be edited.
pub fn set_version(text: &str, parsed: &Parsed, version: &str) -> Result<String, EditError> {
    set_field(text, parsed, "kubernetesVersion", Fragment::string(version))
}

/// Adds an event, given in YAML, to the timeline of the experiment.
///
/// # Errors
/// Why the text cannot be edited.
pub fn add_event(text: &str, parsed: &Parsed, event: &str) -> Result<String, EditError> {
    let event = Fragment::yaml(event)?;
    match experiment(parsed) {
        Some(document) if document.root.entry("timeline").is_some() => {
            edit::insert_item(text, document, &FieldPath::new("timeline"), 0, event)
        }
        _ => set_field(text, parsed, "timeline", Fragment::list([event])),
    }
}

/// Gives the simulated autoscaler an empty `behavior`, or removes the one it has.
///
/// # Errors
/// Why the text cannot be edited.
pub fn toggle_behavior(text: &str, parsed: &Parsed) -> Result<String, EditError> {
    let experiment = parsed.experiment.as_ref().ok_or(EditError::Unreadable)?;
    let name = &experiment.setup.autoscaler.metadata.name;
    let is_simulated = |resource: &Resource| matches!(resource, Resource::HorizontalPodAutoscaler(hpa) if hpa.metadata.name == *name);
    let mut objects = parsed.objects.iter();
    let object = objects.find(|object| is_simulated(&object.resource));
    let document = &object.ok_or(EditError::Unreadable)?.document;
    let spec = FieldPath::new("spec");
    let behavior = spec.child("behavior");
    if document.root.at(&behavior).is_some() {
        return edit::remove(text, document, &behavior);
    }
    let last = document
        .root
        .at(&spec)
        .and_then(|spec| spec.entries().last());
    let last = last.map_or(Placement::Last, |last| Placement::Before(&last.key));
    edit::set_at(text, document, &behavior, Fragment::map([]), last)
}

/// Sets a field of the experiment's document; adds the document if there is none.
fn set_field(text: &str, parsed: &Parsed, key: &str, value: Fragment) -> Result<String, EditError> {
    let Some(document) = experiment(parsed) else {
        return edit::append_document(text, &new_experiment(key, value));
    };
    let last = document.root.entries().last();
    let last = last.map_or(Placement::Last, |last| Placement::Before(&last.key));
    edit::set_at(
        text,
        document,
        &FieldPath::default().child(key),
        value,
        last,
    )
}

/// The document of the experiment itself.
#[must_use]
pub fn experiment(parsed: &Parsed) -> Option<&Document> {
    let mut documents = parsed.objects.iter().map(|object| &object.document);
    documents.find(|document| document.api_version.starts_with(OWN_API_GROUP))
}

/// A new experiment document with one field.
#[must_use]
pub fn new_experiment(key: &str, value: Fragment) -> Fragment {
    let head = [
        ("apiVersion", Fragment::string(API_VERSION)),
        ("kind", Fragment::string(KIND)),
    ];
    Fragment::map(head.into_iter().chain([(key, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PHP_APACHE, read};

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  # kept\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 12\n";

    #[track_caller]
    fn check(
        text: &str,
        change: impl Fn(&str, &Parsed) -> Result<String, EditError>,
        expected: &str,
    ) {
        let changed = change(text, &read(text)).expect("an edit");
        assert_eq!(changed, expected);
        let problems = read(&changed).diagnostics;
        assert!(read(&changed).experiment.is_some(), "{changed}{problems:?}");
    }

    fn with(extra: &str) -> String {
        format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{extra}")
    }

    #[test]
    fn an_event_is_added_where_the_others_are() {
        let scale = |text: &str, parsed: &Parsed| add_event(text, parsed, "{at: 5m, scale: 3}");
        check(HPA, scale, &with("timeline:\n- {at: 5m, scale: 3}\n"));
        check(
            &with("timeline: # mine\n  - at: 1m\n    scale: 2\nseed: 3\n"),
            scale,
            &with("timeline: # mine\n  - {at: 5m, scale: 3}\n  - at: 1m\n    scale: 2\nseed: 3\n"),
        );
        check(
            &with("seed: 3\n"),
            scale,
            &with("timeline:\n- {at: 5m, scale: 3}\nseed: 3\n"),
        );
        check(
            &with("timeline: [{at: 1m, scale: 2}] # mine\n"),
            scale,
            &with("timeline: [{at: 5m, scale: 3}, {at: 1m, scale: 2}] # mine\n"),
        );
        let text = with("x: &list [{at: 1m, scale: 2}]\ntimeline: *list\n");
        assert_eq!(
            add_event(&text, &read(&text), "{at: 5m, scale: 3}"),
            Err(EditError::Alias(FieldPath::new("timeline")))
        );
    }

    #[test]
    fn a_field_is_set_in_place() {
        let set = |text: &str, parsed: &Parsed| set_version(text, parsed, "1.30");
        check(HPA, set, &with("kubernetesVersion: \"1.30\"\n"));
        check(
            &with("kubernetesVersion: \"1.36\" # now\n"),
            set,
            &with("kubernetesVersion: \"1.30\" # now\n"),
        );
    }

    #[test]
    fn behavior_is_toggled() {
        let with_behavior = HPA.replace("  maxReplicas", "  behavior: {}\n  maxReplicas");
        check(HPA, toggle_behavior, &with_behavior);
        check(&with_behavior, toggle_behavior, HPA);
        let rules =
            "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 60\n  maxReplicas";
        check(&HPA.replace("  maxReplicas", rules), toggle_behavior, HPA);
    }

    #[test]
    fn the_walkthrough_takes_events_too() {
        let changed = add_event(PHP_APACHE, &read(PHP_APACHE), "{at: 5m, rollingUpdate: {}}");
        let changed = changed.expect("a place");
        let read = read(&changed);
        assert_eq!(read.experiment.expect("accepted").setup.timeline.len(), 1);
    }
}
