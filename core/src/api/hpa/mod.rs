//! `autoscaling/v2`: the HorizontalPodAutoscaler as written in manifests and as the API server stores it.

mod status;

use serde::{Deserialize, Serialize};

use super::{LabelSelector, ObjectMeta};
use crate::quantity::Quantity;

pub use status::{
    Condition, ContainerResourceMetricStatus, ExternalMetricStatus, HorizontalPodAutoscalerStatus,
    MetricStatus, MetricValueStatus, ObjectMetricStatus, PodsMetricStatus, ResourceMetricStatus,
};

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct HorizontalPodAutoscaler {
    /// Name, namespace, labels.
    pub metadata: ObjectMeta,
    /// The desired behavior.
    pub spec: HorizontalPodAutoscalerSpec,
    /// The most recently reported status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<HorizontalPodAutoscalerStatus>,
}

impl HorizontalPodAutoscaler {
    /// An autoscaler without a status.
    ///
    /// What manifests may leave out is filled by [`default_hpa`](crate::manifest::default_hpa), which
    /// the algorithm expects to have happened.
    ///
    /// ```
    /// use hpa_core::api::{
    ///     CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    ///     MetricSpec, MetricTarget, ObjectMeta,
    /// };
    /// use hpa_core::manifest;
    ///
    /// let target = CrossVersionObjectReference::new("apps/v1", "Deployment", "web");
    /// let cpu = MetricSpec::resource("cpu", MetricTarget::utilization(50));
    /// let spec = HorizontalPodAutoscalerSpec::new(target, 10).with_metric(cpu);
    /// let mut hpa = HorizontalPodAutoscaler::new(ObjectMeta::new("prod", "web"), spec);
    /// manifest::default_hpa(&mut hpa);
    /// assert_eq!(hpa.spec.min_replicas, Some(1));
    /// assert_eq!(manifest::validate_hpa(&hpa, &manifest::Options::default()), []);
    /// ```
    #[must_use]
    pub const fn new(metadata: ObjectMeta, spec: HorizontalPodAutoscalerSpec) -> Self {
        Self {
            metadata,
            spec,
            status: None,
        }
    }
}

/// The desired behavior of the autoscaler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct HorizontalPodAutoscalerSpec {
    /// The object whose replicas are scaled.
    pub scale_target_ref: CrossVersionObjectReference,
    /// Lower limit; default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_replicas: Option<i32>,
    /// Upper limit; required.
    pub max_replicas: i32,
    /// The metrics; the largest proposal wins; default CPU at 80 percent of request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricSpec>,
    /// Scaling rules; absent selects the algorithm without behavior, which differs from that with default rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behavior: Option<Behavior>,
}

impl HorizontalPodAutoscalerSpec {
    /// `minReplicas` where a manifest leaves it out.
    pub const DEFAULT_MIN_REPLICAS: i32 = 1;

    /// What is scaled, and its upper limit.
    #[must_use]
    pub fn new(scale_target_ref: CrossVersionObjectReference, max_replicas: i32) -> Self {
        Self {
            scale_target_ref,
            max_replicas,
            ..Self::default()
        }
    }

    /// With a lower limit.
    #[must_use]
    pub fn with_min_replicas(self, min_replicas: i32) -> Self {
        Self {
            min_replicas: Some(min_replicas),
            ..self
        }
    }

    /// With one more metric.
    #[must_use]
    pub fn with_metric(mut self, metric: MetricSpec) -> Self {
        self.metrics.push(metric);
        self
    }

    /// With scaling rules.
    #[must_use]
    pub fn with_behavior(self, behavior: Behavior) -> Self {
        Self {
            behavior: Some(behavior),
            ..self
        }
    }

    /// The lower limit: `minReplicas`, or its default.
    #[must_use]
    pub fn lower_limit(&self) -> i32 {
        self.min_replicas.unwrap_or(Self::DEFAULT_MIN_REPLICAS)
    }
}

/// A reference to another object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CrossVersionObjectReference {
    /// The object's kind.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// Its group and version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
}

