//! The queue: every autoscaler in its period, none delayed by another's slow metrics.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::time::Duration as Span;
use serde_json::json;
use tokio::sync::watch;

use crate::args::Mode;
use crate::clock::Clock;
use crate::controller::Controller;
use crate::sync_queue;
use crate::tests::harness::{client, settings};
use fake_api_server::{Answer, Fault, Server};
use fake_api_server::{HPA, POD_METRICS, SCALE, cpu, hpa, populate, scale_of};

/// A controller that runs as the program does, with a short period.
struct Running {
    server: Server,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn begin(server: Server, config: ControllerConfig, timeout: Duration) -> Self {
        let settings = settings(Mode::Shadow, config, Clock::system());
        let (client, telemetry) = client(&server, timeout);
        let (_, permitted) = watch::channel(false);
        let mut controller = Controller::begin(client, telemetry, permitted, settings);
        controller.ready().await;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let context = Arc::clone(&controller.context);
            sync_queue::run(context, Arc::clone(&controller.changed), stopped).await;
            controller.end(Duration::from_secs(1)).await;
        });
        Self { server, stop, task }
    }

    /// Waits until the scale of `name` has been read so often.
    async fn synced(&self, name: &str, times: usize) {
        let path = format!("/{name}/scale");
        self.server
            .until(&format!("{name} is synced {times} times"), |world| {
                let reads = |request: &&fake_api_server::Request| request.fits("GET", &path);
                world.requests.iter().filter(reads).count() >= times
            })
            .await;
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

fn config(period: i64) -> ControllerConfig {
    ControllerConfig {
        sync_period: Span(period),
        ..ControllerConfig::default()
    }
}

/// Another autoscaler, in a namespace of its own.
fn add(server: &Server, namespace: &str, name: &str) {
    let mut object = hpa(1, 10, &cpu(50));
    object["spec"]["scaleTargetRef"]["name"] = json!(name);
    let path = |of: &str| {
        of.replace("/prod/", &format!("/{namespace}/"))
            .replace("/web", &format!("/{name}"))
    };
    server.put(&path(SCALE), scale_of(1, 1, &format!("app={name}")));
    server.put(&path(HPA), object);
    server.metrics(&path(POD_METRICS), json!({"items": []}));
}

#[tokio::test]
async fn the_period_is_kept() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    let running = Running::begin(server.clone(), config(100), Duration::from_secs(2)).await;
    running.synced("web", 11).await;
    let reads: Vec<_> = server
        .requests("GET", SCALE)
        .iter()
        .map(|request| request.at)
        .collect();
    let took = reads[10] - reads[0];
    assert!(took >= Duration::from_millis(900), "{took:?}");
    running.end().await;
}

#[tokio::test]
async fn slow_metrics_of_one_delay_no_other() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    // More of them than there are workers.
    for number in 0..12 {
        add(&server, &format!("slow-{number}"), "slow");
    }
    server.fault(Fault::always("GET", "/slow/scale", Answer::Never));
    let running = Running::begin(server.clone(), config(200), Duration::from_secs(20)).await;
    // A slow one holds a worker for a second once; then it is known.
    running.synced("slow", 12).await;
    running.synced("web", 3).await;
    server.with(|world| world.requests.clear());
    let begin = tokio::time::Instant::now();
    running.synced("web", 10).await;
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    drop(running);
}

#[tokio::test]
async fn what_is_deleted_is_not_synced_and_what_is_new_is() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    let running = Running::begin(server.clone(), config(50), Duration::from_secs(2)).await;
    running.synced("web", 1).await;
    add(&server, "prod", "later");
    running.synced("later", 2).await;
    server.delete(&HPA.replace("/web", "/later"));
    // One that was under way when it was deleted may still end.
    server.with(|world| world.requests.clear());
    running.synced("web", 4).await;
    let reads = server.requests("GET", "/later/scale").len();
    assert!(reads <= 1, "{reads}");
    running.end().await;
}

#[tokio::test]
async fn from_1_37_on_changes_are_synced_at_once() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    let version = KubernetesVersion::parse("1.37").unwrap();
    let mut settings = ControllerConfig::of_version(version);
    settings.sync_period = Span::from_secs(3_600);
    let running = Running::begin(server.clone(), settings, Duration::from_secs(2)).await;
    add(&server, "prod", "later");
    running.synced("later", 1).await;
    server.put(&HPA.replace("/web", "/later"), {
        let mut object = server.object(&HPA.replace("/web", "/later"));
        object["spec"]["maxReplicas"] = json!(5);
        object
    });
    running.synced("later", 2).await;
    running.end().await;
}

#[tokio::test]
async fn the_end_waits_for_what_is_under_way() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    server.fault(Fault::always(
        "GET",
        POD_METRICS,
        Answer::Late(Duration::from_millis(300)),
    ));
    let running = Running::begin(server.clone(), config(50), Duration::from_secs(2)).await;
    running.synced("web", 1).await;
    server.with(|world| world.requests.clear());
    running.end().await;
    assert_eq!(server.requests("GET", POD_METRICS).len(), 1);
    server
        .until("the watches are closed", |world| world.watches == 0)
        .await;
}
