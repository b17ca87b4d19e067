//! The display of a metric in charts: name, unit, target and tolerance band.

use crate::cluster::Setup;
use hpa_core::autoscaler::spec::{Metric, MetricIdentity, Target};
use hpa_core::autoscaler::{ControllerConfig, Spec};

/// The display of a metric: name, unit, target and tolerance band.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MetricDisplay {
    /// The metric's own name.
    pub name: String,
    /// The unit of its values, such as `% of request`.
    pub unit: String,
    /// The divisor that converts the trace's values to `unit`.
    pub divisor: f64,
    /// The target in `unit`.
    pub target: f64,
    /// The limits of the tolerance band, in `unit`.
    pub band: (f64, f64),
}

impl MetricDisplay {
    /// The display of a run's metrics, in the order of the manifest.
    #[must_use]
    pub fn of_all(setup: &Setup) -> Vec<Self> {
        let spec = Spec::from_api(&setup.autoscaler);
        let metrics = spec.metrics.iter();
        metrics
            .map(|metric| display(metric, &spec, &setup.controller))
            .collect()
    }
}

fn display(metric: &Metric, spec: &Spec, controller: &ControllerConfig) -> MetricDisplay {
    let resource = match &*metric.identity {
        MetricIdentity::Resource { resource }
        | MetricIdentity::ContainerResource { resource, .. } => Some(&**resource),
        MetricIdentity::Pods { .. }
        | MetricIdentity::Object { .. }
        | MetricIdentity::External { .. }
        | MetricIdentity::Unknown { .. } => None,
    };
    let name = match &*metric.identity {
        MetricIdentity::Resource { resource } => resource.to_string(),
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => format!("{resource} of {container}"),
        MetricIdentity::Pods { metric } | MetricIdentity::External { metric } => {
            metric.name.clone()
        }
        MetricIdentity::Object {
            metric,
            described_object,
        } => {
            format!("{} of {}", metric.name, described_object.name)
        }
        MetricIdentity::Unknown { source_type } => source_type.to_string(),
    };
    let (amount, divisor, unit) = match (metric.target, resource) {
        (Target::Utilization(percent), _) => (f64::from(percent), 1.0, "% of request"),
        (Target::AverageValue(milli), Some("memory")) => (float(milli), MEBI_MILLI, "MiB per pod"),
        (Target::AverageValue(milli), Some("cpu")) => (float(milli), 1000.0, "cores per pod"),
        (Target::AverageValue(milli), _) => (float(milli), 1000.0, "per pod"),
        (Target::Value(milli), _) => (float(milli), 1000.0, "in total"),
        (Target::Missing, _) => (f64::NAN, 1.0, ""),
    };
    let (lowest, highest) = spec.tolerances(controller).band();
    let target = amount / divisor;
    MetricDisplay {
        name,
        unit: unit.to_owned(),
        divisor,
        target,
        band: (target * lowest, target * highest),
    }
}

/// Thousandths of a byte in a mebibyte.
const MEBI_MILLI: f64 = 1_048_576_000.0;

#[expect(clippy::cast_precision_loss, reason = "for the eye")]
fn float(value: i64) -> f64 {
    value as f64
}
