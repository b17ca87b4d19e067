//! A sync allocates nothing once its lists have grown, as long as no one reads the explanation.

use std::sync::Arc;

use allocation_counter::measure;
use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, MetricAnswer, Observation, PodPhase, PodRecord, PodSamples,
    PodShape, ReadyCondition, ReadyStatus, Sample, Scale, Spec, Status,
};
use hpa_core::time::{Duration, Timestamp};
use serde_json::{Value, json};

/// Runs 100 syncs to warm up and counts the allocations of 100 more, in which usage wanders
/// within tolerance.
#[track_caller]
fn check(behavior: &Value, expected: u64) {
    let hpa: HorizontalPodAutoscaler = serde_json::from_value(json!({
        "metadata": {"name": "web", "namespace": "prod"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 1,
            "maxReplicas": 20,
            "metrics": [{"type": "Resource", "resource": {
                "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}],
            "behavior": behavior,
        },
    }))
    .expect("a manifest");
    let spec = Spec::from_api(&hpa);
    let pod = json!({"containers": [{"name": "app", "resources": {"requests": {"cpu": "200m"}}}]});
    let shape = Arc::new(PodShape {
        spec: serde_json::from_value(pod).expect("a pod"),
        ..PodShape::default()
    });
    let mut observation = observe(&shape);
    let mut autoscaler = Autoscaler::new(ControllerConfig::default());
    let mut stored = Status::default();
    let mut now = Timestamp(3_600_000);
    let mut syncs = || {
        for index in 0..100 {
            now = now + Duration::from_secs(15);
            if let [MetricAnswer::Pods(Ok(samples))] = &mut observation.metrics[..] {
                for sample in samples.by_pod.iter_mut().flatten() {
                    sample.milli_value = 96 + index % 8;
                }
            }
            let decision = autoscaler.decide(&spec, &stored, &observation, now);
            let outcome = autoscaler.complete(decision, Ok(()), now);
            if let Some(status) = &outcome.status {
                stored.clone_from(status);
            }
            let report = outcome.finish(Ok(()));
            assert_eq!(report.error, None);
        }
    };
    syncs();
    assert_eq!(measure(syncs).count_total, expected);
}

fn observe(shape: &Arc<PodShape>) -> Observation {
    let record = |index| PodRecord {
        name: format!("web-{index}").into(),
        count: 1,
        phase: PodPhase::Running,
        deleting: false,
        start_time: Some(Timestamp(0)),
        ready: Some(ReadyCondition {
            status: ReadyStatus::True,
            last_transition: Timestamp(5_000),
        }),
        shape: Arc::clone(shape),
    };
    let window = Duration::from_secs(15);
    let sample = Sample {
        milli_value: 100,
        timestamp: Timestamp(3_600_000),
        window,
    };
    Observation {
        scale: Ok(Scale::settled(10, "app=web")),
        pods: Ok((0..10).map(record).collect()),
        metrics: vec![MetricAnswer::Pods(Ok(PodSamples {
            by_pod: vec![Some(sample); 10],
            ..PodSamples::default()
        }))],
        other_autoscalers: Vec::new(),
    }
}

#[test]
fn without_behavior() {
    check(&Value::Null, 0);
}

#[test]
fn with_behavior() {
    let policies = json!([
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ]);
    let behavior = json!({
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": policies},
        "scaleDown": {"selectPolicy": "Max", "policies": policies},
    });
    check(&behavior, 0);
}
