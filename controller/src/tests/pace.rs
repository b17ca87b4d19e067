//! How fast the controller scales, and how late its syncs start.

use std::collections::BTreeMap;
use std::time::Duration;

use fake_api_server::fixtures::{HPA, SCALE, cluster, cpu, hpa, pod, scale_of};
use fake_api_server::{Answer, Fault, Server};
use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::json;

use crate::args::Mode;
use crate::clock::{Clock, Reading, millis};
use crate::tests::harness::{RunningController, TIMEOUT, settings};

/// A clock that follows the paused one.
fn clock() -> Clock {
    let start = tokio::time::Instant::now();
    let noon = Timestamp::parse("2026-01-01T12:00:00Z").unwrap();
    Clock::new(move || {
        let monotonic = SignedDuration(millis(start.elapsed()));
        let wall = noon + monotonic;
        Reading { wall, monotonic }
    })
}

fn config(minor: u8) -> ControllerConfig {
    ControllerConfig::of_version(KubernetesVersion::from_minor(minor).unwrap())
}

/// Reads and writes of this server take some milliseconds.
fn take_time(server: &Server) {
    for (method, time) in [("GET", 2), ("PUT", 7), ("PATCH", 5)] {
        let late = Answer::Late(Duration::from_millis(time));
        server.fault(Fault::always(method, "/namespaces/", late));
    }
}

#[tokio::test(start_paused = true)]
async fn policies_of_one_period_allow_a_step_at_each_sync() {
    for minor in [36, 37] {
        let server = cluster(1, "50m");
        let metric = json!([{"type": "External", "external": {
            "metric": {"name": "m"},
            "target": {"type": "AverageValue", "averageValue": "10"},
        }}]);
        let mut object = hpa(1, 64, &metric);
        object["spec"]["behavior"] = json!({
            "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
                {"type": "Pods", "value": 4, "periodSeconds": 15},
                {"type": "Percent", "value": 100, "periodSeconds": 15},
            ]},
            "scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max", "policies": [
                {"type": "Percent", "value": 100, "periodSeconds": 15},
            ]},
        });
        server.put(HPA, object);
        server.metrics(
            "/apis/external.metrics.k8s.io/v1beta1/namespaces/prod/m",
            json!({"items": [{"metricName": "m", "timestamp": "2026-01-01T12:00:00Z", "value": "640"}]}),
        );
        take_time(&server);
        let settings = settings(Mode::Active, config(minor), clock());
        let running = RunningController::start(&server, TIMEOUT, settings).await;
        // Up to a period until the first sync, and four more until the maximum.
        tokio::time::sleep(Duration::from_secs(80)).await;
        let writes = server.requests("PUT", SCALE);
        let steps: Vec<(i64, i64)> = writes
            .iter()
            .map(|write| {
                let at = millis(write.at - writes[0].at);
                (write.body["spec"]["replicas"].as_i64().unwrap(), at)
            })
            .collect();
        // The real controller's: 1 → 5 in 0.3 s, then at 15.4, 30.5, 45.7 and 60.7 s.
        let real = [
            (5, 0),
            (10, 15_100),
            (20, 30_200),
            (40, 45_400),
            (64, 60_400),
        ];
        assert_eq!(steps.len(), real.len(), "{steps:?}");
        for ((to, at), (real_to, real_at)) in steps.iter().zip(real) {
            assert_eq!(*to, real_to, "{steps:?}");
            assert!((at - real_at).abs() <= 500, "{steps:?}");
        }
        running.shut_down().await;
    }
}

/// Adds an autoscaler of one pod with a settled load.
fn add(server: &Server, namespace: &str, app: &str) {
    let labels = json!({"app": app});
    let mut object = hpa(1, 9, &cpu(50));
    object["spec"]["scaleTargetRef"]["name"] = json!(app);
    let root = format!("/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers");
    server.put(&format!("{root}/{app}"), object);
    let scale = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{app}/scale");
    server.put(&scale, scale_of(1, 1, &format!("app={app}")));
    let path = format!("/api/v1/namespaces/{namespace}/pods/{app}-x");
    server.put(&path, pod(&labels));
}

/// The delays of syncs: how many began within each bound.
fn delays(running: &RunningController) -> BTreeMap<String, u64> {
    let page = running.telemetry.render();
    let lines = page.lines().filter_map(|line| {
        let rest = line.strip_prefix("hpa_controller_sync_delay_seconds_bucket{le=\"")?;
        let (bound, count) = rest.split_once("\"} ")?;
        Some((bound.to_owned(), count.parse().unwrap()))
    });
    lines.collect()
}

#[tokio::test(start_paused = true)]
async fn five_hundred_autoscalers_do_not_become_due_at_once() {
    const NAMESPACES: usize = 50;
    const EACH: usize = 10;
    for minor in [36, 37] {
        let server = Server::default();
        for namespace in 0..NAMESPACES {
            let namespace = format!("team-{namespace}");
            let mut metrics = Vec::new();
            for number in 0..EACH {
                let app = format!("app-{number}");
                add(&server, &namespace, &app);
                metrics.push(json!({
                    "metadata": {"name": format!("{app}-x"), "labels": {"app": app}},
                    "timestamp": "2026-01-01T11:59:50Z",
                    "window": "15s",
                    "containers": [{"name": "main", "usage": {"cpu": "50m"}}],
                }));
            }
            let path = format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods");
            server.metrics(&path, json!({"items": metrics}));
        }
        take_time(&server);
        let mut settings = settings(Mode::Active, config(minor), clock());
        settings.metrics_max_age = Duration::from_millis(2_500);
        let running = RunningController::start(&server, TIMEOUT, settings).await;
        server
            .until("every autoscaler has a status", |world| {
                world.statuses == NAMESPACES * EACH
            })
            .await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = delays(&running);
        server.with(|world| world.requests.clear());
        tokio::time::sleep(Duration::from_mins(1)).await;
        let after = delays(&running);
        let within = |bound: &str| after[bound] - before[bound];
        let all = within("+Inf");
        assert!(all >= 3 * 500, "1.{minor}: {all} syncs");
        let prompt = within("0.128");
        assert!(prompt * 100 >= all * 99, "1.{minor}: {prompt} of {all}");
        let lists = server.requests("GET", "/metrics.k8s.io/").len();
        assert!(lists <= 5 * NAMESPACES, "1.{minor}: {lists} lists");
        running.shut_down().await;
    }
}
