//! `/livez`: fails if something is stuck, not if the API server is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fake_api_server::fixtures::{HPA, SCALE, cluster, pod};
use fake_api_server::{Answer, Fault};
use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::SignedDuration;
use http_body_util::BodyExt as _;
use tokio::sync::watch;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::clock::Clock;
use crate::controller::Settings;
use crate::health::{Health, Heartbeat};
use crate::http_server::Pages;
use crate::telemetry::Telemetry;
use crate::tests::harness::{ManualClock, RunningController, TIMEOUT, TestController, settings};

/// The response of `/livez`: status code and body.
async fn livez(health: &Arc<Health>) -> String {
    let pages = Pages {
        telemetry: Arc::new(Telemetry::default()),
        ready: watch::channel(true).1,
        health: Arc::clone(health),
    };
    let response = pages.answer(&http::Request::get("/livez").body(()).unwrap());
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    format!("{code} {}", String::from_utf8_lossy(&body).trim_end())
}

#[tokio::test(start_paused = true)]
async fn a_stuck_sync_is_found() {
    let server = cluster(1, "50m");
    server.fault(Fault::always("GET", SCALE, Answer::Never));
    let clock = ManualClock::default();
    let settings = settings(Mode::Shadow, ControllerConfig::default(), clock.clock());
    // Its requests do not time out either, which is the bug that is to be found.
    let timeout = Duration::from_hours(1);
    let running = RunningController::start(&server, timeout, settings).await;
    server
        .until("the scale is requested", |world| {
            world
                .requests
                .iter()
                .any(|request| request.fits("GET", SCALE))
        })
        .await;
    clock.advance(SignedDuration::from_secs(160));
    assert_eq!(livez(&running.health).await, "200 ok");
    clock.advance(SignedDuration::from_secs(1));
    let problem = "503 the sync of prod/web has been running for 2m41s";
    assert_eq!(livez(&running.health).await, problem);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_sync_ends_the_program() {
    let server = cluster(1, "50m");
    let clock = ManualClock::default().clock();
    let is_broken = Arc::new(AtomicBool::new(false));
    let settings = Settings {
        clock: {
            let (clock, is_broken) = (clock.clone(), Arc::clone(&is_broken));
            Clock::new(move || {
                assert!(!is_broken.load(Ordering::SeqCst), "the clock is broken");
                clock.read()
            })
        },
        ..settings(Mode::Shadow, ControllerConfig::default(), clock)
    };
    server.fault(Fault::times(
        1,
        "GET",
        SCALE,
        Answer::Late(Duration::from_secs(1)),
    ));
    let running = RunningController::start(&server, TIMEOUT, settings).await;
    server
        .until("the scale is requested", |world| world.faults[0].times == 0)
        .await;
    // The running sync reads the clock next.
    is_broken.store(true, Ordering::SeqCst);
    let panic = running.ended().await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the clock is broken"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_watch_is_found() {
    let controller =
        TestController::new(cluster(1, "50m"), Mode::Shadow, ControllerConfig::default()).await;
    let health = Arc::clone(&controller.controller.context.health);
    controller
        .server
        .until("both are watched", |world| world.watches == 2)
        .await;
    controller.clock.advance(SignedDuration::from_secs(424));
    assert_eq!(health.problem(), None);
    controller.clock.advance(SignedDuration::from_secs(1));
    let problem = health.problem().unwrap();
    assert!(problem.ends_with("has been silent for 7m5s"), "{problem}");
    // Events are signs of life.
    let labels = serde_json::json!({"app": "web"});
    let path = "/api/v1/namespaces/prod/pods/web-0";
    controller.server.put(path, pod(&labels));
    controller.server.put(HPA, controller.server.object(HPA));
    controller
        .saw("signs of life", || health.problem().is_none())
        .await;
    // So is reopening them.
    controller.clock.advance(SignedDuration::from_secs(500));
    controller.server.with(|world| {
        world.hang_ups += 1;
        world.requests.clear();
    });
    controller
        .server
        .until("both watches are reopened", |world| {
            ["/pods", "/horizontalpodautoscalers"].iter().all(|path| {
                let fits = |request: &&fake_api_server::Request| request.fits("GET", path);
                world.requests.iter().any(|request| fits(&request))
            })
        })
        .await;
    assert_eq!(health.problem(), None);
    // A watch that was stopped on purpose is not missed.
    let clock = controller.clock.clone();
    controller
        .controller
        .shut_down(Duration::from_secs(1))
        .await;
    tokio::task::yield_now().await;
    clock.advance(SignedDuration::from_secs(500));
    assert_eq!(health.problem(), None);
}

#[test]
fn syncs_may_run_and_wait_as_long_as_their_requests() {
    let clock = ManualClock::default();
    let health = Arc::new(Health::new(clock.clock(), TIMEOUT));
    let key = |name: &str| Key::new("prod", name);
    let problem_after = |seconds: i64| {
        clock.advance(SignedDuration::from_secs(seconds));
        health.problem()
    };
    health.sync_started(&key("a"));
    assert_eq!(problem_after(100), None);
    health.sync_started(&key("b"));
    assert_eq!(problem_after(60), None);
    health.sync_finished(&key("a"));
    assert_eq!(problem_after(60), None);
    let problem = "the sync of prod/b has been running for 2m41s";
    assert_eq!(problem_after(41).as_deref(), Some(problem));
    health.sync_finished(&key("b"));
    assert_eq!(problem_after(0), None);
    // However many wait: as long as one starts now and then, there is progress.
    for _ in 0..5 {
        health.set_waiting(9_000);
        assert_eq!(problem_after(150), None);
        health.sync_started(&key("c"));
        health.sync_finished(&key("c"));
    }
    health.set_waiting(9_000);
    clock.advance(SignedDuration::from_secs(100));
    health.set_waiting(9_001);
    let problem = "syncs are due, but none has started for 2m41s";
    assert_eq!(problem_after(61).as_deref(), Some(problem));
    health.set_waiting(0);
    assert_eq!(problem_after(1_000), None);
    health.set_waiting(1);
    health.sync_started(&key("d"));
    health.stopped();
    assert_eq!(problem_after(1_000), None);
}

#[test]
fn a_panicking_watch_is_found_at_once() {
    let health = Arc::new(Health::new(ManualClock::default().clock(), TIMEOUT));
    let inside = Arc::clone(&health);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _heartbeat = Heartbeat::start(inside, "pods", Duration::from_secs(1));
        panic!("on purpose");
    }));
    assert!(broken.is_err());
    let problem = "the watch of pods has panicked";
    assert_eq!(health.problem().as_deref(), Some(problem));
}