impl CrossVersionObjectReference {
    /// Group and version (such as `apps/v1`), kind and name of an object.
    #[must_use]
    pub fn new(
        api_version: impl Into<String>,
        kind: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            kind: kind.into(),
            name: name.into(),
            api_version: api_version.into(),
        }
    }
}

/// One metric source with its target; `type` selects one of the five fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricSpec {
    /// `Object`, `Pods`, `Resource`, `ContainerResource` or `External`.
    pub r#type: String,
    /// A metric that describes one object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectMetricSource>,
    /// A metric of each pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<PodsMetricSource>,
    /// CPU or memory of whole pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceMetricSource>,
    /// CPU or memory of one container of each pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_resource: Option<ContainerResourceMetricSource>,
    /// A metric that is not associated with a Kubernetes object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalMetricSource>,
}

impl MetricSpec {
    /// CPU or memory of whole pods.
    #[must_use]
    pub fn resource(name: impl Into<String>, target: MetricTarget) -> Self {
        let name = name.into();
        Self {
            r#type: String::from("Resource"),
            resource: Some(ResourceMetricSource { name, target }),
            ..Self::default()
        }
    }

    /// CPU or memory of one container of each pod.
    #[must_use]
    pub fn container_resource(
        name: impl Into<String>,
        container: impl Into<String>,
        target: MetricTarget,
    ) -> Self {
        Self {
            r#type: String::from("ContainerResource"),
            container_resource: Some(ContainerResourceMetricSource {
                name: name.into(),
                target,
                container: container.into(),
            }),
            ..Self::default()
        }
    }

    /// A metric of each pod, averaged over the pods.
    #[must_use]
    pub fn pods(metric: MetricIdentifier, target: MetricTarget) -> Self {
        Self {
            r#type: String::from("Pods"),
            pods: Some(PodsMetricSource { metric, target }),
            ..Self::default()
        }
    }

    /// A metric that describes one object.
    #[must_use]
    pub fn object(
        described_object: CrossVersionObjectReference,
        metric: MetricIdentifier,
        target: MetricTarget,
    ) -> Self {
        Self {
            r#type: String::from("Object"),
            object: Some(ObjectMetricSource {
                described_object,
                target,
                metric,
            }),
            ..Self::default()
        }
    }

    /// A metric that is not associated with a Kubernetes object.
    #[must_use]
    pub fn external(metric: MetricIdentifier, target: MetricTarget) -> Self {
        Self {
            r#type: String::from("External"),
            external: Some(ExternalMetricSource { metric, target }),
            ..Self::default()
        }
    }
}

/// A metric that describes one object, such as requests per second of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ObjectMetricSource {
    /// The object described.
    pub described_object: CrossVersionObjectReference,
    /// The target.
    pub target: MetricTarget,
    /// Which metric.
    pub metric: MetricIdentifier,
}

/// A metric of each pod, averaged over the pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodsMetricSource {
    /// Which metric.
    pub metric: MetricIdentifier,
    /// The target.
    pub target: MetricTarget,
}

/// CPU or memory of whole pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ResourceMetricSource {
    /// The resource's name.
    pub name: String,
    /// The target.
    pub target: MetricTarget,
}

/// CPU or memory of one container of each pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ContainerResourceMetricSource {
    /// The resource's name.
    pub name: String,
    /// The target.
    pub target: MetricTarget,
    /// The container's name.
    pub container: String,
}

/// A metric that is not associated with a Kubernetes object, such as the length of a queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ExternalMetricSource {
    /// Which metric.
    pub metric: MetricIdentifier,
    /// The target.
    pub target: MetricTarget,
}

/// A metric's name and a selector of its series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricIdentifier {
    /// The metric's name.
    pub name: String,
    /// Selects among its series; absent means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
}

impl MetricIdentifier {
    /// All series of a metric, or those that `selector` selects.
    #[must_use]
    pub fn new(name: impl Into<String>, selector: Option<LabelSelector>) -> Self {
        let name = name.into();
        Self { name, selector }
    }
}

