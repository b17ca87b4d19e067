//! Pods: the part of their spec and status that decides how an autoscaler counts them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ObjectMeta;
use crate::quantity::Quantity;
use crate::time::Timestamp;

/// A pod as the API server shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Pod {
    /// Name, labels.
    pub metadata: PodMeta,
    /// Containers and their requests.
    pub spec: PodSpec,
    /// Phase, readiness, start.
    pub status: PodStatus,
}

/// A pod's metadata: [`ObjectMeta`] and whether it is being deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodMeta {
    /// Name, namespace, labels.
    #[serde(flatten)]
    pub object: ObjectMeta,
    /// Set once the pod is being deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Timestamp>,
}

/// The part of a pod's spec that the model reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodSpec {
    /// Containers.
    pub containers: Vec<Container>,
    /// Init containers; those with `restartPolicy: Always` are sidecars and keep running.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init_containers: Vec<Container>,
    /// Pod-level requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Resources of the pod sandbox itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub overhead: BTreeMap<String, Quantity>,
    /// Seconds between SIGTERM and SIGKILL; default 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
}

impl PodSpec {
    /// A pod of these containers.
    #[must_use]
    pub fn new(containers: impl IntoIterator<Item = Container>) -> Self {
        Self {
            containers: containers.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether the pod as a whole requests one of the resources that may be requested so.
    ///
    /// Upstream: `k8s.io/component-helpers/resource`, `IsPodLevelRequestsSet`.
    #[must_use]
    pub fn has_pod_level_requests(&self) -> bool {
        let requests = self.resources.iter().flat_map(|pod| pod.requests.keys());
        requests.into_iter().any(|name| is_pod_level_resource(name))
    }

    /// The containers that run as long as the pod, which are those that count for an autoscaler:
    /// the containers, then the sidecars.
    pub fn running_containers(&self) -> impl Iterator<Item = RunningContainer<'_>> {
        fn of<'a>(
            field: &'static str,
            list: &'a [Container],
        ) -> impl Iterator<Item = RunningContainer<'a>> {
            let place = move |(index, container)| RunningContainer {
                container,
                field,
                index,
            };
            list.iter().enumerate().map(place)
        }
        let init = of("initContainers", &self.init_containers);
        of("containers", &self.containers).chain(init.filter(|init| init.container.is_sidecar()))
    }

    /// What one pod requests of a resource, in whole units: as a whole, or the sum of the running
    /// containers that request it; 0 where nothing does.
    ///
    /// An estimate for people. The controller adds up thousandths, and refuses a metric where one
    /// container requests nothing.
    #[must_use]
    pub fn requested(&self, resource: &str) -> f64 {
        let whole = self.resources.as_ref();
        if let Some(request) = whole.and_then(|pod| pod.requests.get(resource)) {
            return request.approximate_f64();
        }
        self.running_containers()
            .filter_map(|running| running.container.resources.requests.get(resource))
            .map(Quantity::approximate_f64)
            .sum()
    }
}

/// A container that runs as long as its pod, and its place in the pod's spec.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RunningContainer<'a> {
    /// The container.
    pub container: &'a Container,
    /// The list that it stands in: `containers` or `initContainers`.
    pub field: &'static str,
    /// Its position in that list.
    pub index: usize,
}

/// Whether a pod as a whole may request this.
pub(crate) fn is_pod_level_resource(name: &str) -> bool {
    name == "cpu" || name == "memory" || name.starts_with("hugepages-")
}

/// The part of a container that the model reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Container {
    /// The container's name.
    pub name: String,
    /// Requests and limits.
    pub resources: ResourceRequirements,
    /// `Always` makes an init container a sidecar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<String>,
    /// When the container counts as ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Probe>,
    /// Delays the other probes until it succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_probe: Option<Probe>,
}

impl Container {
    /// A container that requests nothing and has no probes.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// With a request of a resource.
    #[must_use]
    pub fn with_request(mut self, resource: impl Into<String>, quantity: Quantity) -> Self {
        self.resources.requests.insert(resource.into(), quantity);
        self
    }

    /// With a limit of a resource.
    #[must_use]
    pub fn with_limit(mut self, resource: impl Into<String>, quantity: Quantity) -> Self {
        self.resources.limits.insert(resource.into(), quantity);
        self
    }

    /// Whether this init container is a sidecar: it keeps running beside the containers.
    #[must_use]
    pub fn is_sidecar(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

/// Requests and limits by resource name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ResourceRequirements {
    /// Reserved by the scheduler, and the base of utilization.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// Upper limit of usage.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
}

/// The timing of a probe; its action is not modeled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Probe {
    /// Seconds before the first probe; default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<i32>,
    /// Seconds between probes; default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i32>,
    /// Successes in a row that make it ready; default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<i32>,
    /// Failures in a row that make it fail; default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i32>,
}

/// The part of a pod's status that the algorithm reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// When the kubelet saw the pod (whole seconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// Conditions, of which only `Ready` is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<PodCondition>,
}

/// One condition of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodCondition {
    /// Such as `Ready`.
    pub r#type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// When the status last changed (whole seconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Timestamp>,
}
