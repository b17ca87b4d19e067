//! A sync allocates nothing once its lists have grown, as long as no one reads the explanation.

mod testing;

use std::sync::Arc;

use allocation_counter::measure;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, MetricAnswer, Observation, PodRecord, PodSamples, PodShape,
    ReadyStatus, Sample, Scale, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Runs 100 syncs to warm up and counts the allocations of 100 more, in which usage wanders
/// within tolerance.
#[track_caller]
fn check(behavior: &Value, expected: u64) {
    let spec = testing::spec("web", 1..=20, &[testing::cpu()], behavior);
    let shape = testing::shape("200m");
    let mut observation = observe(&shape);
    let mut autoscaler = Autoscaler::new(ControllerConfig::default());
    let mut stored = Status::default();
    let mut now = Timestamp(3_600_000);
    let mut syncs = || {
        for index in 0..100 {
            now = now + SignedDuration::from_secs(15);
            if let [MetricAnswer::Pods(Ok(samples))] = &mut observation.metrics[..] {
                for sample in samples.by_pod.iter_mut().flatten() {
                    sample.milli_value = 96 + index % 8;
                }
            }
            let (_, report) = testing::sync(&mut autoscaler, &spec, &mut stored, &observation, now);
            assert_eq!(report.error, None);
        }
    };
    syncs();
    assert_eq!(measure(syncs).count_total, expected);
}

fn observe(shape: &Arc<PodShape>) -> Observation {
    let record = |index| {
        PodRecord::new(format!("web-{index}"), Arc::clone(shape))
            .with_start_time(Timestamp(0))
            .with_ready(ReadyStatus::True, Timestamp(5_000))
    };
    let window = SignedDuration::from_secs(15);
    let sample = Sample::new(100, Timestamp(3_600_000), window);
    Observation::new(Ok(Scale::settled(10, "app=web")))
        .with_pods((0..10).map(record))
        .with_metric(PodSamples::from_iter([Some(sample); 10]))
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
