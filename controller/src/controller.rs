//! Makes the parts of a controller and keeps their tasks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::api_objects::{HpaObject, PodObject};
use super::apply::Permit;
use super::args::{Args, Mode};
use super::backoff::Pace;
use super::client::{Client, encode};
use super::clock::{Clock, std_duration};
use super::discovery::{Discovery, LIFETIMES};
use super::event_correlator::Limits;
use super::events::{self, RETRY};
use super::health::Vitals;
use super::hpa_store::Hpas;
use super::metrics_api::MetricsApi;
use super::observe::Observer;
use super::pod_store::Pods;
use super::recording::Recorder;
use super::response_cache::Lifetimes;
use super::selector_index::Selectors;
use super::sync::{Authority, Context, Scope};
use super::telemetry::Telemetry;
use super::watch::{Source, Watch};
use super::what_if::WhatIf;

/// What the parts are made from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: ControllerConfig,
    pub(crate) authority: Authority,
    pub(crate) clock: Clock,
    /// How many events are let through.
    pub(crate) limits: Limits,
    /// How long a failed write of an event waits.
    pub(crate) event_retry: Duration,
    pub(crate) pace: Pace,
    /// How long the PodMetrics of a namespace are shared.
    pub(crate) fresh: Duration,
    /// How long what the server offers is taken for granted.
    pub(crate) discovery: Lifetimes,
    /// Only autoscalers of this namespace.
    pub(crate) namespace: Option<String>,
    /// Only autoscalers that this selects.
    pub(crate) selector: String,
    pub(crate) what_if: WhatIf,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) vitals: Arc<Vitals>,
}

impl Settings {
    /// The settings that a command line asks for.
    pub(crate) fn new(
        args: &Args,
        config: ControllerConfig,
        clock: Clock,
        vitals: Arc<Vitals>,
    ) -> Self {
        let scope = if args.all_autoscalers {
            Scope::All
        } else {
            Scope::Named(args.controller_name.as_str().into())
        };
        Self {
            // A fraction of the period: the autoscalers of a namespace come at the same time, and
            // a list that is older would delay what it shows.
            fresh: (std_duration(config.sync_period) / 6).min(Duration::from_secs(3)),
            config,
            authority: Authority {
                mode: args.mode,
                scope,
            },
            clock,
            limits: Limits::default(),
            event_retry: RETRY,
            pace: Pace::default(),
            discovery: LIFETIMES,
            namespace: args.namespace.clone(),
            selector: args.selector.clone().unwrap_or_default(),
            what_if: WhatIf::default(),
            recorder: None,
            vitals,
        }
    }
}

/// A controller that watches; it stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Controller {
    pub(crate) context: Arc<Context>,
    pub(crate) changed: Arc<Notify>,
    listed: [watch::Receiver<bool>; 2],
    tasks: JoinSet<()>,
    events: Option<tokio::task::JoinHandle<()>>,
}

impl Controller {
    /// Begins to watch. `permit` says whether writes are allowed.
    pub(crate) fn begin(
        client: Client,
        telemetry: Arc<Telemetry>,
        permit: watch::Receiver<bool>,
        settings: Settings,
    ) -> Self {
        let pods = Arc::new(Mutex::new(Pods::default()));
        let hpas = Arc::new(Mutex::new(Hpas::new(settings.clock.clone())));
        let changed = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        let path = |root: &str, resource: &str| match &settings.namespace {
            Some(namespace) => format!("{root}/namespaces/{}/{resource}", encode(namespace)),
            None => format!("{root}/{resource}"),
        };
        let (hpas_listed, hpas_are_listed) = watch::channel(false);
        let watch_hpas = Watch {
            client: client.clone(),
            source: Source {
                path: path("/apis/autoscaling/v2", "horizontalpodautoscalers"),
                resource: "horizontalpodautoscalers.autoscaling",
                selector: settings.selector,
            },
            store: Arc::clone(&hpas),
            changed: Arc::clone(&changed),
            listed: hpas_listed,
            telemetry: Arc::clone(&telemetry),
            pace: settings.pace,
            vitals: Arc::clone(&settings.vitals),
        };
        tasks.spawn(watch_hpas.run::<HpaObject>());
        let (pods_listed, pods_are_listed) = watch::channel(false);
        let watch_pods = Watch {
            client: client.clone(),
            source: Source {
                path: path("/api/v1", "pods"),
                resource: "pods",
                selector: String::new(),
            },
            store: Arc::clone(&pods),
            changed: Arc::new(Notify::new()),
            listed: pods_listed,
            telemetry: Arc::clone(&telemetry),
            pace: settings.pace,
            vitals: Arc::clone(&settings.vitals),
        };
        tasks.spawn(watch_pods.run::<PodObject>());
        let listed = [hpas_are_listed, pods_are_listed];
        let permit = Permit(permit);
        let (events, writer) = events::channel(
            client.clone(),
            permit.clone(),
            settings.clock.clone(),
            Arc::clone(&telemetry),
            settings.limits,
            settings.event_retry,
        );
        let writing = tokio::spawn(writer.run());
        let discovery = Arc::new(Discovery::new(client.clone(), settings.discovery));
        let observer = Observer {
            client: client.clone(),
            metrics: MetricsApi::new(client.clone(), Arc::clone(&discovery), settings.fresh),
            discovery,
            pods,
            selectors: Mutex::new(Selectors::default()),
        };
        let context = Arc::new(Context {
            config: settings.config,
            authority: settings.authority,
            client,
            observer,
            hpas,
            events,
            permit,
            telemetry,
            clock: settings.clock,
            what_if: settings.what_if,
            recorder: settings.recorder,
            vitals: settings.vitals,
        });
        Self {
            context,
            changed,
            listed,
            tasks,
            events: Some(writing),
        }
    }

    /// Waits until all objects have been listed once.
    pub(crate) async fn ready(&mut self) {
        for listed in &mut self.listed {
            // The watch never ends by itself, so that its end is that of this controller.
            let _ = listed.wait_for(|listed| *listed).await;
        }
    }

    /// Stops watching and waits a while for events that are on their way.
    pub(crate) async fn end(mut self, patience: Duration) {
        let writing = self.events.take();
        if let Some(recorder) = &self.context.recorder {
            recorder.finish();
        }
        self.tasks.abort_all();
        drop(self);
        if let Some(writing) = writing {
            let _ = tokio::time::timeout(patience, writing).await;
        }
    }
}

/// Whether this mode writes anything.
pub(crate) const fn writes(mode: Mode) -> bool {
    matches!(mode, Mode::Active)
}
