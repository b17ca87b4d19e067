//! Shadow mode and what-if: nothing is written, and differences are reported with their reason.

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::SignedDuration;
use serde_json::json;

use crate::args::Mode;
use crate::disagreement::{Comparison, DisagreementTracker, Reason};
use crate::tests::harness::TestController;
use crate::what_if::WhatIf;
use fake_api_server::fixtures::{HPA, POD_METRICS, SCALE, cluster, scale};
use fake_api_server::{Answer, Fault};

fn gauge(controller: &TestController) -> Vec<String> {
    let page = controller.metrics();
    let lines = page
        .lines()
        .filter(|line| line.starts_with("hpa_controller_disagreement_replicas{"));
    lines.map(str::to_owned).collect()
}

/// Writes a status as the cluster's own controller.
async fn theirs(controller: &TestController, replicas: i32, scaled: Option<&str>) {
    let mut hpa = controller.server.object(HPA);
    hpa["status"] = json!({"currentReplicas": replicas, "desiredReplicas": replicas});
    if let Some(time) = scaled {
        hpa["status"]["lastScaleTime"] = json!(time);
    }
    controller.server.put(HPA, hpa);
    controller.saw_hpa().await;
}

#[tokio::test(start_paused = true)]
async fn only_reads_are_sent() {
    let mut controller = TestController::overloaded(Mode::Shadow).await;
    controller.sync().await;
    controller
        .server
        .fault(Fault::always("GET", POD_METRICS, Answer::Plain(503, "")));
    controller.sync().await;
    controller.server.with(|world| {
        let others = world
            .requests
            .iter()
            .filter(|request| request.method != "GET");
        assert_eq!(others.count(), 0);
    });
}

#[tokio::test(start_paused = true)]
async fn a_disagreement_has_a_reason() {
    let mut controller = TestController::overloaded(Mode::Shadow).await;
    theirs(&controller, 2, None).await;
    let found = |summary: &crate::sync::Summary| {
        let found = summary.disagreement.unwrap();
        (found.difference, found.reason)
    };
    // The stabilization window reaches back to before this controller started.
    assert_eq!(found(&controller.sync().await), (2, Reason::Histories));
    assert_eq!(
        gauge(&controller),
        [
            "hpa_controller_disagreement_replicas{namespace=\"prod\",hpa_name=\"web\",reason=\"histories\"} 2"
        ]
    );
    theirs(&controller, 4, None).await;
    assert_eq!(found(&controller.sync().await), (0, Reason::None));
    controller.clock.advance(SignedDuration::from_secs(301));
    theirs(&controller, 3, None).await;
    assert_eq!(found(&controller.sync().await), (1, Reason::Timing));
    assert_eq!(found(&controller.sync().await), (1, Reason::Timing));
    assert_eq!(found(&controller.sync().await), (1, Reason::Decision));
    assert_eq!(
        gauge(&controller),
        [
            "hpa_controller_disagreement_replicas{namespace=\"prod\",hpa_name=\"web\",reason=\"decision\"} 1"
        ]
    );
    controller
        .server
        .fault(Fault::always("GET", POD_METRICS, Answer::Plain(503, "")));
    assert_eq!(found(&controller.sync().await), (0, Reason::Unreadable));
}

