//! Writes Kubernetes events about autoscalers in the background, so that no sync waits for them.
//!
//! Upstream: client-go, `tools/record/event.go` (`recordToSink`, `recordEvent`). Unlike there,
//! transient server errors are retried too, not only an unreachable server.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::Event;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::backoff::random;
use crate::client::{Call, Client, Failure, encode};
use crate::clock::Clock;
use crate::event_correlator::{EventCorrelator, EventRecord, Limits};
use crate::hpa_store::Hpa;
use crate::telemetry::Telemetry;
use crate::write_permit::WritePermit;

/// How many events may wait to be written. Upstream: 1,000.
const QUEUE: usize = 10_000;
/// How often an event is attempted. Upstream: `maxTriesPerEvent`.
const ATTEMPTS: u32 = 12;
/// The wait between two attempts; the first is randomly shortened. Upstream: `defaultSleepDuration`.
pub(crate) const RETRY: Duration = Duration::from_secs(10);
/// The reporting component. Tools filter by upstream's name, so we use it too.
const COMPONENT: &str = "horizontal-pod-autoscaler";

/// Settings of writing events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventPolicy {
    pub(crate) limits: Limits,
    /// The wait before a failed write is retried.
    pub(crate) retry: Duration,
}

impl Default for EventPolicy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            retry: RETRY,
        }
    }
}

/// Queues events.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    queue: mpsc::Sender<EventRecord>,
    clock: Clock,
    telemetry: Arc<Telemetry>,
}

/// Writes queued events.
#[derive(Debug)]
pub(crate) struct EventWriter {
    pub(crate) client: Client,
    pub(crate) permit: WritePermit,
    pub(crate) clock: Clock,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) policy: EventPolicy,
}

/// The fields of the server's response that are used.
#[derive(Deserialize)]
struct Stored {
    metadata: StoredMeta,
    #[serde(default)]
    count: u32,
}

#[derive(Deserialize)]
struct StoredMeta {
    name: String,
}

impl Events {
    /// Queues an event about an autoscaler. Never blocks; drops the event if the queue is full.
    pub(crate) fn emit(&self, hpa: &Hpa, event: &Event) {
        let Event {
            kind,
            reason,
            message,
            ..
        } = event;
        self.send(
            hpa,
            kind.to_string(),
            reason.to_string(),
            message.to_string(),
        );
    }

    /// Queues a warning that upstream does not have.
    pub(crate) fn warn(&self, hpa: &Hpa, reason: &str, message: String) {
        self.send(hpa, String::from("Warning"), reason.to_owned(), message);
    }

    fn send(&self, hpa: &Hpa, kind: String, reason: String, message: String) {
        let now = self.clock.now();
        let event = EventRecord {
            key: hpa.key.clone(),
            uid: Arc::clone(&hpa.uid),
            version: Arc::clone(&hpa.resource_version),
            kind,
            reason,
            message,
            name: String::new(),
            count: 1,
            first: now,
            last: now,
            combined: false,
        };
        if self.queue.try_send(event).is_err() {
            self.telemetry.event_dropped("queue_full");
        }
    }
}

impl EventWriter {
    /// Starts to write, until every clone of the returned [`Events`] is dropped.
    pub(crate) fn start(self) -> (Events, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let events = Events {
            queue: sender,
            clock: self.clock.clone(),
            telemetry: Arc::clone(&self.telemetry),
        };
        (events, tokio::spawn(self.run(receiver)))
    }

    async fn run(self, mut queue: mpsc::Receiver<EventRecord>) {
        let mut correlator = EventCorrelator::new(self.policy.limits);
        while let Some(event) = queue.recv().await {
            let Some(event) = correlator.correlate(event, self.clock.read()) else {
                self.telemetry.event_dropped("flood");
                continue;
            };
            for attempt in 1..=ATTEMPTS {
                match self.write(&event).await {
                    Ok(Some(written)) => {
                        correlator.confirm(&written);
                        break;
                    }
                    Ok(None) => break,
                    Err(failure) if failure.is_transient() && attempt < ATTEMPTS => {
                        let share = if attempt == 1 { random() } else { 1.0 };
                        sleep(self.policy.retry.mul_f64(share)).await;
                    }
                    Err(failure) if failure.is_namespace_terminating() => {
                        tracing::debug!(hpa = %event.key, reason = event.reason, error = %failure, "an event was not written");
                        self.telemetry.event_dropped("refused");
                        break;
                    }
                    Err(failure) => {
                        tracing::warn!(hpa = %event.key, reason = event.reason, error = %failure, "an event was not written");
                        self.telemetry.event_dropped("refused");
                        break;
                    }
                }
            }
        }
    }

    /// Writes an event; returns it as the server stored it, `None` if that is unknown.
    async fn write(&self, event: &EventRecord) -> Result<Option<EventRecord>, Failure> {
        let stored = if event.count == 1 {
            self.create(event).await
        } else {
            match self.update(event).await {
                // The server deletes events after an hour: create it again.
                Err(failure) if failure.is_not_found() => self.create(event).await,
                result => result,
            }
        };
        match stored {
            Ok(stored) => {
                let mut event = event.clone();
                event.name = stored.metadata.name;
                event.count = stored.count.max(1);
                Ok(Some(event))
            }
            // An earlier attempt succeeded, but its response was lost.
            Err(Failure::Refused { code: 409, .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn update(&self, event: &EventRecord) -> Result<Stored, Failure> {
        let content = json!({
            "count": event.count,
            "lastTimestamp": event.last.to_rfc3339_seconds(),
            "message": event.message,
        });
        let path = format!("{}/{}", collection(event), encode(&event.name));
        let content = content.to_string().into_bytes();
        let call = Call::json(Method::PATCH, path, "events", &event.name, content);
        self.permit.guard(self.client.call(call)).await
    }

    async fn create(&self, event: &EventRecord) -> Result<Stored, Failure> {
        // Upstream's combined events have no reporting component.
        let reporter = if event.combined { "" } else { COMPONENT };
        let content = json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": event.name, "namespace": &*event.key.namespace},
            "involvedObject": {
                "kind": "HorizontalPodAutoscaler",
                "apiVersion": "autoscaling/v2",
                "namespace": &*event.key.namespace,
                "name": &*event.key.name,
                "uid": &*event.uid,
                "resourceVersion": &*event.version,
            },
            "type": event.kind,
            "reason": event.reason,
            "message": event.message,
            "source": {"component": COMPONENT},
            "reportingComponent": reporter,
            "reportingInstance": "",
            "firstTimestamp": event.first.to_rfc3339_seconds(),
            "lastTimestamp": event.last.to_rfc3339_seconds(),
            "count": event.count,
        });
        let content = content.to_string().into_bytes();
        let call = Call::json(Method::POST, collection(event), "events", "", content);
        self.permit.guard(self.client.call(call)).await
    }
}

fn collection(event: &EventRecord) -> String {
    format!("/api/v1/namespaces/{}/events", encode(&event.key.namespace))
}
