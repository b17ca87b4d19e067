//! What was changed since a text was opened, as merge patches: one a changed object, in YAML, as
//! `kubectl patch --type merge --patch-file` takes them.

use hpa_core::manifest::edit::print_value;
use hpa_core::manifest::{Document, changes, merge_patch, read, same_object};

/// The patches that turn the objects of `before` into those of `after`; a comment where there are
/// none.
#[must_use]
pub fn between(before: &str, after: &str) -> String {
    if before == after {
        return "# Nothing was changed.\n".to_owned();
    }
    let (old, _) = read(before);
    let (new, _) = read(after);
    let mut patches = Vec::new();
    for document in &new {
        let Some(base) = old.iter().find(|base| same_object(base, document)) else {
            patches.push(format!("# {} is new: apply it whole.\n", name(document)));
            continue;
        };
        let changes = changes(&base.root, &document.root);
        if !changes.is_empty() {
            let patch = print_value(&merge_patch(&changes));
            patches.push(format!("# {}\n{patch}", name(document)));
        }
    }
    for base in &old {
        if !new.iter().any(|document| same_object(base, document)) {
            patches.push(format!("# {} was removed.\n", name(base)));
        }
    }
    if patches.is_empty() {
        "# Only comments or layout were changed.\n".to_owned()
    } else {
        patches.join("---\n")
    }
}

fn name(document: &Document) -> String {
    // A name may be any text of one line or more; a comment ends with its line.
    let name: String = format!("{} {}", document.kind, document.name());
    name.trim_end().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use crate::model::PHP_APACHE;

    use super::*;

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}\n";

    #[track_caller]
    fn check(replace: &str, with: &str, expected: &str) {
        assert!(HPA.contains(replace));
        let patch = between(HPA, &HPA.replace(replace, with));
        assert_eq!(patch, expected);
        let (_, problems) = read(&patch);
        // It is YAML, and no object of its own.
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == "missing-kind"),
            "{patch}\n{problems:?}"
        );
    }

    #[test]
    fn only_what_was_changed_is_in_the_patch() {
        let head = "# HorizontalPodAutoscaler web\nspec:\n";
        check(
            "maxReplicas: 10",
            "maxReplicas: 6",
            &format!("{head}  maxReplicas: 6\n"),
        );
        check(
            "  minReplicas: 2\n",
            "",
            &format!("{head}  minReplicas: null\n"),
        );
        check(
            "minReplicas: 2",
            "minReplicas: 2\n  behavior: {scaleDown: {policies: [], selectPolicy: 'no'}}",
            &format!(
                "{head}  behavior:\n    scaleDown:\n      policies: []\n      selectPolicy: \"no\"\n"
            ),
        );
        check(
            "averageUtilization: 50",
            "averageUtilization: 60",
            &format!(
                "{head}  metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      target:\n        type: Utilization\n        averageUtilization: 60\n"
            ),
        );
    }

    #[test]
    fn what_is_no_change_of_an_object_is_said() {
        check(
            "spec:",
            "# why\nspec:",
            "# Only comments or layout were changed.\n",
        );
        check("maxReplicas", "maxReplicas", "# Nothing was changed.\n");
        check(
            "name: web",
            "name: api",
            "# HorizontalPodAutoscaler api is new: apply it whole.\n---\n# HorizontalPodAutoscaler web was removed.\n",
        );
        assert_eq!(between(PHP_APACHE, "]"), between(PHP_APACHE, "["));
    }
}
