//! Differences between Kubernetes releases: scaling to and from zero.

mod testing;

use hpa_core::autoscaler::{
    Autoscaler, ConditionType, ControllerConfig, ExternalSamples, FeatureGate, KubernetesVersion,
    MetricAnswer, Observation, Scale, Status, asks_metrics,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::Value;
use test_support::check_each;

/// Whether `HPAScaleToZero` is on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gate {
    Off,
    On,
}

/// Whether the condition `ScaledToZero` stands in the status, and says yes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mark {
    Absent,
    No,
    Yes,
}

impl Mark {
    fn of(status: &Status) -> Self {
        match status.conditions.find(&ConditionType::ScaledToZero) {
            None => Self::Absent,
            Some(_) if status.conditions.is_true(&ConditionType::ScaledToZero) => Self::Yes,
            Some(_) => Self::No,
        }
    }
}

/// One sync at each queue length in turn, six minutes apart, begun at `replicas` with an empty
/// status: the replicas and the mark after each. The window for scaling down holds the first.
#[track_caller]
fn check(minor: u8, gate: Gate, minimum: i32, replicas: i32, syncs: &[(i64, i32, Mark)]) {
    let version = KubernetesVersion::from_minor(minor).expect("a modelled release");
    let mut config = ControllerConfig::of_version(version);
    config
        .gates
        .set(FeatureGate::HpaScaleToZero, gate == Gate::On);
    let spec = testing::spec("worker", minimum..=10, &[testing::queue()], &Value::Null);
    let mut autoscaler = Autoscaler::new(config.clone());
    let mut stored = Status::default();
    let mut now = Timestamp(1_000_000_000);
    let mut current = replicas;
    for (index, &(queue, expected, mark)) in syncs.iter().enumerate() {
        now = now + SignedDuration::from_secs(360);
        let metrics = if asks_metrics(&config, &spec, &stored, current) {
            ExternalSamples::new([queue * 1000], now).into()
        } else {
            MetricAnswer::NotRead
        };
        let scale = Scale::settled(current, "app=worker");
        let observation = Observation::new(Ok(scale)).with_metric(metrics);
        let (rescaled, report) =
            testing::sync(&mut autoscaler, &spec, &mut stored, &observation, now);
        assert_eq!(report.error, None, "sync {index}");
        current = rescaled.unwrap_or(current);
        assert_eq!(
            (current, Mark::of(&stored)),
            (expected, mark),
            "sync {index}"
        );
    }
}

#[test]
fn since_1_36_the_condition_tells_who_scaled_to_zero() {
    check_each([36, 37], |minor| {
        // The autoscaler itself: it wakes the target again.
        check(
            minor,
            Gate::On,
            0,
            2,
            &[
                (0, 2, Mark::Absent),
                (0, 0, Mark::Yes),
                (0, 0, Mark::Yes),
                (20, 4, Mark::No),
            ],
        );
        // Someone else: it stays down.
        check(minor, Gate::On, 0, 0, &[(20, 0, Mark::Absent)]);
        // With the gate off the condition is no one's business.
        check(
            minor,
            Gate::Off,
            0,
            2,
            &[
                (0, 2, Mark::Absent),
                (0, 0, Mark::Absent),
                (20, 0, Mark::Absent),
            ],
        );
    });
}

#[test]
fn before_1_36_a_minimum_of_zero_is_enough() {
    check_each([27, 35], |minor| {
        check_each([Gate::Off, Gate::On], |gate| {
            check(
                minor,
                gate,
                0,
                2,
                &[
                    (0, 2, Mark::Absent),
                    (0, 0, Mark::Absent),
                    (20, 4, Mark::Absent),
                ],
            );
            check(minor, gate, 0, 0, &[(20, 4, Mark::Absent)]);
            check(minor, gate, 1, 0, &[(20, 0, Mark::Absent)]);
        });
    });
}

#[test]
fn upstream_md_names_the_modeled_release() {
    let named = format!("The model is Kubernetes **v{}.", KubernetesVersion::DEFAULT);
    assert!(
        include_str!("../UPSTREAM.md").contains(&named),
        "UPSTREAM.md does not say: {named}"
    );
}
