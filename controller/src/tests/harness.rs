//! A controller under test in front of the fake API server, on a paused clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fake_api_server::Server;
use fake_api_server::fixtures::{HPA, cluster};
use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::authority::{Authority, Scope};
use crate::backoff::BackoffPolicy;
use crate::client::Client;
use crate::clock::{Clock, Reading};
use crate::controller::{Controller, Settings};
use crate::event_correlator::Limits;
use crate::events::EventPolicy;
use crate::health::Health;
use crate::mutex::lock;
use crate::response_cache::Lifetimes;
use crate::sync::{State, Summary, sync};
use crate::sync_queue;
use crate::telemetry::Telemetry;
use crate::what_if::WhatIf;

/// After which time a test that waits for something fails.
const WATCHDOG: Duration = Duration::from_mins(1);

/// A clock that stands still until a test moves it.
#[derive(Clone, Default)]
pub(crate) struct ManualClock(Arc<(AtomicI64, AtomicI64)>);

impl ManualClock {
    /// Sets both clocks.
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.0.store(now.0, Ordering::SeqCst);
        self.0.1.store(now.0, Ordering::SeqCst);
    }

    /// Advances both clocks.
    pub(crate) fn advance(&self, time: SignedDuration) {
        self.0.0.fetch_add(time.0, Ordering::SeqCst);
        self.0.1.fetch_add(time.0, Ordering::SeqCst);
    }

    /// Sets the wall clock forward or back, without time passing.
    pub(crate) fn step_wall(&self, by: SignedDuration) {
        self.0.0.fetch_add(by.0, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let times = Arc::clone(&self.0);
        Clock::new(move || Reading {
            wall: Timestamp(times.0.load(Ordering::SeqCst)),
            monotonic: SignedDuration(times.1.load(Ordering::SeqCst)),
        })
    }
}

/// The timeout of a request.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) const BACKOFF: BackoffPolicy = BackoffPolicy {
    initial: Duration::from_millis(5),
    max: Duration::from_millis(50),
    reset_after: Duration::from_mins(1),
};

/// Settings without caches and limits: everything is read anew, and every event is written.
pub(crate) fn settings(mode: Mode, config: ControllerConfig, clock: Clock) -> Settings {
    Settings {
        config,
        authority: Authority {
            mode,
            scope: Scope::All,
        },
        health: Arc::new(Health::new(clock.clone(), TIMEOUT)),
        clock,
        events: EventPolicy {
            limits: Limits {
                burst: f64::INFINITY,
                similar: usize::MAX,
            },
            retry: BACKOFF.initial,
        },
        backoff: BACKOFF,
        metrics_max_age: Duration::ZERO,
        discovery: Lifetimes {
            success: Duration::from_secs(30),
            error: Duration::ZERO,
        },
        namespace: None,
        selector: String::new(),
        what_if: WhatIf::default(),
        recorder: None,
    }
}

/// A client that calls the fake server in memory.
pub(crate) fn client(server: &Server, timeout: Duration) -> (Client, Arc<Telemetry>) {
    let telemetry = Arc::new(Telemetry::default());
    let server = server.clone();
    let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
        let server = server.clone();
        async move { server.respond(request).await }
    });
    let kube = kube::Client::new(service, "default");
    let client = Client::over(kube, "http://fake", timeout, Arc::clone(&telemetry));
    (client, telemetry)
}

/// Waits until every task waits for something: only then does a paused clock move.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A controller that a test syncs step by step.
pub(crate) struct TestController {
    pub(crate) server: Server,
    pub(crate) clock: ManualClock,
    pub(crate) controller: Controller,
    pub(crate) state: State,
    pub(crate) permit: watch::Sender<bool>,
}

