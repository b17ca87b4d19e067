//! How a pod comes and goes: scheduling, image, start, readiness, crash, end.

use hpa_core::time::SignedDuration;

/// The times of a pod's life.
#[derive(Clone, Debug, PartialEq)]
pub struct Startup {
    /// From creation to being bound to a node that has room; default 0.5 s.
    pub scheduling_delay: SignedDuration,
    /// Pulling the image when the node does not have it; default 4 s.
    pub first_image_pull: SignedDuration,
    /// Checking the image when the node has it; default 0.5 s.
    pub later_image_pull: SignedDuration,
    /// From the start of the containers until the application answers; default 2 s.
    pub start_time: Spread,
    /// CPU used on top of the rest while the burst lasts \[cores\]; default 0.
    pub cpu_burst: f64,
    /// How long the burst lasts, from the start of the containers; default: until the
    /// application answers.
    pub cpu_burst_duration: Option<SignedDuration>,
    /// When the pod turns ready.
    pub readiness: Readiness,
    /// From the order to stop until the pod is gone, while it works off what it has; at most the
    /// manifest's grace period; default 5 s.
    pub drain: SignedDuration,
    /// A crash some time after each start; default none.
    pub crash: Option<Crash>,
    /// How old the pods are that are there when time begins; default 1 h.
    pub initial_age: SignedDuration,
}

impl Default for Startup {
    fn default() -> Self {
        Self {
            scheduling_delay: SignedDuration(500),
            first_image_pull: SignedDuration::from_secs(4),
            later_image_pull: SignedDuration(500),
            start_time: Spread {
                mean: SignedDuration::from_secs(2),
                deviation: 0.0,
            },
            cpu_burst: 0.0,
            cpu_burst_duration: None,
            readiness: Readiness::FromProbes,
            drain: SignedDuration::from_secs(5),
            crash: None,
            initial_age: SignedDuration::from_secs(3600),
        }
    }
}

/// A time that differs from pod to pod.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: SignedDuration,
    /// The standard deviation as a part of the mean; times below a tenth of the mean are raised
    /// to it. Default 0: all pods alike.
    pub deviation: f64,
}

/// When a pod turns ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// As the manifest's readiness and startup probes find it; without probes when the
    /// application answers.
    #[default]
    FromProbes,
    /// This long after the start of its containers.
    After(SignedDuration),
}

/// A crash that comes back, with the kubelet's growing pauses (10 s doubling to 5 min).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crash {
    /// From the start of the containers to the crash.
    pub after: Spread,
    /// How many times each pod crashes; `None` is always.
    pub times: Option<u32>,
}
