//! The clock: the system's, or one that a test sets.

use std::fmt;
use std::sync::Arc;

use hpa_core::time::{SignedDuration, Timestamp};

/// A source of time.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> Reading + Send + Sync>);

/// The wall clock and the monotonic clock, read at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The time of day, which can be set back.
    pub(crate) wall: Timestamp,
    /// Time since an arbitrary point; never goes backwards.
    pub(crate) monotonic: SignedDuration,
}

impl Clock {
    /// A clock that returns what `read` returns.
    pub(crate) fn new(read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The system's clocks; the monotonic one starts at zero now.
    pub(crate) fn system() -> Self {
        let start = tokio::time::Instant::now();
        Self::new(move || Reading {
            wall: wall(),
            monotonic: SignedDuration(millis(start.elapsed())),
        })
    }

    /// Both clocks, now.
    pub(crate) fn read(&self) -> Reading {
        (self.0)()
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.read().wall
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.read()).finish()
    }
}

impl Reading {
    /// By how much the wall clock was set since `earlier`, on top of the time that passed. Zero for
    /// less than a second, which is ordinary drift.
    pub(crate) fn step_since(self, earlier: Self) -> SignedDuration {
        let passed = self.monotonic.0.saturating_sub(earlier.monotonic.0);
        let expected = earlier.wall.0.saturating_add(passed);
        let step = self.wall.0.saturating_sub(expected);
        if step.abs() < 1_000 {
            SignedDuration::ZERO
        } else {
            SignedDuration(step)
        }
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "the core takes the time as an argument; this is where the controller gets it"
)]
fn wall() -> Timestamp {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(millis(since_1970))
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A duration of the core as one of the standard library; negative durations become zero.
pub(crate) fn std_duration(duration: SignedDuration) -> std::time::Duration {
    std::time::Duration::from_millis(duration.0.try_into().unwrap_or(0))
}
