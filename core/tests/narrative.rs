//! Complete texts of explanations, for common situations.
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod testing;

use std::sync::Arc;

use expect_test::{Expect, expect};
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, Observation, PodRecord, PodSamples, PodShape, ReadyStatus,
    Sample, Scale, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Pods that are alike: how many, ready or not, and their usage in millicores.
#[derive(Clone, Copy)]
struct Pods(u32, ReadyStatus, Option<i64>);

const fn ready(count: u32, usage: i64) -> Pods {
    Pods(count, ReadyStatus::True, Some(usage))
}

/// Runs one sync 15 seconds apart for each list of pods and compares the last explanation.
#[track_caller]
fn check(behavior: &Value, syncs: &[&[Pods]], expected: &Expect) {
    let spec = testing::spec("php-apache", 1..=10, &[testing::cpu()], behavior);
    let shape = testing::shape("200m");
    let mut autoscaler = Autoscaler::new(ControllerConfig::default());
    let mut stored = Status::default();
    let mut now = Timestamp(1_000_000_000);
    for pods in syncs {
        now = now + SignedDuration::from_secs(15);
        let observation = observe(pods, &shape, now);
        let _ = testing::sync(&mut autoscaler, &spec, &mut stored, &observation, now);
    }
    expected.assert_eq(&autoscaler.explanation().to_string());
}

fn observe(pods: &[Pods], shape: &Arc<PodShape>, now: Timestamp) -> Observation {
    let replicas: u32 = pods.iter().map(|pods| pods.0).sum();
    let record = |pods: &Pods| {
        PodRecord::new("php-apache", Arc::clone(shape))
            .with_count(pods.0)
            .with_start_time(now - SignedDuration::from_secs(120))
            .with_ready(pods.1, now - SignedDuration::from_secs(100))
    };
    let window = SignedDuration::from_secs(15);
    let sample = |pods: &Pods| {
        pods.2
            .map(|milli_value| Sample::new(milli_value, now, window))
    };
    let replicas = replicas.try_into().expect("few pods");
    Observation::new(Ok(Scale::settled(replicas, "run=php-apache")))
        .with_pods(pods.iter().map(record))
        .with_metric(pods.iter().map(sample).collect::<PodSamples>())
}

