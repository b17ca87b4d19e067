//! A small cluster in the fake API server, and a controller that watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::{Duration as Span, Timestamp};
use tokio::sync::watch;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::backoff::Pace;
use crate::client::Client;
use crate::clock::{Clock, Reading};
use crate::controller::{Controller, Settings};
use crate::event_correlator::Limits;
use crate::health::Vitals;
use crate::observe::lock;
use crate::response_cache::Lifetimes;
use crate::sync::{Authority, Scope, State, Summary, sync};
use crate::telemetry::Telemetry;
use crate::what_if::WhatIf;
use fake_api_server::{HPA, Server, cluster};

/// A clock that stands until it is set.
#[derive(Clone, Default)]
pub(crate) struct Hands(Arc<(AtomicI64, AtomicI64)>);

impl Hands {
    /// Lets both clocks run to that time.
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.0.store(now.0, Ordering::SeqCst);
        self.0.1.store(now.0, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Span) {
        self.0.0.fetch_add(time.0, Ordering::SeqCst);
        self.0.1.fetch_add(time.0, Ordering::SeqCst);
    }

    /// Sets the time of day, while no time passes.
    pub(crate) fn set_wall(&self, by: Span) {
        self.0.0.fetch_add(by.0, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let times = Arc::clone(&self.0);
        Clock::new(move || Reading {
            wall: Timestamp(times.0.load(Ordering::SeqCst)),
            monotonic: Span(times.1.load(Ordering::SeqCst)),
        })
    }
}

/// How long a request may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

/// Waits that are too short to notice.
pub(crate) const PACE: Pace = Pace {
    first: Duration::from_millis(5),
    longest: Duration::from_millis(50),
    calm: Duration::from_mins(1),
};

/// Settings for a test: everything is read anew, every event is written.
pub(crate) fn settings(mode: Mode, config: ControllerConfig, clock: Clock) -> Settings {
    Settings {
        config,
        authority: Authority {
            mode,
            scope: Scope::All,
        },
        vitals: Arc::new(Vitals::new(clock.clone(), TIMEOUT, PACE)),
        clock,
        limits: Limits {
            burst: f64::INFINITY,
            similar: usize::MAX,
        },
        event_retry: PACE.first,
        pace: PACE,
        fresh: Duration::ZERO,
        discovery: Lifetimes {
            good: Duration::from_secs(30),
            bad: Duration::ZERO,
        },
        namespace: None,
        selector: String::new(),
        what_if: WhatIf::default(),
        recorder: None,
    }
}

/// A client of the fake server.
pub(crate) fn client(server: &Server, timeout: Duration) -> (Client, Arc<Telemetry>) {
    let telemetry = Arc::new(Telemetry::default());
    let config = kube::Config::new(server.address.parse().unwrap());
    let client = Client::new(config, timeout, Arc::clone(&telemetry)).unwrap();
    (client, telemetry)
}

/// A controller under test, one sync at a time.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) hands: Hands,
    pub(crate) controller: Controller,
    pub(crate) state: State,
    pub(crate) permit: watch::Sender<bool>,
}

impl Bench {
    /// A controller that has listed everything.
    pub(crate) async fn new(server: Server, mode: Mode, config: ControllerConfig) -> Self {
        Self::with(server, mode, config, |_| {}).await
    }

    pub(crate) async fn with(
        server: Server,
        mode: Mode,
        config: ControllerConfig,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let hands = Hands::default();
        hands.set(Timestamp::parse("2026-01-01T12:00:00Z").unwrap());
        let mut settings = settings(mode, config, hands.clock());
        change(&mut settings);
        let (client, telemetry) = client(&server, TIMEOUT);
        let (permit, permitted) = watch::channel(true);
        let mut controller = Controller::begin(client, telemetry, permitted, settings);
        controller.ready().await;
        let state = State::new(&controller.context.config);
        Self {
            server,
            hands,
            controller,
            state,
            permit,
        }
    }

    /// A controller of two pods that want to be four.
    pub(crate) async fn busy(mode: Mode) -> Self {
        Self::new(cluster(2, "100m").await, mode, ControllerConfig::default()).await
    }

    /// Whether it remembers having scaled up.
    pub(crate) fn remembers_scaling_up(&self) -> bool {
        !self.state.autoscaler.histories().scale_up_events.is_empty()
    }

    /// One sync of `prod/web`.
    pub(crate) async fn sync(&mut self) -> Summary {
        self.try_sync().await.expect("the autoscaler is there")
    }

    pub(crate) async fn try_sync(&mut self) -> Option<Summary> {
        let key = Key::new("prod", "web");
        sync(&self.controller.context, &key, &mut self.state).await
    }

    /// Waits until the controller has seen as many changes of pods.
    pub(crate) async fn saw_pods(&self, events: u64) {
        let seen = || lock(&self.controller.context.observer.pods).events();
        self.seen(&format!("{events} changes of pods"), || seen() >= events)
            .await;
    }

    /// Waits until the controller knows the autoscaler as the server has it.
    pub(crate) async fn saw_hpa(&self) {
        let version = self.server.object(HPA)["metadata"]["resourceVersion"].clone();
        let key = Key::new("prod", "web");
        let known = || lock(&self.controller.context.hpas).find(&key);
        self.seen("the autoscaler", || {
            known().is_some_and(|hpa| version == *hpa.resource_version)
        })
        .await;
    }

    pub(crate) async fn seen(&self, what: &str, wanted: impl Fn() -> bool) {
        let begin = tokio::time::Instant::now();
        while !wanted() {
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "never saw {what}"
            );
            // What is waited for comes over a connection; there is nothing to subscribe to.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
