//! Leader election: of several controllers, only the one that holds a Lease acts.
//!
//! Upstream: client-go, `tools/leaderelection/leaderelection.go`. The clocks of different machines
//! are never compared: a leader counts as gone when its Lease has not changed for the Lease's
//! duration by our own clock.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::time::Timestamp;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::backoff::random;
use crate::client::{Call, Client, Failure, encode};
use crate::clock::Clock;
use crate::telemetry::Telemetry;

const RESOURCE: &str = "leases.coordination.k8s.io";

/// A controller that takes part in the election, and the Lease in question.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Our identity; unique among the candidates.
    pub(crate) identity: String,
    pub(crate) timing: Timing,
}

/// The intervals of leader election; they must be the same for all candidates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// How long the other candidates wait after the last renewal.
    pub(crate) lease_duration: Duration,
    /// How long the leader keeps acting after its last renewal; less than `lease_duration`.
    pub(crate) renew_deadline: Duration,
    /// The time between two attempts.
    pub(crate) retry_period: Duration,
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

/// Another candidate's Lease, and when it last changed by our clock.
type Seen = Option<(Spec, Instant)>;

impl Candidate {
    /// Waits until we hold the Lease.
    pub(crate) async fn acquire(&self) {
        let mut seen = None;
        let mut holder = None;
        loop {
            match self.attempt(&mut seen).await {
                Ok(true) => {
                    self.telemetry.set_leader(true);
                    return;
                }
                Ok(false) => {
                    self.telemetry.set_leader(false);
                    let current = seen.as_ref().map(|(spec, _)| spec.holder_identity.clone());
                    if holder != current {
                        let other = current.clone().flatten();
                        tracing::info!(lease = self.name, holder = other, "waiting for the Lease");
                        holder = current;
                    }
                }
                Err(failure) => {
                    tracing::warn!(lease = self.name, error = %failure, "the Lease could not be acquired");
                }
            }
            // Jitter as upstream, so that the candidates do not retry in lockstep.
            sleep(self.timing.retry_period.mul_f64(1.0 + random() * 1.2)).await;
        }
    }

    /// Renews the Lease until it is lost or `stop` becomes true. Writes are allowed only while
    /// `permit` is true, which ends before another candidate may acquire the Lease.
    pub(crate) async fn hold(&self, permit: &watch::Sender<bool>, mut stop: watch::Receiver<bool>) {
        let mut renewed = Instant::now();
        let mut seen = None;
        permit.send_replace(true);
        loop {
            let stopped = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => true,
                () = sleep_until((Instant::now() + self.timing.retry_period).min(renewed + self.timing.renew_deadline)) => false,
            };
            if stopped {
                return;
            }
            let begin = Instant::now();
            match timeout_at(
                renewed + self.timing.renew_deadline,
                self.attempt(&mut seen),
            )
            .await
            {
                Ok(Ok(true)) => renewed = begin,
                Ok(Ok(false)) => {
                    tracing::warn!(lease = self.name, "the Lease is held by another candidate");
                    break;
                }
                Ok(Err(failure)) if renewed.elapsed() < self.timing.renew_deadline => {
                    tracing::warn!(lease = self.name, error = %failure, "the Lease was not renewed");
                }
                Ok(Err(_)) | Err(_) => {
                    tracing::warn!(lease = self.name, "the Lease was not renewed in time");
                    break;
                }
            }
        }
        permit.send_replace(false);
        self.telemetry.set_leader(false);
    }

    /// Releases the Lease, so that another candidate need not wait until it expires.
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
        self.telemetry.set_leader(false);
    }

    /// Acquires or renews the Lease; false if another candidate holds it.
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
            if since.elapsed() < theirs.max(self.timing.lease_duration) {
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
            // Another candidate was faster.
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

    /// Replaces the Lease; the resource version in its metadata makes a concurrent write fail.
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
        self.timing
            .lease_duration
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

/// Runs `work` whenever we hold the Lease, until `stop` becomes true.
pub(crate) async fn lead<W>(
    candidate: &Candidate,
    permit: &watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
    work: impl Fn(watch::Receiver<bool>) -> W,
) where
    W: Future<Output = ()>,
{
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = candidate.acquire() => {}
        }
        tracing::info!(
            identity = candidate.identity,
            "acquired the Lease; histories start empty, as after a restart"
        );
        let (end, ended) = watch::channel(false);
        let (done, is_done) = watch::channel(false);
        let holding = async {
            candidate.hold(permit, is_done.clone()).await;
            end.send_replace(true);
        };
        let working = async {
            work(ended).await;
            done.send_replace(true);
        };
        // Keep the Lease until running syncs have written their results.
        let stopping = async {
            let mut over = is_done.clone();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => drop(end.send_replace(true)),
                _ = over.wait_for(|over| *over) => {}
            }
        };
        let ((), (), ()) = tokio::join!(holding, working, stopping);
        permit.send_replace(false);
        if *stop.borrow() {
            candidate.release().await;
            return;
        }
    }
}
