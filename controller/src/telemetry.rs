//! The Prometheus metrics of the controller: upstream's under upstream's names, and its own.
//!
//! Upstream: `pkg/controller/podautoscaler/metrics/metrics.go`, `monitor/monitor.go`.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};

use crate::api_objects::Key;
use crate::disagreement::{Disagreement, Reason};

/// The `Content-Type` of [`Telemetry::render`].
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// All metrics of one controller.
#[derive(Debug)]
pub(crate) struct Telemetry {
    registry: Registry,
    reconciliations: Family<ReconciliationLabels, Counter>,
    reconciliation_duration: Histograms<ReconciliationLabels>,
    computations: Family<ComputationLabels, Counter>,
    computation_duration: Histograms<ComputationLabels>,
    autoscalers: Gauge,
    desired_replicas: Replicas<HpaLabels>,
    disagreement: Replicas<DisagreementLabels>,
    what_if: Replicas<HpaLabels>,
    requests: Family<ResponseLabels, Counter>,
    request_duration: Histograms<RequestLabels>,
    watch_restarts: Family<WatchLabels, Counter>,
    dropped_events: Family<DroppedLabels, Counter>,
    is_leader: Family<LeaseLabels, Gauge>,
    sync_delay: Histogram,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;
type Replicas<L> = Family<L, Gauge<i64, AtomicI64>>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReconciliationLabels {
    action: &'static str,
    error: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ComputationLabels {
    action: &'static str,
    error: &'static str,
    metric_type: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct HpaLabels {
    namespace: Arc<str>,
    hpa_name: Arc<str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DisagreementLabels {
    #[prometheus(flatten)]
    hpa: HpaLabels,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    verb: String,
    resource: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResponseLabels {
    #[prometheus(flatten)]
    request: RequestLabels,
    code: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WatchLabels {
    resource: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DroppedLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LeaseLabels {
    name: &'static str,
}

/// The action of a sync, with upstream's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ScaleUp,
    ScaleDown,
    None,
}

/// The kind of error of a sync, with upstream's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The HPA object is invalid.
    Spec,
    /// A request failed.
    Internal,
    None,
}

impl Action {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ScaleUp => "scale_up",
            Self::ScaleDown => "scale_down",
            Self::None => "none",
        }
    }
}

impl ErrorKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Internal => "internal",
            Self::None => "none",
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        let mut registry = Registry::default();
        // The registry appends a period to each help text, and `_total` to the names of counters.
        let upstream = registry.sub_registry_with_prefix("horizontal_pod_autoscaler_controller");
        let reconciliations = register(
            upstream,
            "reconciliations",
            "Number of reconciliations of HPA controller",
            Family::default(),
        );
        let reconciliation_duration = register(
            upstream,
            "reconciliation_duration_seconds",
            "The time(seconds) that the HPA controller takes to reconcile once",
            Histograms::new_with_constructor(histogram),
        );
        let computations = register(
            upstream,
            "metric_computation",
            "Number of metric computations",
            Family::default(),
        );
        let computation_duration = register(
            upstream,
            "metric_computation_duration_seconds",
            "The time(seconds) that the HPA controller takes to calculate one metric",
            Histograms::new_with_constructor(histogram),
        );
        let autoscalers = register(
            upstream,
            "num_horizontal_pod_autoscalers",
            "Current number of controlled HPA objects",
            Gauge::default(),
        );
        let desired_replicas = register(
            upstream,
            "desired_replicas",
            "Current desired replica count for HPA objects",
            Replicas::default(),
        );
        let own = registry.sub_registry_with_prefix("hpa_controller");
        Self {
            disagreement: register(
                own,
                "disagreement_replicas",
                "Desired replicas of this controller minus status.desiredReplicas",
                Replicas::default(),
            ),
            what_if: register(
                own,
                "what_if_replicas",
                "Desired replicas with the changed manifest minus those with the cluster's",
                Replicas::default(),
            ),
            requests: register(
                own,
                "api_requests",
                "Requests to the API by verb, resource and status code",
                Family::default(),
            ),
            request_duration: register(
                own,
                "api_request_duration_seconds",
                "Time from sending a request to the API until its response was read",
                Histograms::new_with_constructor(histogram),
            ),
            watch_restarts: register(
                own,
                "watch_restarts",
                "Watches that were restarted, by reason",
                Family::default(),
            ),
            dropped_events: register(
                own,
                "events_dropped",
                "Events that were not written, by reason",
                Family::default(),
            ),
            sync_delay: register(
                own,
                "sync_delay_seconds",
                "Time from when a sync was due until it started",
                histogram(),
            ),
            is_leader: register(
                &mut registry,
                "leader_election_master_status",
                "Whether this process holds the Lease",
                Family::default(),
            ),
            registry,
            reconciliations,
            reconciliation_duration,
            computations,
            computation_duration,
            autoscalers,
            desired_replicas,
        }
    }
}

/// Registers a metric; the clone that is returned shares its values.
fn register<M: Metric + Clone>(
    registry: &mut Registry,
    name: &'static str,
    help: &'static str,
    metric: M,
) -> M {
    registry.register(name, help, metric.clone());
    metric
}

/// A histogram of seconds with upstream's buckets: 0.001 s, doubled 14 times.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

impl Telemetry {
    /// Records one sync.
    pub(crate) fn reconciled(&self, action: Action, error: ErrorKind, took: Duration) {
        let labels = ReconciliationLabels {
            action: action.as_str(),
            error: error.as_str(),
        };
        self.reconciliations.get_or_create(&labels).inc();
        observe(&self.reconciliation_duration, &labels, took);
    }

