//! A recording is a valid experiment that leads to the same decisions.

use std::sync::Arc;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::Experiment;
use serde_json::{Value, json};

use crate::api_objects::Key;
use crate::args::Mode;
use crate::recording::Recorder;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{
    HPA, POD_METRICS, SCALE, cluster, cpu, hpa, pod, pod_metrics, scale,
};
use fake_api_server::{Answer, Fault};

const QUEUE: &str = "/apis/external.metrics.k8s.io/v1beta1/namespaces/prod/queue_depth";

/// Starts or deletes pods as the scale says; together they use `cores` thousandths of a core.
async fn follow(controller: &TestController, cores: i64, seen: &mut u64) -> i64 {
    let server = &controller.server;
    let replicas = server.object(SCALE)["spec"]["replicas"].as_i64().unwrap();
    server.put(SCALE, scale(i32::try_from(replicas).unwrap()));
    for index in 0..12 {
        let path = format!("/api/v1/namespaces/prod/pods/web-{index}");
        let exists = server.with(|world| world.objects.contains_key(&path));
        match (exists, index < replicas) {
            (false, true) => server.put(&path, pod(&json!({"app": "web"}))),
            (true, false) => server.delete(&path),
            _ => continue,
        }
        *seen += 1;
    }
    controller.saw_pods(*seen).await;
    let each = format!("{}m", cores / replicas);
    server.metrics(
        POD_METRICS,
        pod_metrics(usize::try_from(replicas).unwrap(), &each),
    );
    replicas
}

#[tokio::test(start_paused = true)]
async fn a_recording_replays_to_the_same_decisions() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let server = cluster(2, "50m");
    let mut metrics = cpu(50).as_array().unwrap().clone();
    metrics.push(
        json!({"type": "External", "external": {"metric": {"name": "queue_depth", "selector": {
        "matchLabels": {"queue": "orders"},
        "matchExpressions": [
            {"key": "region", "operator": "In", "values": ["north", "south"]},
            {"key": "shard", "operator": "Exists"},
            {"key": "dead", "operator": "DoesNotExist"},
        ],
    }}, "target": {"type": "AverageValue", "averageValue": "10"}}}),
    );
    let mut object = hpa(1, 12, &json!(metrics));
    object["spec"]["behavior"] = json!({
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [{"type": "Pods", "value": 3, "periodSeconds": 30}]},
        "scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 50, "periodSeconds": 15}]},
    });
    server.put(HPA, object);
    let config = ControllerConfig::default();
    let recorder = Arc::new(Recorder::new(directory, config.clone()).unwrap());
    let mut controller = TestController::with(server, Mode::Active, config, |settings| {
        settings.recorder = Some(Arc::clone(&recorder));
    })
    .await;
    let mut seen = 2;
    let mut recorded = Vec::new();
    // A morning, a peak that the queue drives, a fault, an evening.
    let day: [(i64, i64); 34] = std::array::from_fn(|at| match at {
        0..4 => (100, 5),
        4..10 => (480, 20),
        10..16 => (360, 93),
        16..20 => (360, 40),
        20..22 => (240, -1),
        22..28 => (120, 12),
        _ => (60, 0),
    });
    for (at, (cores, queue)) in day.into_iter().enumerate() {
        let items: Vec<Value> = vec![
            json!({"metricName": "queue_depth", "timestamp": "2026-01-01T11:59:50Z", "value": queue.to_string()}),
        ];
        controller.server.metrics(QUEUE, json!({"items": items}));
        controller.server.mend();
        if queue < 0 {
            controller
                .server
                .fault(Fault::always("GET", QUEUE, Answer::Plain(503, "")));
        }
        if at == 25 {
            // kubectl scale
            controller.server.put(SCALE, scale(9));
        }
        follow(&controller, cores, &mut seen).await;
        let summary = controller.sync().await;
        recorded.push((summary.current.unwrap(), summary.desired.unwrap()));
        controller.clock.advance(SignedDuration::from_secs(15));
    }
    recorder.flush();
    let rescales = recorded
        .iter()
        .filter(|(current, desired)| current != desired)
        .count();
    assert!(rescales >= 6, "the day must have rescales: {recorded:?}");

    let files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(
        files[0].file_name().unwrap(),
        "prod_web_20260101T120000Z.yaml"
    );
    let text = std::fs::read_to_string(&files[0]).unwrap();
    let parsed = Experiment::parse(&text);
    assert!(!parsed.has_errors(), "{:#?}\n{text}", parsed.diagnostics);
    let run = parsed.experiment.unwrap().run();
    let replayed: Vec<_> = run
        .trace
        .syncs
        .iter()
        .map(|sync| (sync.current, sync.desired))
        .collect();
    assert_eq!(recorded, replayed[..recorded.len()], "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_description_names_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let server = cluster(2, "50m");
    server.put(HPA, hpa(1, 10, &json!([{"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "64Mi"}}}])));
    let config = ControllerConfig::default();
    let recorder = Arc::new(Recorder::new(directory, config.clone()).unwrap());
    let mut controller = TestController::with(server, Mode::Shadow, config, |settings| {
        settings.recorder = Some(Arc::clone(&recorder));
    })
    .await;
    controller.sync().await;
    controller
        .controller
        .shut_down(std::time::Duration::from_secs(1))
        .await;
    let file = std::fs::read_dir(directory)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("Memory is not recorded."), "{text}");
    assert!(!Experiment::parse(&text).has_errors());
}

#[tokio::test(start_paused = true)]
async fn a_recording_ends_with_its_autoscaler() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let config = ControllerConfig::default();
    let recorder = Arc::new(Recorder::new(directory, config.clone()).unwrap());
    let server = cluster(2, "50m");
    let mut controller = TestController::with(server, Mode::Shadow, config, |settings| {
        settings.recorder = Some(Arc::clone(&recorder));
    })
    .await;
    for _ in 0..3 {
        controller.sync().await;
        controller.clock.advance(SignedDuration::from_secs(15));
    }
    recorder.end(&Key::new("prod", "web"));
    let file = directory.join("prod_web_20260101T120000Z.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("3 syncs"), "{text}");
    // It is no longer kept: nothing is written again.
    std::fs::remove_file(&file).unwrap();
    recorder.flush();
    assert!(!file.exists());
}
