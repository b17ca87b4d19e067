//! The autoscaler's specification, prepared for the algorithm: defaults filled in, targets as
//! numbers, names formatted for messages.

use std::fmt;
use std::sync::Arc;

use crate::api;
use crate::api::{CrossVersionObjectReference, MetricIdentifier, Selector, SelectorError};
use crate::time::SignedDuration;

pub use crate::api::Target;

/// A prepared specification, created once per change of the object, not once per sync.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spec {
    /// Namespace and name of the autoscaler itself.
    pub namespace: Arc<str>,
    /// The autoscaler's name.
    pub name: Arc<str>,
    /// `metadata.generation`, written into the status from 1.37 on.
    pub generation: i64,
    /// The target in messages: `Kind/namespace/name`.
    pub reference: Arc<str>,
    /// Lower limit.
    pub min_replicas: i32,
    /// Upper limit.
    pub max_replicas: i32,
    /// The metrics in the order of the manifest.
    pub metrics: Vec<Metric>,
    /// Scaling rules; `None` without behavior.
    pub behavior: Option<Behavior>,
}

/// Scaling rules for both directions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Behavior {
    /// Rules for adding pods.
    pub scale_up: ScalingRules,
    /// Rules for removing pods.
    pub scale_down: ScalingRules,
}

/// Scaling rules for one direction.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScalingRules {
    /// The stabilization window; `None` (only for scale-down) is the controller's default.
    pub stabilization_window: Option<SignedDuration>,
    /// Which policy applies.
    pub select_policy: SelectPolicy,
    /// The policies.
    pub policies: Vec<Policy>,
    /// Tolerance of this direction; `None` is the controller's default.
    pub tolerance: Option<f64>,
}

impl ScalingRules {
    /// The policies of one direction, of which the one that allows the largest change counts,
    /// with the controller's window and tolerance.
    #[must_use]
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Self {
        Self {
            stabilization_window: None,
            select_policy: SelectPolicy::Max,
            policies: policies.into_iter().collect(),
            tolerance: None,
        }
    }

    /// With a stabilization window.
    #[must_use]
    pub fn with_stabilization_window(self, window: SignedDuration) -> Self {
        Self {
            stabilization_window: Some(window),
            ..self
        }
    }

    /// With another choice among the policies.
    #[must_use]
    pub fn with_select_policy(self, select_policy: SelectPolicy) -> Self {
        Self {
            select_policy,
            ..self
        }
    }

    /// With a tolerance of its own, a fraction.
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self {
            tolerance: Some(tolerance),
            ..self
        }
    }

    /// The longest period among the policies; zero without any.
    ///
    /// Upstream: `getLongestPolicyPeriod`.
    #[must_use]
    pub fn longest_period(&self) -> SignedDuration {
        self.policies
            .iter()
            .map(|policy| policy.period)
            .fold(SignedDuration::ZERO, Ord::max)
    }
}

/// Which of several policies applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: no change in this direction.
    Disabled,
}

/// A scaling policy, which limits the rate of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The unit of `value`.
    pub kind: PolicyKind,
    /// Pods or percent.
    pub value: i32,
    /// Length of the sliding period.
    pub period: SignedDuration,
}

/// The unit of a policy's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Pods.
    Pods,
    /// Percent of the replicas at the start of the period.
    Percent,
}

/// One metric, prepared.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// The metric's identity, shared with the status.
    pub identity: Arc<MetricIdentity>,
    /// The target.
    pub target: Target,
    /// The metric's name in messages, such as `cpu resource utilization (percentage of request)`.
    pub name: Arc<str>,
    /// The parsed metric selector; resource metrics have none.
    pub selector: Result<Selector, SelectorError>,
}

/// The identity of a metric.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricIdentity {
    /// A resource of whole pods.
    Resource {
        /// The resource's name.
        resource: Arc<str>,
    },
    /// A resource of one container.
    ContainerResource {
        /// The resource's name.
        resource: Arc<str>,
        /// The container's name.
        container: Arc<str>,
    },
    /// A per-pod metric.
    Pods {
        /// Which metric.
        metric: MetricIdentifier,
    },
    /// A metric of one object.
    Object {
        /// Which metric.
        metric: MetricIdentifier,
        /// The object.
        described_object: CrossVersionObjectReference,
    },
    /// An external metric.
    External {
        /// Which metric.
        metric: MetricIdentifier,
    },
    /// An unknown type, which validation refuses.
    Unknown {
        /// The type as written.
        source_type: Arc<str>,
    },
}

