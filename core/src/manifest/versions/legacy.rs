//! The metrics of `autoscaling/v1`, where they stand in an annotation, and of `autoscaling/v2beta1`.
//!
//! Upstream: `pkg/apis/autoscaling/v1/conversion.go` and `pkg/apis/autoscaling/v2beta1/conversion.go`,
//! `Convert_…MetricSource…`; the types are those of `k8s.io/api/autoscaling/v1` and `v2beta1`.

use serde::Serialize;

use crate::api::LabelSelector;
use crate::api::hpa::{
    ContainerResourceMetricSource, CrossVersionObjectReference, ExternalMetricSource,
    MetricIdentifier, MetricSpec, MetricTarget, ObjectMetricSource, PodsMetricSource,
    ResourceMetricSource,
};
use crate::api::release::{Change, Rules};
use crate::quantity::Quantity;

/// A metric; its fields stand in the order in which Go writes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyMetric {
    pub(in crate::manifest) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) object: Option<LegacyObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) pods: Option<LegacyPods>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) resource: Option<LegacyResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) container_resource: Option<LegacyContainerResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) external: Option<LegacyExternal>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyObject {
    pub(in crate::manifest) target: CrossVersionObjectReference,
    pub(in crate::manifest) metric_name: String,
    pub(in crate::manifest) target_value: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) selector: Option<LabelSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) average_value: Option<Quantity>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyPods {
    pub(in crate::manifest) metric_name: String,
    pub(in crate::manifest) target_average_value: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) selector: Option<LabelSelector>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyResource {
    pub(in crate::manifest) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_average_utilization: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_average_value: Option<Quantity>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyContainerResource {
    pub(in crate::manifest) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_average_utilization: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_average_value: Option<Quantity>,
    pub(in crate::manifest) container: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct LegacyExternal {
    pub(in crate::manifest) metric_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) metric_selector: Option<LabelSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_value: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) target_average_value: Option<Quantity>,
}

const UTILIZATION: &str = "Utilization";
const VALUE: &str = "Value";
const AVERAGE_VALUE: &str = "AverageValue";

fn identifier(name: String, selector: Option<LabelSelector>) -> MetricIdentifier {
    MetricIdentifier { name, selector }
}

fn resource_target(utilization: Option<i32>, average: Option<Quantity>) -> MetricTarget {
    let r#type = if utilization.is_some() {
        UTILIZATION
    } else {
        AVERAGE_VALUE
    };
    MetricTarget {
        r#type: r#type.to_owned(),
        average_utilization: utilization,
        average_value: average,
        value: None,
    }
}

impl LegacyMetric {
    /// The metric in `autoscaling/v2`; each source is converted, whatever the type says.
    ///
    /// `rules` are those of `v1`; `v2beta1` keeps the zero value of an object metric in all
    /// releases.
    pub(super) fn into_v2(self, rules: Option<Rules>) -> MetricSpec {
        let drops_zero = rules.is_some_and(|rules| rules.has(Change::V1ZeroTarget));
        MetricSpec {
            r#type: self.r#type,
            object: self.object.map(|object| object.into_v2(drops_zero)),
            pods: self.pods.map(|pods| PodsMetricSource {
                metric: identifier(pods.metric_name, pods.selector),
                target: MetricTarget {
                    r#type: AVERAGE_VALUE.to_owned(),
                    average_value: Some(pods.target_average_value),
                    ..MetricTarget::default()
                },
            }),
            resource: self.resource.map(|resource| ResourceMetricSource {
                name: resource.name,
                target: resource_target(
                    resource.target_average_utilization,
                    resource.target_average_value,
                ),
            }),
            container_resource: self.container_resource.map(|resource| {
                ContainerResourceMetricSource {
                    name: resource.name,
                    target: resource_target(
                        resource.target_average_utilization,
                        resource.target_average_value,
                    ),
                    container: resource.container,
                }
            }),
            external: self.external.map(LegacyExternal::into_v2),
        }
    }

    /// The metric of `autoscaling/v2` without what has no place here.
    pub(super) fn of_v2(metric: &MetricSpec) -> Self {
        Self {
            r#type: metric.r#type.clone(),
            object: metric.object.as_ref().map(|object| LegacyObject {
                target: object.described_object.clone(),
                metric_name: object.metric.name.clone(),
                target_value: object.target.value.clone().unwrap_or_default(),
                selector: object.metric.selector.clone(),
                average_value: object.target.average_value.clone(),
            }),
            pods: metric.pods.as_ref().map(|pods| LegacyPods {
                metric_name: pods.metric.name.clone(),
                target_average_value: pods.target.average_value.clone().unwrap_or_default(),
                selector: pods.metric.selector.clone(),
            }),
            resource: metric.resource.as_ref().map(|resource| LegacyResource {
                name: resource.name.clone(),
                target_average_utilization: resource.target.average_utilization,
                target_average_value: resource.target.average_value.clone(),
            }),
            container_resource: metric.container_resource.as_ref().map(|resource| {
                LegacyContainerResource {
                    name: resource.name.clone(),
                    target_average_utilization: resource.target.average_utilization,
                    target_average_value: resource.target.average_value.clone(),
                    container: resource.container.clone(),
                }
            }),
            external: metric.external.as_ref().map(|external| LegacyExternal {
                metric_name: external.metric.name.clone(),
                metric_selector: external.metric.selector.clone(),
                target_value: external.target.value.clone(),
                target_average_value: external.target.average_value.clone(),
            }),
        }
    }
}

impl LegacyObject {
    fn into_v2(self, drops_zero: bool) -> ObjectMetricSource {
        let r#type = if self.average_value.is_some() {
            AVERAGE_VALUE
        } else {
            VALUE
        };
        let is_unset = drops_zero && self.average_value.is_some() && self.target_value.sign() == 0;
        ObjectMetricSource {
            described_object: self.target,
            target: MetricTarget {
                r#type: r#type.to_owned(),
                value: (!is_unset).then_some(self.target_value),
                average_value: self.average_value,
                average_utilization: None,
            },
            metric: identifier(self.metric_name, self.selector),
        }
    }
}

impl LegacyExternal {
    fn into_v2(self) -> ExternalMetricSource {
        let r#type = if self.target_value.is_some() {
            VALUE
        } else {
            AVERAGE_VALUE
        };
        ExternalMetricSource {
            metric: identifier(self.metric_name, self.metric_selector),
            target: MetricTarget {
                r#type: r#type.to_owned(),
                value: self.target_value,
                average_value: self.target_average_value,
                average_utilization: None,
            },
        }
    }
}
