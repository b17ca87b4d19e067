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
pub struct Behavior {
    /// Rules for adding pods.
    pub scale_up: ScalingRules,
    /// Rules for removing pods.
    pub scale_down: ScalingRules,
}

/// Scaling rules for one direction.
#[derive(Clone, Debug, PartialEq)]
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
    /// Prepares a defaulted object.
    #[must_use]
    pub fn from_api(hpa: &api::HorizontalPodAutoscaler) -> Self {
        let spec = &hpa.spec;
        let target = &spec.scale_target_ref;
        Self {
            namespace: hpa.metadata.namespace.as_str().into(),
            name: hpa.metadata.name.as_str().into(),
            generation: hpa.metadata.generation,
            reference: format!("{}/{}/{}", target.kind, hpa.metadata.namespace, target.name).into(),
            min_replicas: spec.lower_limit(),
            max_replicas: spec.max_replicas,
            metrics: spec.metrics.iter().map(Metric::from_api).collect(),
            behavior: spec.behavior.as_ref().map(Behavior::from_api),
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
    /// Prepares one metric.
    ///
    /// Upstream: `horizontal.go`, `computeReplicasForMetric` and the functions that it calls.
    fn from_api(metric: &api::MetricSpec) -> Self {
        let target = Target::of(metric);
        let (identity, name, selector) = match metric.r#type.as_str() {
            "Resource" => metric.resource.as_ref().map(|source| {
                let identity = MetricIdentity::Resource {
                    resource: source.name.as_str().into(),
                };
                (identity, resource_name(&source.name, "", target), None)
            }),
            "ContainerResource" => metric.container_resource.as_ref().map(|source| {
                let identity = MetricIdentity::ContainerResource {
                    resource: source.name.as_str().into(),
                    container: source.container.as_str().into(),
                };
                let name = resource_name(&source.name, "container ", target);
                (identity, name, None)
            }),
            "Pods" => metric.pods.as_ref().map(|source| {
                let identity = MetricIdentity::Pods {
                    metric: source.metric.clone(),
                };
                let name = format!("pods metric {}", source.metric.name);
                (identity, name, source.metric.selector.as_ref())
            }),
            "Object" => metric.object.as_ref().map(|source| {
                let identity = MetricIdentity::Object {
                    metric: source.metric.clone(),
                    described_object: source.described_object.clone(),
                };
                let name = object_name(source, target);
                (identity, name, source.metric.selector.as_ref())
            }),
            "External" => metric.external.as_ref().map(|source| {
                let identity = MetricIdentity::External {
                    metric: source.metric.clone(),
                };
                let name = external_name(&source.metric);
                (identity, name, source.metric.selector.as_ref())
            }),
            _ => None,
        }
        .unwrap_or_else(|| {
            let source_type = metric.r#type.as_str().into();
            (MetricIdentity::Unknown { source_type }, String::new(), None)
        });
        let selector =
            selector.map_or_else(|| Ok(Selector::default()), Selector::from_label_selector);
        Self {
            identity: Arc::new(identity),
            target,
            name: name.into(),
            selector,
        }
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

fn object_name(source: &api::ObjectMetricSource, target: Target) -> String {
    if matches!(target, Target::AverageValue(_)) {
        // Upstream calls the averaged object metric an external one.
        external_name(&source.metric)
    } else {
        let kind = &source.described_object.kind;
        format!("{kind} metric {}", source.metric.name)
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
