//! Tests of the output of `kubectl get hpa` and `kubectl describe hpa` at known times.
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use test_support::check_each;

use super::*;
use crate::experiment::Experiment;
use crate::experiment::presets::PHP_APACHE;

#[track_caller]
fn check(
    text: &str,
    seconds: i64,
    print: fn(&Trace, Option<&SyncDetail>, Timestamp) -> String,
    expected: &Expect,
) {
    let run = Experiment::parse(text).experiment.expect("accepted").run();
    let time = Timestamp(seconds * 1000);
    let detail = run
        .trace
        .sync_at(time)
        .and_then(|sync| run.replay.detail(sync));
    expected.assert_eq(&print(&run.trace, detail.as_ref(), time));
}

#[test]
fn get_prints_one_row() {
    check(
        PHP_APACHE,
        10,
        get,
        &expect![[r#"
        NAME         REFERENCE               TARGETS              MINPODS   MAXPODS   REPLICAS   AGE
        php-apache   Deployment/php-apache   cpu: <unknown>/50%   1         10        0          10s
    "#]],
    );
    check(
        PHP_APACHE,
        195,
        get,
        &expect![[r#"
        NAME         REFERENCE               TARGETS        MINPODS   MAXPODS   REPLICAS   AGE
        php-apache   Deployment/php-apache   cpu: 44%/50%   1         10        7          3m15s
    "#]],
    );
}

#[test]
fn get_shows_targets_of_each_metric_type() {
    let text = PHP_APACHE.replace("  minReplicas: 1\n", "  minReplicas: 1\n  behavior: {}\n");
    let mut hpa = Experiment::parse(&text)
        .experiment
        .expect("accepted")
        .setup
        .autoscaler
        .clone();
    let metrics = r#"[
        {"type": "Pods", "pods": {"metric": {"name": "p"}, "target": {"averageValue": "2k"}}},
        {"type": "External", "external": {"metric": {"name": "q"}, "target": {"averageValue": "30"}}},
        {"type": "Object", "object": {"metric": {"name": "r"}, "target": {"type": "Value", "value": "7"}}},
        {"type": "Strange"}
    ]"#;
    hpa.spec.metrics = serde_json::from_str(metrics).expect("metrics");
    let status = HorizontalPodAutoscalerStatus::default();
    let names = |range: std::ops::Range<usize>| targets(&hpa.spec.metrics[range], &status);
    assert_eq!(names(0..2), "<unknown>/2k, <unknown>/30 (avg)");
    assert_eq!(names(2..4), "<unknown>/7, <unknown type>");
    assert_eq!(names(0..4), "<unknown>/2k, <unknown>/30 (avg) + 2 more...");
    assert_eq!(names(0..0), "<none>");
    let lines: Vec<_> = hpa
        .spec
        .metrics
        .iter()
        .map(|metric| metric_line(metric, None))
        .collect();
    assert_eq!(
        lines,
        [
            "\"p\" on pods:\t<unknown> / 2k",
            "\"q\" (target average value):\t<unknown> / 30",
            "\"r\" on / (target value):\t<unknown> / 7",
            "<unknown metric type \"Strange\">",
        ]
    );
}

#[test]
fn describe_prints_metrics_conditions_and_events() {
    check(
        PHP_APACHE,
        10,
        describe,
        &expect![[r#"
        Name:                                                  php-apache
        Namespace:                                             default
        Labels:                                                <none>
        Annotations:                                           <none>
        CreationTimestamp:                                     Thu, 01 Jan 1970 00:00:00 +0000
        Reference:                                             Deployment/php-apache
        Metrics:                                               ( current / target )
          resource cpu on pods  (as a percentage of request):  <unknown> / 50%
        Min replicas:                                          1
        Max replicas:                                          10
        Deployment pods:                                       0 current / 0 desired
        Events:                                                <none>
    "#]],
    );
    check(
        PHP_APACHE,
        95,
        describe,
        &expect![[r#"
            Name:                                                  php-apache
            Namespace:                                             default
            Labels:                                                <none>
            Annotations:                                           <none>
            CreationTimestamp:                                     Thu, 01 Jan 1970 00:00:00 +0000
            Reference:                                             Deployment/php-apache
            Metrics:                                               ( current / target )
              resource cpu on pods  (as a percentage of request):  305% (611m) / 50%
            Min replicas:                                          1
            Max replicas:                                          10
            Deployment pods:                                       1 current / 4 desired
            Conditions:
              Type            Status  Reason            Message
              ----            ------  ------            -------
              AbleToScale     True    SucceededRescale  the HPA controller was able to update the target scale to 4
              ScalingActive   True    ValidMetricFound  the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
              ScalingLimited  True    ScaleUpLimit      the desired replica count is increasing faster than the maximum scale rate
              ScaledToZero    False   NotScaledToZero   the HPA controller did not scale the workload to zero
            Events:
              Type    Reason             Age   From                       Message
              ----    ------             ----  ----                       -------
              Normal  SuccessfulRescale  5s    horizontal-pod-autoscaler  New size: 4; reason: cpu resource utilization (percentage of request) above target
        "#]],
    );
}

#[test]
fn describe_prints_behavior() {
    let mut out = String::from("Behavior:\n");
    let text = r#"{"stabilizationWindowSeconds": 300, "policies": [
        {"type": "Percent", "value": 100, "periodSeconds": 15},
        {"type": "Pods", "value": 4, "periodSeconds": 60}]}"#;
    let parsed: ScalingRules = serde_json::from_str(text).expect("rules");
    rules("Scale Down", Some(&parsed), &mut out);
    expect![[r#"
        Behavior:
          Scale Down:
            Stabilization Window: 300 seconds
            Select Policy: Max
            Policies:
              - Type: Percent  Value: 100  Period: 15 seconds
              - Type: Pods     Value: 4    Period: 60 seconds
    "#]]
    .assert_eq(&tabulate(&out, 0, 2));
}

#[test]
fn ages_get_coarser_with_time() {
    check_each(
        [
            (-5, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (195, "3m15s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (12_660, "3h31m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (180_000, "2d2h"),
            (800_000, "9d"),
        ],
        |(seconds, expected)| {
            assert_eq!(age(SignedDuration::from_secs(seconds)), expected);
        },
    );
}

#[test]
fn columns_end_where_a_line_has_no_cell() {
    expect![[r#"
        a       b
        longer  c
        plain
        d  e  f
    "#]]
    .assert_eq(&tabulate("a\tb\nlonger\tc\nplain\nd\te\tf\n", 0, 2));
}
