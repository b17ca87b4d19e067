//! Groups pods as ready, unready, missing or ignored, and sums up their requests.
//!
//! Upstream: `pkg/controller/podautoscaler/replica_calculator.go`, `groupPods`,
//! `calculateRequests`, `getReadyPodsCount`.

use std::sync::Arc;

use super::config::ControllerConfig;
use super::observation::{PodPhase, PodRecord, ReadyStatus, Sample};
use crate::api::pod::is_pod_level_resource;
use crate::api::{Change, Container, FeatureGate, PodSpec};
use crate::quantity::Quantity;
use crate::time::Timestamp;

/// The group of a pod for one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PodGroup {
    /// The sample counts.
    Ready,
    /// Unready: assumed to use nothing if the ratio is above 1.
    Unready,
    /// No sample: its usage is assumed.
    Missing,
    /// Terminating or failed: ignored.
    Ignored,
}

/// The number of pods in each group, and of samples of unknown pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PodGroups {
    /// Pods whose samples count.
    pub ready: u32,
    /// Unready pods.
    pub unready: u32,
    /// Pods without a sample.
    pub missing: u32,
    /// Ignored pods.
    pub ignored: u32,
    /// Samples of unknown pods.
    pub foreign: u32,
}

/// Whether the metric is CPU usage, whose samples are not trusted while a pod starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampleTrust {
    /// Any other metric: every sample counts.
    Always,
    /// CPU: samples do not count while the pod initializes.
    AfterInitialization,
}

/// The group of `pod`, given its sample.
///
/// Upstream: `groupPods`.
pub(super) fn group(
    pod: &PodRecord,
    sample: Option<&Sample>,
    trust: SampleTrust,
    config: &ControllerConfig,
    now: Timestamp,
) -> PodGroup {
    if pod.deleting || pod.phase == PodPhase::Failed {
        return PodGroup::Ignored;
    }
    if pod.phase == PodPhase::Pending {
        return PodGroup::Unready;
    }
    let Some(sample) = sample else {
        return PodGroup::Missing;
    };
    if trust == SampleTrust::Always {
        return PodGroup::Ready;
    }
    let (Some(ready), Some(start)) = (pod.ready, pod.start_time) else {
        return PodGroup::Unready;
    };
    let unready = if start + config.cpu_initialization_period > now {
        // The sample's whole window must lie after the last readiness transition.
        ready.status == ReadyStatus::False
            || sample.timestamp < ready.last_transition + sample.window
    } else {
        // A pod that became unready this soon after its start has never been ready.
        ready.status == ReadyStatus::False
            && start + config.initial_readiness_delay > ready.last_transition
    };
    if unready {
        PodGroup::Unready
    } else {
        PodGroup::Ready
    }
}

/// The number of running, ready pods, including terminating ones.
///
/// Upstream: `getReadyPodsCount`.
pub(super) fn ready_count(pods: &[PodRecord]) -> i64 {
    pods.iter()
        .filter(|pod| {
            pod.phase == PodPhase::Running
                && pod
                    .ready
                    .is_some_and(|ready| ready.status == ReadyStatus::True)
        })
        .map(|pod| i64::from(pod.count))
        .sum()
}

/// Why a pod's request is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestError<'a> {
    /// A container without a request.
    Container(&'a str),
    /// Pod-level requests without this resource.
    PodLevel,
    /// No container of this name.
    NoContainer,
}

impl RequestError<'_> {
    /// Upstream's text.
    pub(super) fn text(self, resource: &str, container: &str, pod: &str) -> Arc<str> {
        match self {
            Self::Container(name) => {
                format!("missing request for {resource} in container {name} of Pod {pod}")
            }
            Self::PodLevel => format!("missing pod-level request for {resource} in Pod {pod}"),
            Self::NoContainer => format!("container {container} not found in Pod {pod}"),
        }
        .into()
    }
}

/// The request of one pod for `resource` in thousandths: of the whole pod, or of one container.
///
/// Upstream: `calculatePodRequests`, `calculatePodRequestsFromContainers`,
/// `calculatePodLevelRequests`.
pub(super) fn request<'a>(
    spec: &'a PodSpec,
    resource: &str,
    container: Option<&str>,
    config: &ControllerConfig,
) -> Result<i64, RequestError<'a>> {
    if container.is_none()
        && config.rules.has(Change::PodLevelRequests)
        && config.gates.is_on(FeatureGate::PodLevelResources)
        && spec.has_pod_level_requests()
    {
        let overhead = !config.rules.has(Change::OverheadExcluded);
        return pod_level_request(spec, resource, overhead).ok_or(RequestError::PodLevel);
    }
    let must_have = config.rules.has(Change::MissingContainerError);
    let mut sum = 0_i64;
    for candidate in spec.running_containers().map(|running| running.container) {
        if container.is_none_or(|name| name == candidate.name) {
            let request = candidate
                .resources
                .requests
                .get(resource)
                .ok_or(RequestError::Container(&candidate.name))?;
            sum = sum.wrapping_add(request.milli_value());
            if container.is_some() && must_have {
                return Ok(sum);
            }
        }
    }
    if container.is_some() && must_have {
        Err(RequestError::NoContainer)
    } else {
        Ok(sum)
    }
}

/// The pod's request, including overhead if that counts; pod-level values replace those of its containers.
///
/// Upstream: `k8s.io/component-helpers/resource`, `PodRequests`, `AggregateContainerRequests`.
fn pod_level_request(spec: &PodSpec, resource: &str, with_overhead: bool) -> Option<i64> {
    let of = |container: &Container| {
        container
            .resources
            .requests
            .get(resource)
            .map(Quantity::milli_value)
    };
    let add = |sum: Option<i64>, next: Option<i64>| match (sum, next) {
        (Some(a), Some(b)) => Some(a.wrapping_add(b)),
        (a, b) => a.or(b),
    };
    let mut total = spec.containers.iter().map(of).fold(None, add);
    let mut sidecars = None;
    let mut largest_init = None;
    for init in &spec.init_containers {
        let needed = if init.is_sidecar() {
            total = add(total, of(init));
            sidecars = add(sidecars, of(init));
            sidecars
        } else {
            // A regular init container runs beside the sidecars that started before it.
            add(of(init), sidecars)
        };
        largest_init = largest_init.max(needed);
    }
    total = total.max(largest_init);
    if is_pod_level_resource(resource) {
        let pod_level = spec
            .resources
            .as_ref()
            .and_then(|resources| resources.requests.get(resource));
        total = pod_level.map(Quantity::milli_value).or(total);
    }
    let overhead = spec.overhead.get(resource).filter(|_| with_overhead);
    add(total, overhead.map(Quantity::milli_value))
}
