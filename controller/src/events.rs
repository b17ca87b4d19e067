//! Kubernetes events about autoscalers, written aside so that no sync waits for them.
//!
//! Upstream: client-go, `tools/record/event.go` (`recordToSink`, `recordEvent`). Unlike there an
//! error of the server that may pass is tried again too, as an unreachable server is.

use std::sync::Arc;

use hpa_core::autoscaler::Event;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::apply::Permit;
use super::backoff::random;
use super::client::{Call, Client, Failure, encode};
use super::clock::Clock;
use super::event_correlator::{Correlator, Limits, Occurrence};
use super::hpa_store::Hpa;
use super::telemetry::Telemetry;

/// How many events may wait. Upstream: 1,000.
const QUEUE: usize = 10_000;
/// How often an event is tried. Upstream: `maxTriesPerEvent`.
const TRIES: u32 = 12;
/// The wait between two tries; the first is shorter at random. Upstream: `defaultSleepDuration`.
pub(crate) const RETRY: std::time::Duration = std::time::Duration::from_secs(10);
/// Who the events are from: tools look for upstream's name.
const COMPONENT: &str = "horizontal-pod-autoscaler";

/// Takes events in.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    queue: mpsc::Sender<Occurrence>,
    clock: Clock,
    telemetry: Arc<Telemetry>,
}

/// Writes events.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Receiver<Occurrence>,
    client: Client,
    permit: Permit,
    clock: Clock,
    telemetry: Arc<Telemetry>,
    retry: std::time::Duration,
    correlator: Correlator,
}

/// The server's answer, as far as it counts.
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

/// An end to which events go, and the writer at the other. A failed write is tried again after
/// `retry`.
pub(crate) fn channel(
    client: Client,
    permit: Permit,
    clock: Clock,
    telemetry: Arc<Telemetry>,
    limits: Limits,
    retry: std::time::Duration,
) -> (Events, Writer) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let events = Events {
        queue: sender,
        clock: clock.clone(),
        telemetry: Arc::clone(&telemetry),
    };
    let writer = Writer {
        queue: receiver,
        client,
        permit,
        clock,
        telemetry,
        retry,
        correlator: Correlator::new(limits),
    };
    (events, writer)
}

impl Events {
    /// Emits an event about an autoscaler, without waiting.
    pub(crate) fn emit(&self, hpa: &Hpa, event: &Event) {
        let Event {
            kind,
            reason,
            message,
        } = event;
        self.send(
            hpa,
            kind.to_string(),
            reason.to_string(),
            message.to_string(),
        );
    }

    /// Emits a warning of this controller's own.
    pub(crate) fn warn(&self, hpa: &Hpa, reason: &str, message: String) {
        self.send(hpa, String::from("Warning"), reason.to_owned(), message);
    }

    fn send(&self, hpa: &Hpa, kind: String, reason: String, message: String) {
        let now = self.clock.now();
        let event = Occurrence {
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

impl Writer {
    /// Writes events until all who could emit one are gone.
    pub(crate) async fn run(mut self) {
        while let Some(event) = self.queue.recv().await {
            let Some(event) = self.correlator.correlate(event, self.clock.read()) else {
                self.telemetry.event_dropped("flood");
                continue;
            };
            for attempt in 1..=TRIES {
                match self.write(&event).await {
                    Ok(()) => break,
                    Err(failure) if failure.may_pass() && attempt < TRIES => {
                        let share = if attempt == 1 { random() } else { 1.0 };
                        sleep(self.retry.mul_f64(share)).await;
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

    async fn write(&mut self, event: &Occurrence) -> Result<(), Failure> {
        let stored = if event.count == 1 {
            self.create(event).await
        } else {
            match self.update(event).await {
                // The server forgets events after an hour: then it is made again.
                Err(failure) if failure.is_not_found() => self.create(event).await,
                result => result,
            }
        };
        match stored {
            Ok(stored) => {
                let mut event = event.clone();
                event.name = stored.metadata.name;
                event.count = stored.count.max(1);
                self.correlator.confirm(&event);
                Ok(())
            }
            // An earlier try got through, and only its answer did not.
            Err(Failure::Refused { code: 409, .. }) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn update(&self, event: &Occurrence) -> Result<Stored, Failure> {
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

    async fn create(&self, event: &Occurrence) -> Result<Stored, Failure> {
        // Upstream's combined events do not say who reports them.
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

fn collection(event: &Occurrence) -> String {
    format!("/api/v1/namespaces/{}/events", encode(&event.key.namespace))
}
