//! How long to wait before retrying: exponential backoff with jitter.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The parameters of a [`Backoff`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackoffPolicy {
    /// The wait after the first failure.
    pub(crate) initial: Duration,
    /// The longest wait, before jitter.
    pub(crate) max: Duration,
    /// How long an attempt must have lasted for the next failure to count as the first.
    pub(crate) reset_after: Duration,
}

impl Default for BackoffPolicy {
    /// Upstream: client-go, `NewReflectorWithOptions`.
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(800),
            max: Duration::from_secs(30),
            reset_after: Duration::from_mins(1),
        }
    }
}

impl BackoffPolicy {
    /// The longest wait, jitter included.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.max.mul_f64(1.0 + JITTER)
    }
}

/// The largest fraction by which a wait is lengthened at random, so that many clients do not retry
/// at the same moment.
const JITTER: f64 = 0.5;

/// Waits that double after each failure.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: BackoffPolicy,
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new(policy: BackoffPolicy) -> Self {
        Self {
            policy,
            next: policy.initial,
        }
    }

    /// The next wait.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.policy.max);
        wait.mul_f64(1.0 + random() * JITTER)
    }

    /// Starts over with the initial wait.
    pub(crate) const fn reset(&mut self) {
        self.next = self.policy.initial;
    }
}

/// A random number from 0 to 1, good enough to spread load.
pub(crate) fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or(0);
    f64::from(bits) / f64::from(u32::MAX)
}
