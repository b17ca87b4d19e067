//! What is simulated: a day with about so many pods, and a week with four metrics.

use hpa_core::api::{HorizontalPodAutoscaler, MetricSpec};
use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::{LoadPart, LoadProfile, Setup, SetupDraft, Shape, WaveShape};

const HOUR: i64 = 3600;

/// A day's wave with noise that keeps about `pods` pods busy.
pub(crate) fn day(pods: f64) -> SetupDraft {
    let mut setup = SetupDraft::default();
    setup.duration = SignedDuration::from_secs(24 * HOUR);
    setup.autoscaler.spec.max_replicas = 2000;
    setup.workload.spec.replicas = Some(5);
    let wave = Shape::Wave {
        mean: 7.0 * pods,
        amplitude: 3.0 * pods,
        period: SignedDuration::ZERO,
        phase: SignedDuration::ZERO,
        form: WaveShape::Day,
    };
    let noise = Shape::Noise {
        deviation: 0.5 * pods,
        correlation: SignedDuration::from_secs(120),
    };
    setup.load = LoadProfile::new([LoadPart::new("day", wave), LoadPart::new("noise", noise)]);
    setup
}

fn four_metrics(setup: &mut SetupDraft) {
    let more = r#"[
        {"type": "Resource", "resource": {"name": "memory",
            "target": {"type": "AverageValue", "averageValue": "512Mi"}}},
        {"type": "Pods", "pods": {"metric": {"name": "requests_per_second"},
            "target": {"type": "AverageValue", "averageValue": "12"}}},
        {"type": "External", "external": {"metric": {"name": "queue_messages"},
            "target": {"type": "AverageValue", "averageValue": "30"}}}
    ]"#;
    let more: Vec<MetricSpec> = serde_json::from_str(more).expect("metrics");
    let hpa: &mut HorizontalPodAutoscaler = &mut setup.autoscaler;
    hpa.spec.metrics.extend(more);
}

/// A week with about ten pods and four metrics.
pub(crate) fn week() -> Setup {
    let mut week = day(10.0);
    week.duration = SignedDuration::from_secs(7 * 24 * HOUR);
    four_metrics(&mut week);
    valid(week)
}

/// A draft that is known to be valid.
pub(crate) fn valid(draft: SetupDraft) -> Setup {
    Setup::new(draft).expect("a valid setup")
}