#[tokio::test(start_paused = true)]
async fn rescales_of_the_other_controller_are_remembered() {
    let server = cluster(2, "100m");
    let mut hpa = server.object(HPA);
    hpa["spec"]["behavior"] = json!({"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}], "selectPolicy": "Max", "stabilizationWindowSeconds": 0}});
    server.put(HPA, hpa);
    let mut controller =
        TestController::new(server, Mode::Shadow, ControllerConfig::default()).await;
    assert_eq!(controller.sync().await.desired, Some(3));
    assert!(
        !controller.remembers_scaling_up(),
        "nobody has carried it out yet"
    );
    controller.clock.advance(SignedDuration::from_secs(15));
    controller.server.put(SCALE, scale(3));
    theirs(&controller, 3, Some("2026-01-01T12:00:07Z")).await;
    // One pod a minute: the other controller's rescale counts.
    assert_eq!(controller.sync().await.desired, Some(3));
    let remembered = controller.state.autoscaler.histories().scale_up_events[0];
    assert_eq!(remembered.time.to_rfc3339_seconds(), "2026-01-01T12:00:07Z");
    // A count that someone set by hand is not a scale event.
    controller.clock.advance(SignedDuration::from_secs(15));
    controller.server.put(SCALE, scale(5));
    controller.sync().await;
    assert_eq!(
        controller
            .state
            .autoscaler
            .histories()
            .scale_up_events
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_changed_manifest_is_decided_on_too() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let manifest = directory.join("web.yaml");
    let text = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: prod}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 25}}
  behavior:
    scaleUp:
      policies: [{type: Pods, value: 1, periodSeconds: 15}]
";
    std::fs::write(&manifest, text).unwrap();
    let what_if = WhatIf::read(directory, &ControllerConfig::default()).unwrap();
    let mut controller = TestController::with(
        cluster(2, "100m"),
        Mode::Shadow,
        ControllerConfig::default(),
        |settings| {
            settings.what_if = what_if;
        },
    )
    .await;
    let summary = controller.sync().await;
    assert_eq!((summary.desired, summary.what_if), (Some(4), Some(3)));
    let page = controller.metrics();
    assert!(
        page.contains("hpa_controller_what_if_replicas{namespace=\"prod\",hpa_name=\"web\"} -1")
    );
    let text = text.replace("maxReplicas: 10", "maxReplicas: 0");
    std::fs::write(&manifest, text.replace("Utilization: 25", "Utilization: 0")).unwrap();
    let other = directory.join("web-2.yaml");
    std::fs::write(&other, "kind: [").unwrap();
    let error = WhatIf::read(directory, &ControllerConfig::default()).unwrap_err();
    let told = error
        .to_string()
        .replace(&format!("{}/", directory.display()), "");
    let places: Vec<&str> = told
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--> "))
        .collect();
    let expected = [
        "web-2.yaml:1:8",
        "web.yaml:7:16",
        "web.yaml:7:16",
        "web.yaml:10:75",
    ];
    assert_eq!(places, expected, "{told}");
    assert!(told.contains("must be set and greater than 0"), "{told}");
    for file in [&manifest, &other] {
        std::fs::write(file, text.replace("maxReplicas: 0", "maxReplicas: 9")).unwrap();
    }
    let error = WhatIf::read(directory, &ControllerConfig::default()).unwrap_err();
    let (second, first) = (manifest.display(), other.display());
    let conflict = format!("{second}:4:18: prod/web is already in {first}:4:18");
    assert_eq!(error.to_string(), conflict);
    std::fs::remove_file(other).unwrap();
    std::fs::write(&manifest, "kind: Nothing\napiVersion: v1\n").unwrap();
    let error = WhatIf::read(directory, &ControllerConfig::default()).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("no HorizontalPodAutoscaler"), "{error}");
}

/// A comparison of these desired replicas, five minutes of memory.
fn compared(ours: i32, theirs: i32) -> Comparison {
    Comparison {
        ours: Some(ours),
        recommended: Some(ours),
        theirs,
        failed_write: false,
        memory: SignedDuration::from_secs(300),
    }
}

/// The reasons of comparisons, one every 15 seconds after the memory of both has filled.
fn reasons(comparisons: impl IntoIterator<Item = Comparison>) -> Vec<Reason> {
    let mut tracker = DisagreementTracker::default();
    tracker.compare(compared(1, 1), SignedDuration::ZERO);
    let times = (300..).step_by(15).map(SignedDuration::from_secs);
    let found = comparisons.into_iter().zip(times);
    found
        .map(|(comparison, now)| tracker.compare(comparison, now).reason)
        .collect()
}

