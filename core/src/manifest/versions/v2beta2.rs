//! `autoscaling/v2beta2`: the fields of `v2` without tolerances, which are in annotations.
//!
//! Upstream: `pkg/apis/autoscaling/v2beta2/conversion.go`,
//! `Convert_v2beta2_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler` and back.

use super::annotations::{SCALE_DOWN_TOLERANCE, SCALE_UP_TOLERANCE};
use super::object::{HpaRecord, VersionedHpa};
use crate::api::hpa::{Behavior, ScalingRules};
use crate::quantity::Quantity;

/// The tolerances of a behavior, that for scaling down first, and their annotations.
fn directions(behavior: &mut Behavior) -> [(&'static str, &mut Option<ScalingRules>); 2] {
    [
        (SCALE_DOWN_TOLERANCE, &mut behavior.scale_down),
        (SCALE_UP_TOLERANCE, &mut behavior.scale_up),
    ]
}

/// Moves the tolerances from their annotations to the behavior.
pub(super) fn take_tolerances(record: &mut HpaRecord) -> Result<(), String> {
    let hpa = &mut record.hpa;
    let behavior = hpa.spec.behavior.take();
    let mut filled = behavior.clone().unwrap_or_default();
    let mut found = false;
    for (name, rules) in directions(&mut filled) {
        let Some(text) = hpa.metadata.annotations.get(name) else {
            continue;
        };
        let tolerance = Quantity::parse(text)
            .map_err(|error| format!("failed to parse annotation \"{name}\": {error}"))?;
        rules.get_or_insert_default().tolerance = Some(tolerance);
        found = true;
    }
    hpa.spec.behavior = if found { Some(filled) } else { behavior };
    Ok(())
}

/// Upstream: `Convert_autoscaling_HorizontalPodAutoscaler_To_v2beta2_HorizontalPodAutoscaler`.
pub(super) fn of_v2(mut record: HpaRecord) -> VersionedHpa {
    let hpa = &mut record.hpa;
    for (name, rules) in hpa.spec.behavior.iter_mut().flat_map(directions) {
        if let Some(tolerance) = rules.as_mut().and_then(|rules| rules.tolerance.take()) {
            let annotations = &mut hpa.metadata.annotations;
            annotations.insert(name.to_owned(), tolerance.to_string());
        }
    }
    VersionedHpa::v2beta2(record)
}