impl Spec {
    /// The autoscaler `namespace/name` of one pod to `max_replicas`, without metrics and behavior.
    ///
    /// Whoever has the object uses [`Self::from_api`].
    ///
    /// ```
    /// use hpa_core::api::CrossVersionObjectReference;
    /// use hpa_core::autoscaler::spec::{Metric, MetricIdentity, Spec, Target};
    ///
    /// let target = CrossVersionObjectReference::new("apps/v1", "Deployment", "web");
    /// let resource = "cpu".into();
    /// let cpu = Metric::new(MetricIdentity::Resource { resource }, Target::Utilization(50));
    /// let spec = Spec::new("prod", "web", &target, 10).with_metric(cpu);
    /// assert_eq!(&*spec.reference, "Deployment/prod/web");
    /// assert_eq!(
    ///     &*spec.metrics[0].name,
    ///     "cpu resource utilization (percentage of request)"
    /// );
    /// ```
    #[must_use]
    pub fn new(
        namespace: &str,
        name: &str,
        target: &CrossVersionObjectReference,
        max_replicas: i32,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            generation: 0,
            reference: format!("{}/{namespace}/{}", target.kind, target.name).into(),
            min_replicas: api::HorizontalPodAutoscalerSpec::DEFAULT_MIN_REPLICAS,
            max_replicas,
            metrics: Vec::new(),
            behavior: None,
        }
    }

    /// With the object's `metadata.generation`.
    #[must_use]
    pub fn with_generation(self, generation: i64) -> Self {
        Self { generation, ..self }
    }

    /// With another lower limit.
    #[must_use]
    pub fn with_min_replicas(self, min_replicas: i32) -> Self {
        Self {
            min_replicas,
            ..self
        }
    }

    /// With one more metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
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

    /// Prepares a defaulted object.
    #[must_use]
    pub fn from_api(hpa: &api::HorizontalPodAutoscaler) -> Self {
        let (metadata, spec) = (&hpa.metadata, &hpa.spec);
        Self {
            generation: metadata.generation,
            min_replicas: spec.lower_limit(),
            metrics: spec.metrics.iter().map(Metric::from_api).collect(),
            behavior: spec.behavior.as_ref().map(Behavior::from_api),
            ..Self::new(
                &metadata.namespace,
                &metadata.name,
                &spec.scale_target_ref,
                spec.max_replicas,
            )
        }
    }

    /// Whether there is an object or external metric, which scaling from zero needs.
    #[must_use]
    pub fn has_object_or_external_metric(&self) -> bool {
        self.metrics.iter().any(|metric| {
            matches!(
                *metric.identity,
                MetricIdentity::Object { .. } | MetricIdentity::External { .. }
            )
        })
    }
}

impl Behavior {
    /// The rules of both directions.
    #[must_use]
    pub const fn new(scale_up: ScalingRules, scale_down: ScalingRules) -> Self {
        Self {
            scale_up,
            scale_down,
        }
    }

    /// Prepares the defaulted rules of an object.
    #[must_use]
    pub fn from_api(behavior: &api::Behavior) -> Self {
        let rules = |rules: &Option<api::ScalingRules>| {
            ScalingRules::from_api(rules.as_ref().unwrap_or(&api::ScalingRules::default()))
        };
        Self {
            scale_up: rules(&behavior.scale_up),
            scale_down: rules(&behavior.scale_down),
        }
    }
}

impl ScalingRules {
    fn from_api(rules: &api::ScalingRules) -> Self {
        Self {
            stabilization_window: rules
                .stabilization_window_seconds
                .map(|seconds| SignedDuration::from_secs(seconds.into())),
            select_policy: match rules.select_policy.as_deref() {
                Some("Min") => SelectPolicy::Min,
                Some("Disabled") => SelectPolicy::Disabled,
                _ => SelectPolicy::Max,
            },
            policies: rules
                .policies
                .iter()
                .flatten()
                .map(Policy::from_api)
                .collect(),
            tolerance: rules
                .tolerance
                .as_ref()
                .map(crate::quantity::Quantity::approximate_f64),
        }
    }
}

