//! Twelve hundred autoscalers, some of whose reads fail in every way: the others are synced, none is
//! scaled by mistake, and what is under way stays bounded. The bench has ten thousand, which take an
//! unoptimized build too long.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::Duration as Span;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::controller::args::Mode;
use crate::controller::clock::Clock;
use crate::controller::queue;
use crate::controller::wiring::Controller;
use crate::fake::{Answer, Fault, Server};
use crate::harness::{client, cpu, hpa, pod, scale_of, settings};

const NAMESPACES: usize = 12;
const EACH: usize = 100;
/// The namespace whose autoscalers have reason to scale.
const BUSY: usize = 7;
/// The namespace whose targets' scales never come.
const SILENT: usize = 8;
/// Workers, and slow syncs beside them.
const SIDE_BY_SIDE: usize = 5 + 256;

/// A namespace with its autoscalers, each of one pod, and the metrics of all.
fn populate(server: &Server, namespace: usize) {
    let team = format!("team-{namespace}");
    let used = if namespace == BUSY { "100m" } else { "50m" };
    let mut metrics = Vec::new();
    for number in 0..EACH {
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

#[tokio::test]
async fn failures_of_some_neither_scale_nor_delay_the_others() {
    let server = Server::start().await;
    for namespace in 0..NAMESPACES {
        populate(&server, namespace);
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
    let silent = format!("/namespaces/team-{SILENT}/deployments/");
    server.fault(Fault::always("GET", &silent, Answer::Never));
    let config = ControllerConfig {
        sync_period: Span::from_secs(1),
        ..ControllerConfig::default()
    };
    let mut settings = settings(Mode::Active, config, Clock::system());
    settings.fresh = Duration::from_secs(1);
    let vitals = Arc::clone(&settings.vitals);
    let (client, telemetry) = client(&server, Duration::from_millis(1_200));
    let (_permit, permitted) = watch::channel(true);
    let mut controller = Controller::begin(client, telemetry, permitted, settings);
    controller.ready().await;
    let (stop, stopped) = watch::channel(false);
    let context = Arc::clone(&controller.context);
    let running = tokio::spawn(queue::run(
        context,
        Arc::clone(&controller.changed),
        stopped,
    ));
    // Each has a status, that of those with broken metrics too.
    let total = NAMESPACES * EACH;
    server
        .until("every autoscaler has been told its status", |world| {
            world.statuses == total
        })
        .await;
    // Those that never answer are asked again and again, more often than there is room for slow ones.
    server
        .until("the silent ones are asked often", |world| {
            let asked = |request: &&crate::fake::Request| request.fits("GET", &silent);
            world.requests.iter().filter(asked).count() > SIDE_BY_SIDE + EACH
        })
        .await;
    assert_eq!(vitals.problem(), None);
    stop.send_replace(true);
    running.await.unwrap();
    controller.end(Duration::from_secs(5)).await;
    server.with(|world| {
        let written = |request: &&crate::fake::Request| request.fits("PUT", "/scale");
        let scaled: Vec<_> = world.requests.iter().filter(written).collect();
        assert!(
            scaled
                .iter()
                .all(|request| request.body["spec"]["replicas"] == 2)
        );
        let paths: BTreeSet<&str> = scaled.iter().map(|request| request.path.as_str()).collect();
        let busy = format!("/namespaces/team-{BUSY}/");
        assert!(paths.iter().all(|path| path.contains(&busy)), "{paths:?}");
        assert_eq!(paths.len(), EACH, "those that have reason to scale do");
        let most = world.most_open;
        assert!(
            (EACH..=SIDE_BY_SIDE).contains(&most),
            "{most} requests at once"
        );
        let events = world.list("/api/v1/events", "");
        let warned = |event: &&Value| event["reason"] == "FailedGetResourceMetric";
        let warned = events.iter().filter(warned).count();
        assert_eq!(
            warned,
            broken.len() * EACH,
            "each one that fails is told once"
        );
    });
}
