//! Validates scaling rules and their policies.
//!
//! Upstream: `pkg/apis/autoscaling/validation/validation.go`, `validateBehavior`,
//! `validateScalingRules`, `validateScalingPolicy`.

use super::{Errors, FieldError};
use crate::api::hpa::{Behavior, ScalingPolicy, ScalingRules};
use crate::manifest::path::FieldPath;

/// The longest stabilization window [s].
const MAX_WINDOW: i32 = 3600;
/// The longest period of a policy [s].
const MAX_PERIOD: i32 = 1800;

pub(super) fn validate(behavior: &Behavior, path: &FieldPath, errors: &mut Errors) {
    for (name, rules) in [
        ("scaleUp", &behavior.scale_up),
        ("scaleDown", &behavior.scale_down),
    ] {
        if let Some(rules) = rules {
            scaling_rules(rules, &path.child(name), errors);
        }
    }
}

fn scaling_rules(rules: &ScalingRules, path: &FieldPath, errors: &mut Errors) {
    if let Some(window) = rules.stabilization_window_seconds {
        let field = || path.child("stabilizationWindowSeconds");
        if window < 0 {
            let text = "must be greater than or equal to zero";
            errors.push(FieldError::invalid(field(), window, text));
        }
        if window > MAX_WINDOW {
            let text = format!("must be less than or equal to {MAX_WINDOW}");
            errors.push(FieldError::invalid(field(), window, &text));
        }
    }
    if let Some(select) = &rules.select_policy
        && !matches!(select.as_str(), "Max" | "Min" | "Disabled")
    {
        errors.push(FieldError::unsupported(
            path.child("selectPolicy"),
            select,
            &["Disabled", "Max", "Min"],
        ));
    }
    let policies = rules.policies.as_deref().unwrap_or_default();
    if policies.is_empty() {
        errors.push(FieldError::required(
            path.child("policies"),
            "must specify at least one Policy",
        ));
    }
    for (index, policy) in policies.iter().enumerate() {
        scaling_policy(policy, &path.child("policies").index(index), errors);
    }
    if let Some(tolerance) = &rules.tolerance
        && tolerance.sign() < 0
    {
        errors.push(FieldError::invalid(
            path.child("tolerance"),
            tolerance,
            "must be greater than or equal to 0",
        ));
    }
}

fn scaling_policy(policy: &ScalingPolicy, path: &FieldPath, errors: &mut Errors) {
    if !matches!(policy.r#type.as_str(), "Pods" | "Percent") {
        errors.push(FieldError::unsupported(
            path.child("type"),
            &policy.r#type,
            &["Percent", "Pods"],
        ));
    }
    if policy.value <= 0 {
        let text = "must be greater than zero";
        errors.push(FieldError::invalid(path.child("value"), policy.value, text));
    }
    let period = policy.period_seconds;
    if period <= 0 {
        let text = "must be greater than zero";
        errors.push(FieldError::invalid(
            path.child("periodSeconds"),
            period,
            text,
        ));
    }
    if period > MAX_PERIOD {
        let text = format!("must be less than or equal to {MAX_PERIOD}");
        errors.push(FieldError::invalid(
            path.child("periodSeconds"),
            period,
            &text,
        ));
    }
}
