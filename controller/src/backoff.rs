//! How long to wait before trying again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The waits after failures in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// After the first.
    pub(crate) first: Duration,
    /// The longest.
    pub(crate) longest: Duration,
    /// What has gone well for this long counts as mended.
    pub(crate) calm: Duration,
}

impl Default for Pace {
    /// Upstream: client-go, `NewReflectorWithOptions`.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(800),
            longest: Duration::from_secs(30),
            calm: Duration::from_mins(1),
        }
    }
}

/// Waits that double.
#[derive(Debug)]
pub(crate) struct Backoff {
    pace: Pace,
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new(pace: Pace) -> Self {
        Self {
            pace,
            next: pace.first,
        }
    }

    /// The next wait, up to half of it longer at random, so that many do not come back at once.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.pace.longest);
        wait.mul_f64(1.0 + random() / 2.0)
    }

    /// Begins anew.
    pub(crate) const fn reset(&mut self) {
        self.next = self.pace.first;
    }
}

/// A number from 0 to 1; good enough to spread load.
pub(crate) fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or(0);
    f64::from(bits) / f64::from(u32::MAX)
}
