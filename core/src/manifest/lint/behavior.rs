//! Lints of scaling rules that do not have the apparent effect.

use super::{Autoscaler, found};
use crate::api::hpa::ScalingRules;
use crate::manifest::Options;
use crate::manifest::default::{DOWN_POLICIES, DefaultPolicy, UP_POLICIES};
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
    for (name, rules, defaults) in [
        ("scaleUp", &behavior.scale_up, UP_POLICIES),
        ("scaleDown", &behavior.scale_down, DOWN_POLICIES),
    ] {
        if let Some(rules) = rules {
            let direction = Direction {
                rules,
                path: FieldPath::new("spec.behavior").child(name),
                defaults,
            };
            lint_direction(autoscaler, &direction, options, diagnostics);
        }
    }
}

/// The rules of one direction, their position, and the default policies.
struct Direction<'a> {
    rules: &'a ScalingRules,
    path: FieldPath,
    defaults: &'static [DefaultPolicy],
}

fn lint_direction(
    autoscaler: &Autoscaler<'_>,
    direction: &Direction<'_>,
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Direction {
        rules,
        path,
        defaults,
    } = direction;
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
            "selectPolicy: Disabled blocks this direction, so the policies have no effect"
                .to_owned(),
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
                "these policies replace the default policies ({})",
                in_words(defaults)
            ),
            "repeat the default policies here to keep them",
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
                    "a period of {period} s is shorter than the sync period of {sync_period} s: the policy limits each sync separately"
                ),
                "the effective rate is lower than specified; use at least the sync period",
            );
        }
    }
}

/// Policies in words, such as `4 pods or 100 percent in 15 s`; a repeated period is printed once.
fn in_words(policies: &[DefaultPolicy]) -> String {
    let mut text = String::new();
    for (index, policy) in policies.iter().enumerate() {
        if index > 0 {
            text.push_str(" or ");
        }
        let unit = policy.r#type.to_ascii_lowercase();
        text += &format!("{} {unit}", policy.value);
        let next = policies.get(index + 1);
        if next.is_none_or(|next| next.period_seconds != policy.period_seconds) {
            text += &format!(" in {} s", policy.period_seconds);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_policies_in_words() {
        assert_eq!(in_words(UP_POLICIES), "4 pods or 100 percent in 15 s");
        assert_eq!(in_words(DOWN_POLICIES), "100 percent in 15 s");
    }
}
