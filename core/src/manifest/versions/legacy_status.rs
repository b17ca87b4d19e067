//! Metrics as last read, of `autoscaling/v1`, where they stand in an annotation, and of
//! `autoscaling/v2beta1`.
//!
//! Upstream: `pkg/apis/autoscaling/v1/conversion.go` and `pkg/apis/autoscaling/v2beta1/conversion.go`,
//! `Convert_…MetricStatus…`.

use serde::Serialize;

use crate::api::LabelSelector;
use crate::api::hpa::{
    ContainerResourceMetricStatus, CrossVersionObjectReference, ExternalMetricStatus,
    MetricIdentifier, MetricStatus, MetricValueStatus, ObjectMetricStatus, PodsMetricStatus,
    ResourceMetricStatus,
};
use crate::quantity::Quantity;

/// A metric as last read; its fields stand in the order in which Go writes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyReading {
    pub(in crate::manifest) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) object: Option<LegacyObjectReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) pods: Option<LegacyPodsReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) resource: Option<LegacyResourceReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) container_resource: Option<LegacyContainerResourceReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) external: Option<LegacyExternalReading>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyObjectReading {
    pub(in crate::manifest) target: CrossVersionObjectReference,
    pub(in crate::manifest) metric_name: String,
    pub(in crate::manifest) current_value: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) selector: Option<LabelSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) average_value: Option<Quantity>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyPodsReading {
    pub(in crate::manifest) metric_name: String,
    pub(in crate::manifest) current_average_value: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) selector: Option<LabelSelector>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyResourceReading {
    pub(in crate::manifest) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) current_average_utilization: Option<i32>,
    pub(in crate::manifest) current_average_value: Quantity,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyContainerResourceReading {
    pub(in crate::manifest) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) current_average_utilization: Option<i32>,
    pub(in crate::manifest) current_average_value: Quantity,
    pub(in crate::manifest) container: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyExternalReading {
    pub(in crate::manifest) metric_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) metric_selector: Option<LabelSelector>,
    pub(in crate::manifest) current_value: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) current_average_value: Option<Quantity>,
}

fn identifier(name: String, selector: Option<LabelSelector>) -> MetricIdentifier {
    MetricIdentifier { name, selector }
}

fn of_pods(average_utilization: Option<i32>, average_value: Quantity) -> MetricValueStatus {
    MetricValueStatus {
        value: None,
        average_value: Some(average_value),
        average_utilization,
    }
}

fn of_all(value: Quantity, average_value: Option<Quantity>) -> MetricValueStatus {
    MetricValueStatus {
        value: Some(value),
        average_value,
        average_utilization: None,
    }
}

impl LegacyReading {
    /// The reading in `autoscaling/v2`; each source is converted, whatever the type says.
    pub(super) fn into_v2(self) -> MetricStatus {
        MetricStatus {
            r#type: self.r#type,
            object: self.object.map(|object| ObjectMetricStatus {
                metric: identifier(object.metric_name, object.selector),
                current: of_all(object.current_value, object.average_value),
                described_object: object.target,
            }),
            pods: self.pods.map(|pods| PodsMetricStatus {
                metric: identifier(pods.metric_name, pods.selector),
                current: of_pods(None, pods.current_average_value),
            }),
            resource: self.resource.map(|resource| ResourceMetricStatus {
                name: resource.name,
                current: of_pods(
                    resource.current_average_utilization,
                    resource.current_average_value,
                ),
            }),
            container_resource: self.container_resource.map(|resource| {
                ContainerResourceMetricStatus {
                    name: resource.name,
                    current: of_pods(
                        resource.current_average_utilization,
                        resource.current_average_value,
                    ),
                    container: resource.container,
                }
            }),
            external: self.external.map(|external| ExternalMetricStatus {
                metric: identifier(external.metric_name, external.metric_selector),
                current: of_all(external.current_value, external.current_average_value),
            }),
        }
    }

    /// The reading of `autoscaling/v2` without what has no place here.
    pub(super) fn of_v2(status: &MetricStatus) -> Self {
        let whole = |current: &MetricValueStatus| current.value.clone().unwrap_or_default();
        let average =
            |current: &MetricValueStatus| current.average_value.clone().unwrap_or_default();
        Self {
            r#type: status.r#type.clone(),
            object: status.object.as_ref().map(|object| LegacyObjectReading {
                target: object.described_object.clone(),
                metric_name: object.metric.name.clone(),
                current_value: whole(&object.current),
                selector: object.metric.selector.clone(),
                average_value: object.current.average_value.clone(),
            }),
            pods: status.pods.as_ref().map(|pods| LegacyPodsReading {
                metric_name: pods.metric.name.clone(),
                current_average_value: average(&pods.current),
                selector: pods.metric.selector.clone(),
            }),
            resource: status
                .resource
                .as_ref()
                .map(|resource| LegacyResourceReading {
                    name: resource.name.clone(),
                    current_average_utilization: resource.current.average_utilization,
                    current_average_value: average(&resource.current),
                }),
            container_resource: status.container_resource.as_ref().map(|resource| {
                LegacyContainerResourceReading {
                    name: resource.name.clone(),
                    current_average_utilization: resource.current.average_utilization,
                    current_average_value: average(&resource.current),
                    container: resource.container.clone(),
                }
            }),
            external: status
                .external
                .as_ref()
                .map(|external| LegacyExternalReading {
                    metric_name: external.metric.name.clone(),
                    metric_selector: external.metric.selector.clone(),
                    current_value: whole(&external.current),
                    current_average_value: external.current.average_value.clone(),
                }),
        }
    }
}
