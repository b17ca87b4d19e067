//! Scaling rules that do less, or something else, than they seem to.

use super::{Autoscaler, found};
use crate::api::hpa::ScalingRules;
use crate::manifest::Options;
use crate::manifest::diagnostic::{Diagnostic, Severity};
use crate::manifest::path::FieldPath;

pub(super) fn lint(
    autoscaler: &Autoscaler<'_>,
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(behavior) = &autoscaler.hpa.spec.behavior else {
        return;
    };
    let up = "4 pods or 100 percent in 15 s";
    for (name, rules, defaults) in [
        ("scaleUp", &behavior.scale_up, up),
        ("scaleDown", &behavior.scale_down, "100 percent in 15 s"),
    ] {
        if let Some(rules) = rules {
            let path = FieldPath::new("spec.behavior").child(name);
            direction(autoscaler, rules, &path, defaults, options, diagnostics);
        }
    }
}

fn direction(
    autoscaler: &Autoscaler<'_>,
    rules: &ScalingRules,
    path: &FieldPath,
    defaults: &str,
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut add = |severity, code, path: FieldPath, message: String, hint: &str| {
        diagnostics.push(found(severity, code, autoscaler.document, path, message).hint(hint));
    };
    let policies = path.child("policies");
    let written = autoscaler
        .document
        .root
        .at(&policies)
        .is_some_and(|node| !node.items().is_empty());
    let disabled = rules.select_policy.as_deref() == Some("Disabled");
    if written && disabled {
        add(
            Severity::Info,
            "ignored-policies",
            policies.clone(),
            "selectPolicy: Disabled forbids this direction: the policies have no effect".to_owned(),
            "remove the policies, or choose Max or Min",
        );
        return;
    }
    if written {
        add(
            Severity::Info,
            "policies-replaced",
            policies.clone(),
            format!(
                "these policies replace the default ones ({defaults}), they do not add to them"
            ),
            "repeat the default policies here if they should still hold",
        );
    }
    for (index, policy) in rules.policies.iter().flatten().enumerate() {
        let period = policy.period_seconds;
        let sync_period = options.sync_period.as_secs();
        if i64::from(period) < sync_period {
            add(
                Severity::Warning,
                "short-period",
                policies.index(index).child("periodSeconds"),
                format!(
                    "a period of {period} s is shorter than the {sync_period} s between two syncs: the policy limits each sync by itself"
                ),
                "the limit per second is then lower than it looks; use a period of at least one sync",
            );
        }
    }
}
