//! Workload, startup and nodes in the experiment document.

use crate::cluster::{Queue, ServiceTime};
use crate::experiment::descriptor::{document, words};
use crate::experiment::value::{Amount, Limit};
use hpa_core::time::SignedDuration;

document! {
    /// The cost of a request, and queueing beyond a pod's capacity.
    pub(crate) WorkloadDocument {
        /// CPU time of one request, in core seconds; default 10m.
        cpu_per_request: Option<Amount>,
        /// CPU usage of an idle pod, in cores; default 1m.
        idle_cpu: Option<Amount>,
        /// CPU limit of a pod, in cores, or none; default: the manifest's limits.
        cpu_limit: Option<Limit<Amount>>,
        /// Memory of an idle pod, in bytes; default 64Mi.
        memory: Option<Amount>,
        /// Memory of each request in flight, in bytes; default 1Mi.
        memory_per_request: Option<Amount>,
        /// Memory leak of a pod, in bytes per hour; default 0.
        memory_leak_per_hour: Option<Amount>,
        /// Time to serve a request in an idle pod; default 50ms.
        service_time: Option<SignedDuration>,
        /// The distribution of service times; default exponential.
        service_times: Option<ServiceTime>,
        /// Requests that a pod serves concurrently, at most 1000000; default 32.
        concurrency: Option<u32>,
        /// What happens to further requests.
        queue: QueueDocument,
        /// How unevenly requests are distributed: the standard deviation of the logarithm of a pod's
        /// share; default 0, evenly.
        unevenness: Option<Amount>,
        /// Each container's part of the usage; default: the first one uses all.
        containers: Vec<ContainerDocument>,
    }

    /// What happens to requests beyond a pod's concurrency.
    pub(crate) QueueDocument {
        /// Where requests wait; default perPod.
        kind: Queue,
        /// The queue limit of a pod, beyond which requests are dropped, or none; default 1000.
        length: Option<Limit<u32>>,
        /// The time after which a waiting request times out, or none; default 30s.
        timeout: Option<Limit<SignedDuration>>,
    }
}

words! {
    ServiceTime { "exponential" => Exponential, "deterministic" => Deterministic }
    Queue {
        "perPod" => PerPod = Queue::PerPod {
            length: Some(1000),
            timeout: Some(SignedDuration::from_secs(30)),
        },
        "workQueue" => WorkQueue,
    }
}

document! {
    /// One container's part of its pod's CPU and memory usage.
    pub(crate) ContainerDocument {
        /// The container's name.
        name: String,
        /// Fraction of the pod's CPU usage, 0 to 1; default 0.
        cpu: Amount,
        /// Fraction of the pod's memory usage, 0 to 1; default 0.
        memory: Amount,
    }

    /// The lifecycle of pods.
    pub(crate) StartupDocument {
        /// Time from creation to binding to a node with room; default 0.5s.
        scheduling_delay: Option<SignedDuration>,
        /// Time to pull an image that the node does not have; default 4s.
        first_image_pull: Option<SignedDuration>,
        /// Time to check an image that the node has; default 0.5s.
        later_image_pull: Option<SignedDuration>,
        /// Time from the start of the containers until the application responds; default 2s.
        start_time: Option<SignedDuration>,
        /// Relative standard deviation of that time; default 0.
        start_time_deviation: Option<Amount>,
        /// Additional CPU usage while starting, in cores; default 0.
        cpu_burst: Option<Amount>,
        /// Duration of that burst; default: until the application responds.
        cpu_burst_duration: Option<SignedDuration>,
        /// Time from the start of the containers to readiness; default: the probes decide.
        ready_after: Option<SignedDuration>,
        /// Time from deletion until the pod is gone; default 5s.
        drain: Option<SignedDuration>,
        /// A crash after each start; default none.
        crash: Option<CrashDocument>,
        /// Age of the initial pods at the start of the run; default 1h.
        initial_age: Option<SignedDuration>,
    }

    /// A recurring crash.
    pub(crate) CrashDocument {
        /// Time from the start of the containers to the crash; default 1m.
        after: Option<SignedDuration>,
        /// Relative standard deviation of that time; default 0.
        deviation: Option<Amount>,
        /// The number of crashes of each pod, or none for no limit; default none.
        times: Option<Limit<u32>>,
    }

    /// Nodes, their capacity, and quota.
    pub(crate) NodesDocument {
        /// Initial number of nodes, at most 10000; default 1.
        count: Option<u32>,
        /// The workload's pods that fit on one node, at most 150000, or none for no limit; default none.
        pods_per_node: Option<Limit<u32>>,
        /// The node autoscaler; default none.
        autoscaler: Option<NodeAutoscalerDocument>,
        /// The maximum number of pods, or none; default none.
        quota: Option<Limit<u32>>,
    }

    /// A node autoscaler, which adds nodes for unschedulable pods.
    pub(crate) NodeAutoscalerDocument {
        /// Time from an unschedulable pod until its node is ready; default 90s.
        delay: Option<SignedDuration>,
        /// The maximum number of nodes, at most 10000; default 10.
        max_nodes: Option<u32>,
    }
}
