//! Workload, startup and nodes in the experiment document.

use super::value::{Amount, Limit};
use hpa_core::time::Duration;

/// What a request costs and what happens beyond a pod's capacity.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct WorkloadDocument {
    /// CPU time of one request, core seconds; default 10m.
    pub cpu_per_request: Option<Amount>,
    /// CPU of a running pod without requests, cores; default 1m.
    pub idle_cpu: Option<Amount>,
    /// The most CPU that a pod gets, cores, or none; default: the manifest's limits.
    pub cpu_limit: Option<Limit<Amount>>,
    /// Memory of an idle pod, bytes; default 64Mi.
    pub memory: Option<Amount>,
    /// Memory that each request in flight adds, bytes; default 1Mi.
    pub memory_per_request: Option<Amount>,
    /// Memory that a pod loses to a leak, bytes per hour; default 0.
    pub memory_leak_per_hour: Option<Amount>,
    /// How long a request takes in a pod that has nothing else to do; default 50ms.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub service_time: Option<Duration>,
    /// How service times spread; default exponential.
    pub service_times: Option<ServiceTimesDocument>,
    /// Requests that one pod works on at the same time, at most 1000000; default 32.
    pub concurrency: Option<u32>,
    /// What happens to requests beyond that.
    pub queue: QueueDocument,
    /// How unevenly requests are spread: the standard deviation of the logarithm of a pod's
    /// share; default 0, evenly.
    pub unevenness: Option<Amount>,
    /// Which container uses how much; default: the first one uses all.
    pub containers: Vec<ContainerDocument>,
}

/// How service times spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum ServiceTimesDocument {
    /// Exponentially.
    #[default]
    Exponential,
    /// Not at all.
    Deterministic,
}

/// What happens to requests beyond a pod's concurrency.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct QueueDocument {
    /// Where requests wait; default perPod.
    pub kind: QueueKind,
    /// How many may wait at one pod before more are dropped, or none; default 1000.
    pub length: Option<Limit<u32>>,
    /// How long a request waits before it gives up, or none; default 30s.
    #[cfg_attr(test, schemars(with = "Option<Limit<super::schema::DurationText>>"))]
    pub timeout: Option<Limit<Duration>>,
}

/// Where requests wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum QueueKind {
    /// Each pod has a queue of its own.
    #[default]
    PerPod,
    /// One queue for all pods that loses nothing, such as a message broker's.
    WorkQueue,
}

/// What one container uses of its pod's CPU and memory.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct ContainerDocument {
    /// The container's name.
    pub name: String,
    /// Part of the pod's CPU usage, 0 to 1; default 0.
    pub cpu: Amount,
    /// Part of the pod's memory usage, 0 to 1; default 0.
    pub memory: Amount,
}

/// How pods come and go.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct StartupDocument {
    /// From creation to being bound to a node with room; default 0.5s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub scheduling_delay: Option<Duration>,
    /// Pulling the image when the node does not have it; default 4s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub first_image_pull: Option<Duration>,
    /// Checking the image when the node has it; default 0.5s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub later_image_pull: Option<Duration>,
    /// From the start of the containers until the application answers; default 2s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub start_time: Option<Duration>,
    /// Standard deviation of that, as a part of it; default 0.
    pub start_time_deviation: Option<Amount>,
    /// CPU used on top of the rest while starting, cores; default 0.
    pub cpu_burst: Option<Amount>,
    /// How long that burst lasts; default: until the application answers.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub cpu_burst_duration: Option<Duration>,
    /// Ready this long after the start of the containers; default: as the probes find it.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub ready_after: Option<Duration>,
    /// From the order to stop until the pod is gone; default 5s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub drain: Option<Duration>,
    /// A crash some time after each start; default none.
    pub crash: Option<CrashDocument>,
    /// How old the first pods are when time begins; default 1h.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub initial_age: Option<Duration>,
}

/// A crash that comes back.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct CrashDocument {
    /// From the start of the containers to the crash; default 1m.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub after: Option<Duration>,
    /// Standard deviation of that, as a part of it; default 0.
    pub deviation: Option<Amount>,
    /// How many times each pod crashes, or none for always; default none.
    pub times: Option<Limit<u32>>,
}

/// Room for pods.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct NodesDocument {
    /// Nodes at the beginning, at most 10000; default 1.
    pub count: Option<u32>,
    /// Pods of the workload that fit on one node, at most 150000, or none for any number; default none.
    pub pods_per_node: Option<Limit<u32>>,
    /// What adds nodes when pods find no room; default nothing.
    pub autoscaler: Option<NodeAutoscalerDocument>,
    /// The most pods that may exist, or none; default none.
    pub quota: Option<Limit<u32>>,
}

/// What adds nodes when pods find no room.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct NodeAutoscalerDocument {
    /// From a pod without room to the node that is ready for it; default 90s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub delay: Option<Duration>,
    /// The most nodes, at most 10000; default 10.
    pub max_nodes: Option<u32>,
}
