//! The annotations in which a version keeps what it has no fields for.
//!
//! Upstream: `pkg/apis/autoscaling/annotations.go`; `pkg/apis/autoscaling/helpers.go`,
//! `DropRoundTripHorizontalPodAutoscalerAnnotations`; Go's `encoding/json`, which reads them
//! without regard to the case of fields, and writes them.

use serde::Serialize;

use crate::api::hpa::{Behavior, ScalingPolicy, ScalingRules};
use crate::api::meta::ObjectMeta;
use crate::manifest::decode::{Decode, decode_json};
use crate::quantity::Quantity;

pub(in crate::manifest) const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
pub(in crate::manifest) const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";
pub(super) const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
pub(super) const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
pub(super) const SCALE_DOWN_TOLERANCE: &str =
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance";
pub(super) const SCALE_UP_TOLERANCE: &str = "autoscaling.alpha.kubernetes.io/scale-up-tolerance";

/// What each conversion removes, from or to any version.
pub(in crate::manifest) const ROUND_TRIP: [&str; 6] = [
    METRICS,
    BEHAVIOR,
    CURRENT_METRICS,
    CONDITIONS,
    SCALE_DOWN_TOLERANCE,
    SCALE_UP_TOLERANCE,
];

pub(in crate::manifest) fn drop_round_trip(meta: &mut ObjectMeta) {
    for name in ROUND_TRIP {
        meta.annotations.remove(name);
    }
}

/// Reads an annotation; one that does not fit is ignored as a whole.
pub(super) fn read<T: Decode + Default>(
    meta: &ObjectMeta,
    name: &str,
    missing: &[(&str, &str)],
) -> Option<T> {
    decode_json(meta.annotations.get(name)?, missing)
}

/// The behavior in its annotation, unless it is empty.
pub(super) fn read_behavior(meta: &ObjectMeta) -> Option<Behavior> {
    let behavior: Behavior = read(meta, BEHAVIOR, &[])?;
    (behavior.scale_up.is_some() || behavior.scale_down.is_some()).then_some(behavior)
}

/// Writes an annotation as Go does.
pub(super) fn write<T: Serialize>(meta: &mut ObjectMeta, name: &str, value: &T) {
    // Nothing here has keys that are no texts, and there is no other error.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    for (c, escape) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if text.contains(c) {
            text = text.replace(c, escape);
        }
    }
    meta.annotations.insert(name.to_owned(), text);
}

pub(super) fn write_behavior(meta: &mut ObjectMeta, behavior: &Behavior) {
    let behavior = InternalBehavior {
        scale_up: behavior.scale_up.as_ref().map(InternalRules::of),
        scale_down: behavior.scale_down.as_ref().map(InternalRules::of),
    };
    write(meta, BEHAVIOR, &behavior);
}

/// Upstream's internal type, whose fields have no names of their own in JSON.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InternalBehavior<'a> {
    scale_up: Option<InternalRules<'a>>,
    scale_down: Option<InternalRules<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InternalRules<'a> {
    stabilization_window_seconds: Option<i32>,
    select_policy: Option<&'a str>,
    policies: Option<Vec<InternalPolicy<'a>>>,
    tolerance: Option<&'a Quantity>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InternalPolicy<'a> {
    r#type: &'a str,
    value: i32,
    period_seconds: i32,
}

impl<'a> InternalRules<'a> {
    fn of(rules: &'a ScalingRules) -> Self {
        let policy = |policy: &'a ScalingPolicy| InternalPolicy {
            r#type: &policy.r#type,
            value: policy.value,
            period_seconds: policy.period_seconds,
        };
        Self {
            stabilization_window_seconds: rules.stabilization_window_seconds,
            select_policy: rules.select_policy.as_deref(),
            policies: rules
                .policies
                .as_ref()
                .map(|policies| policies.iter().map(policy).collect()),
            tolerance: rules.tolerance.as_ref(),
        }
    }
}
