//! Shadow and what-if: nothing is written, and the difference is told with its reason.

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::Duration as Span;
use serde_json::json;

use crate::args::Mode;
use crate::disagreement::Why;
use crate::tests::harness::Bench;
use crate::what_if::WhatIf;
use fake_api_server::{Answer, Fault};
use fake_api_server::{HPA, POD_METRICS, SCALE, cluster, scale};

fn gauge(bench: &Bench) -> Vec<String> {
    let page = bench.controller.context.telemetry.render();
    let lines = page
        .lines()
        .filter(|line| line.starts_with("hpa_controller_disagreement_replicas{"));
    lines.map(str::to_owned).collect()
}

/// The cluster's own controller writes this into the status.
async fn theirs(bench: &Bench, replicas: i32, scaled: Option<&str>) {
    let mut hpa = bench.server.object(HPA);
    hpa["status"] = json!({"currentReplicas": replicas, "desiredReplicas": replicas});
    if let Some(time) = scaled {
        hpa["status"]["lastScaleTime"] = json!(time);
    }
    bench.server.put(HPA, hpa);
    bench.saw_hpa().await;
}

#[tokio::test]
async fn only_reads_are_sent() {
    let mut bench = Bench::busy(Mode::Shadow).await;
    bench.sync().await;
    bench
        .server
        .fault(Fault::always("GET", POD_METRICS, Answer::Plain(503, "")));
    bench.sync().await;
    bench.server.with(|world| {
        let others = world
            .requests
            .iter()
            .filter(|request| request.method != "GET");
        assert_eq!(others.count(), 0);
    });
}

#[tokio::test]
async fn a_disagreement_has_a_reason() {
    let mut bench = Bench::busy(Mode::Shadow).await;
    theirs(&bench, 2, None).await;
    let found = |summary: &crate::sync::Summary| {
        let found = summary.disagreement.unwrap();
        (found.difference, found.reason)
    };
    // What the window for scaling down looks back on was before this controller's time.
    assert_eq!(found(&bench.sync().await), (2, Why::Histories));
    assert_eq!(
        gauge(&bench),
        [
            "hpa_controller_disagreement_replicas{namespace=\"prod\",hpa_name=\"web\",reason=\"histories\"} 2"
        ]
    );
    theirs(&bench, 4, None).await;
    assert_eq!(found(&bench.sync().await), (0, Why::None));
    bench.hands.pass(Span::from_secs(301));
    theirs(&bench, 3, None).await;
    assert_eq!(found(&bench.sync().await), (1, Why::Timing));
    assert_eq!(found(&bench.sync().await), (1, Why::Timing));
    assert_eq!(found(&bench.sync().await), (1, Why::Decision));
    assert_eq!(
        gauge(&bench),
        [
            "hpa_controller_disagreement_replicas{namespace=\"prod\",hpa_name=\"web\",reason=\"decision\"} 1"
        ]
    );
    bench
        .server
        .fault(Fault::always("GET", POD_METRICS, Answer::Plain(503, "")));
    assert_eq!(found(&bench.sync().await), (0, Why::Unreadable));
}

#[tokio::test]
async fn rescales_of_the_other_controller_are_remembered_as_its_own() {
    let server = cluster(2, "100m").await;
    let mut hpa = server.object(HPA);
    hpa["spec"]["behavior"] = json!({"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}], "selectPolicy": "Max", "stabilizationWindowSeconds": 0}});
    server.put(HPA, hpa);
    let mut bench = Bench::new(server, Mode::Shadow, ControllerConfig::default()).await;
    assert_eq!(bench.sync().await.desired, Some(3));
    assert!(!bench.remembers_scaling_up(), "nobody has done it yet");
    bench.hands.pass(Span::from_secs(15));
    bench.server.put(SCALE, scale(3));
    theirs(&bench, 3, Some("2026-01-01T12:00:07Z")).await;
    // One pod a minute: the other controller's counts.
    assert_eq!(bench.sync().await.desired, Some(3));
    let remembered = bench.state.autoscaler.histories().scale_up_events[0];
    assert_eq!(remembered.time.to_rfc3339_seconds(), "2026-01-01T12:00:07Z");
    // A count that someone changed by hand is no scale event.
    bench.hands.pass(Span::from_secs(15));
    bench.server.put(SCALE, scale(5));
    bench.sync().await;
    assert_eq!(bench.state.autoscaler.histories().scale_up_events.len(), 1);
}

#[tokio::test]
async fn a_changed_manifest_decides_beside_the_clusters() {
    let folder = std::env::temp_dir().join(format!("hpa-what-if-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = folder.join("web.yaml");
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
    let what_if = WhatIf::read(&folder, &ControllerConfig::default()).unwrap();
    let mut bench = Bench::with(
        cluster(2, "100m").await,
        Mode::Shadow,
        ControllerConfig::default(),
        |settings| {
            settings.what_if = what_if;
        },
    )
    .await;
    let summary = bench.sync().await;
    assert_eq!((summary.desired, summary.what_if), (Some(4), Some(3)));
    let page = bench.controller.context.telemetry.render();
    assert!(
        page.contains("hpa_controller_what_if_replicas{namespace=\"prod\",hpa_name=\"web\"} -1")
    );
    let text = text.replace("maxReplicas: 10", "maxReplicas: 0");
    std::fs::write(&manifest, text.replace("Utilization: 25", "Utilization: 0")).unwrap();
    let other = folder.join("web-2.yaml");
    std::fs::write(&other, "kind: [").unwrap();
    let error = WhatIf::read(&folder, &ControllerConfig::default()).unwrap_err();
    for problem in [
        "web.yaml, line 7: ",
        "must be set and greater than 0",
        "web.yaml, line 10: ",
        "web-2.yaml, line 1: ",
    ] {
        assert!(error.contains(problem), "{problem}: {error}");
    }
    std::fs::remove_file(other).unwrap();
    std::fs::write(&manifest, "kind: Nothing\napiVersion: v1\n").unwrap();
    let error = WhatIf::read(&folder, &ControllerConfig::default()).unwrap_err();
    assert!(error.contains("no HorizontalPodAutoscaler"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
