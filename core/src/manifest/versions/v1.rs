//! `autoscaling/v1`: a CPU percentage as a field, everything else in annotations.
//!
//! Upstream: `pkg/apis/autoscaling/v1/conversion.go`,
//! `Convert_v1_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler` and back.

use serde::Serialize;

use super::HpaVersion;
use super::annotations::{self, CONDITIONS, CURRENT_METRICS, METRICS};
use super::legacy::LegacyMetric;
use super::legacy_status::LegacyReading;
use super::object::{HpaRecord, VersionedHpa, Whole};
use crate::api::hpa::{
    Condition, CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus,
    ResourceMetricStatus,
};
use crate::api::meta::ObjectMeta;
use crate::api::release::Rules;
use crate::manifest::default::default_metrics;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct V1Spec {
    pub(in crate::manifest) scale_target_ref: CrossVersionObjectReference,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) min_replicas: Option<i32>,
    pub(in crate::manifest) max_replicas: i32,
    #[serde(
        rename = "targetCPUUtilizationPercentage",
        skip_serializing_if = "Option::is_none"
    )]
    pub(in crate::manifest) target_cpu_utilization_percentage: Option<i32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::manifest) struct V1Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) observed_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::manifest) last_scale_time: Option<String>,
    pub(in crate::manifest) current_replicas: i32,
    pub(in crate::manifest) desired_replicas: i32,
    #[serde(
        rename = "currentCPUUtilizationPercentage",
        skip_serializing_if = "Option::is_none"
    )]
    pub(in crate::manifest) current_cpu_utilization_percentage: Option<i32>,
}

/// Upstream: `Convert_v1_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler`.
///
/// Also whether the default metric was filled in.
pub(super) fn into_v2(whole: Whole<V1Spec, V1Status>, rules: Rules) -> (HpaRecord, bool) {
    let mut metadata = whole.metadata;
    let missing = HpaVersion::V1.missing(rules);
    let others: Vec<LegacyMetric> =
        annotations::read(&metadata, METRICS, missing).unwrap_or_default();
    let mut metrics: Vec<MetricSpec> = others
        .into_iter()
        .map(|metric| metric.into_v2(Some(rules)))
        .collect();
    let cpu = |percent| MetricSpec::resource("cpu", MetricTarget::utilization(percent));
    metrics.extend(whole.spec.target_cpu_utilization_percentage.map(cpu));
    let defaulted = default_metrics(&mut metrics);
    let status = status(whole.status, &metadata, missing);
    let behavior = annotations::read_behavior(&metadata);
    annotations::drop_round_trip(&mut metadata);
    let record = HpaRecord {
        hpa: HorizontalPodAutoscaler {
            metadata,
            spec: HorizontalPodAutoscalerSpec {
                scale_target_ref: whole.spec.scale_target_ref,
                min_replicas: whole.spec.min_replicas,
                max_replicas: whole.spec.max_replicas,
                metrics,
                behavior,
            },
            status: Some(status),
        },
        system: whole.system,
    };
    (record, defaulted)
}

fn status(
    status: V1Status,
    metadata: &ObjectMeta,
    missing: &[(&str, &str)],
) -> HorizontalPodAutoscalerStatus {
    let cpu = status
        .current_cpu_utilization_percentage
        .map(|percent| MetricStatus {
            r#type: "Resource".to_owned(),
            resource: Some(ResourceMetricStatus {
                name: "cpu".to_owned(),
                current: MetricValueStatus {
                    average_utilization: Some(percent),
                    ..MetricValueStatus::default()
                },
            }),
            ..MetricStatus::default()
        });
    let read: Option<Vec<LegacyReading>> = annotations::read(metadata, CURRENT_METRICS, missing);
    let current_metrics = match read {
        Some(readings) => Some(readings.into_iter().map(LegacyReading::into_v2).collect()),
        None => cpu.map(|cpu| vec![cpu]),
    };
    let conditions: Option<Vec<Condition>> = annotations::read(metadata, CONDITIONS, missing);
    HorizontalPodAutoscalerStatus {
        observed_generation: status.observed_generation,
        last_scale_time: status.last_scale_time,
        current_replicas: Some(status.current_replicas),
        desired_replicas: status.desired_replicas,
        current_metrics,
        conditions,
    }
}

/// Upstream: `Convert_autoscaling_HorizontalPodAutoscaler_To_v1_HorizontalPodAutoscaler`.
pub(super) fn of_v2(record: HpaRecord) -> VersionedHpa {
    let HpaRecord { hpa, system } = record;
    let (mut metadata, spec) = (hpa.metadata, hpa.spec);
    let status = hpa.status.unwrap_or_default();
    let percent = |metric: &MetricSpec| {
        let resource = metric.resource.as_ref()?;
        let is_cpu = metric.r#type == "Resource" && resource.name == "cpu";
        is_cpu.then_some(resource.target.average_utilization)?
    };
    let others: Vec<LegacyMetric> = spec
        .metrics
        .iter()
        .filter(|metric| percent(metric).is_none())
        .map(LegacyMetric::of_v2)
        .collect();
    if !others.is_empty() {
        annotations::write(&mut metadata, METRICS, &others);
    }
    if let Some(behavior) = &spec.behavior {
        annotations::write_behavior(&mut metadata, behavior);
    }
    let readings = status.current_metrics.unwrap_or_default();
    if !readings.is_empty() {
        let written: Vec<LegacyReading> = readings.iter().map(LegacyReading::of_v2).collect();
        annotations::write(&mut metadata, CURRENT_METRICS, &written);
    }
    let conditions = status.conditions.unwrap_or_default();
    if !conditions.is_empty() {
        let written: Vec<WrittenCondition<'_>> =
            conditions.iter().map(WrittenCondition::of).collect();
        annotations::write(&mut metadata, CONDITIONS, &written);
    }
    let reading = |reading: &MetricStatus| {
        let resource = reading.resource.as_ref()?;
        let is_cpu = reading.r#type == "Resource" && resource.name == "cpu";
        is_cpu.then_some(resource.current.average_utilization)?
    };
    VersionedHpa::v1(
        (metadata, system),
        V1Spec {
            target_cpu_utilization_percentage: spec.metrics.iter().find_map(percent),
            scale_target_ref: spec.scale_target_ref,
            min_replicas: spec.min_replicas,
            max_replicas: spec.max_replicas,
        },
        V1Status {
            observed_generation: status.observed_generation,
            last_scale_time: status.last_scale_time,
            current_replicas: status.current_replicas.unwrap_or_default(),
            desired_replicas: status.desired_replicas,
            current_cpu_utilization_percentage: readings.iter().rev().find_map(reading),
        },
    )
}

/// A condition as Go writes it: a time that is absent is `null`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCondition<'a> {
    r#type: &'a str,
    status: &'a str,
    last_transition_time: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_generation: Option<i64>,
}

impl<'a> WrittenCondition<'a> {
    fn of(condition: &'a Condition) -> Self {
        Self {
            r#type: &condition.r#type,
            status: &condition.status,
            last_transition_time: condition.last_transition_time.as_deref(),
            reason: &condition.reason,
            message: &condition.message,
            observed_generation: condition.observed_generation,
        }
    }
}
