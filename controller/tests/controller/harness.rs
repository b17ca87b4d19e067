//! A small cluster in the fake API server, and a controller that watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::{Duration as Span, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::controller::args::Mode;
use crate::controller::client::Client;
use crate::controller::clock::{Clock, Reading};
use crate::controller::correlate::Limits;
use crate::controller::objects::Key;
use crate::controller::observe::lock;
use crate::controller::pace::Pace;
use crate::controller::shared::Lifetimes;
use crate::controller::sync::{Authority, Scope, State, Summary, sync};
use crate::controller::telemetry::Telemetry;
use crate::controller::vitals::Vitals;
use crate::controller::whatif::WhatIf;
use crate::controller::wiring::{Controller, Settings};
use crate::fake::Server;

pub(crate) const HPA: &str = "/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers/web";
pub(crate) const SCALE: &str = "/apis/apps/v1/namespaces/prod/deployments/web/scale";
pub(crate) const POD_METRICS: &str = "/apis/metrics.k8s.io/v1beta1/namespaces/prod/pods";

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

/// `autoscaling/v2`, as the API server stores it.
pub(crate) fn hpa(min: i32, max: i32, metrics: &Value) -> Value {
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"generation": 1},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": min,
            "maxReplicas": max,
            "metrics": metrics,
        },
    })
}

/// CPU at this percentage of the request.
pub(crate) fn cpu(percent: i32) -> Value {
    json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}}])
}

pub(crate) fn scale(replicas: i32) -> Value {
    scale_of(replicas, replicas, "app=web")
}

pub(crate) fn scale_of(spec: i32, status: i32, selector: &str) -> Value {
    json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "spec": {"replicas": spec},
        "status": {"replicas": status, "selector": selector},
    })
}

/// A pod that has been ready for long and requests 100m of CPU.
pub(crate) fn pod(labels: &Value) -> Value {
    json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "web", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}}]},
        "status": {
            "phase": "Running",
            "startTime": "2026-01-01T10:00:00Z",
            "conditions": [
                {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-01-01T10:00:00Z"},
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T10:00:10Z"},
            ],
        },
    })
}

/// PodMetrics of `count` pods that each use as much CPU.
pub(crate) fn pod_metrics(count: usize, cpu: &str) -> Value {
    let items: Vec<Value> = (0..count)
        .map(|index| {
            json!({
                "metadata": {"name": format!("web-{index}"), "namespace": "prod", "labels": {"app": "web"}},
                "timestamp": "2026-01-01T11:59:50Z",
                "window": "15s",
                "containers": [{"name": "main", "usage": {"cpu": cpu, "memory": "64Mi"}}],
            })
        })
        .collect();
    json!({"kind": "PodMetricsList", "metadata": {}, "items": items})
}

/// A Deployment of `count` pods under an autoscaler with 50 percent of CPU, all of it used as told.
pub(crate) async fn cluster(count: usize, cpu_used: &str) -> Server {
    let server = Server::start().await;
    populate(&server, count, cpu_used);
    server
}

pub(crate) fn populate(server: &Server, count: usize, cpu_used: &str) {
    server.put(HPA, hpa(1, 10, &cpu(50)));
    server.put(SCALE, scale(count.try_into().unwrap()));
    for index in 0..count {
        let path = format!("/api/v1/namespaces/prod/pods/web-{index}");
        server.put(&path, pod(&json!({"app": "web"})));
    }
    server.metrics(POD_METRICS, pod_metrics(count, cpu_used));
}

/// What was written of events so far: each as often as it was counted.
pub(crate) fn events(server: &Server) -> Vec<(String, String, String)> {
    let wrote = |request: &crate::fake::Request| (200..300).contains(&request.status);
    let told = |event: &Value| {
        ["type", "reason", "message"]
            .map(|field| event[field].as_str().unwrap_or_default().to_owned())
    };
    server.with(|world| {
        let requests = world.requests.iter().filter(|request| wrote(request));
        requests
            .filter(|request| request.path.contains("/events"))
            .filter_map(|request| match request.method.as_str() {
                "POST" => Some(told(&request.body)),
                "PATCH" => Some(told(&world.objects[&request.path])),
                _ => None,
            })
            .map(|[kind, reason, message]| (kind, reason, message))
            .collect()
    })
}

/// The replica counts that were written.
pub(crate) fn scales(server: &Server) -> Vec<i64> {
    server
        .requests("PUT", "/scale")
        .iter()
        .filter(|request| request.status == 200)
        .map(|request| request.body["spec"]["replicas"].as_i64().unwrap())
        .collect()
}