#[test]
fn a_rise_that_the_path_without_behavior_cuts() {
    check(
        &Value::Null,
        &[&[ready(1, 610)]],
        &expect![[r#"
            cpu resource utilization (percentage of request): 7
                610m used ÷ 200m requested = 305 %; 305 % ÷ 50 % = 6.1
                6.1 × 1 ready pod = 6.1, rounded up: 7
              1 pod is counted. The ratio is outside tolerance (0.9 to 1.1).
            Stabilization: 7
              No recommendation in the last 5 min was higher: 7 stays.
            Policies and limits: 4
                max(2 × 1, 4) = 4
              7 is too large a change: without behavior, a sync at most doubles the count, or raises it to 4: here to 4.
              Without this rule: 7.
            Desired replicas: 4
              The count changes from 1 to 4.
        "#]],
    );
}

#[test]
fn a_ratio_within_tolerance() {
    check(
        &Value::Null,
        &[&[ready(2, 109)]],
        &expect![[r#"
            cpu resource utilization (percentage of request): 2
                218m used ÷ 400m requested = 54.5 %, truncated to 54 %; 54 % ÷ 50 % = 1.08
              2 pods are counted. The ratio is within tolerance (0.9 to 1.1): the count stays 2.
              Without this rule: 3.
            Stabilization: 2
              No recommendation in the last 5 min was higher: 2 stays.
            Policies and limits: 2
              The count stays: no limit applies.
            Desired replicas: 2
              The count stays 2.
        "#]],
    );
}

#[test]
fn a_fall_that_the_window_holds() {
    check(
        &Value::Null,
        &[&[ready(4, 100)], &[ready(4, 20)]],
        &expect![[r#"
            cpu resource utilization (percentage of request): 1
                80m used ÷ 800m requested = 10 %; 10 % ÷ 50 % = 0.2
                0.2 × 4 ready pods = 0.8, rounded up: 1
              4 pods are counted. The ratio is outside tolerance (0.9 to 1.1).
            Stabilization: 4
              The highest recommendation in the last 5 min is 4, made 15 s ago: it holds the count until it leaves the window.
              Without this rule: 1.
            Policies and limits: 4
              The count stays: no limit applies.
            Desired replicas: 4
              The count stays 4.
        "#]],
    );
}

#[test]
fn pods_that_are_not_ready_or_have_no_sample() {
    let pods = [
        ready(2, 300),
        Pods(1, ReadyStatus::False, Some(0)),
        Pods(1, ReadyStatus::True, None),
    ];
    check(
        &Value::Null,
        &[&pods],
        &expect![[r#"
            cpu resource utilization (percentage of request): 6
                600m used ÷ 400m requested = 150 %; 150 % ÷ 50 % = 3
                including assumed samples: 600m used ÷ 800m requested = 75 %; 75 % ÷ 50 % = 1.5
                1.5 × 4 pods = 6
              2 pods are counted. 1 pod is not ready: counted as using nothing, because the ratio is above 1. 1 pod has no sample: counted as using nothing, because the ratio is above 1. The ratio is outside tolerance (0.9 to 1.1).
            Stabilization: 6
              No recommendation in the last 5 min was higher: 6 stays.
            Policies and limits: 6
                max(2 × 4, 4) = 8
              Within the limits and policies.
            Desired replicas: 6
              The count changes from 4 to 6.
        "#]],
    );
}

#[test]
fn tolerance_after_filling_where_the_direction_would_have_turned() {
    let pods = [ready(3, 80), Pods(1, ReadyStatus::True, None)];
    check(
        &Value::Null,
        &[&pods],
        &expect![[r#"
            cpu resource utilization (percentage of request): 4
                240m used ÷ 600m requested = 40 %; 40 % ÷ 50 % = 0.8
                including assumed samples: 440m used ÷ 800m requested = 55 %; 55 % ÷ 50 % = 1.1
              3 pods are counted. 1 pod has no sample: counted as using its whole request, because the ratio is below 1. Including assumed samples, the ratio is within tolerance (0.9 to 1.1): the count stays 4.
            Stabilization: 4
              No recommendation in the last 5 min was higher: 4 stays.
            Policies and limits: 4
              The count stays: no limit applies.
            Desired replicas: 4
              The count stays 4.
        "#]],
    );
}

#[test]
fn a_policy_that_limits_the_rise() {
    let behavior = json!({
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
            {"type": "Pods", "value": 2, "periodSeconds": 60},
            {"type": "Percent", "value": 50, "periodSeconds": 60}]},
        "scaleDown": {"selectPolicy": "Disabled", "policies": [
            {"type": "Percent", "value": 100, "periodSeconds": 15}]},
    });
    check(
        &behavior,
        &[&[ready(2, 400)], &[ready(4, 400)]],
        &expect![[r#"
            cpu resource utilization (percentage of request): 16
                1600m used ÷ 800m requested = 200 %; 200 % ÷ 50 % = 4
                4 × 4 ready pods = 16
              4 pods are counted. The ratio is outside tolerance (0.9 to 1.1).
            Stabilization: 16
              No window applies (up 0 s, down 5 min): 16 stays.
            Policies and limits: 4
                2 pods per 1 min: 2 (the count 1 min ago; 2 added, 0 removed since) + 2 = 4
                50 % per 1 min: 2 (the count 1 min ago; 2 added, 0 removed since) + 50 % = 3
              16 is too large a change: the scale-up policy with the largest change allows 4.
              Without this rule: 10.
            Desired replicas: 4
              The count stays 4.
        "#]],
    );
}

#[test]
fn a_metric_that_fails() {
    check(
        &Value::Null,
        &[&[Pods(3, ReadyStatus::True, None)]],
        &expect![[r#"
            cpu resource utilization (percentage of request)
              No proposal: failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready).
            Largest proposal
              No metric has a proposal: the count stays 3.
            Desired replicas: 3
              No usable metric: the count stays 3.
        "#]],
    );
}
