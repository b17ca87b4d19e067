//! The changes since a text was opened as merge patches in YAML, one per changed object, for
//! `kubectl patch --type merge --patch-file`.

use hpa_core::manifest::edit::print_value;
use hpa_core::manifest::{Document, changes, merge_patch, read, same_object};

/// The patches that turn the objects of `before` into those of `after`; a comment if there are none.
#[must_use]
pub fn between(before: &str, after: &str) -> String {
    if before == after {
        return "# No changes.\n".to_owned();
    }
    let (old, _) = read(before);
    let (new, _) = read(after);
    let mut patches = Vec::new();
    for document in &new {
        let Some(base) = old.iter().find(|base| same_object(base, document)) else {
            patches.push(format!(
                "# {} is new: apply its whole manifest.\n",
                name(document)
            ));
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
        "# Only comments or formatting changed.\n".to_owned()
    } else {
        patches.join("---\n")
    }
}

fn name(document: &Document) -> String {
    // A name may contain line breaks, which would end the comment.
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
        // It is YAML, but not an object by itself.
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == "missing-kind"),
            "{patch}\n{problems:?}"
        );
    }

    #[test]
    fn a_patch_contains_only_changes() {
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
    fn other_changes_are_comments() {
        check(
            "spec:",
            "# why\nspec:",
            "# Only comments or formatting changed.\n",
        );
        check("maxReplicas", "maxReplicas", "# No changes.\n");
        check(
            "name: web",
            "name: api",
            "# HorizontalPodAutoscaler api is new: apply its whole manifest.\n---\n# HorizontalPodAutoscaler web was removed.\n",
        );
        assert_eq!(between(PHP_APACHE, "]"), between(PHP_APACHE, "["));
    }
}
