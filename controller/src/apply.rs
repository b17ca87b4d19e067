//! The writes of one sync: the scale and the status.
//!
//! Upstream: `horizontal.go`, `updateStatus`; client-go, `retry.RetryOnConflict`.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::Status;
use http::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::api_objects::{HpaObject, ScaleObject};
use crate::backoff::random;
use crate::client::{Call, Client, Failure, encode};
use crate::hpa_store::Hpa;
use crate::observe::ScaleHandle;
use crate::write_permit::WritePermit;

/// How often a write is attempted when it conflicts with someone else's.
const ATTEMPTS: u32 = 5;
/// The wait between two attempts, plus up to a tenth of jitter.
const WAIT: Duration = Duration::from_millis(10);

/// Writes `replicas` through the scale subresource. On a conflict, reads the scale again and writes
/// the same count.
pub(crate) async fn scale(
    client: &Client,
    permit: &WritePermit,
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

/// Replaces the status that was read.
///
/// A merge patch conditional on the resource version: like an update it fails if the object has
/// changed, but it does not need the rest of the object, which is not kept in memory.
pub(crate) async fn status(
    client: &Client,
    permit: &WritePermit,
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

/// The status with every field, since a merge patch keeps the fields that it omits.
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

/// The result in the form that the algorithm takes.
pub(crate) fn with_text(result: &Result<(), Failure>) -> Result<(), Arc<str>> {
    result.as_ref().copied().map_err(Failure::text)
}
