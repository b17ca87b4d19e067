//! All writes of one sync: the scale, the status.
//!
//! Upstream: `horizontal.go`, `updateStatus`; client-go, `retry.RetryOnConflict`.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::Status;
use http::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;

use super::api_objects::{HpaObject, ScaleObject};
use super::backoff::random;
use super::client::{Call, Client, Failure, encode};
use super::hpa_store::Hpa;
use super::observe::ScaleHandle;

/// How often a write is tried when someone else changed the object in between.
const ATTEMPTS: u32 = 5;
/// The wait between two tries, up to a tenth longer at random.
const WAIT: Duration = Duration::from_millis(10);

/// Says whether this process may write: while it holds the Lease, where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Permit(pub(crate) watch::Receiver<bool>);

impl Permit {
    /// Does `write`, unless it is not allowed, or ceases to be meanwhile.
    pub(crate) async fn guard<T>(
        &self,
        write: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut allowed = self.0.clone();
        tokio::select! {
            biased;
            // An error means that whoever decides is gone: then nothing is allowed.
            _ = allowed.wait_for(|allowed| !allowed) => Err(Failure::NotAllowed),
            result = write => result,
        }
    }
}

/// Writes `replicas` through the scale subresource. When someone else changed it meanwhile, it is
/// read again and the same count is written.
pub(crate) async fn scale(
    client: &Client,
    permit: &Permit,
    handle: &ScaleHandle,
    replicas: i32,
) -> Result<(), Failure> {
    let name = handle.object.metadata.name.as_str();
    let mut object = handle.object.clone();
    for attempt in 1.. {
        object.spec.replicas = replicas;
        let content = serde_json::to_vec(&object).unwrap_or_default();
        let path = handle.path.clone();
        let call = Call::json(Method::PUT, path, &handle.resource, name, content);
        match permit.guard(client.bytes(call)).await {
            Err(failure) if failure.is_conflict() && attempt < ATTEMPTS => {
                sleep(WAIT.mul_f64(1.0 + random() / 10.0)).await;
                let call = Call::get(handle.path.clone(), &handle.resource, name);
                object = client.call::<ScaleObject>(call).await?;
            }
            result => return result.map(drop),
        }
    }
    Ok(())
}

/// Stores a status over the one that was read.
///
/// A merge patch that names the version it was made over: it fails as an update would when the
/// object has changed, without the rest of the object having to be kept in memory.
pub(crate) async fn status(
    client: &Client,
    permit: &Permit,
    hpa: &Hpa,
    status: &Status,
) -> Result<HpaObject, Failure> {
    let path = format!(
        "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers/{}/status",
        encode(&hpa.key.namespace),
        encode(&hpa.key.name)
    );
    let content = json!({
        "metadata": {"resourceVersion": &*hpa.resource_version, "uid": &*hpa.uid},
        "status": patch(status),
    });
    let content = content.to_string().into_bytes();
    let resource = "horizontalpodautoscalers.autoscaling";
    let call = Call::json(Method::PATCH, path, resource, &hpa.key.name, content);
    permit.guard(client.call(call)).await
}

/// The status with every field: in a merge patch, what is absent stays as it was.
fn patch(status: &Status) -> serde_json::Value {
    let mut value = serde_json::to_value(status.to_api()).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        for field in [
            "observedGeneration",
            "lastScaleTime",
            "currentMetrics",
            "conditions",
        ] {
            fields.entry(field).or_insert(serde_json::Value::Null);
        }
    }
    value
}

/// The failure as the algorithm takes it.
pub(crate) fn text(result: &Result<(), Failure>) -> Result<(), Arc<str>> {
    result.as_ref().copied().map_err(Failure::text)
}
