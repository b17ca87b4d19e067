//! Many autoscalers, some of whose reads fail in every way: the others are synced, none is scaled by
//! mistake, and the number of concurrent requests is bounded. The bench has ten thousand, too many
//! for an unoptimized build.

use std::collections::BTreeSet;
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::SignedDuration;
use serde_json::{Value, json};

use crate::args::Mode;
use crate::clock::Clock;
use crate::controller::Settings;
use crate::tests::harness::{RunningController, settings};
use fake_api_server::fixtures::{cpu, hpa, pod, scale_of};
use fake_api_server::{Answer, Fault, Server};

const NAMESPACES: usize = 12;
/// The namespace whose autoscalers have to scale.
const BUSY: usize = 7;
/// Workers, and slow syncs in addition.
const MAX_CONCURRENT: usize = 5 + 256;

/// Adds a namespace with autoscalers of one pod each, and their metrics.
fn populate(server: &Server, namespace: usize, count: usize) {
    let team = format!("team-{namespace}");
    let used = if namespace == BUSY { "100m" } else { "50m" };
    let mut metrics = Vec::new();
    for number in 0..count {
        let app = format!("app-{number}");
        let labels = json!({"app": app});
        let mut object = hpa(1, 9, &cpu(50));
        object["spec"]["scaleTargetRef"]["name"] = json!(app);
        let root = format!("/apis/autoscaling/v2/namespaces/{team}/horizontalpodautoscalers");
        server.put(&format!("{root}/{app}"), object);
        let scale = scale_of(1, 1, &format!("app={app}"));
        let root = format!("/apis/apps/v1/namespaces/{team}/deployments");
        server.put(&format!("{root}/{app}/scale"), scale);
        let name = format!("{app}-x");
        server.put(
            &format!("/api/v1/namespaces/{team}/pods/{name}"),
            pod(&labels),
        );
        metrics.push(json!({
            "metadata": {"name": name, "namespace": team, "labels": labels},
            "timestamp": "2026-01-01T11:59:50Z",
            "window": "15s",
            "containers": [{"name": "main", "usage": {"cpu": used}}],
        }));
    }
    let path = format!("/apis/metrics.k8s.io/v1beta1/namespaces/{team}/pods");
    server.metrics(
        &path,
        json!({"kind": "PodMetricsList", "metadata": {}, "items": metrics}),
    );
}

/// A controller in active mode that runs by itself.
async fn start(server: &Server, period: SignedDuration, timeout: Duration) -> RunningController {
    let mut config = ControllerConfig::default();
    config.sync_period = period;
    let settings = Settings {
        metrics_max_age: Duration::from_secs(1),
        ..settings(Mode::Active, config, Clock::system())
    };
    RunningController::start(server, timeout, settings).await
}

#[tokio::test(start_paused = true)]
async fn failing_autoscalers_neither_scale_nor_delay_others() {
    const EACH: usize = 40;
    let server = Server::default();
    for namespace in 0..NAMESPACES {
        populate(&server, namespace, EACH);
    }
    let broken = [
        Answer::Never,
        Answer::Plain(500, "etcd is on fire"),
        Answer::Garbage("{\"items\": [{\"metadata\": 7}]}"),
        Answer::Half,
        Answer::Lost,
        Answer::RetryAfter(429, 3),
    ];
    for (namespace, answer) in broken.iter().enumerate() {
        let path = format!("/v1beta1/namespaces/team-{namespace}/pods");
        server.fault(Fault::always("GET", &path, answer.clone()));
    }
    let timeout = Duration::from_millis(1_200);
    let running = start(&server, SignedDuration::from_secs(2), timeout).await;
    // Autoscalers with failing metrics get a status, too.
    server
        .until("every autoscaler has a status", |world| {
            world.statuses == NAMESPACES * EACH
        })
        .await;
    running.shut_down().await;
    server.with(|world| {
        let written = |request: &&fake_api_server::Request| request.fits("PUT", "/scale");
        let scaled: Vec<_> = world.requests.iter().filter(written).collect();
        let two = |request: &&fake_api_server::Request| request.body["spec"]["replicas"] == 2;
        assert!(scaled.iter().all(two));
        let paths: BTreeSet<&str> = scaled.iter().map(|request| request.path.as_str()).collect();
        let busy = format!("/namespaces/team-{BUSY}/");
        assert!(paths.iter().all(|path| path.contains(&busy)), "{paths:?}");
        assert_eq!(paths.len(), EACH, "those that have to scale do");
        let most = world.most_open;
        assert!(most <= MAX_CONCURRENT, "{most} requests at once");
        let events = world.list("/api/v1/events", "");
        let warned = |event: &&Value| event["reason"] == "FailedGetResourceMetric";
        let warned = events.iter().filter(warned).count();
        assert_eq!(warned, broken.len() * EACH, "each failure is reported once");
    });
}

#[tokio::test(start_paused = true)]
async fn slow_autoscalers_keep_being_synced_and_delay_no_others() {
    const SLOW: usize = 130;
    let server = Server::default();
    populate(&server, 0, SLOW);
    populate(&server, 1, 1);
    let slow = "/namespaces/team-0/deployments/";
    server.fault(Fault::always("GET", slow, Answer::Never));
    let timeout = Duration::from_millis(1_100);
    let running = start(&server, SignedDuration::from_secs(1), timeout).await;
    // More syncs than may run concurrently: each frees its place.
    server
        .until("the slow ones are synced often", |world| {
            let asked = |request: &&fake_api_server::Request| request.fits("GET", slow);
            world.requests.iter().filter(asked).count() > MAX_CONCURRENT + SLOW
        })
        .await;
    server.with(|world| {
        let most = world.most_open;
        assert!(
            (SLOW..=MAX_CONCURRENT).contains(&most),
            "{most} requests at once"
        );
        let first = world
            .requests
            .iter()
            .map(|request| request.at)
            .min()
            .unwrap();
        let quick =
            |request: &&fake_api_server::Request| request.fits("GET", "/team-1/deployments/");
        let syncs = world.requests.iter().filter(quick).count();
        let periods = usize::try_from(first.elapsed().as_secs()).unwrap();
        assert!(syncs + 2 >= periods, "{syncs} syncs in {periods} periods");
    });
    running.shut_down().await;
}