impl TestController {
    /// A controller that has listed everything, at noon on 2026-01-01.
    pub(crate) async fn new(server: Server, mode: Mode, config: ControllerConfig) -> Self {
        Self::with(server, mode, config, |_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn with(
        server: Server,
        mode: Mode,
        config: ControllerConfig,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = ManualClock::default();
        clock.set(Timestamp::parse("2026-01-01T12:00:00Z").unwrap());
        let mut settings = settings(mode, config, clock.clock());
        change(&mut settings);
        let (client, telemetry) = client(&server, TIMEOUT);
        let (permit, permitted) = watch::channel(true);
        let mut controller = Controller::start(&client, &telemetry, permitted, settings);
        controller.listed().await;
        let state = State::new(&controller.context.config);
        Self {
            server,
            clock,
            controller,
            state,
            permit,
        }
    }

    /// A controller of two pods that need to become four.
    pub(crate) async fn overloaded(mode: Mode) -> Self {
        Self::new(cluster(2, "100m"), mode, ControllerConfig::default()).await
    }

    pub(crate) fn remembers_scaling_up(&self) -> bool {
        !self.state.autoscaler.histories().scale_up_events.is_empty()
    }

    /// Syncs `prod/web`.
    pub(crate) async fn sync(&mut self) -> Summary {
        self.try_sync().await.expect("prod/web exists")
    }

    pub(crate) async fn try_sync(&mut self) -> Option<Summary> {
        // A response that arrives at the very moment of a request would count as its response.
        tokio::time::advance(Duration::from_millis(1)).await;
        let key = Key::new("prod", "web");
        sync(&self.controller.context, &key, &mut self.state).await
    }

    /// Syncs another autoscaler once.
    pub(crate) async fn sync_other(&self, key: &Key) -> Summary {
        let context = &self.controller.context;
        let mut state = State::new(&context.config);
        let summary = sync(context, key, &mut state).await;
        summary.unwrap_or_else(|| panic!("{key} does not exist"))
    }

    /// The Prometheus metrics.
    pub(crate) fn metrics(&self) -> String {
        self.controller.context.telemetry.render()
    }

    /// Waits until the controller has stored that many changes of pods.
    pub(crate) async fn saw_pods(&self, changes: u64) {
        let seen = || lock(&self.controller.context.observer.pods).changes() >= changes;
        self.saw(&format!("{changes} changes of pods"), seen).await;
    }

    /// Waits until the controller has stored the autoscaler as the server has it.
    pub(crate) async fn saw_hpa(&self) {
        let version = self.server.object(HPA)["metadata"]["resourceVersion"].clone();
        let key = Key::new("prod", "web");
        let known = || lock(&self.controller.context.hpas).get(&key);
        let is_current = || known().is_some_and(|hpa| version == *hpa.resource_version);
        self.saw("the autoscaler", is_current).await;
    }

    /// Waits until `wanted` holds of what the watches have stored.
    pub(crate) async fn saw(&self, what: &str, wanted: impl Fn() -> bool) {
        let waiting = async {
            while !wanted() {
                tokio::select! {
                    () = self.controller.hpas_changed.notified() => {}
                    () = self.controller.pods_changed.notified() => {}
                }
            }
        };
        let waited = tokio::time::timeout(WATCHDOG, waiting).await;
        assert!(waited.is_ok(), "never saw {what}");
    }
}

/// A controller that runs by itself, as in the program.
pub(crate) struct RunningController {
    pub(crate) health: Arc<Health>,
    pub(crate) telemetry: Arc<Telemetry>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// Writes are allowed while it exists.
    _permit: watch::Sender<bool>,
}

impl RunningController {
    /// Starts one that has listed everything; `timeout` is that of a request.
    pub(crate) async fn start(server: &Server, timeout: Duration, settings: Settings) -> Self {
        let health = Arc::clone(&settings.health);
        let (client, telemetry) = client(server, timeout);
        let (permit, permitted) = watch::channel(true);
        let mut controller = Controller::start(&client, &telemetry, permitted, settings);
        controller.listed().await;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let context = Arc::clone(&controller.context);
            let changed = Arc::clone(&controller.hpas_changed);
            sync_queue::run(context, changed, stopped).await;
            controller.shut_down(Duration::from_secs(5)).await;
        });
        Self {
            health,
            telemetry,
            stop,
            task,
            _permit: permit,
        }
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(self) -> Result<(), tokio::task::JoinError> {
        self.task.await
    }

    /// Shuts it down.
    pub(crate) async fn shut_down(self) {
        assert_eq!(self.health.problem(), None);
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}
