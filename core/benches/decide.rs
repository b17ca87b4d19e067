//! One decision with one CPU metric, by number of pods.
//!
//! The observation is there already: what is measured is decide, complete and finish, with every
//! pod a record of its own.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, Observation, PodRecord, PodSamples, PodShape, ReadyStatus,
    Sample, Scale, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};

const MANIFEST: &str = r#"{
    "metadata": {"name": "web", "namespace": "prod"},
    "spec": {
        "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"},
        "minReplicas": 1,
        "maxReplicas": 2000,
        "metrics": [{"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]
    }
}"#;

const POD: &str =
    r#"{"containers": [{"name": "app", "resources": {"requests": {"cpu": "200m"}}}]}"#;

fn observe(pods: i32) -> Observation {
    let labels = [("app".to_owned(), "web".to_owned())].into();
    let pod = serde_json::from_str(POD).expect("a pod");
    let shape = Arc::new(PodShape::new(labels, pod));
    let record = |index| {
        PodRecord::new(format!("web-{index}"), Arc::clone(&shape))
            .with_start_time(Timestamp(0))
            .with_ready(ReadyStatus::True, Timestamp(5_000))
    };
    let sample = |index| {
        let value = 95 + i64::from(index % 11);
        let window = SignedDuration::from_secs(15);
        Some(Sample::new(value, Timestamp(3_600_000), window))
    };
    let samples = (0..pods).map(sample).collect::<PodSamples>();
    Observation::new(Ok(Scale::settled(pods, "app=web")))
        .with_pods((0..pods).map(record))
        .with_metric(samples.with_timestamp(Some(Timestamp(3_600_000))))
}

fn decide(criterion: &mut Criterion) {
    let hpa: HorizontalPodAutoscaler = serde_json::from_str(MANIFEST).expect("a manifest");
    let spec = Spec::from_api(&hpa);
    let mut group = criterion.benchmark_group("decide");
    for pods in [10, 100, 1000] {
        let observation = observe(pods);
        let mut autoscaler = Autoscaler::new(ControllerConfig::default());
        let mut stored = Status::default();
        let mut now = Timestamp(3_610_000);
        group.bench_with_input(
            BenchmarkId::from_parameter(pods),
            &observation,
            |bencher, observation| {
                bencher.iter(|| {
                    now = now + SignedDuration::from_secs(15);
                    let decision = autoscaler.decide(&spec, &stored, black_box(observation), now);
                    let outcome = autoscaler.complete(decision, Ok(()), now);
                    if let Some(status) = &outcome.status {
                        stored = status.clone();
                    }
                    black_box(outcome.finish(Ok(())))
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, decide);
criterion_main!(benches);
