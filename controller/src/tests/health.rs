//! `/livez`: it fails when something has ceased to make progress, and not because a server is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::Duration as Span;
use tokio::sync::watch;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::clock::Clock;
use crate::controller::{Controller, Settings};
use crate::health::{Pulse, Vitals};
use crate::telemetry::Telemetry;
use crate::tests::harness::{Bench, Hands, PACE, TIMEOUT, client, settings};
use crate::{http_server, sync_queue};
use fake_api_server::page;
use fake_api_server::{Answer, Fault, Server};
use fake_api_server::{HPA, SCALE, cluster, pod, populate};

/// What a page says, asked from another thread: the program of these tests is in this one.
async fn livez(address: &str) -> String {
    let address = address.to_owned();
    let answer = tokio::task::spawn_blocking(move || page(&address, "/livez"));
    let answer = answer.await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let code = head.split(' ').nth(1).unwrap();
    format!("{code} {}", body.trim_end())
}

async fn serve(vitals: &Arc<Vitals>) -> String {
    let listener = http_server::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (_, ready) = watch::channel(true);
    let pages = http_server::Pages {
        telemetry: Arc::new(Telemetry::default()),
        ready,
        vitals: Arc::clone(vitals),
    };
    tokio::spawn(http_server::serve(listener, pages));
    address
}

#[tokio::test]
async fn a_sync_that_never_ends_is_found() {
    let server = Server::start().await;
    populate(&server, 1, "50m");
    server.fault(Fault::always("GET", SCALE, Answer::Never));
    let hands = Hands::default();
    let settings = settings(Mode::Shadow, ControllerConfig::default(), hands.clock());
    let address = serve(&settings.vitals).await;
    // Its requests do not end either: what must never be.
    let (client, telemetry) = client(&server, Duration::from_hours(1));
    let (_, permitted) = watch::channel(false);
    let mut controller = Controller::begin(client, telemetry, permitted, settings);
    controller.ready().await;
    let (stop, stopped) = watch::channel(false);
    let context = Arc::clone(&controller.context);
    let changed = Arc::clone(&controller.changed);
    let running = tokio::spawn(sync_queue::run(context, changed, stopped));
    server
        .until("the scale is asked for", |world| {
            world
                .requests
                .iter()
                .any(|request| request.fits("GET", SCALE))
        })
        .await;
    hands.pass(Span::from_secs(160));
    assert_eq!(livez(&address).await, "200 ok");
    hands.pass(Span::from_secs(1));
    let problem = "503 the sync of prod/web has been under way for 2m41s";
    assert_eq!(livez(&address).await, problem);
    drop(stop);
    running.abort();
}

#[tokio::test]
async fn a_sync_that_breaks_down_ends_the_program() {
    let server = cluster(1, "50m").await;
    let clock = Hands::default().clock();
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
    let (client, telemetry) = client(&server, TIMEOUT);
    let (_, permitted) = watch::channel(false);
    let mut controller = Controller::begin(client, telemetry, permitted, settings);
    controller.ready().await;
    // The next to ask it is the sync.
    is_broken.store(true, Ordering::SeqCst);
    let (_stop, stopped) = watch::channel(false);
    let context = Arc::clone(&controller.context);
    let changed = Arc::clone(&controller.changed);
    let running = tokio::spawn(sync_queue::run(context, changed, stopped));
    let ended = tokio::time::timeout(TIMEOUT, running).await;
    let panic = ended.expect("it ends").unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the clock is broken"));
}

#[tokio::test]
async fn a_watch_that_gives_no_sign_is_found() {
    let mut vitals = None;
    let server = cluster(1, "50m").await;
    let bench = Bench::with(
        server,
        Mode::Shadow,
        ControllerConfig::default(),
        |settings| {
            vitals = Some(Arc::clone(&settings.vitals));
        },
    )
    .await;
    let vitals = vitals.unwrap();
    bench
        .server
        .until("both are watched", |world| world.watches == 2)
        .await;
    bench.hands.pass(Span::from_secs(424));
    assert_eq!(vitals.problem(), None);
    bench.hands.pass(Span::from_secs(1));
    let problem = vitals.problem().unwrap();
    assert!(problem.ends_with("has given no sign for 7m5s"), "{problem}");
    // What they hear is a sign.
    let labels = serde_json::json!({"app": "web"});
    let path = "/api/v1/namespaces/prod/pods/web-0";
    bench.server.put(path, pod(&labels));
    bench.server.put(HPA, bench.server.object(HPA));
    bench
        .seen("signs of life", || vitals.problem().is_none())
        .await;
    // So is what they try while the server is away.
    bench.server.fault(Fault::always("GET", "/", Answer::Lost));
    bench.server.with(|world| {
        world.hang_ups += 1;
        world.requests.clear();
    });
    bench.hands.pass(Span::from_secs(500));
    bench
        .seen("signs of life", || vitals.problem().is_none())
        .await;
    // One that is over on purpose is not missed.
    let hands = bench.hands.clone();
    bench.controller.end(Duration::from_secs(1)).await;
    tokio::task::yield_now().await;
    hands.pass(Span::from_secs(500));
    assert_eq!(vitals.problem(), None);
}

#[test]
fn syncs_may_take_and_wait_as_long_as_their_requests() {
    let hands = Hands::default();
    let vitals = Arc::new(Vitals::new(hands.clock(), TIMEOUT, PACE));
    let key = |name: &str| Key::new("prod", name);
    let found = |after: i64| {
        hands.pass(Span::from_secs(after));
        vitals.problem()
    };
    vitals.sync_begins(&key("a"));
    assert_eq!(found(100), None);
    vitals.sync_begins(&key("b"));
    assert_eq!(found(60), None);
    vitals.sync_ends(&key("a"));
    assert_eq!(found(60), None);
    let problem = "the sync of prod/b has been under way for 2m41s";
    assert_eq!(found(41).as_deref(), Some(problem));
    vitals.sync_ends(&key("b"));
    assert_eq!(found(0), None);
    // However many wait: as long as one begins now and then, it goes on.
    for _ in 0..5 {
        vitals.waiting(9_000);
        assert_eq!(found(150), None);
        vitals.sync_begins(&key("c"));
        vitals.sync_ends(&key("c"));
    }
    vitals.waiting(9_000);
    hands.pass(Span::from_secs(100));
    vitals.waiting(9_001);
    let problem = "syncs are due, but none has begun for 2m41s";
    assert_eq!(found(61).as_deref(), Some(problem));
    vitals.waiting(0);
    assert_eq!(found(1_000), None);
    vitals.waiting(1);
    vitals.sync_begins(&key("d"));
    vitals.rest();
    assert_eq!(found(1_000), None);
}

#[test]
fn a_watch_that_breaks_down_is_found_at_once() {
    let vitals = Arc::new(Vitals::new(Hands::default().clock(), TIMEOUT, PACE));
    let inside = Arc::clone(&vitals);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _pulse = Pulse::begin(inside, "pods");
        panic!("on purpose");
    }));
    assert!(broken.is_err());
    let problem = "the watch of pods has broken down";
    assert_eq!(vitals.problem().as_deref(), Some(problem));
}