#[test]
fn a_ramp_of_the_other_controller_is_no_disagreement() {
    let ramp = [(4, 1), (8, 4), (9, 8), (9, 8), (9, 9)];
    let found = reasons(ramp.map(|(ours, theirs)| compared(ours, theirs)));
    let timing = Reason::Timing;
    assert_eq!(found, [timing, timing, timing, timing, Reason::None]);
    // One that stays behind is.
    let found = reasons([(4, 1), (8, 4), (9, 4), (9, 4)].map(|(a, b)| compared(a, b)));
    assert_eq!(found, [timing, timing, timing, Reason::Decision]);
}

#[test]
fn a_recommendation_that_only_one_has_seen_is_no_disagreement() {
    let held = Comparison {
        recommended: Some(9),
        ..compared(10, 9)
    };
    let found = reasons([held; 30]);
    // The window is as long as twenty periods; a difference that outlasts it is one of rules.
    assert_eq!(found[20], Reason::Histories);
    assert!(
        found[..20]
            .iter()
            .all(|reason| *reason == Reason::Histories)
    );
    assert!(found[21..].iter().all(|reason| *reason == Reason::Decision));
}

#[test]
fn a_write_that_failed_is_no_disagreement() {
    let failed = Comparison {
        failed_write: true,
        ..compared(4, 2)
    };
    assert_eq!(reasons([failed; 4])[3], Reason::FailedWrite);
    assert_eq!(reasons([compared(4, 2); 4])[3], Reason::Decision);
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_is_read_from_the_status() {
    let mut controller = TestController::overloaded(Mode::Shadow).await;
    let mut hpa = controller.server.object(HPA);
    hpa["status"] = json!({"currentReplicas": 2, "desiredReplicas": 2, "conditions": [{
        "type": "AbleToScale", "status": "False", "reason": "FailedUpdateScale",
        "lastTransitionTime": "2026-01-01T11:00:00Z", "message": "the server says no",
    }]});
    controller.server.put(HPA, hpa);
    controller.saw_hpa().await;
    controller.sync().await;
    controller.clock.advance(SignedDuration::from_secs(301));
    let found = controller.sync().await.disagreement.unwrap();
    assert_eq!((found.difference, found.reason), (2, Reason::FailedWrite));
}

#[tokio::test(start_paused = true)]
async fn another_tolerance_is_a_disagreement() {
    let mut controller =
        TestController::new(cluster(2, "60m"), Mode::Shadow, ControllerConfig::default()).await;
    // 120 % of the target: within theirs, not within ours.
    theirs(&controller, 2, None).await;
    controller.sync().await;
    controller.clock.advance(SignedDuration::from_secs(301));
    controller.sync().await;
    let found = controller.sync().await.disagreement.unwrap();
    assert_eq!((found.difference, found.reason), (1, Reason::Decision));
}

#[tokio::test(start_paused = true)]
async fn a_rescale_that_is_seen_before_its_status_is_remembered() {
    let server = cluster(2, "100m");
    let mut hpa = server.object(HPA);
    hpa["spec"]["behavior"] = json!({"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}], "selectPolicy": "Max", "stabilizationWindowSeconds": 0}});
    server.put(HPA, hpa);
    let mut controller =
        TestController::new(server, Mode::Shadow, ControllerConfig::default()).await;
    controller.sync().await;
    controller.clock.advance(SignedDuration::from_secs(15));
    // Their scale is written, their status not yet.
    controller.server.put(SCALE, scale(3));
    controller.sync().await;
    assert!(!controller.remembers_scaling_up());
    controller.clock.advance(SignedDuration::from_secs(15));
    theirs(&controller, 3, Some("2026-01-01T12:00:14Z")).await;
    assert_eq!(controller.sync().await.desired, Some(3));
    let remembered = controller.state.autoscaler.histories().scale_up_events[0];
    assert_eq!(remembered.replica_change, 1);
    assert_eq!(remembered.time.to_rfc3339_seconds(), "2026-01-01T12:00:14Z");
}
