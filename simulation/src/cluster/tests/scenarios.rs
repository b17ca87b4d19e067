//! One scenario for each thing that can happen to a cluster.

use super::*;
use hpa_core::api::{MetricSpec, ScaleTargetKind};
use hpa_core::autoscaler::explanation::Branch;
use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};

/// Metrics of an autoscaler, as a manifest writes them.
fn metrics(json: &str) -> Vec<MetricSpec> {
    serde_json::from_str(json).expect("metrics")
}

/// A setup in which the autoscaler keeps `replicas` pods.
fn fixed(replicas: i32, rate: f64, minutes: i64) -> SetupDraft {
    let mut setup = steady(rate, minutes);
    setup.workload.spec.replicas = Some(replicas);
    setup.autoscaler.spec.min_replicas = Some(replicas);
    setup.autoscaler.spec.max_replicas = replicas;
    setup
}

/// How many syncs ended without a usable metric.
fn blind(trace: &Trace) -> usize {
    let blind = |sync: &&SyncRecord| sync.branch == Branch::NoMetrics;
    trace.syncs.iter().filter(blind).count()
}

#[test]
fn a_stateful_set_comes_and_goes_one_by_one() {
    let mut setup = SetupDraft::default();
    setup.workload.kind = ScaleTargetKind::STATEFUL_SET;
    setup.autoscaler.spec.scale_target_ref.kind = String::from("StatefulSet");
    let trace = run(&setup).trace;
    assert_eq!(counts(&trace), [1, 4, 7, 1]);
    assert!(trace.steps.pending.iter().all(|pending| *pending <= 1));
    assert!(
        trace
            .steps
            .terminating
            .iter()
            .all(|terminating| *terminating <= 1)
    );
    let ready: Vec<_> = trace.pods.iter().filter_map(|pod| pod.ready).collect();
    assert!(ready.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a_rolling_update_surges_and_never_lacks_too_many() {
    let mut setup = fixed(8, 80.0, 20);
    setup.timeline = at(300, Action::RollingUpdate);
    let trace = run(&setup).trace;
    let most = trace.steps.status_replicas.iter().max().copied();
    let least = trace.steps.ready.iter().min().copied();
    assert_eq!((most, least), (Some(10), Some(6)));
    let old = trace.pods.iter().filter(|pod| pod.revision == 0);
    assert!(old.clone().all(|pod| pod.gone.is_some()));
    let new: u32 = trace
        .pods
        .iter()
        .filter(|pod| pod.revision == 1)
        .map(|pod| pod.count)
        .sum();
    assert_eq!(new, 8);
    assert_eq!(counts(&trace), [8]);
}

/// A ReplicaSet has no rollout: its pods keep their template, and later ones have the new one.
#[test]
fn a_replica_set_keeps_its_pods() {
    let mut setup = fixed(4, 10.0, 20);
    setup.workload.kind = ScaleTargetKind::REPLICA_SET;
    setup.autoscaler.spec.scale_target_ref.kind = String::from("ReplicaSet");
    setup.timeline = at(300, Action::RollingUpdate);
    setup
        .timeline
        .extend(at(600, Action::LosePods { count: 1 }));
    let trace = run(&setup).trace;
    assert_eq!(trace.steps.status_replicas.iter().max(), Some(&4));
    assert_eq!(trace.steps.ready[row(&trace, 590)], 4);
    let pods = |revision| {
        trace
            .pods
            .iter()
            .filter(move |pod| pod.revision == revision)
    };
    assert_eq!(pods(0).map(|pod| pod.count).sum::<u32>(), 4);
    assert_eq!(pods(1).map(|pod| pod.count).sum::<u32>(), 1);
}

#[test]
fn a_recreate_takes_all_pods_away_first() {
    let mut setup = fixed(4, 10.0, 20);
    let strategy = r#"{"type": "Recreate"}"#;
    setup.workload.spec.strategy = Some(serde_json::from_str(strategy).expect("a strategy"));
    setup.timeline = at(300, Action::RollingUpdate);
    let trace = run(&setup).trace;
    assert_eq!(trace.steps.ready.iter().min(), Some(&0));
    assert!(trace.totals.dropped > 0.0);
    assert_eq!(trace.steps.ready.last(), Some(&4));
}

#[test]
fn pods_beyond_the_room_stay_pending_until_a_node_comes() {
    let mut setup = steady(100.0, 30);
    setup.nodes = Nodes {
        count: 1,
        pods_per_node: Some(3),
        autoscaler: None,
        quota: None,
    };
    let stuck = run(&setup).trace;
    assert_eq!(stuck.steps.ready.iter().max(), Some(&3));
    assert!(stuck.steps.pending.last() > Some(&0));
    let waits = |event: &&ClusterEvent| event.event.reason.as_str() == "FailedScheduling";
    assert!(stuck.events.iter().any(|event| waits(&event)));
    setup.nodes.autoscaler = Some(NodeAutoscaler {
        delay: s(120),
        max_nodes: 4,
    });
    let grown = run(&setup).trace;
    assert_eq!(grown.steps.nodes.last(), Some(&4));
    assert_eq!(grown.steps.pending.last(), Some(&0));
    assert_eq!(grown.steps.ready.last(), Some(&10));
}

#[test]
fn pods_beyond_the_quota_are_not_created() {
    let mut setup = steady(61.0, 20);
    setup.nodes.quota = Some(5);
    let trace = run(&setup).trace;
    assert_eq!(trace.steps.status_replicas.iter().max(), Some(&5));
    assert_eq!(trace.steps.spec_replicas.iter().max(), Some(&7));
    let failed = trace
        .events
        .iter()
        .find(|event| event.event.reason.as_str() == "FailedCreate");
    assert_eq!(failed.map(|event| event.about), Some(About::Workload));
}

#[test]
fn a_raised_quota_lets_the_missing_pods_come() {
    let mut setup = steady(61.0, 20);
    setup.nodes.quota = Some(5);
    setup.timeline = at(600, Action::SetQuota { pods: None });
    assert_eq!(run(&setup).trace.steps.status_replicas.last(), Some(&7));
}

#[test]
fn a_lost_node_swallows_requests_until_it_is_known_and_pods_until_they_are_replaced() {
    let mut setup = fixed(6, 60.0, 20);
    setup.nodes.count = 3;
    setup.nodes.pods_per_node = Some(4);
    setup.timeline = at(300, Action::LoseNodes { count: 1 });
    let trace = run(&setup).trace;
    // A third of 60 requests/s for 40 s.
    assert!(
        (trace.totals.dropped - 800.0).abs() < 1.0,
        "{:?}",
        trace.totals
    );
    assert_eq!(trace.steps.ready[row(&trace, 330)], 6);
    assert_eq!(trace.steps.ready[row(&trace, 345)], 4);
    assert_eq!(trace.steps.status_replicas[row(&trace, 630)], 6);
    assert_eq!(trace.steps.ready[row(&trace, 660)], 6);
}

#[test]
fn lost_pods_are_replaced() {
    let mut setup = fixed(5, 10.0, 10);
    setup.timeline = at(300, Action::LosePods { count: 2 });
    let trace = run(&setup).trace;
    assert_eq!(trace.steps.ready.iter().min(), Some(&3));
    assert_eq!(trace.steps.ready.last(), Some(&5));
    assert_eq!(trace.pods.iter().map(|pod| pod.count).sum::<u32>(), 7);
}

#[test]
fn a_crash_comes_back_with_longer_pauses() {
    let mut setup = fixed(1, 10.0, 10);
    setup.startup.initial_age = s(0);
    setup.startup.crash = Some(Crash {
        after: Spread {
            mean: s(30),
            deviation: 0.0,
        },
        times: None,
    });
    setup.timeline = at(60, Action::LosePods { count: 1 });
    let trace = run(&setup).trace;
    let pod = trace.pods.last().expect("the replacement");
    let started = pod.started.expect("it starts").0 / 1000;
    let ready = |after: i64| trace.steps.ready[row(&trace, started + after)];
    // 30 s up, 10 s pause, 30 s up, 20 s pause.
    assert_eq!(
        [ready(20), ready(35), ready(60), ready(75), ready(105)],
        [1, 0, 1, 0, 1]
    );
}

#[test]
fn a_missing_metric_blinds_the_autoscaler_while_it_lasts() {
    let mut setup = steady(61.0, 20);
    let fault = |fault| Action::MetricFault {
        target: FaultTarget::Named(String::from("cpu")),
        fault,
        share: 1.0,
        duration: s(300),
    };
    setup.timeline = at(600, fault(FaultKind::Missing));
    let trace = run(&setup).trace;
    assert_eq!(blind(&trace), 20);
    assert_eq!(counts(&trace), [1, 4, 7]);
    let edges: Vec<_> = trace
        .markers
        .iter()
        .map(|marker| (marker.time.0, marker.edge))
        .collect();
    assert_eq!(edges, [(600_000, Edge::Begin), (900_000, Edge::End)]);
    // Zero is believed, where missing is not; the window is all that is left.
    setup.timeline = at(500, fault(FaultKind::Zero));
    let mut long = setup.clone();
    assert_eq!(counts(&run(&setup).trace), [1, 4, 7]);
    if let Action::MetricFault { duration, .. } = &mut long.timeline[0].action {
        *duration = s(600);
    }
    assert_eq!(counts(&run(&long).trace)[..4], [1, 4, 7, 1]);
    // An error says what it is.
    setup.timeline = at(500, fault(FaultKind::Error(String::from("broken"))));
    let trace = run(&setup).trace;
    let told = trace.events.iter().find(|event| {
        event
            .event
            .message
            .to_string()
            .ends_with("metrics API: broken")
    });
    assert_eq!(told.map(|event| event.count), Some(20));
}

#[test]
fn a_stale_metric_shows_what_was_and_new_pods_have_none() {
    let mut setup = SetupDraft {
        duration: s(600),
        ..SetupDraft::default()
    };
    setup.timeline = at(
        100,
        Action::MetricFault {
            target: FaultTarget::All,
            fault: FaultKind::Stale,
            share: 1.0,
            duration: s(1000),
        },
    );
    let Recording { trace, replay } = run(&setup);
    let last = trace.syncs.len() - 1;
    assert!((trace.points(last)[0].value - 305.0).abs() < 0.5);
    let detail = replay.detail(last).expect("the last sync");
    let hpa_core::autoscaler::explanation::Calculation::Pods(pods) =
        detail.explanation.metrics[0].calculation
    else {
        panic!("a metric of pods");
    };
    assert_eq!((pods.groups.ready, pods.groups.missing), (1, 6));
}

#[test]
fn a_fault_of_some_pods_leaves_the_others() {
    let mut setup = fixed(10, 300.0, 15);
    setup.timeline = at(
        300,
        Action::MetricFault {
            target: FaultTarget::All,
            fault: FaultKind::Missing,
            share: 0.3,
            duration: s(300),
        },
    );
    let Recording { trace, replay } = run(&setup);
    let index = trace.sync_at(Timestamp(330_000)).expect("a sync");
    let detail = replay.detail(index).expect("within the run");
    let hpa_core::autoscaler::explanation::Calculation::Pods(pods) =
        detail.explanation.metrics[0].calculation
    else {
        panic!("a metric of pods");
    };
    assert_eq!(pods.groups.missing, 3);
    assert_eq!(blind(&trace), 0);
}

#[test]
fn a_metrics_api_that_is_down_is_down_for_its_metrics_only() {
    let mut setup = steady(61.0, 10);
    setup.autoscaler.spec.metrics.extend(metrics(
        r#"[{"type": "External", "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "1"}}}]"#,
    ));
    setup.timeline = at(
        300,
        Action::MetricsApiDown {
            api: MetricsApi::External,
            duration: s(120),
        },
    );
    let trace = run(&setup).trace;
    let failed = trace
        .syncs
        .iter()
        .filter(|sync| sync.failed_metrics == 1)
        .count();
    assert_eq!(failed, 8);
    assert!(trace.syncs.iter().all(|sync| sync.failed_metrics < 2));
}

fn release(minor: u8) -> KubernetesVersion {
    KubernetesVersion::from_minor(minor).expect("it is modelled")
}

#[test]
fn a_restarted_controller_has_forgotten_its_windows() {
    let mut setup = SetupDraft {
        duration: s(1200),
        ..SetupDraft::default()
    };
    setup.controller = ControllerConfig::of_version(release(36));
    setup.timeline = at(800, Action::RestartController { downtime: s(10) });
    let trace = run(&setup).trace;
    let back = trace
        .syncs
        .iter()
        .find(|sync| sync.desired < sync.current)
        .expect("comes back");
    // One sync records 7, as found; it leaves the window 300 s later.
    let first = trace
        .syncs
        .iter()
        .find(|sync| sync.time.0 > 800_000)
        .expect("goes on");
    assert_eq!(first.time, Timestamp(825_000));
    assert_eq!(back.time - first.time, s(315));
}

#[test]
fn an_edit_is_seen_at_once_from_1_37_on() {
    let mut setup = steady(61.0, 10);
    let mut edited = setup.autoscaler.clone();
    edited.spec.max_replicas = 3;
    setup.timeline = at(307, Action::EditAutoscaler(Box::new(edited)));
    let at_once = |setup: &SetupDraft| {
        let trace = run(setup).trace;
        let capped = trace
            .syncs
            .iter()
            .find(|sync| sync.branch == Branch::AboveMaximum);
        capped.map(|sync| sync.time.0 / 1000)
    };
    assert_eq!(at_once(&setup), Some(307));
    setup.controller = ControllerConfig::of_version(release(36));
    assert_eq!(at_once(&setup), Some(315));
}

#[test]
fn kubectl_scale_and_an_applied_manifest_fight_the_autoscaler() {
    let mut setup = steady(61.0, 15);
    setup.timeline = at(605, Action::Scale { replicas: 2 });
    let scaled = run(&setup).trace;
    assert_eq!(scaled.steps.spec_replicas[row(&scaled, 610)], 2);
    assert_eq!(scaled.steps.spec_replicas.last(), Some(&7));
    let mut manifest = setup.workload.clone();
    manifest.spec.replicas = Some(1);
    manifest.spec.template.spec.containers[0].name = String::from("renamed");
    setup.timeline = at(605, Action::ApplyWorkload(Box::new(manifest)));
    let applied = run(&setup).trace;
    assert_eq!(applied.steps.spec_replicas[row(&applied, 610)], 1);
    assert!(applied.pods.iter().any(|pod| pod.revision == 1));
}

#[test]
fn a_container_metric_reads_its_share() {
    let mut setup = fixed(1, 50.0, 5);
    let mut sidecar = setup.workload.spec.template.spec.containers[0].clone();
    sidecar.name = String::from("sidecar");
    setup.workload.spec.template.spec.containers.push(sidecar);
    let share = |name: &str, cpu| ContainerShare {
        name: name.to_owned(),
        cpu,
        memory: 0.5,
    };
    setup.model.containers = vec![share("php-apache", 0.8), share("sidecar", 0.2)];
    setup.model.idle_cpu = 0.0;
    setup.autoscaler.spec.metrics = metrics(
        r#"[{"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "sidecar", "target": {"type": "Utilization", "averageUtilization": 50}}}]"#,
    );
    let trace = run(&setup).trace;
    let last = trace.points(trace.syncs.len() - 1);
    // 0.5 cores, a fifth of it, of 200m.
    assert!((last[0].value - 50.0).abs() < 0.5, "{last:?}");
}

#[test]
fn an_external_metric_sums_the_series_that_its_selector_selects() {
    let mut setup = fixed(2, 10.0, 5);
    setup.autoscaler.spec.metrics = metrics(
        r#"[{"type": "External", "external": {"metric": {"name": "queue", "selector": {"matchLabels": {"kind": "a"}}}, "target": {"type": "AverageValue", "averageValue": "10"}}}]"#,
    );
    let series = |kind: &str, rate| Series {
        labels: [(String::from("kind"), kind.to_owned())].into(),
        source: FeedSource::Profile(LoadProfile::constant(rate)),
        factor: 2.0,
    };
    setup.feeds = vec![Feed {
        metric: String::from("queue"),
        series: vec![series("a", 5.0), series("b", 100.0), series("a", 2.0)],
        pipeline: None,
    }];
    let trace = run(&setup).trace;
    assert!((trace.points(5)[0].value - 14_000.0).abs() < 1.0);
}

#[test]
fn a_work_queue_loses_nothing_and_feeds_a_metric() {
    let mut setup = steady(0.0, 60);
    setup.load.parts[0].shape = Shape::Step {
        rate: 100.0,
        from: s(60),
        until: Some(s(660)),
    };
    setup.model.queue = Queue::WorkQueue;
    setup.model.concurrency = 1;
    setup.autoscaler.spec.max_replicas = 20;
    setup.autoscaler.spec.metrics = metrics(
        r#"[{"type": "External", "external": {"metric": {"name": "queue_messages"}, "target": {"type": "AverageValue", "averageValue": "30"}}}]"#,
    );
    let trace = run(&setup).trace;
    assert!(trace.totals.dropped.abs() + trace.totals.timed_out.abs() < 1e-9);
    assert!((trace.totals.served - trace.totals.arrived).abs() < 1e-6 * trace.totals.arrived);
    let most = trace.steps.ready.iter().max().copied();
    assert!(most > Some(4), "{most:?}");
    assert_eq!(trace.steps.backlog.last(), Some(&0.0));
}

#[test]
fn a_cpu_limit_throttles() {
    let mut setup = fixed(1, 61.0, 10);
    setup.model.cpu_limit = CpuLimit::FromManifest;
    let trace = run(&setup).trace;
    // 500m, of which the idle pod needs 1m, serve 49.9 requests/s.
    let row = row(&trace, 300);
    assert!((trace.steps.served[row] - 49.9).abs() < 0.01);
    assert!((trace.steps.cpu[row] - 0.5).abs() < 1e-6);
    assert!((trace.points(10)[0].value - 250.0).abs() < 0.5);
}

#[test]
fn a_burst_at_the_start_costs_cpu_while_it_lasts() {
    let mut setup = SetupDraft::default();
    setup.startup.cpu_burst = 1.0;
    setup.startup.cpu_burst_duration = Some(s(20));
    let trace = run(&setup).trace;
    let bursting = trace.steps.cpu.iter().copied().fold(0.0, f32::max);
    assert!(bursting > 3.5, "{bursting}");
    let calm = trace.steps.cpu[row(&trace, 400)];
    assert!((0.61..0.63).contains(&calm), "{calm}");
}

#[test]
fn probes_delay_readiness() {
    let mut setup = SetupDraft::default();
    let probe = r#"{"initialDelaySeconds": 5, "periodSeconds": 10, "successThreshold": 2}"#;
    let container = &mut setup.workload.spec.template.spec.containers[0];
    container.readiness_probe = Some(serde_json::from_str(probe).expect("a probe"));
    let trace = run(&setup).trace;
    let pod = &trace.pods[1];
    // It answers after 2 s; probes at 5 s and 15 s succeed.
    assert_eq!(
        pod.ready
            .zip(pod.started)
            .map(|(ready, started)| ready - started),
        Some(s(15))
    );
}

#[test]
fn a_target_that_is_not_there_is_named() {
    let mut setup = SetupDraft::default();
    setup.autoscaler.spec.scale_target_ref.name = String::from("other");
    let trace = run(&setup).trace;
    assert!(
        trace
            .syncs
            .iter()
            .all(|sync| sync.branch == Branch::NoScale)
    );
    assert_eq!(
        trace.events[0].event.message.to_string(),
        "deployments.apps \"other\" not found"
    );
}

#[test]
fn late_syncs_drift() {
    let mut setup = SetupDraft::default();
    setup.sync.phase = Some(s(7));
    setup.sync.jitter = SignedDuration(500);
    let trace = run(&setup).trace;
    assert_eq!(trace.syncs[0].time, Timestamp(7000));
    let gaps: Vec<_> = trace
        .syncs
        .windows(2)
        .map(|pair| pair[1].time - pair[0].time)
        .collect();
    assert!(
        gaps.iter()
            .all(|gap| (s(15)..SignedDuration(15_500)).contains(gap))
    );
    assert!(gaps.iter().any(|gap| *gap > SignedDuration(15_300)));
}

#[test]
fn the_next_sync_is_due_a_period_after_the_end_of_the_last() {
    let mut setup = steady(61.0, 5);
    setup.sync.duration = s(2);
    let trace = run(&setup).trace;
    assert_eq!(trace.syncs[0].time, Timestamp(17_000));
    assert_eq!(trace.syncs[1].time, Timestamp(34_000));
    // What it decides is what it read at its beginning.
    let mut prompt = steady(61.0, 5);
    prompt.sync.duration = SignedDuration::ZERO;
    let prompt = run(&prompt).trace;
    assert_eq!(trace.syncs[0].desired, prompt.syncs[0].desired);
}

#[test]
fn a_controller_that_is_down_syncs_nothing() {
    let mut setup = steady(61.0, 10);
    setup.controller = ControllerConfig::of_version(KubernetesVersion::NEWEST);
    let mut edited = setup.autoscaler.clone();
    edited.spec.max_replicas = 3;
    setup.timeline = at(100, Action::RestartController { downtime: s(20) });
    setup
        .timeline
        .extend(at(110, Action::EditAutoscaler(Box::new(edited))));
    let trace = run(&setup).trace;
    let after = trace
        .syncs
        .iter()
        .find(|sync| sync.time > Timestamp(100_000));
    assert_eq!(after.map(|sync| sync.time), Some(Timestamp(120_000)));
}

#[test]
fn syncs_happen_when_the_real_controller_has_them() {
    let cases = test_support::recorded_queue::edited_cases();
    for case in &cases {
        let mut setup = steady(61.0, 1);
        let minor = case.settings.minor;
        let version = KubernetesVersion::from_minor(minor).expect("a modelled release");
        setup.controller = ControllerConfig::of_version(version);
        setup.controller.sync_period = SignedDuration(case.settings.period);
        // The recorded runs begin with the controller; its first list is synced as new.
        setup.sync.phase = (minor >= 37).then_some(SignedDuration::ZERO);
        setup.duration = SignedDuration(case.duration + 1);
        for (number, edit) in (0..).zip(&case.edits) {
            let mut edited = setup.autoscaler.clone();
            edited.spec.max_replicas += 1 + number;
            let action = Action::EditAutoscaler(Box::new(edited));
            let event = TimelineEvent::new(SignedDuration(*edit), action);
            setup.timeline.push(event);
        }
        let syncs = run(&setup).trace.syncs;
        let times: Vec<i64> = syncs.iter().map(|sync| sync.time.0).collect();
        assert_eq!(times, case.syncs, "{}", case.id);
    }
    assert!(
        cases.len() >= 50 || std::env::var_os("HPA_VECTORS").is_some(),
        "{} cases",
        cases.len()
    );
}
