//! The workload model: the cost of requests, and queueing beyond capacity.

use hpa_core::time::SignedDuration;

/// The model of how pods serve requests.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WorkloadModel {
    /// CPU time of one request [core seconds]; default 0.01.
    pub cpu_per_request: f64,
    /// CPU usage of an idle pod \[cores\]; default 0.001.
    pub idle_cpu: f64,
    /// The CPU limit of a pod; default: the sum of its containers' limits.
    pub cpu_limit: CpuLimit,
    /// Memory of an idle pod \[bytes\]; default 64 Mi.
    pub memory: f64,
    /// Memory of each request in flight \[bytes\]; default 1 Mi.
    pub memory_per_request: f64,
    /// Memory leak of a pod [bytes per hour]; default 0.
    pub memory_leak_per_hour: f64,
    /// Time to serve a request in an idle pod \[s\]; default 50 ms.
    pub service_time: SignedDuration,
    /// The distribution of service times.
    pub service: ServiceTime,
    /// Requests that a pod serves concurrently; default 32.
    pub concurrency: u32,
    /// What happens to further requests.
    pub queue: Queue,
    /// How unevenly requests are distributed over pods: the standard deviation of the logarithm of a
    /// pod's share, drawn once for each pod; default 0: evenly.
    pub unevenness: f64,
    /// Each container's part of the usage; default: the first container uses all.
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

/// The CPU limit of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CpuLimit {
    /// The sum of its containers' limits; no limit if one of them has none.
    #[default]
    FromManifest,
    /// No limit.
    Unlimited,
    /// This many cores.
    Cores(f64),
}

/// The distribution of service times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(
    test,
    schemars(rename = "ServiceTimesDocument", rename_all = "camelCase")
)]
pub enum ServiceTime {
    // M/M/c and M/D/c in queueing theory.
    /// Exponential.
    #[default]
    Exponential,
    /// Constant.
    Deterministic,
}

/// What happens to requests beyond a pod's concurrency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Queue {
    /// Each pod has its own queue.
    PerPod {
        /// The queue limit, beyond which requests are dropped. Default 1,000; `None` for no limit.
        length: Option<u32>,
        /// The timeout of a waiting request; default 30 s; `None` for no timeout.
        timeout: Option<SignedDuration>,
    },
    /// One lossless queue for all pods, such as a message broker.
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

/// One container's part of its pod's CPU and memory usage.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ContainerShare {
    /// The container's name.
    pub name: String,
    /// Fraction of the pod's CPU usage [0..1].
    pub cpu: f64,
    /// Fraction of the pod's memory usage [0..1].
    pub memory: f64,
}

impl ContainerShare {
    /// A container's parts [0..1] of its pod's CPU and memory usage.
    #[must_use]
    pub fn new(name: impl Into<String>, cpu: f64, memory: f64) -> Self {
        let name = name.into();
        Self { name, cpu, memory }
    }
}
