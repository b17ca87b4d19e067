//! Windows, policies and limits, and the storing of scale events.

use hpa_core::api;
use hpa_core::autoscaler::spec::{Behavior, ScalingRules};
use hpa_core::autoscaler::{Histories, Normalizer, Recommendation, ReplicaRange, ScaleEvent};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::fields::{Check, Setting, int32, millis, same, text};

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    Box::new(|setting, expected| compare(case, setting, expected.whole()))
}

fn compare(case: &Value, setting: &Setting, out: &Value) -> Result<(), String> {
    let input = &case["in"];
    // Ages are relative to it, so that any time will do.
    let now = Timestamp(0);
    let behavior = (text(case, "path") == "behaviors").then(|| {
        let behavior: api::Behavior =
            serde_json::from_value(input["behavior"].clone()).expect("a behavior");
        Behavior::from_api(&behavior)
    });
    let mut histories = histories(input, now);
    let mut config = setting.config();
    config.downscale_stabilization = millis(input, "downscaleStabilizationWindowMs");
    let current = int32(input, "currentReplicas");
    let range = ReplicaRange {
        current,
        minimum: int32(input, "minReplicas"),
        maximum: int32(input, "maxReplicas"),
    };
    let recommended = int32(input, "desiredReplicas");
    let mut policies = Vec::new();
    let normalizer = Normalizer::new(range, &config, now).with_behavior(behavior.as_ref());
    let (step, rate) = normalizer.apply(recommended, &mut histories, &mut policies);
    same("stabilized", &int32(out, "stabilized"), &step.stabilized)?;
    same("replicas", &int32(out, "replicas"), &rate.result)?;
    if let Some(scale_down_limit) = rate.scale_down_limit {
        same(
            "scaleUpLimit",
            &int32(out, "scaleUpLimit"),
            &rate.scale_up_limit,
        )?;
        same(
            "scaleDownLimit",
            &int32(out, "scaleDownLimit"),
            &scale_down_limit,
        )?;
    }
    let conditions: Value = [
        ("AbleToScale", step.condition(current)),
        ("ScalingLimited", rate.condition()),
    ]
    .into_iter()
    .map(|(kind, (status, reason, message))| {
        json!({
            "type": kind,
            "status": status.as_str(),
            "reason": reason.as_str(),
            "message": message.to_string(),
        })
    })
    .collect();
    same("conditions", &out["conditions"], &conditions)?;
    same(
        "recommendations",
        &out["recommendations"],
        &recommendations(&histories, now),
    )?;
    if let (Some(after), Some(behavior)) = (out.get("afterStore"), &behavior) {
        let rules: &ScalingRules = if rate.result > current {
            &behavior.scale_up
        } else {
            &behavior.scale_down
        };
        histories.store_scale_event(current, rate.result, rules.longest_period(), now);
        same(
            "scaleUpEvents",
            &after["scaleUpEvents"],
            &events(&histories.scale_up_events, now),
        )?;
        same(
            "scaleDownEvents",
            &after["scaleDownEvents"],
            &events(&histories.scale_down_events, now),
        )?;
    }
    Ok(())
}

fn histories(input: &Value, now: Timestamp) -> Histories {
    let list = |key: &str| input[key].as_array().cloned().unwrap_or_default();
    let event = |event: &Value| {
        let time = now - millis(event, "ageMs");
        let mut scaled = ScaleEvent::new(int32(event, "replicaChange"), time);
        scaled.outdated = event["outdated"] == true;
        scaled
    };
    let recommendation =
        |past: &Value| Recommendation::new(int32(past, "replicas"), now - millis(past, "ageMs"));
    Histories::new(
        list("recommendations").iter().map(recommendation).collect(),
        list("scaleUpEvents").iter().map(event).collect(),
        list("scaleDownEvents").iter().map(event).collect(),
    )
}

/// The recommendations as the cases record them.
pub(crate) fn recommendations(histories: &Histories, now: Timestamp) -> Value {
    let age = |time: Timestamp| -> SignedDuration { now - time };
    histories
        .recommendations
        .iter()
        .map(|past| json!({"replicas": past.replicas, "ageMs": age(past.time).0}))
        .collect()
}

/// Scale events as the cases record them.
pub(crate) fn events(events: &[ScaleEvent], now: Timestamp) -> Value {
    events
        .iter()
        .map(|event| {
            json!({
                "replicaChange": event.replica_change,
                "ageMs": (now - event.time).0,
                "outdated": event.outdated,
            })
        })
        .collect()
}
