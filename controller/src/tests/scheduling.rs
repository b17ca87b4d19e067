//! The sync queue: every autoscaler in its period, none delayed by the slow metrics of another.

use std::time::Duration;

use fake_api_server::fixtures::{HPA, POD_METRICS, SCALE, cluster, cpu, hpa, scale_of};
use fake_api_server::{Answer, Fault, Server};
use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::time::SignedDuration;
use serde_json::json;

use crate::args::Mode;
use crate::clock::Clock;
use crate::tests::harness::{RunningController, TIMEOUT, settings};

async fn start(server: &Server, config: ControllerConfig, timeout: Duration) -> RunningController {
    let settings = settings(Mode::Shadow, config, Clock::system());
    RunningController::start(server, timeout, settings).await
}

/// Waits until the scale of `name` has been read that often.
async fn synced(server: &Server, name: &str, times: usize) {
    let path = format!("/{name}/scale");
    server
        .until(&format!("{name} is synced {times} times"), |world| {
            let reads = |request: &&fake_api_server::Request| request.fits("GET", &path);
            world.requests.iter().filter(reads).count() >= times
        })
        .await;
}

fn config(period: i64) -> ControllerConfig {
    let mut config = ControllerConfig::default();
    config.sync_period = SignedDuration(period);
    config
}

/// Adds another autoscaler.
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

#[tokio::test(start_paused = true)]
async fn the_period_is_kept() {
    let server = cluster(1, "50m");
    let running = start(&server, config(10_000), TIMEOUT).await;
    synced(&server, "web", 5).await;
    let reads = server.requests("GET", SCALE);
    for pair in reads.windows(2) {
        // Timers count milliseconds.
        let took = pair[1].at - pair[0].at;
        let deviation = took.abs_diff(Duration::from_secs(10));
        assert!(deviation <= Duration::from_millis(2), "{took:?}");
    }
    running.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn slow_metrics_of_one_autoscaler_do_not_delay_another() {
    let server = cluster(1, "50m");
    // More of them than there are workers.
    for number in 0..12 {
        add(&server, &format!("slow-{number}"), "slow");
    }
    server.fault(Fault::always("GET", "/slow/scale", Answer::Never));
    let running = start(&server, config(200), Duration::from_secs(20)).await;
    // A slow sync occupies a worker for a second once; after that it is known to be slow.
    synced(&server, "slow", 12).await;
    synced(&server, "web", 3).await;
    server.with(|world| world.requests.clear());
    let begin = tokio::time::Instant::now();
    synced(&server, "web", 10).await;
    // Ten periods of 200 ms, and the first one may have started.
    let took = begin.elapsed();
    assert!(took <= Duration::from_millis(2_010), "{took:?}");
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn new_autoscalers_are_synced_and_deleted_ones_are_not() {
    let server = cluster(1, "50m");
    let running = start(&server, config(50), TIMEOUT).await;
    synced(&server, "web", 1).await;
    add(&server, "prod", "later");
    synced(&server, "later", 2).await;
    server.delete(&HPA.replace("/web", "/later"));
    // A sync that was running when it was deleted may still read the scale.
    server.with(|world| world.requests.clear());
    synced(&server, "web", 4).await;
    let reads = server.requests("GET", "/later/scale").len();
    assert!(reads <= 1, "{reads}");
    running.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn since_1_37_changes_are_synced_at_once() {
    let server = cluster(1, "50m");
    let version = KubernetesVersion::parse("1.37").unwrap();
    let mut config = ControllerConfig::of_version(version);
    config.sync_period = SignedDuration::from_secs(3_600);
    let running = start(&server, config, TIMEOUT).await;
    let begin = tokio::time::Instant::now();
    add(&server, "prod", "later");
    synced(&server, "later", 1).await;
    server.put(&HPA.replace("/web", "/later"), {
        let mut object = server.object(&HPA.replace("/web", "/later"));
        object["spec"]["maxReplicas"] = json!(5);
        object["metadata"]["generation"] = json!(2);
        object
    });
    synced(&server, "later", 2).await;
    let took = begin.elapsed();
    assert!(took < Duration::from_millis(10), "{took:?}");
    running.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn shutting_down_waits_for_running_syncs() {
    let server = cluster(1, "50m");
    let late = Answer::Late(Duration::from_millis(300));
    server.fault(Fault::always("GET", POD_METRICS, late));
    let running = start(&server, config(50), TIMEOUT).await;
    synced(&server, "web", 1).await;
    server.with(|world| world.requests.clear());
    running.shut_down().await;
    assert_eq!(server.requests("GET", POD_METRICS).len(), 1);
    server
        .until("the watches are closed", |world| world.watches == 0)
        .await;
}
