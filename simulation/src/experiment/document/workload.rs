//! Workload, startup and nodes in the experiment document.

use crate::cluster::{Queue, ServiceTime};
use crate::experiment::descriptor::{document, words};
use crate::experiment::value::{Amount, Limit};
use hpa_core::time::SignedDuration;

document! {
    /// What a request costs and what happens beyond a pod's capacity.
    pub(crate) WorkloadDocument {
        /// CPU time of one request, core seconds; default 10m.
        cpu_per_request: Option<Amount>,
        /// CPU of a running pod without requests, cores; default 1m.
        idle_cpu: Option<Amount>,
        /// The most CPU that a pod gets, cores, or none; default: the manifest's limits.
        cpu_limit: Option<Limit<Amount>>,
        /// Memory of an idle pod, bytes; default 64Mi.
        memory: Option<Amount>,
        /// Memory that each request in flight adds, bytes; default 1Mi.
        memory_per_request: Option<Amount>,
        /// Memory that a pod loses to a leak, bytes per hour; default 0.
        memory_leak_per_hour: Option<Amount>,
        /// How long a request takes in a pod that has nothing else to do; default 50ms.
        service_time: Option<SignedDuration>,
        /// How service times spread; default exponential.
        service_times: Option<ServiceTime>,
        /// Requests that one pod works on at the same time, at most 1000000; default 32.
        concurrency: Option<u32>,
        /// What happens to requests beyond that.
        queue: QueueDocument,
        /// How unevenly requests are spread: the standard deviation of the logarithm of a pod's
        /// share; default 0, evenly.
        unevenness: Option<Amount>,
        /// Which container uses how much; default: the first one uses all.
        containers: Vec<ContainerDocument>,
    }

    /// What happens to requests beyond a pod's concurrency.
    pub(crate) QueueDocument {
        /// Where requests wait; default perPod.
        kind: Queue,
        /// How many may wait at one pod before more are dropped, or none; default 1000.
        length: Option<Limit<u32>>,
        /// How long a request waits before it gives up, or none; default 30s.
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
    /// What one container uses of its pod's CPU and memory.
    pub(crate) ContainerDocument {
        /// The container's name.
        name: String,
        /// Part of the pod's CPU usage, 0 to 1; default 0.
        cpu: Amount,
        /// Part of the pod's memory usage, 0 to 1; default 0.
        memory: Amount,
    }

    /// How pods come and go.
    pub(crate) StartupDocument {
        /// From creation to being bound to a node with room; default 0.5s.
        scheduling_delay: Option<SignedDuration>,
        /// Pulling the image when the node does not have it; default 4s.
        first_image_pull: Option<SignedDuration>,
        /// Checking the image when the node has it; default 0.5s.
        later_image_pull: Option<SignedDuration>,
        /// From the start of the containers until the application answers; default 2s.
        start_time: Option<SignedDuration>,
        /// Standard deviation of that, as a part of it; default 0.
        start_time_deviation: Option<Amount>,
        /// CPU used on top of the rest while starting, cores; default 0.
        cpu_burst: Option<Amount>,
        /// How long that burst lasts; default: until the application answers.
        cpu_burst_duration: Option<SignedDuration>,
        /// Ready this long after the start of the containers; default: as the probes find it.
        ready_after: Option<SignedDuration>,
        /// From the order to stop until the pod is gone; default 5s.
        drain: Option<SignedDuration>,
        /// A crash some time after each start; default none.
        crash: Option<CrashDocument>,
        /// How old the first pods are when time begins; default 1h.
        initial_age: Option<SignedDuration>,
    }

    /// A crash that comes back.
    pub(crate) CrashDocument {
        /// From the start of the containers to the crash; default 1m.
        after: Option<SignedDuration>,
        /// Standard deviation of that, as a part of it; default 0.
        deviation: Option<Amount>,
        /// How many times each pod crashes, or none for always; default none.
        times: Option<Limit<u32>>,
    }

    /// Room for pods.
    pub(crate) NodesDocument {
        /// Nodes at the beginning, at most 10000; default 1.
        count: Option<u32>,
        /// Pods of the workload that fit on one node, at most 150000, or none for any number; default none.
        pods_per_node: Option<Limit<u32>>,
        /// What adds nodes when pods find no room; default nothing.
        autoscaler: Option<NodeAutoscalerDocument>,
        /// The most pods that may exist, or none; default none.
        quota: Option<Limit<u32>>,
    }

    /// What adds nodes when pods find no room.
    pub(crate) NodeAutoscalerDocument {
        /// From a pod without room to the node that is ready for it; default 90s.
        delay: Option<SignedDuration>,
        /// The most nodes, at most 10000; default 10.
        max_nodes: Option<u32>,
    }
}
