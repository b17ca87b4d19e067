//! Metric targets: the field that the controller reads, and its meaning.
//!
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `computeStatusForResourceMetric` and
//! its siblings, which go by the fields that are set; only Object metrics go by `target.type`.

use super::hpa::{MetricSpec, MetricTarget};
use crate::quantity::Quantity;

/// What a metric should be, as the controller understands the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Percent of the request.
    Utilization(i32),
    /// The value per pod, in thousandths.
    AverageValue(i64),
    /// The whole value, in thousandths.
    Value(i64),
    /// None that fits the source.
    Missing,
}

impl Target {
    /// The target of a metric.
    #[must_use]
    pub fn of(metric: &MetricSpec) -> Self {
        match metric.r#type.as_str() {
            "Resource" => (metric.resource.as_ref())
                .map_or(Self::Missing, |source| Self::of_resource(&source.target)),
            "ContainerResource" => (metric.container_resource.as_ref())
                .map_or(Self::Missing, |source| Self::of_resource(&source.target)),
            "Pods" => (metric.pods.as_ref())
                .and_then(|source| Self::average_value(&source.target))
                .unwrap_or(Self::Missing),
            "Object" => (metric.object.as_ref())
                .map_or(Self::Missing, |source| Self::of_object(&source.target)),
            "External" => (metric.external.as_ref())
                .and_then(|source| {
                    Self::average_value(&source.target).or_else(|| Self::value(&source.target))
                })
                .unwrap_or(Self::Missing),
            _ => Self::Missing,
        }
    }

    /// The target of a resource metric, of whole pods or of one container: an average value wins,
    /// whatever `target.type` says.
    #[must_use]
    pub fn of_resource(target: &MetricTarget) -> Self {
        Self::average_value(target)
            .or_else(|| target.average_utilization.map(Self::Utilization))
            .unwrap_or(Self::Missing)
    }

    fn of_object(target: &MetricTarget) -> Self {
        match target.r#type.as_str() {
            "Value" => Self::value(target),
            "AverageValue" => Self::average_value(target),
            _ => None,
        }
        .unwrap_or(Self::Missing)
    }

    fn value(target: &MetricTarget) -> Option<Self> {
        let value = target.value.as_ref().map(Quantity::milli_value);
        value.map(Self::Value)
    }

    fn average_value(target: &MetricTarget) -> Option<Self> {
        let value = target.average_value.as_ref().map(Quantity::milli_value);
        value.map(Self::AverageValue)
    }

    /// The field of [`MetricTarget`] that it was read from, and the `type` that belongs to it.
    #[must_use]
    pub const fn field(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Utilization(_) => Some(("averageUtilization", "Utilization")),
            Self::AverageValue(_) => Some(("averageValue", "AverageValue")),
            Self::Value(_) => Some(("value", "Value")),
            Self::Missing => None,
        }
    }

    /// What one pod that requests `request` uses at the target, in whole units, such as cores;
    /// `None` where the target says nothing about one pod.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    pub fn per_pod(self, request: f64) -> Option<f64> {
        match self {
            Self::Utilization(percent) => Some(request * (f64::from(percent) / 100.0)),
            Self::AverageValue(milli) => Some(milli as f64 / 1000.0),
            Self::Value(_) | Self::Missing => None,
        }
    }
}

/// Usage as a percentage of requests, truncated as the controller does; `None` without requests.
///
/// Upstream: `pkg/controller/podautoscaler/metrics/utilization.go`, `GetResourceUtilizationRatio`;
/// the product wraps like an int64 and the quotient like an int32.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "Go truncates the same way")]
pub const fn utilization_percent(usage: i64, requests: i64) -> Option<i32> {
    if requests == 0 {
        return None;
    }
    Some(usage.wrapping_mul(100).wrapping_div(requests) as i32)
}
