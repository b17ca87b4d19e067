//! Who of several controllers acts: the one that holds a Lease.
//!
//! Upstream: client-go, `tools/leaderelection/leaderelection.go`. Clocks of different machines are
//! not compared: a holder counts as gone when its record has not changed for a Lease's duration of
//! our own clock.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::time::Timestamp;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::backoff::random;
use super::client::{Call, Client, Failure, encode};
use super::clock::Clock;
use super::telemetry::Telemetry;

const RESOURCE: &str = "leases.coordination.k8s.io";

/// The Lease and who wants it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Who we are; no other candidate may have the same.
    pub(crate) identity: String,
    /// How long others wait after the last renewal.
    pub(crate) duration: Duration,
    /// How long after the last renewal we go on acting; shorter than `duration`.
    pub(crate) deadline: Duration,
    /// Time between two attempts.
    pub(crate) retry: Duration,
}

/// `coordination.k8s.io/v1` Lease.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Lease {
    api_version: String,
    kind: String,
    metadata: serde_json::Value,
    spec: Spec,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    holder_identity: Option<String>,
    lease_duration_seconds: Option<i64>,
    acquire_time: Option<String>,
    renew_time: Option<String>,
    lease_transitions: Option<i64>,
}

/// Another candidate's record, and since when it has not changed.
type Seen = Option<(Spec, Instant)>;

impl Candidate {
    /// Waits until we hold the Lease.
    pub(crate) async fn acquire(&self) {
        let mut seen = None;
        loop {
            match self.attempt(&mut seen).await {
                Ok(true) => {
                    self.telemetry.leading(true);
                    return;
                }
                Ok(false) => self.telemetry.leading(false),
                Err(failure) => {
                    tracing::warn!(lease = self.name, error = %failure, "the Lease could not be had");
                }
            }
            // Jitter as upstream, so that candidates do not march in step.
            sleep(self.retry.mul_f64(1.0 + random() * 1.2)).await;
        }
    }

    /// Renews the Lease until it is lost, or `stop` says so; writes are allowed only while
    /// `permit` is true, which ends before another candidate may begin.
    pub(crate) async fn hold(&self, permit: &watch::Sender<bool>, mut stop: watch::Receiver<bool>) {
        let mut renewed = Instant::now();
        let mut seen = None;
        permit.send_replace(true);
        loop {
            let stopped = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => true,
                () = sleep_until((Instant::now() + self.retry).min(renewed + self.deadline)) => false,
            };
            if stopped {
                return;
            }
            let begin = Instant::now();
            match timeout_at(renewed + self.deadline, self.attempt(&mut seen)).await {
                Ok(Ok(true)) => renewed = begin,
                Ok(Ok(false)) => {
                    tracing::warn!(lease = self.name, "another one holds the Lease now");
                    break;
                }
                Ok(Err(failure)) if renewed.elapsed() < self.deadline => {
                    tracing::warn!(lease = self.name, error = %failure, "the Lease was not renewed");
                }
                Ok(Err(_)) | Err(_) => {
                    tracing::warn!(lease = self.name, "the Lease was not renewed in time");
                    break;
                }
            }
        }
        permit.send_replace(false);
        self.telemetry.leading(false);
    }

    /// Gives the Lease back, so that another candidate need not wait for its end.
    pub(crate) async fn release(&self) {
        let release = async {
            let mut lease = self.read().await?;
            if lease.spec.holder_identity.as_deref() != Some(&self.identity) {
                return Ok(());
            }
            lease.spec.holder_identity = Some(String::new());
            lease.spec.lease_duration_seconds = Some(1);
            lease.spec.renew_time = Some(self.now());
            self.write(&lease).await
        };
        if let Err(failure) = release.await {
            tracing::warn!(lease = self.name, error = %failure, "the Lease was not released");
        }
        self.telemetry.leading(false);
    }

    /// Gets or renews the Lease; false if another one holds it.
    async fn attempt(&self, seen: &mut Seen) -> Result<bool, Failure> {
        let mut lease = match self.read().await {
            Ok(lease) => lease,
            Err(failure) if failure.is_not_found() => return self.create().await,
            Err(failure) => return Err(failure),
        };
        let holder = lease.spec.holder_identity.clone().unwrap_or_default();
        let is_ours = holder == self.identity;
        if !is_ours && !holder.is_empty() {
            let since = match seen {
                Some((spec, since)) if *spec == lease.spec => *since,
                _ => {
                    let now = Instant::now();
                    *seen = Some((lease.spec.clone(), now));
                    now
                }
            };
            let theirs = lease.spec.lease_duration_seconds.unwrap_or(0);
            let theirs = Duration::from_secs(theirs.try_into().unwrap_or(0));
            if since.elapsed() < theirs.max(self.duration) {
                return Ok(false);
            }
        }
        let now = self.now();
        let transitions = lease.spec.lease_transitions.unwrap_or(0);
        lease.spec = Spec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: Some(self.seconds()),
            acquire_time: if is_ours {
                lease.spec.acquire_time
            } else {
                Some(now.clone())
            },
            renew_time: Some(now),
            lease_transitions: Some(transitions + i64::from(!is_ours)),
        };
        match self.write(&lease).await {
            Ok(()) => Ok(true),
            // Someone was quicker.
            Err(failure) if failure.is_conflict() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn create(&self) -> Result<bool, Failure> {
        let now = self.now();
        let lease = Lease {
            api_version: String::from("coordination.k8s.io/v1"),
            kind: String::from("Lease"),
            metadata: json!({"name": self.name, "namespace": self.namespace}),
            spec: Spec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: Some(self.seconds()),
                acquire_time: Some(now.clone()),
                renew_time: Some(now),
                lease_transitions: Some(0),
            },
        };
        let content = serde_json::to_vec(&lease).unwrap_or_default();
        let call = Call::json(Method::POST, self.root(), RESOURCE, "", content);
        match self.client.bytes(call).await {
            Ok(_) => Ok(true),
            Err(Failure::Refused { code: 409, .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn read(&self) -> Result<Lease, Failure> {
        let call = Call::get(self.path(), RESOURCE, &self.name);
        self.client.call(call).await
    }

    /// Replaces the Lease; the version in its metadata makes a second writer fail.
    async fn write(&self, lease: &Lease) -> Result<(), Failure> {
        let content = serde_json::to_vec(lease).unwrap_or_default();
        let call = Call::json(Method::PUT, self.path(), RESOURCE, &self.name, content);
        self.client.bytes(call).await.map(drop)
    }

    fn root(&self) -> String {
        let namespace = encode(&self.namespace);
        format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases")
    }

    fn path(&self) -> String {
        format!("{}/{}", self.root(), encode(&self.name))
    }

    fn seconds(&self) -> i64 {
        self.duration
            .as_secs()
            .max(1)
            .try_into()
            .unwrap_or(i64::MAX)
    }

    /// The time as `metav1.MicroTime`.
    fn now(&self) -> String {
        let Timestamp(millis) = self.clock.now();
        let seconds = Timestamp(millis).to_rfc3339_seconds();
        let fraction = millis.rem_euclid(1_000);
        format!("{}.{fraction:03}000Z", seconds.trim_end_matches('Z'))
    }
}
