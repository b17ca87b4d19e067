//! The API's structures: their names in Go, and the fields that are read.
//!
//! [`HorizontalPodAutoscaler`] is read without its status, which only the controller writes, and
//! which the API server clears in a new object; [`Whole`] is all of an object.

use super::values::Time;
use super::{Cursor, Decode, Unfit};
use crate::api::hpa::{
    Behavior, Condition, ContainerResourceMetricSource, ContainerResourceMetricStatus,
    CrossVersionObjectReference, ExternalMetricSource, ExternalMetricStatus,
    HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus,
    MetricIdentifier, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus,
    ObjectMetricSource, ObjectMetricStatus, PodsMetricSource, PodsMetricStatus,
    ResourceMetricSource, ResourceMetricStatus, ScalingPolicy, ScalingRules,
};
use crate::api::meta::{
    LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference, SystemMeta,
};
use crate::api::pod::{Container, PodSpec, Probe, ResourceRequirements};
use crate::api::workload::{
    DeploymentStrategy, PodTemplate, RollingUpdate, Workload, WorkloadSpec,
};
use crate::manifest::versions::{
    LegacyContainerResource, LegacyContainerResourceReading, LegacyExternal, LegacyExternalReading,
    LegacyMetric, LegacyObject, LegacyObjectReading, LegacyPods, LegacyPodsReading, LegacyReading,
    LegacyResource, LegacyResourceReading, V1Spec, V1Status, V2beta1Spec, V2beta1Status, Whole,
};

