//! Kubernetes events about autoscalers: written aside, counted where they repeat, limited where
//! they flood.
//!
//! Upstream: client-go, `tools/record/events_cache.go` (`eventLogger`, `EventSourceObjectSpamFilter`)
//! and `event.go` (`recordToSink`).

use std::collections::BTreeMap;
use std::sync::Arc;

use hpa_core::autoscaler::Event;
use hpa_core::time::{Duration, Timestamp};
use http::Method;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::apply::Permit;
use super::client::{Call, Client, Failure, encode};
use super::clock::Clock;
use super::hpas::Hpa;
use super::objects::Key;
use super::telemetry::Telemetry;

/// How many events may wait. Upstream: 1,000.
const QUEUE: usize = 10_000;
/// How many different events are remembered. Upstream: `maxLruCacheEntries`.
const REMEMBERED: usize = 4_096;
/// How many events about one object may come at once, and how long until one more may.
/// Upstream: `defaultSpamBurst`, `defaultSpamQPS`.
pub(crate) const BURST: f64 = 25.0;
const REFILL_MILLIS: f64 = 300_000.0;
/// How often an event is tried. Upstream: `maxTriesPerEvent`.
const TRIES: u32 = 12;
/// Who the events are from: tools look for upstream's name.
const COMPONENT: &str = "horizontal-pod-autoscaler";

/// Takes events in.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    queue: mpsc::Sender<Note>,
    clock: Clock,
    telemetry: Arc<Telemetry>,
}

/// An event to be written.
#[derive(Clone, Debug)]
struct Note {
    key: Key,
    uid: Arc<str>,
    version: Arc<str>,
    kind: String,
    reason: String,
    message: String,
    at: Timestamp,
}

/// Writes events.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Receiver<Note>,
    client: Client,
    permit: Permit,
    telemetry: Arc<Telemetry>,
    burst: f64,
    retry: std::time::Duration,
    seen: BTreeMap<Identity, Seen>,
    buckets: BTreeMap<Arc<str>, Bucket>,
    written: u64,
}

/// What makes two events the same.
type Identity = (Arc<str>, String, String, String);

#[derive(Debug)]
struct Seen {
    name: String,
    count: u32,
    used: u64,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// An end to which events go, and the writer at the other. About one object, `burst` may come at
/// once; a failed write is tried again after `retry`.
pub(crate) fn channel(
    client: Client,
    permit: Permit,
    clock: Clock,
    telemetry: Arc<Telemetry>,
    burst: f64,
    retry: std::time::Duration,
) -> (Events, Writer) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let events = Events {
        queue: sender,
        clock,
        telemetry: Arc::clone(&telemetry),
    };
    let writer = Writer {
        queue: receiver,
        client,
        permit,
        telemetry,
        burst,
        retry,
        seen: BTreeMap::new(),
        buckets: BTreeMap::new(),
        written: 0,
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
        let note = Note {
            key: hpa.key.clone(),
            uid: Arc::clone(&hpa.uid),
            version: Arc::clone(&hpa.resource_version),
            kind,
            reason,
            message,
            at: self.clock.now(),
        };
        if self.queue.try_send(note).is_err() {
            self.telemetry.event_dropped("queue_full");
        }
    }
}

impl Writer {
    /// Writes events until all who could emit one are gone.
    pub(crate) async fn run(mut self) {
        while let Some(note) = self.queue.recv().await {
            if !self.take_token(&note) {
                self.telemetry.event_dropped("flood");
                continue;
            }
            self.written += 1;
            for attempt in 1..=TRIES {
                match self.write(&note).await {
                    Ok(()) => break,
                    Err(failure) if failure.may_pass() && attempt < TRIES => {
                        sleep(self.retry).await;
                    }
                    Err(failure) => {
                        tracing::warn!(hpa = %note.key, reason = note.reason, error = %failure, "an event was not written");
                        self.telemetry.event_dropped("refused");
                        break;
                    }
                }
            }
        }
    }

    /// Whether one more event about this object may be written.
    fn take_token(&mut self, note: &Note) -> bool {
        if self.buckets.len() > REMEMBERED {
            let burst = self.burst;
            // Full buckets say no more than absent ones.
            self.buckets
                .retain(|_, bucket| bucket.refilled(note.at, burst) < burst);
        }
        let bucket = self.buckets.entry(Arc::clone(&note.uid)).or_insert(Bucket {
            tokens: self.burst,
            at: note.at,
        });
        bucket.tokens = bucket.refilled(note.at, self.burst);
        bucket.at = note.at;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    async fn write(&mut self, note: &Note) -> Result<(), Failure> {
        let identity = (
            Arc::clone(&note.uid),
            note.kind.clone(),
            note.reason.clone(),
            note.message.clone(),
        );
        let root = format!("/api/v1/namespaces/{}/events", encode(&note.key.namespace));
        let time = note.at.to_rfc3339_seconds();
        if let Some(seen) = self.seen.get_mut(&identity) {
            let content = json!({"count": seen.count + 1, "lastTimestamp": time}).to_string();
            let path = format!("{root}/{}", encode(&seen.name));
            let call = Call::json(
                Method::PATCH,
                path,
                "events",
                &seen.name,
                content.into_bytes(),
            );
            match self.permit.guard(self.client.bytes(call)).await {
                Ok(_) => {
                    seen.count += 1;
                    seen.used = self.written;
                    return Ok(());
                }
                // The server forgets events after an hour: this one begins anew.
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => return Err(failure),
            }
        }
        let name = format!(
            "{}.{:x}{:04x}",
            note.key.name,
            note.at.0,
            self.written & 0xffff
        );
        let content = json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": &*note.key.namespace},
            "involvedObject": {
                "kind": "HorizontalPodAutoscaler",
                "apiVersion": "autoscaling/v2",
                "namespace": &*note.key.namespace,
                "name": &*note.key.name,
                "uid": &*note.uid,
                "resourceVersion": &*note.version,
            },
            "type": note.kind,
            "reason": note.reason,
            "message": note.message,
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "reportingInstance": "",
            "firstTimestamp": time,
            "lastTimestamp": time,
            "count": 1,
        })
        .to_string();
        let call = Call::json(Method::POST, root, "events", "", content.into_bytes());
        match self.permit.guard(self.client.bytes(call)).await {
            // With a conflict an earlier try got through, and only its answer did not.
            Ok(_) | Err(Failure::Refused { code: 409, .. }) => {}
            Err(failure) => return Err(failure),
        }
        if self.seen.len() >= REMEMBERED {
            let oldest = self.seen.iter().min_by_key(|(_, seen)| seen.used);
            if let Some(identity) = oldest.map(|(identity, _)| identity.clone()) {
                self.seen.remove(&identity);
            }
        }
        let seen = Seen {
            name,
            count: 1,
            used: self.written,
        };
        self.seen.insert(identity, seen);
        Ok(())
    }
}

impl Bucket {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds between two events are far below 2^52"
    )]
    fn refilled(&self, now: Timestamp, burst: f64) -> f64 {
        let Duration(passed) = now - self.at;
        let refill = passed.max(0) as f64 / REFILL_MILLIS;
        (self.tokens + refill).min(burst)
    }
}