/// The target of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricTarget {
    /// `Utilization`, `Value` or `AverageValue`.
    pub r#type: String,
    /// The whole value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Quantity>,
    /// The value per pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_value: Option<Quantity>,
    /// Percent of the request, averaged over the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_utilization: Option<i32>,
}

impl MetricTarget {
    /// Percent of the request, averaged over the pods.
    #[must_use]
    pub fn utilization(percent: i32) -> Self {
        Self {
            r#type: String::from("Utilization"),
            average_utilization: Some(percent),
            ..Self::default()
        }
    }

    /// A value per pod.
    #[must_use]
    pub fn average_value(value: Quantity) -> Self {
        Self {
            r#type: String::from("AverageValue"),
            average_value: Some(value),
            ..Self::default()
        }
    }

    /// A whole value.
    #[must_use]
    pub fn value(value: Quantity) -> Self {
        Self {
            r#type: String::from("Value"),
            value: Some(value),
            ..Self::default()
        }
    }
}

/// Scaling rules for both directions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Behavior {
    /// Rules for adding pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_up: Option<ScalingRules>,
    /// Rules for removing pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down: Option<ScalingRules>,
}

impl Behavior {
    /// With rules for adding pods.
    #[must_use]
    pub fn with_scale_up(self, rules: ScalingRules) -> Self {
        Self {
            scale_up: Some(rules),
            ..self
        }
    }

    /// With rules for removing pods.
    #[must_use]
    pub fn with_scale_down(self, rules: ScalingRules) -> Self {
        Self {
            scale_down: Some(rules),
            ..self
        }
    }
}

/// Scaling rules for one direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ScalingRules {
    /// Seconds of past recommendations that are considered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilization_window_seconds: Option<i32>,
    /// `Max`, `Min` or `Disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select_policy: Option<String>,
    /// Limits on the rate of change; an empty list differs from an absent one, although the API
    /// prints both alike.
    #[serde(skip_serializing_if = "is_empty")]
    pub policies: Option<Vec<ScalingPolicy>>,
    /// Tolerance of this direction, a fraction; absent means the controller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Quantity>,
}

impl ScalingRules {
    /// With a stabilization window \[s\].
    #[must_use]
    pub fn with_stabilization_window_seconds(self, seconds: i32) -> Self {
        Self {
            stabilization_window_seconds: Some(seconds),
            ..self
        }
    }

    /// With `Max`, `Min` or `Disabled`.
    #[must_use]
    pub fn with_select_policy(self, select_policy: impl Into<String>) -> Self {
        Self {
            select_policy: Some(select_policy.into()),
            ..self
        }
    }

    /// With one more policy; the first one replaces the default policies.
    #[must_use]
    pub fn with_policy(mut self, policy: ScalingPolicy) -> Self {
        self.policies.get_or_insert_default().push(policy);
        self
    }

    /// With a tolerance of its own, a fraction.
    #[must_use]
    pub fn with_tolerance(self, tolerance: Quantity) -> Self {
        Self {
            tolerance: Some(tolerance),
            ..self
        }
    }
}

#[expect(
    clippy::ref_option,
    reason = "serde's skip_serializing_if passes a reference to the field"
)]
fn is_empty(policies: &Option<Vec<ScalingPolicy>>) -> bool {
    policies.as_ref().is_none_or(Vec::is_empty)
}

/// One limit on the speed of change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ScalingPolicy {
    /// `Pods` or `Percent`.
    pub r#type: String,
    /// Pods, or percent of the replicas at the start of the period.
    pub value: i32,
    /// Length of the sliding period \[s\].
    pub period_seconds: i32,
}

impl ScalingPolicy {
    /// A number of pods in a period \[s\].
    #[must_use]
    pub fn pods(value: i32, period_seconds: i32) -> Self {
        Self {
            r#type: String::from("Pods"),
            value,
            period_seconds,
        }
    }

    /// Percent of the replicas at the start of the period in a period \[s\].
    #[must_use]
    pub fn percent(value: i32, period_seconds: i32) -> Self {
        Self {
            r#type: String::from("Percent"),
            value,
            period_seconds,
        }
    }
}
