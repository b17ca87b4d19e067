//! What a request costs, and what happens when more come than pods can serve.

use hpa_core::time::SignedDuration;

/// How pods of the workload serve requests.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadModel {
    /// CPU time that one request costs [core seconds]; default 0.01.
    pub cpu_per_request: f64,
    /// CPU that a running pod uses without any request \[cores\]; default 0.001.
    pub idle_cpu: f64,
    /// The most CPU that a pod gets; default: the sum of its containers' limits.
    pub cpu_limit: CpuLimit,
    /// Memory of an idle pod \[bytes\]; default 64 Mi.
    pub memory: f64,
    /// Memory that each request in flight adds \[bytes\]; default 1 Mi.
    pub memory_per_request: f64,
    /// Memory that a pod loses to a leak [bytes per hour]; default 0.
    pub memory_leak_per_hour: f64,
    /// How long a request takes in a pod that has nothing else to do \[s\]; default 50 ms.
    pub service_time: SignedDuration,
    /// How service times spread around that.
    pub service: ServiceTime,
    /// Requests that one pod works on at the same time; default 32.
    pub concurrency: u32,
    /// What happens to requests beyond that.
    pub queue: Queue,
    /// How unevenly requests are spread over pods: the standard deviation of the logarithm of a
    /// pod's share, drawn once for each pod; default 0: evenly.
    pub unevenness: f64,
    /// Which container uses how much of it; default: the first container uses all.
    pub containers: Vec<ContainerShare>,
}

impl Default for WorkloadModel {
    fn default() -> Self {
        Self {
            cpu_per_request: 0.01,
            idle_cpu: 0.001,
            cpu_limit: CpuLimit::FromManifest,
            memory: 64.0 * 1024.0 * 1024.0,
            memory_per_request: 1024.0 * 1024.0,
            memory_leak_per_hour: 0.0,
            service_time: SignedDuration(50),
            service: ServiceTime::Exponential,
            concurrency: 32,
            queue: Queue::default(),
            unevenness: 0.0,
            containers: Vec::new(),
        }
    }
}

/// The most CPU that a pod gets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CpuLimit {
    /// The sum of its containers' limits; none where one of them has none.
    #[default]
    FromManifest,
    /// No limit.
    Unlimited,
    /// This many cores.
    Cores(f64),
}

/// How service times spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(
    test,
    schemars(rename = "ServiceTimesDocument", rename_all = "camelCase")
)]
pub enum ServiceTime {
    // M/M/c and M/D/c in the words of queueing theory.
    /// Exponentially.
    #[default]
    Exponential,
    /// Not at all.
    Deterministic,
}

/// What happens to requests that find all of a pod's concurrency in use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Queue {
    /// Each pod has a queue of its own.
    PerPod {
        /// How many requests may wait; more are dropped. Default 1,000; `None` is no bound.
        length: Option<u32>,
        /// How long a request waits before it gives up; default 30 s; `None` is forever.
        timeout: Option<SignedDuration>,
    },
    /// One queue for all pods that loses nothing, such as a message broker's.
    WorkQueue,
}

impl Default for Queue {
    fn default() -> Self {
        Self::PerPod {
            length: Some(1000),
            timeout: Some(SignedDuration::from_secs(30)),
        }
    }
}

/// What one container uses of its pod's CPU and memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerShare {
    /// The container's name.
    pub name: String,
    /// Part of the pod's CPU usage [0..1].
    pub cpu: f64,
    /// Part of the pod's memory usage [0..1].
    pub memory: f64,
}
