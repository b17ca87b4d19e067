//! Assembles the parts of a controller and owns their tasks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::api_objects::{HpaObject, PodObject, Watched};
use crate::args::{Args, Mode};
use crate::authority::{Authority, Scope};
use crate::backoff::BackoffPolicy;
use crate::client::{Client, encode};
use crate::clock::{Clock, std_duration};
use crate::discovery::{Discovery, LIFETIMES};
use crate::events::{EventPolicy, EventWriter};
use crate::health::Health;
use crate::hpa_store::HpaStore;
use crate::metrics_api::MetricsApi;
use crate::observe::Observer;
use crate::pod_store::PodStore;
use crate::recording::Recorder;
use crate::response_cache::Lifetimes;
use crate::selector_index::SelectorIndex;
use crate::sync::Context;
use crate::telemetry::Telemetry;
use crate::watch::{Source, Store, Watch};
use crate::what_if::WhatIf;
use crate::write_permit::WritePermit;

/// The parts of a controller.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: ControllerConfig,
    pub(crate) authority: Authority,
    pub(crate) clock: Clock,
    pub(crate) events: EventPolicy,
    /// The backoff of watches.
    pub(crate) backoff: BackoffPolicy,
    /// How long the PodMetrics of a namespace are shared.
    pub(crate) metrics_max_age: Duration,
    /// How long discovery responses are cached.
    pub(crate) discovery: Lifetimes,
    /// Only the autoscalers in this namespace.
    pub(crate) namespace: Option<String>,
    /// Only the autoscalers that match this label selector; empty matches all.
    pub(crate) selector: String,
    pub(crate) what_if: WhatIf,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) health: Arc<Health>,
}

impl Settings {
    /// The settings of the arguments, without what-if and recording.
    pub(crate) fn new(
        args: &Args,
        config: ControllerConfig,
        clock: Clock,
        health: Arc<Health>,
    ) -> Self {
        let scope = if args.all_autoscalers {
            Scope::All
        } else {
            Scope::Named(args.controller_name.as_str().into())
        };
        Self {
            // A fraction of the period: the autoscalers of a namespace sync at the same time, and an
            // older list would delay the reaction to what it shows.
            metrics_max_age: (std_duration(config.sync_period) / 6).min(Duration::from_secs(3)),
            config,
            authority: Authority {
                mode: args.mode,
                scope,
            },
            clock,
            events: EventPolicy::default(),
            backoff: BackoffPolicy::default(),
            discovery: LIFETIMES,
            namespace: args.namespace.clone(),
            selector: args.selector.clone().unwrap_or_default(),
            what_if: WhatIf::default(),
            recorder: None,
            health,
        }
    }
}

/// A controller whose watches run; dropping it stops them.
#[derive(Debug)]
pub(crate) struct Controller {
    pub(crate) context: Arc<Context>,
    /// Notified when autoscalers change.
    pub(crate) hpas_changed: Arc<Notify>,
    /// Notified when pods change.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests wait for pods"))]
    pub(crate) pods_changed: Arc<Notify>,
    listed: [watch::Receiver<bool>; 2],
    tasks: JoinSet<()>,
    event_writer: Option<JoinHandle<()>>,
}

