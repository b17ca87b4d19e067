//! The Prometheus metrics: their names, types, labels and buckets are an interface.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use expect_test::expect;

use crate::api_objects::Key;
use crate::disagreement::{Disagreement, Reason};
use crate::telemetry::{Action, ErrorKind, Telemetry};

/// The page of a controller that has used every metric.
pub(crate) fn all_metrics() -> String {
    let telemetry = Telemetry::default();
    let time = Duration::from_secs(1);
    let key = Key::new("a", "b");
    let found = Disagreement {
        difference: 1,
        reason: Reason::Decision,
        syncs: 3,
    };
    telemetry.reconciled(Action::None, ErrorKind::None, time);
    telemetry.computed(Action::None, ErrorKind::None, "Resource", time);
    telemetry.set_autoscalers(1);
    telemetry.set_desired(&key, 1);
    telemetry.set_disagreement(&key, found);
    telemetry.set_what_if(&key, 1);
    telemetry.requested("GET", "pods", "200", time);
    telemetry.watch_restarted("pods", "closed");
    telemetry.event_dropped("flood");
    telemetry.set_leader(true);
    telemetry.sync_started(time);
    telemetry.render()
}

/// Each metric with its type, help text and label names, and the buckets of all histograms.
fn interface(page: &str) -> String {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut help: BTreeMap<&str, &str> = BTreeMap::new();
    let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut buckets: BTreeSet<(usize, &str)> = BTreeSet::new();
    for line in page.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' ')) {
            types.insert(name, kind);
        } else if let Some((name, text)) =
            line.strip_prefix("# HELP ").and_then(|l| l.split_once(' '))
        {
            help.insert(name, text);
        } else {
            let (series, _) = line.rsplit_once(' ').unwrap();
            let (name, pairs) = series.split_once('{').unwrap_or((series, ""));
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix))
                .unwrap_or(name);
            let names = labels.entry(family).or_default();
            for (name, value) in pairs
                .trim_end_matches('}')
                .split(',')
                .filter_map(|pair| pair.split_once('='))
            {
                if name == "le" {
                    buckets.insert((value.len(), value));
                } else {
                    names.insert(name);
                }
            }
        }
    }
    let mut text = String::new();
    for (name, kind) in types {
        let names: Vec<&str> = labels[name].iter().copied().collect();
        let (names, help) = (names.join(", "), help[name]);
        text.push_str(&format!("{kind} {name} {{{names}}}: {help}\n"));
    }
    let buckets: Vec<&str> = buckets.iter().map(|(_, bound)| *bound).collect();
    text.push_str(&format!("buckets: {}\n", buckets.join(" ")));
    text
}

#[test]
fn names_types_labels_and_buckets() {
    expect![[r#"
        gauge horizontal_pod_autoscaler_controller_desired_replicas {hpa_name, namespace}: Current desired replica count for HPA objects.
        histogram horizontal_pod_autoscaler_controller_metric_computation_duration_seconds {action, error, metric_type}: The time(seconds) that the HPA controller takes to calculate one metric.
        counter horizontal_pod_autoscaler_controller_metric_computation_total {action, error, metric_type}: Number of metric computations.
        gauge horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers {}: Current number of controlled HPA objects.
        histogram horizontal_pod_autoscaler_controller_reconciliation_duration_seconds {action, error}: The time(seconds) that the HPA controller takes to reconcile once.
        counter horizontal_pod_autoscaler_controller_reconciliations_total {action, error}: Number of reconciliations of HPA controller.
        histogram hpa_controller_api_request_duration_seconds {resource, verb}: Time from sending a request to the API until its response was read.
        counter hpa_controller_api_requests_total {code, resource, verb}: Requests to the API by verb, resource and status code.
        gauge hpa_controller_disagreement_replicas {hpa_name, namespace, reason}: Desired replicas of this controller minus status.desiredReplicas.
        counter hpa_controller_events_dropped_total {reason}: Events that were not written, by reason.
        histogram hpa_controller_sync_delay_seconds {}: Time from when a sync was due until it started.
        counter hpa_controller_watch_restarts_total {reason, resource}: Watches that were restarted, by reason.
        gauge hpa_controller_what_if_replicas {hpa_name, namespace}: Desired replicas with the changed manifest minus those with the cluster's.
        gauge leader_election_master_status {name}: Whether this process holds the Lease.
        buckets: "+Inf" "0.001" "0.002" "0.004" "0.008" "0.016" "0.032" "0.064" "0.128" "0.256" "0.512" "1.024" "2.048" "4.096" "8.192" "16.384"
    "#]]
    .assert_eq(&interface(&all_metrics()));
}

#[test]
fn label_values_are_escaped() {
    let telemetry = Telemetry::default();
    telemetry.requested("GET", "a\"b\\c\nd", "200", Duration::ZERO);
    let line =
        r#"hpa_controller_api_requests_total{verb="GET",resource="a\"b\\c\nd",code="200"} 1"#;
    let page = telemetry.render();
    assert!(page.lines().any(|found| found == line), "{page}");
}

#[test]
fn a_deleted_autoscaler_has_no_series() {
    let telemetry = Telemetry::default();
    let (kept, deleted) = (Key::new("prod", "web"), Key::new("prod", "web-2"));
    for key in [&kept, &deleted] {
        telemetry.set_desired(key, 1);
        telemetry.set_what_if(key, 1);
        for reason in [Reason::Timing, Reason::Decision] {
            let found = Disagreement {
                difference: 1,
                reason,
                syncs: 1,
            };
            telemetry.set_disagreement(key, found);
        }
    }
    // One series per autoscaler, under its latest reason.
    let series = |name: &str| telemetry.render().matches(name).count();
    assert_eq!(series("hpa_controller_disagreement_replicas{"), 2);
    telemetry.forget(&deleted);
    assert_eq!(series("hpa_name=\"web-2\""), 0);
    assert_eq!(series("hpa_name=\"web\""), 3);
}