impl Policy {
    /// `value` pods or percent in each `period`.
    #[must_use]
    pub const fn new(kind: PolicyKind, value: i32, period: SignedDuration) -> Self {
        Self {
            kind,
            value,
            period,
        }
    }

    fn from_api(policy: &api::ScalingPolicy) -> Self {
        Self {
            kind: if policy.r#type == "Percent" {
                PolicyKind::Percent
            } else {
                PolicyKind::Pods
            },
            value: policy.value,
            period: SignedDuration::from_secs(policy.period_seconds.into()),
        }
    }
}

impl Metric {
    /// A metric with its target, named as messages name it.
    ///
    /// Upstream: `horizontal.go`, `computeReplicasForMetric` and the functions that it calls.
    #[must_use]
    pub fn new(identity: MetricIdentity, target: Target) -> Self {
        let (name, selector) = match &identity {
            MetricIdentity::Resource { resource } => (resource_name(resource, "", target), None),
            MetricIdentity::ContainerResource { resource, .. } => {
                (resource_name(resource, "container ", target), None)
            }
            MetricIdentity::Pods { metric } => (
                format!("pods metric {}", metric.name),
                metric.selector.as_ref(),
            ),
            MetricIdentity::Object {
                metric,
                described_object,
            } => (
                object_name(metric, &described_object.kind, target),
                metric.selector.as_ref(),
            ),
            MetricIdentity::External { metric } => {
                (external_name(metric), metric.selector.as_ref())
            }
            MetricIdentity::Unknown { .. } => (String::new(), None),
        };
        let selector =
            selector.map_or_else(|| Ok(Selector::default()), Selector::from_label_selector);
        Self {
            identity: Arc::new(identity),
            target,
            name: name.into(),
            selector,
        }
    }

    fn from_api(metric: &api::MetricSpec) -> Self {
        let identity =
            match metric.r#type.as_str() {
                "Resource" => (metric.resource.as_ref()).map(|source| MetricIdentity::Resource {
                    resource: source.name.as_str().into(),
                }),
                "ContainerResource" => metric.container_resource.as_ref().map(|source| {
                    MetricIdentity::ContainerResource {
                        resource: source.name.as_str().into(),
                        container: source.container.as_str().into(),
                    }
                }),
                "Pods" => (metric.pods.as_ref()).map(|source| MetricIdentity::Pods {
                    metric: source.metric.clone(),
                }),
                "Object" => (metric.object.as_ref()).map(|source| MetricIdentity::Object {
                    metric: source.metric.clone(),
                    described_object: source.described_object.clone(),
                }),
                "External" => (metric.external.as_ref()).map(|source| MetricIdentity::External {
                    metric: source.metric.clone(),
                }),
                _ => None,
            };
        let identity = identity.unwrap_or_else(|| MetricIdentity::Unknown {
            source_type: metric.r#type.as_str().into(),
        });
        Self::new(identity, Target::of(metric))
    }
}

fn resource_name(resource: &str, what: &str, target: Target) -> String {
    if matches!(target, Target::AverageValue(_)) {
        // Names of raw values lack "container" even for containers.
        format!("{resource} resource")
    } else {
        format!("{resource} {what}resource utilization (percentage of request)")
    }
}

fn object_name(metric: &MetricIdentifier, kind: &str, target: Target) -> String {
    if matches!(target, Target::AverageValue(_)) {
        // Upstream calls the averaged object metric an external one.
        external_name(metric)
    } else {
        format!("{kind} metric {}", metric.name)
    }
}

fn external_name(metric: &MetricIdentifier) -> String {
    format!("external metric {}({})", metric.name, SelectorText(metric))
}

/// A metric's selector in the format in which Go prints a pointer to it.
pub(super) struct SelectorText<'a>(pub(super) &'a MetricIdentifier);

impl fmt::Display for SelectorText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.selector {
            Some(selector) => selector.fmt(f),
            None => f.write_str("nil"),
        }
    }
}
