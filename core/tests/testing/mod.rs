//! What tests of syncs share: a specification, the shape of a pod, and a sync whose writes succeed.
#![allow(dead_code, reason = "not every test needs all of them")]

use std::ops::RangeInclusive;
use std::sync::Arc;

use hpa_core::api::{HorizontalPodAutoscaler, Labels};
use hpa_core::autoscaler::{Autoscaler, Observation, PodShape, Report, Spec, Status};
use hpa_core::time::Timestamp;
use serde_json::{Value, json};

/// The specification of an autoscaler of the Deployment `name`.
pub(crate) fn spec(
    name: &str,
    replicas: RangeInclusive<i32>,
    metrics: &[Value],
    behavior: &Value,
) -> Spec {
    let hpa: HorizontalPodAutoscaler = serde_json::from_value(json!({
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": replicas.start(),
            "maxReplicas": replicas.end(),
            "metrics": metrics,
            "behavior": behavior,
        },
    }))
    .expect("a manifest");
    Spec::from_api(&hpa)
}

/// A metric whose target is half of the requested CPU.
pub(crate) fn cpu() -> Value {
    json!({"type": "Resource", "resource": {
        "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}})
}

/// A metric whose target is a queue of five for each pod.
pub(crate) fn queue() -> Value {
    json!({"type": "External", "external": {
        "metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "5"}}})
}

/// A pod of one container that requests so much CPU.
pub(crate) fn shape(cpu: &str) -> Arc<PodShape> {
    let pod = json!({"containers": [{"name": "app", "resources": {"requests": {"cpu": cpu}}}]});
    let pod = serde_json::from_value(pod).expect("a pod");
    Arc::new(PodShape::new(Labels::new(), pod))
}

/// One sync: the replica count that it sets, if it sets one, and what it reports.
pub(crate) fn sync(
    autoscaler: &mut Autoscaler,
    spec: &Spec,
    stored: &mut Status,
    observation: &Observation,
    now: Timestamp,
) -> (Option<i32>, Report) {
    let decision = autoscaler.decide(spec, stored, observation, now);
    let replicas = decision.rescale.as_ref().map(|rescale| rescale.to);
    let outcome = autoscaler.complete(decision, Ok(()), now);
    if let Some(status) = &outcome.status {
        stored.clone_from(status);
    }
    (replicas, outcome.finish(Ok(())))
}