impl Controller {
    /// Starts the watches. Writes are allowed while `permit` is true.
    pub(crate) fn start(
        client: &Client,
        telemetry: &Arc<Telemetry>,
        permit: watch::Receiver<bool>,
        settings: Settings,
    ) -> Self {
        let mut watches = Watches {
            client: client.clone(),
            telemetry: Arc::clone(telemetry),
            backoff: settings.backoff,
            health: Arc::clone(&settings.health),
            tasks: JoinSet::new(),
        };
        let path = |root: &str, resource: &str| match &settings.namespace {
            Some(namespace) => format!("{root}/namespaces/{}/{resource}", encode(namespace)),
            None => format!("{root}/{resource}"),
        };
        let hpas = Arc::new(Mutex::new(HpaStore::new(settings.clock.clone())));
        let source = Source {
            path: path("/apis/autoscaling/v2", "horizontalpodautoscalers"),
            resource: "horizontalpodautoscalers.autoscaling",
            selector: settings.selector,
        };
        let (hpas_listed, hpas_changed) = watches.start::<HpaObject, _>(&hpas, source);
        let pods = Arc::new(Mutex::new(PodStore::default()));
        let source = Source {
            path: path("/api/v1", "pods"),
            resource: "pods",
            selector: String::new(),
        };
        let (pods_listed, pods_changed) = watches.start::<PodObject, _>(&pods, source);
        let permit = WritePermit(permit);
        let writer = EventWriter {
            client: client.clone(),
            permit: permit.clone(),
            clock: settings.clock.clone(),
            telemetry: Arc::clone(telemetry),
            policy: settings.events,
        };
        let (events, event_writer) = writer.start();
        let discovery = Arc::new(Discovery::new(client.clone(), settings.discovery));
        let metrics = MetricsApi::new(
            client.clone(),
            Arc::clone(&discovery),
            settings.metrics_max_age,
        );
        let observer = Observer {
            client: client.clone(),
            metrics,
            discovery,
            pods,
            selectors: Mutex::new(SelectorIndex::default()),
            config: settings.config.clone(),
        };
        let context = Arc::new(Context {
            config: settings.config,
            authority: settings.authority,
            client: client.clone(),
            observer,
            hpas,
            events,
            permit,
            telemetry: Arc::clone(telemetry),
            clock: settings.clock,
            what_if: settings.what_if,
            recorder: settings.recorder,
            health: settings.health,
        });
        Self {
            context,
            hpas_changed,
            pods_changed,
            listed: [hpas_listed, pods_listed],
            tasks: watches.tasks,
            event_writer: Some(event_writer),
        }
    }

    /// Waits until autoscalers and pods have been listed.
    pub(crate) async fn listed(&mut self) {
        for listed in &mut self.listed {
            // An error means that the watch was stopped, which only happens with this controller.
            let _ = listed.wait_for(|listed| *listed).await;
        }
    }

    /// Stops the watches, flushes recordings, and waits at most `timeout` for pending events.
    pub(crate) async fn shut_down(mut self, timeout: Duration) {
        let event_writer = self.event_writer.take();
        if let Some(recorder) = &self.context.recorder {
            recorder.flush();
        }
        self.tasks.abort_all();
        drop(self);
        if let Some(event_writer) = event_writer {
            let _ = tokio::time::timeout(timeout, event_writer).await;
        }
    }
}

/// Starts watches and owns their tasks.
struct Watches {
    client: Client,
    telemetry: Arc<Telemetry>,
    backoff: BackoffPolicy,
    health: Arc<Health>,
    tasks: JoinSet<()>,
}

impl Watches {
    /// Starts to keep `store` up to date; returns whether it is complete, and its notifications.
    fn start<T, S>(
        &mut self,
        store: &Arc<Mutex<S>>,
        source: Source,
    ) -> (watch::Receiver<bool>, Arc<Notify>)
    where
        T: Watched,
        S: Store<T>,
    {
        let (listed, is_listed) = watch::channel(false);
        let changed = Arc::new(Notify::new());
        let watch = Watch {
            client: self.client.clone(),
            source,
            store: Arc::clone(store),
            changed: Arc::clone(&changed),
            listed,
            telemetry: Arc::clone(&self.telemetry),
            backoff: self.backoff,
            health: Arc::clone(&self.health),
        };
        self.tasks.spawn(watch.run::<T>());
        (is_listed, changed)
    }
}

/// Whether a controller in this mode writes anything.
pub(crate) const fn writes(mode: Mode) -> bool {
    matches!(mode, Mode::Active)
}
