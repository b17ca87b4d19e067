//! The writes of one sync: the scale and the status.
//!
//! Upstream: `horizontal.go`, `updateStatus`; client-go, `retry.RetryOnConflict`.

use std::sync::Arc;
use std::time::Duration;

use hpa_core::api::HorizontalPodAutoscalerStatus;
use hpa_core::autoscaler::{AfterFailure, Rules, ScaleWrites};
use http::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::api_objects::{HpaObject, ScaleObject};
use crate::backoff::random;
use crate::client::{Call, Client, Failure, encode};
use crate::hpa_store::Hpa;
use crate::observe::ScaleHandle;
use crate::write_permit::WritePermit;

/// Writes `replicas` through the scale subresource. On a conflict, the rules decide whether the scale
/// is read again and the same count written to it.
pub(crate) async fn scale(
    client: &Client,
    permit: &WritePermit,
    handle: &ScaleHandle,
    replicas: i32,
    rules: Rules,
) -> Result<(), Failure> {
    let name = handle.object.metadata.name.as_str();
    let mut object = handle.object.clone();
    let mut writes = ScaleWrites::new(rules);
    loop {
        object.spec.replicas = replicas;
        let content = serde_json::to_vec(&object).unwrap_or_default();
        let path = handle.path.clone();
        let call = Call::json(Method::PUT, path, &handle.resource, name, content);
        let Err(failure) = permit.guard(client.bytes(call)).await else {
            return Ok(());
        };
        match writes.failed(failure.is_conflict()) {
            AfterFailure::ReadAndWrite => {
                let call = Call::get(handle.path.clone(), &handle.resource, name);
                if let Ok(read) = client.call::<ScaleObject>(call).await {
                    object = read;
                }
                let pause = Duration::from_millis(ScaleWrites::PAUSE.0.unsigned_abs());
                sleep(pause.mul_f64(1.0 + random() / 10.0)).await;
            }
            // What upstream reads after its last write it does not use.
            AfterFailure::GiveUp | AfterFailure::ReadAndGiveUp => return Err(failure),
        }
    }
}

/// Replaces the status that was read.
///
/// A merge patch conditional on the resource version: like an update it fails if the object has
/// changed, but it does not need the rest of the object, which is not kept in memory.
pub(crate) async fn status(
    client: &Client,
    permit: &WritePermit,
    hpa: &Hpa,
    status: &HorizontalPodAutoscalerStatus,
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
fn patch(status: &HorizontalPodAutoscalerStatus) -> serde_json::Value {
    let mut value = serde_json::to_value(status).unwrap_or_default();
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
