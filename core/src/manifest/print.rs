//! Prints an object as YAML, with its fields in the API's order.

use serde::Serialize;

use crate::api::hpa::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus,
};
use crate::api::meta::ObjectMeta;

use super::notation::print;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: &'a ObjectMeta,
    spec: &'a HorizontalPodAutoscalerSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a HorizontalPodAutoscalerStatus>,
}

/// Prints an autoscaler as an `autoscaling/v2` manifest; parsing it gives the same autoscaler.
#[must_use]
pub fn print_hpa(hpa: &HorizontalPodAutoscaler) -> String {
    print(&Printed {
        api_version: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: &hpa.metadata,
        spec: &hpa.spec,
        status: hpa.status.as_ref(),
    })
}
