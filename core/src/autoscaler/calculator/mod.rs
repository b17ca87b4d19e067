//! Computes the replica count that one metric proposes.
//!
//! Upstream: `pkg/controller/podautoscaler/replica_calculator.go`. Float arithmetic, truncations
//! and the order of the checks are upstream's.

use std::sync::Arc;

use super::config::{ControllerConfig, FloatCasts};
use super::explanation::Calculation;
use super::observation::PodRecord;
use super::status::ReadingValue;
use super::tolerance::Tolerances;
use crate::time::Timestamp;

mod by_pods;
mod by_total;

pub(super) use by_pods::guard_direction;
pub use by_pods::{pods_metric_replicas, raw_resource_replicas, resource_replicas};
pub use by_total::{
    external_error, external_per_pod_replicas, external_replicas, object_error,
    object_per_pod_replicas, object_replicas,
};

/// A metric's proposal with the value to report and the calculation of both.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Proposal {
    /// Proposed replicas.
    pub replicas: i32,
    /// The value in the status.
    pub reading: ReadingValue,
    /// The timestamp of the value; `None` is Go's zero time.
    pub timestamp: Option<Timestamp>,
    /// The calculation.
    pub calculation: Calculation,
}

/// Why a metric has no proposal.
///
/// Upstream returns a value and a time with some of its errors. Nothing uses them; they are kept so
/// that every field of the recorded cases can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CalculationError {
    /// Upstream's text.
    pub text: Arc<str>,
    /// The usage computed before the error, in thousandths.
    pub usage: i64,
    /// The time of the samples, if they had been read.
    pub timestamp: Option<Timestamp>,
}

impl From<String> for CalculationError {
    fn from(text: String) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<Arc<str>> for CalculationError {
    fn from(text: Arc<str>) -> Self {
        Self {
            text,
            usage: 0,
            timestamp: None,
        }
    }
}

/// The input of every calculation besides the metric's values.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The controller's settings.
    pub config: &'a ControllerConfig,
    /// The tolerances in force.
    pub tolerances: Tolerances,
    /// `scale.spec.replicas`.
    pub current_replicas: i32,
    /// `scale.status.replicas`.
    pub status_replicas: i32,
    /// The pods, or the lister's error.
    pub pods: Result<&'a [PodRecord], &'a Arc<str>>,
    /// The time of the sync.
    pub now: Timestamp,
}

impl<'a> Context<'a> {
    /// A calculation at a time, within the controller's tolerance, for a target of no pods.
    #[must_use]
    pub const fn new(config: &'a ControllerConfig, now: Timestamp) -> Self {
        Self {
            config,
            tolerances: Tolerances {
                scale_down: config.tolerance,
                scale_up: config.tolerance,
            },
            current_replicas: 0,
            status_replicas: 0,
            pods: Ok(&[]),
            now,
        }
    }

    /// With other tolerances.
    #[must_use]
    pub const fn with_tolerances(self, tolerances: Tolerances) -> Self {
        Self { tolerances, ..self }
    }

    /// With the replicas that the scale asks for, and those that it counts.
    #[must_use]
    pub const fn with_replicas(self, current_replicas: i32, status_replicas: i32) -> Self {
        Self {
            current_replicas,
            status_replicas,
            ..self
        }
    }

    /// With the pods, or the lister's error.
    #[must_use]
    pub const fn with_pods(self, pods: Result<&'a [PodRecord], &'a Arc<str>>) -> Self {
        Self { pods, ..self }
    }

    /// Whether a usage ratio is within tolerance.
    fn tolerates(&self, ratio: f64) -> bool {
        self.tolerances.contain(ratio, self.config.rules)
    }
}

/// The resource that a resource metric measures, of whole pods or of one container.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResourceOf<'a> {
    /// The resource's name.
    pub resource: &'a str,
    /// One container's name; `None` means the whole pod.
    pub container: Option<&'a str>,
}

impl<'a> ResourceOf<'a> {
    /// A resource of whole pods.
    #[must_use]
    pub const fn pod(resource: &'a str) -> Self {
        Self {
            resource,
            container: None,
        }
    }

    /// A resource of one container of each pod.
    #[must_use]
    pub const fn container(resource: &'a str, container: &'a str) -> Self {
        Self {
            resource,
            container: Some(container),
        }
    }
}

/// Rounds up and casts.
pub(in crate::autoscaler) fn ceil_to_replicas(exact: f64, casts: FloatCasts) -> i32 {
    casts.ceil_to_i32(exact)
}

/// Rounds up and casts, capped at the maximum int32.
fn ceil_to_replicas_capped(exact: f64, casts: FloatCasts) -> i32 {
    if exact > f64::from(i32::MAX) {
        i32::MAX
    } else {
        ceil_to_replicas(exact, casts)
    }
}

/// A count or value as upstream converts it for a float formula, rounding past 2^53.
#[expect(clippy::cast_precision_loss, reason = "upstream rounds the same way")]
pub(in crate::autoscaler) const fn float(integer: i64) -> f64 {
    integer as f64
}

/// The pods of a pod-based metric.
fn listed<'a>(context: &Context<'a>) -> Result<&'a [PodRecord], Arc<str>> {
    match context.pods {
        Err(error) => {
            Err(format!("unable to get pods while calculating replica count: {error}").into())
        }
        Ok([]) => Err("no pods returned by selector while calculating replica count".into()),
        Ok(pods) => Ok(pods),
    }
}
