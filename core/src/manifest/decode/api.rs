//! The API's structures: their names in Go, and the fields that are read.
//!
//! Status is left out: only the controller writes it, and the API server clears it in a
//! new object.

use super::{Cursor, Decode, Unfit};
use crate::api::hpa::{
    Behavior, ContainerResourceMetricSource, CrossVersionObjectReference, ExternalMetricSource,
    HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec,
    MetricTarget, ObjectMetricSource, PodsMetricSource, ResourceMetricSource, ScalingPolicy,
    ScalingRules,
};
use crate::api::meta::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use crate::api::pod::{Container, PodSpec, Probe, ResourceRequirements};
use crate::api::workload::{
    DeploymentStrategy, PodTemplate, RollingUpdate, Workload, WorkloadSpec,
};
use crate::manifest::convert::{V1, V1Spec};

/// Lists the fields that are read of structures: `Type as "Go type" { field, other_field, ... }`.
///
/// A field is known by its own name in camel case, or by the one given: `field = "odd_NAME"`.
/// Fields of the type that are never decoded come last: `; except field`.
macro_rules! fields {
    ($(
        $type:ty as $name:literal {
            $($field:ident $(= $key:literal)?),* $(,)? $(; except $($left_out:ident),*)?
        }
    )*) => {$(
        impl Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                // Destructured without `..`, so that a missing field is a compile error.
                let Self { $($field,)* $($($left_out: _),*)? } = self;
                cursor.structure(Some($name), &mut [$((fields!(@key $field $($key)?), $field)),*])
            }
        }
    )*};
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

fields! {
    HorizontalPodAutoscaler as "v2.HorizontalPodAutoscaler" { metadata, spec; except status }
    HorizontalPodAutoscalerSpec as "v2.HorizontalPodAutoscalerSpec" {
        scale_target_ref, min_replicas, max_replicas, metrics, behavior,
    }
    CrossVersionObjectReference as "v2.CrossVersionObjectReference" { kind, name, api_version }
    MetricSpec as "v2.MetricSpec" {
        r#type, object, pods, resource, container_resource, external,
    }
    ObjectMetricSource as "v2.ObjectMetricSource" { described_object, target, metric }
    PodsMetricSource as "v2.PodsMetricSource" { metric, target }
    ResourceMetricSource as "v2.ResourceMetricSource" { name, target }
    ContainerResourceMetricSource as "v2.ContainerResourceMetricSource" { name, target, container }
    ExternalMetricSource as "v2.ExternalMetricSource" { metric, target }
    MetricIdentifier as "v2.MetricIdentifier" { name, selector }
    MetricTarget as "v2.MetricTarget" { r#type, value, average_value, average_utilization }
    Behavior as "v2.HorizontalPodAutoscalerBehavior" { scale_up, scale_down }
    ScalingRules as "v2.HPAScalingRules" {
        stabilization_window_seconds, select_policy, policies, tolerance,
    }
    ScalingPolicy as "v2.HPAScalingPolicy" { r#type, value, period_seconds }

    V1 as "v1.HorizontalPodAutoscaler" { metadata, spec }
    V1Spec as "v1.HorizontalPodAutoscalerSpec" {
        scale_target_ref, min_replicas, max_replicas,
        target_cpu_utilization_percentage = "targetCPUUtilizationPercentage",
    }

    ObjectMeta as "v1.ObjectMeta" {
        name, generate_name, namespace, generation, labels, annotations,
    }
    LabelSelector as "v1.LabelSelector" { match_labels, match_expressions }
    LabelSelectorRequirement as "v1.LabelSelectorRequirement" { key, operator, values }

    Workload as "v1.Deployment" { metadata, spec; except kind }
    WorkloadSpec as "v1.DeploymentSpec" { replicas, selector, template, strategy }
    PodTemplate as "v1.PodTemplateSpec" { metadata, spec }
    DeploymentStrategy as "v1.DeploymentStrategy" { r#type, rolling_update }
    RollingUpdate as "v1.RollingUpdateDeployment" { max_surge, max_unavailable }
    PodSpec as "v1.PodSpec" {
        containers, init_containers, resources, overhead, termination_grace_period_seconds,
    }
    Container as "v1.Container" {
        name, resources, restart_policy, readiness_probe, startup_probe,
    }
    ResourceRequirements as "v1.ResourceRequirements" { requests, limits }
    Probe as "v1.Probe" {
        initial_delay_seconds, period_seconds, success_threshold, failure_threshold,
    }
}