/// Lists the fields that are read of structures: `Type as "Go type" { field, other_field, ... }`.
///
/// A field is known by its own name in camel case, or by the one given: `field = "odd_NAME"`; a
/// type around it may read it in another way: `field as Time`.
/// Fields of the type that are never decoded come last: `; except field`.
macro_rules! fields {
    ($(
        $type:ty as $name:literal {
            $($field:ident $(as $wrapper:ident)? $(= $key:literal)?),* $(,)?
            $(; except $($left_out:ident),*)?
        }
    )*) => {$(
        impl Decode for $type {
            fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
                // Destructured without `..`, so that a missing field is a compile error.
                let Self { $($field,)* $($($left_out: _),*)? } = self;
                cursor.structure(Some($name), &mut [
                    $((fields!(@key $field $($key)?), fields!(@slot $field $($wrapper)?))),*
                ])
            }
        }
    )*};
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@slot $field:ident) => { $field };
    (@slot $field:ident $wrapper:ident) => { &mut $wrapper($field) };
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

    HorizontalPodAutoscalerStatus as "v2.HorizontalPodAutoscalerStatus" {
        observed_generation, last_scale_time as Time, current_replicas, desired_replicas,
        current_metrics, conditions,
    }
    Condition as "v2.HorizontalPodAutoscalerCondition" {
        r#type, status, last_transition_time as Time, reason, message, observed_generation,
    }
    MetricStatus as "v2.MetricStatus" {
        r#type, object, pods, resource, container_resource, external,
    }
    ObjectMetricStatus as "v2.ObjectMetricStatus" { metric, current, described_object }
    PodsMetricStatus as "v2.PodsMetricStatus" { metric, current }
    ResourceMetricStatus as "v2.ResourceMetricStatus" { name, current }
    ContainerResourceMetricStatus as "v2.ContainerResourceMetricStatus" { name, current, container }
    ExternalMetricStatus as "v2.ExternalMetricStatus" { metric, current }
    MetricValueStatus as "v2.MetricValueStatus" { value, average_value, average_utilization }

    V1Spec as "v1.HorizontalPodAutoscalerSpec" {
        scale_target_ref, min_replicas, max_replicas,
        target_cpu_utilization_percentage = "targetCPUUtilizationPercentage",
    }
    V1Status as "v1.HorizontalPodAutoscalerStatus" {
        observed_generation, last_scale_time as Time, current_replicas, desired_replicas,
        current_cpu_utilization_percentage = "currentCPUUtilizationPercentage",
    }

    V2beta1Spec as "v2beta1.HorizontalPodAutoscalerSpec" {
        scale_target_ref, min_replicas, max_replicas, metrics,
    }
    V2beta1Status as "v2beta1.HorizontalPodAutoscalerStatus" {
        observed_generation, last_scale_time as Time, current_replicas, desired_replicas,
        current_metrics, conditions,
    }
    LegacyMetric as "v2beta1.MetricSpec" {
        r#type, object, pods, resource, container_resource, external,
    }
    LegacyObject as "v2beta1.ObjectMetricSource" {
        target, metric_name, target_value, selector, average_value,
    }
    LegacyPods as "v2beta1.PodsMetricSource" { metric_name, target_average_value, selector }
    LegacyResource as "v2beta1.ResourceMetricSource" {
        name, target_average_utilization, target_average_value,
    }
    LegacyContainerResource as "v2beta1.ContainerResourceMetricSource" {
        name, target_average_utilization, target_average_value, container,
    }
    LegacyExternal as "v2beta1.ExternalMetricSource" {
        metric_name, metric_selector, target_value, target_average_value,
    }
    LegacyReading as "v2beta1.MetricStatus" {
        r#type, object, pods, resource, container_resource, external,
    }
    LegacyObjectReading as "v2beta1.ObjectMetricStatus" {
        target, metric_name, current_value, selector, average_value,
    }
    LegacyPodsReading as "v2beta1.PodsMetricStatus" {
        metric_name, current_average_value, selector,
    }
    LegacyResourceReading as "v2beta1.ResourceMetricStatus" {
        name, current_average_utilization, current_average_value,
    }
    LegacyContainerResourceReading as "v2beta1.ContainerResourceMetricStatus" {
        name, current_average_utilization, current_average_value, container,
    }
    LegacyExternalReading as "v2beta1.ExternalMetricStatus" {
        metric_name, metric_selector, current_value, current_average_value,
    }
    OwnerReference as "v1.OwnerReference" {
        api_version, kind, name, uid, controller, block_owner_deletion,
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

/// An autoscaler of any version, with all of its metadata.
impl<Spec: Decode, Status: Decode> Decode for Whole<Spec, Status> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let Self {
            metadata,
            system,
            spec,
            status,
        } = self;
        cursor.structure(
            Some("v2.HorizontalPodAutoscaler"),
            &mut [
                ("metadata", &mut Metadata(metadata, system)),
                ("spec", spec),
                ("status", status),
            ],
        )
    }
}

/// Both parts of an object's metadata.
struct Metadata<'a>(&'a mut ObjectMeta, &'a mut SystemMeta);

impl Decode for Metadata<'_> {
    fn decode(&mut self, cursor: &Cursor<'_>) -> Result<(), Unfit> {
        let Self(object, system) = self;
        let ObjectMeta {
            name,
            generate_name,
            namespace,
            generation,
            labels,
            annotations,
        } = object;
        let SystemMeta {
            uid,
            resource_version,
            creation_timestamp,
            deletion_timestamp,
            deletion_grace_period_seconds,
            owner_references,
            finalizers,
        } = system;
        cursor.structure(
            Some("v1.ObjectMeta"),
            &mut [
                ("name", name),
                ("generate_name", generate_name),
                ("namespace", namespace),
                ("uid", uid),
                ("resource_version", resource_version),
                ("generation", generation),
                ("creation_timestamp", &mut Time(creation_timestamp)),
                ("deletion_timestamp", &mut Time(deletion_timestamp)),
                (
                    "deletion_grace_period_seconds",
                    deletion_grace_period_seconds,
                ),
                ("labels", labels),
                ("annotations", annotations),
                ("owner_references", owner_references),
                ("finalizers", finalizers),
            ],
        )
    }
}
