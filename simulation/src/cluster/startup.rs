//! Settings of the pod lifecycle: scheduling, image, start, readiness, crash, termination.

use hpa_core::time::SignedDuration;

/// The durations of a pod's lifecycle.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Startup {
    /// Time from creation to binding to a node with room; default 0.5 s.
    pub scheduling_delay: SignedDuration,
    /// Time to pull an image that the node does not have; default 4 s.
    pub first_image_pull: SignedDuration,
    /// Time to check an image that the node has; default 0.5 s.
    pub later_image_pull: SignedDuration,
    /// Time from the start of the containers until the application responds; default 2 s.
    pub start_time: Spread,
    /// Additional CPU usage during the startup burst \[cores\]; default 0.
    pub cpu_burst: f64,
    /// Duration of the burst, from the start of the containers; default: until the application
    /// responds.
    pub cpu_burst_duration: Option<SignedDuration>,
    /// The time at which the pod becomes ready.
    pub readiness: Readiness,
    /// Time from deletion until the pod is gone, in which it finishes its requests; at most the
    /// manifest's grace period; default 5 s.
    pub drain: SignedDuration,
    /// A crash after each start; default none.
    pub crash: Option<Crash>,
    /// Age of the initial pods at the start of the run; default 1 h.
    pub initial_age: SignedDuration,
}

impl Default for Startup {
    fn default() -> Self {
        Self {
            scheduling_delay: SignedDuration(500),
            first_image_pull: SignedDuration::from_secs(4),
            later_image_pull: SignedDuration(500),
            start_time: Spread::new(SignedDuration::from_secs(2), 0.0),
            cpu_burst: 0.0,
            cpu_burst_duration: None,
            readiness: Readiness::FromProbes,
            drain: SignedDuration::from_secs(5),
            crash: None,
            initial_age: SignedDuration::from_secs(3600),
        }
    }
}

/// A random duration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// The mean.
    pub mean: SignedDuration,
    /// The relative standard deviation; durations below a tenth of the mean are raised to it. Default
    /// 0: the same for all pods.
    pub deviation: f64,
}

impl Spread {
    /// Times around `mean` with a standard deviation that is a part of it.
    #[must_use]
    pub const fn new(mean: SignedDuration, deviation: f64) -> Self {
        Self { mean, deviation }
    }
}

/// The time at which a pod becomes ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// When the manifest's readiness and startup probes succeed; without probes, when the application
    /// responds.
    #[default]
    FromProbes,
    /// This time after the start of its containers.
    After(SignedDuration),
}

/// A recurring crash, with the kubelet's back-off (10 s, doubling up to 5 min).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Crash {
    /// Time from the start of the containers to the crash.
    pub after: Spread,
    /// The number of crashes of each pod; `None` for no limit.
    pub times: Option<u32>,
}

impl Crash {
    /// A crash that comes back again and again.
    #[must_use]
    pub const fn new(after: Spread) -> Self {
        Self { after, times: None }
    }

    /// With an end: each pod crashes so many times.
    #[must_use]
    pub const fn with_times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }
}
