//! `autoscaling/v2beta1`: several metrics, with the names of fields that `v1` has in annotations.
//!
//! Upstream: `pkg/apis/autoscaling/v2beta1/conversion.go`,
//! `Convert_v2beta1_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler` and back.

use serde::Serialize;

use super::annotations;
use super::legacy::LegacyMetric;
use super::legacy_status::LegacyReading;
use super::object::{HpaRecord, VersionedHpa, Whole};
use crate::api::hpa::{
    Condition, CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricSpec,
};
use crate::manifest::default::default_metrics;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct V2beta1Spec {
    pub(in crate::manifest) scale_target_ref: CrossVersionObjectReference,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) min_replicas: Option<i32>,
    pub(in crate::manifest) max_replicas: i32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::manifest) metrics: Vec<LegacyMetric>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct V2beta1Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) observed_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) last_scale_time: Option<String>,
    pub(in crate::manifest) current_replicas: i32,
    pub(in crate::manifest) desired_replicas: i32,
    pub(in crate::manifest) current_metrics: Option<Vec<LegacyReading>>,
    pub(in crate::manifest) conditions: Option<Vec<Condition>>,
}

/// Upstream: `Convert_v2beta1_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler`.
pub(super) fn into_v2(whole: Whole<V2beta1Spec, V2beta1Status>) -> HpaRecord {
    let mut metadata = whole.metadata;
    let behavior = annotations::read_behavior(&metadata);
    annotations::drop_round_trip(&mut metadata);
    let mut metrics: Vec<MetricSpec> = whole
        .spec
        .metrics
        .into_iter()
        .map(|metric| without_container(metric).into_v2(None))
        .collect();
    default_metrics(&mut metrics);
    let status = whole.status;
    HpaRecord {
        hpa: HorizontalPodAutoscaler {
            metadata,
            spec: HorizontalPodAutoscalerSpec {
                scale_target_ref: whole.spec.scale_target_ref,
                min_replicas: whole.spec.min_replicas,
                max_replicas: whole.spec.max_replicas,
                metrics,
                behavior,
            },
            status: Some(HorizontalPodAutoscalerStatus {
                observed_generation: status.observed_generation,
                last_scale_time: status.last_scale_time,
                current_replicas: Some(status.current_replicas),
                desired_replicas: status.desired_replicas,
                current_metrics: status
                    .current_metrics
                    .map(|readings| readings.into_iter().map(LegacyReading::into_v2).collect()),
                conditions: status.conditions,
            }),
        },
        system: whole.system,
    }
}

/// Upstream forgets the container of a metric of this version, in both directions.
fn without_container(mut metric: LegacyMetric) -> LegacyMetric {
    if let Some(resource) = &mut metric.container_resource {
        resource.container.clear();
    }
    metric
}

/// Upstream: `Convert_autoscaling_HorizontalPodAutoscaler_To_v2beta1_HorizontalPodAutoscaler`.
pub(super) fn of_v2(record: HpaRecord) -> VersionedHpa {
    let HpaRecord { hpa, system } = record;
    let (mut metadata, spec) = (hpa.metadata, hpa.spec);
    let status = hpa.status.unwrap_or_default();
    if let Some(behavior) = &spec.behavior {
        annotations::write_behavior(&mut metadata, behavior);
    }
    VersionedHpa::v2beta1(
        (metadata, system),
        V2beta1Spec {
            scale_target_ref: spec.scale_target_ref,
            min_replicas: spec.min_replicas,
            max_replicas: spec.max_replicas,
            metrics: spec
                .metrics
                .iter()
                .map(|metric| without_container(LegacyMetric::of_v2(metric)))
                .collect(),
        },
        V2beta1Status {
            observed_generation: status.observed_generation,
            last_scale_time: status.last_scale_time,
            current_replicas: status.current_replicas.unwrap_or_default(),
            desired_replicas: status.desired_replicas,
            current_metrics: status
                .current_metrics
                .map(|readings| readings.iter().map(LegacyReading::of_v2).collect()),
            conditions: status.conditions,
        },
    )
}
