//! Timeline actions of people: applied manifests, edits, restarts.

use super::Course;
use crate::cluster::Action;
use crate::experiment::descriptor::document;
use crate::experiment::problems::Problems;
use hpa_core::api::{Behavior, MetricSpec, ResourceRequirements};
use hpa_core::manifest::{self, FieldPath};
use hpa_core::time::SignedDuration;

document! {
    /// An action without fields: write `{}`.
    pub(crate) Nothing {}

    /// Changes of the workload's manifest.
    pub(crate) ApplyDocument {
        /// The manifest's replicas; default: none, which keeps the count.
        replicas: Option<i32>,
        /// New requests and limits of the first container, which start a rollout.
        resources: Option<ResourceRequirements>,
    }
}

impl ApplyDocument {
    pub(super) fn lower(
        &self,
        path: &FieldPath,
        course: &Course<'_>,
        problems: &mut Problems<'_>,
    ) -> Action {
        let path = path.child("replicas");
        let mut workload = course.setup.workload.clone();
        workload.spec.replicas = self.replicas.map(|count| problems.replicas(&path, count));
        if let (Some(resources), Some(container)) = (
            &self.resources,
            workload.spec.template.spec.containers.first_mut(),
        ) {
            container.resources = resources.clone();
        }
        Action::ApplyWorkload(Box::new(workload))
    }
}

document! {
    /// Changes of the autoscaler.
    pub(crate) EditDocument {
        /// New minReplicas.
        min_replicas: Option<i32>,
        /// New maxReplicas.
        max_replicas: Option<i32>,
        /// New metrics, which replace all old ones.
        metrics: Option<Vec<MetricSpec>>,
        /// New behavior, which replaces the old one.
        behavior: Option<Behavior>,
    }
}

impl EditDocument {
    pub(super) fn lower(
        &self,
        path: &FieldPath,
        course: &mut Course<'_>,
        problems: &mut Problems<'_>,
    ) -> Action {
        let autoscaler = &mut course.autoscaler;
        let spec = &mut autoscaler.spec;
        if let Some(minimum) = self.min_replicas {
            let place = path.child("minReplicas");
            // Validation refuses negative counts.
            spec.min_replicas = Some(minimum.min(problems.replicas(&place, minimum.max(0))));
        }
        if let Some(maximum) = self.max_replicas {
            spec.max_replicas = maximum;
        }
        if let Some(metrics) = &self.metrics {
            spec.metrics.clone_from(metrics);
        }
        if let Some(behavior) = &self.behavior {
            spec.behavior = Some(behavior.clone());
        }
        autoscaler.metadata.generation += 1;
        let options = &course.options;
        manifest::default_hpa(autoscaler);
        manifest::drop_disabled_fields(autoscaler, options);
        for error in manifest::validate_hpa(autoscaler, options) {
            let mut place = path.clone();
            // The edit mirrors the spec: `spec.behavior` is its `behavior`.
            place.extend(error.field.segments().iter().skip(1).cloned());
            problems.error(&place, error.to_string());
        }
        Action::EditAutoscaler(Box::new(autoscaler.clone()))
    }
}

document! {
    /// The controller manager restarts.
    pub(crate) RestartDocument {
        /// The time without syncs; default 15s.
        downtime: Option<SignedDuration>,
    }
}

impl RestartDocument {
    pub(super) fn lower(&self) -> Action {
        Action::RestartController {
            downtime: self.downtime.unwrap_or(SignedDuration::from_secs(15)),
        }
    }
}
