//! Converts `autoscaling/v1` to `autoscaling/v2`, and drops the fields that the API server does not store.
//!
//! Upstream: `pkg/apis/autoscaling/v1/conversion.go`; `pkg/registry/autoscaling/
//! horizontalpodautoscaler/strategy.go`, `PrepareForCreate`; `pkg/apis/autoscaling/helpers.go`,
//! `DropRoundTripHorizontalPodAutoscalerAnnotations`.

use super::Options;
use super::path::FieldPath;
use crate::api::ObjectMeta;
use crate::api::hpa::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec,
    MetricTarget, ResourceMetricSource,
};
use crate::api::release::FeatureGate;

/// `autoscaling/v1` stores values without a field in annotations with this prefix.
pub(super) const ALPHA_ANNOTATIONS: [&str; 4] = [
    "autoscaling.alpha.kubernetes.io/metrics",
    "autoscaling.alpha.kubernetes.io/behavior",
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/current-metrics",
];

/// A HorizontalPodAutoscaler of `autoscaling/v1`; without status, which only the controller writes.
#[derive(Debug, Default)]
pub(super) struct V1 {
    pub(super) metadata: ObjectMeta,
    pub(super) spec: V1Spec,
}

#[derive(Debug, Default)]
pub(super) struct V1Spec {
    pub(super) scale_target_ref: CrossVersionObjectReference,
    pub(super) min_replicas: Option<i32>,
    pub(super) max_replicas: i32,
    pub(super) target_cpu_utilization_percentage: Option<i32>,
}

/// The same autoscaler in `autoscaling/v2`: the CPU percentage becomes a metric.
pub(super) fn from_v1(v1: V1) -> HorizontalPodAutoscaler {
    let metrics = v1
        .spec
        .target_cpu_utilization_percentage
        .map(|percent| MetricSpec {
            r#type: "Resource".to_owned(),
            resource: Some(ResourceMetricSource {
                name: "cpu".to_owned(),
                target: MetricTarget {
                    r#type: "Utilization".to_owned(),
                    average_utilization: Some(percent),
                    ..MetricTarget::default()
                },
            }),
            ..MetricSpec::default()
        });
    HorizontalPodAutoscaler {
        metadata: v1.metadata,
        spec: HorizontalPodAutoscalerSpec {
            scale_target_ref: v1.spec.scale_target_ref,
            min_replicas: v1.spec.min_replicas,
            max_replicas: v1.spec.max_replicas,
            metrics: metrics.into_iter().collect(),
            behavior: None,
        },
        status: None,
    }
}

/// Where a field of the `v2` form stands in a `v1` manifest.
pub(super) fn v1_path(path: &FieldPath) -> FieldPath {
    if FieldPath::new("spec.metrics").contains(path) {
        FieldPath::new("spec.targetCPUUtilizationPercentage")
    } else {
        path.clone()
    }
}

/// Removes the tolerances where their feature gate is off, and returns the fields removed.
pub fn drop_disabled_fields(
    hpa: &mut HorizontalPodAutoscaler,
    options: &Options,
) -> Vec<FieldPath> {
    let mut dropped = Vec::new();
    if options.gates.is_on(FeatureGate::HpaConfigurableTolerance) {
        return dropped;
    }
    if let Some(behavior) = &mut hpa.spec.behavior {
        for (name, rules) in [
            ("scaleUp", &mut behavior.scale_up),
            ("scaleDown", &mut behavior.scale_down),
        ] {
            if rules
                .as_mut()
                .and_then(|rules| rules.tolerance.take())
                .is_some()
            {
                dropped.push(
                    FieldPath::new("spec.behavior")
                        .child(name)
                        .child("tolerance"),
                );
            }
        }
    }
    dropped
}

/// The autoscaler as the API server stores a new one: without status, without the fields of
/// feature gates that are off, without the annotations that carried fields between versions.
#[must_use]
pub fn stored(mut hpa: HorizontalPodAutoscaler, options: &Options) -> HorizontalPodAutoscaler {
    hpa.status = None;
    drop_disabled_fields(&mut hpa, options);
    for annotation in ALPHA_ANNOTATIONS {
        hpa.metadata.annotations.remove(annotation);
    }
    hpa
}