    /// Records one metric of one sync.
    pub(crate) fn computed(
        &self,
        action: Action,
        error: ErrorKind,
        metric_type: &str,
        took: Duration,
    ) {
        let labels = ComputationLabels {
            action: action.as_str(),
            error: error.as_str(),
            metric_type: metric_type.to_owned(),
        };
        self.computations.get_or_create(&labels).inc();
        observe(&self.computation_duration, &labels, took);
    }

    /// Sets the number of autoscalers.
    pub(crate) fn set_autoscalers(&self, count: usize) {
        self.autoscalers
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets the desired replicas of one autoscaler.
    pub(crate) fn set_desired(&self, key: &Key, replicas: i32) {
        let labels = HpaLabels::of(key);
        self.desired_replicas
            .get_or_create(&labels)
            .set(replicas.into());
    }

    /// Sets how many more replicas this controller wants than the one that writes the status. An
    /// autoscaler has one series, under its latest reason.
    pub(crate) fn set_disagreement(&self, key: &Key, found: Disagreement) {
        let hpa = HpaLabels::of(key);
        let labels = |reason: Reason| DisagreementLabels {
            hpa: hpa.clone(),
            reason: reason.as_str(),
        };
        for other in Reason::ALL {
            if other != found.reason {
                self.disagreement.remove(&labels(other));
            }
        }
        self.disagreement
            .get_or_create(&labels(found.reason))
            .set(found.difference.into());
    }

    /// Sets how many more replicas the changed manifest wants than the cluster's.
    pub(crate) fn set_what_if(&self, key: &Key, difference: i32) {
        let labels = HpaLabels::of(key);
        self.what_if.get_or_create(&labels).set(difference.into());
    }

    /// Removes the series of a deleted autoscaler.
    pub(crate) fn forget(&self, key: &Key) {
        let hpa = HpaLabels::of(key);
        self.desired_replicas.remove(&hpa);
        self.what_if.remove(&hpa);
        for reason in Reason::ALL {
            self.disagreement.remove(&DisagreementLabels {
                hpa: hpa.clone(),
                reason: reason.as_str(),
            });
        }
    }

    /// Records one request. `code` is the status code of the response, or `<error>` where there was
    /// none, as in client-go's metrics.
    pub(crate) fn requested(&self, verb: &str, resource: &str, code: &str, took: Duration) {
        let request = RequestLabels {
            verb: verb.to_owned(),
            resource: resource.to_owned(),
        };
        observe(&self.request_duration, &request, took);
        let labels = ResponseLabels {
            request,
            code: code.to_owned(),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Records that a watch was reopened or a list repeated.
    pub(crate) fn watch_restarted(&self, resource: &'static str, reason: &'static str) {
        let labels = WatchLabels { resource, reason };
        self.watch_restarts.get_or_create(&labels).inc();
    }

    /// Records an event that was not written.
    pub(crate) fn event_dropped(&self, reason: &'static str) {
        self.dropped_events
            .get_or_create(&DroppedLabels { reason })
            .inc();
    }

    /// Sets whether this process holds the Lease.
    pub(crate) fn set_leader(&self, is_leader: bool) {
        let labels = LeaseLabels {
            name: "hpa-controller",
        };
        self.is_leader
            .get_or_create(&labels)
            .set(i64::from(is_leader));
    }

    /// Records how late a sync started.
    pub(crate) fn sync_started(&self, delay: Duration) {
        self.sync_delay.observe(delay.as_secs_f64());
    }

    /// All metrics in the Prometheus text exposition format 0.0.4.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }
}

impl HpaLabels {
    fn of(key: &Key) -> Self {
        Self {
            namespace: Arc::clone(&key.namespace),
            hpa_name: Arc::clone(&key.name),
        }
    }
}

fn observe<L>(histograms: &Histograms<L>, labels: &L, took: Duration)
where
    L: Clone + std::hash::Hash + Eq,
{
    histograms.get_or_create(labels).observe(took.as_secs_f64());
}
