//! Liveness: whether the controller makes progress, as reported by `/livez`.
//!
//! An unreachable API server does not make it fail: requests time out and are retried. It detects
//! hangs that only a restart fixes: a sync that exceeds the total timeout of its requests, due syncs
//! of which none starts, a watch that neither receives nor retries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use hpa_core::time::SignedDuration;

use crate::api_objects::Key;
use crate::clock::{Clock, millis};
use crate::mutex::lock;

/// The most requests that one sync sends one after the other: discovery, scale, metrics, and the
/// retries of a write.
const REQUESTS: i64 = 20;
/// The allowance in addition to the time of requests and backoff.
pub(crate) const SLACK: std::time::Duration = std::time::Duration::from_mins(2);

/// The progress of one process.
#[derive(Debug)]
pub(crate) struct Health {
    clock: Clock,
    /// How long a sync may run, and how long due syncs may wait while none starts.
    max_sync: SignedDuration,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// When each running sync started.
    running: BTreeMap<Key, SignedDuration>,
    /// Since when due syncs have been waiting while none started.
    waiting_since: Option<SignedDuration>,
    watches: BTreeMap<&'static str, WatchState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WatchState {
    Alive {
        last_beat: SignedDuration,
        max_silence: SignedDuration,
    },
    Panicked,
}

/// The heartbeat of one watch. Dropping it ends the supervision of that watch.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    health: Arc<Health>,
    resource: &'static str,
    max_silence: SignedDuration,
}

impl Health {
    /// For a process whose requests time out after `request_timeout`.
    pub(crate) fn new(clock: Clock, request_timeout: std::time::Duration) -> Self {
        let requests = millis(request_timeout).saturating_mul(REQUESTS);
        Self {
            clock,
            max_sync: SignedDuration(requests.saturating_add(millis(SLACK))),
            progress: Mutex::default(),
        }
    }

    /// A sync starts.
    pub(crate) fn sync_started(&self, key: &Key) {
        let now = self.now();
        let mut progress = self.progress();
        progress.running.insert(key.clone(), now);
        progress.waiting_since = None;
    }

    /// A sync has finished.
    pub(crate) fn sync_finished(&self, key: &Key) {
        self.progress().running.remove(key);
    }

    /// The number of due syncs that wait for a worker.
    pub(crate) fn set_waiting(&self, count: usize) {
        let now = self.now();
        let mut progress = self.progress();
        progress.waiting_since = (count > 0).then(|| progress.waiting_since.unwrap_or(now));
    }

    /// The controller stopped on purpose: it is not expected to sync.
    pub(crate) fn stopped(&self) {
        let mut progress = self.progress();
        progress.running.clear();
        progress.waiting_since = None;
    }

    /// The hang, if there is one.
    pub(crate) fn problem(&self) -> Option<String> {
        let now = self.now();
        let progress = self.progress();
        let overdue = |since: SignedDuration, limit: SignedDuration| {
            let age = SignedDuration(now.0 - since.0);
            (age > limit).then_some(age)
        };
        let oldest = progress.running.iter().min_by_key(|(_, since)| since.0);
        if let Some((key, since)) = oldest
            && let Some(age) = overdue(*since, self.max_sync)
        {
            return Some(format!("the sync of {key} has been running for {age}"));
        }
        let waiting = progress.waiting_since;
        if let Some(age) = waiting.and_then(|since| overdue(since, self.max_sync)) {
            return Some(format!("syncs are due, but none has started for {age}"));
        }
        progress
            .watches
            .iter()
            .find_map(|(resource, state)| match state {
                WatchState::Panicked => Some(format!("the watch of {resource} has panicked")),
                WatchState::Alive {
                    last_beat,
                    max_silence,
                } => overdue(*last_beat, *max_silence)
                    .map(|age| format!("the watch of {resource} has been silent for {age}")),
            })
    }

    fn now(&self) -> SignedDuration {
        self.clock.read().monotonic
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        lock(&self.progress)
    }
}

impl Heartbeat {
    /// Starts to supervise a watch, which must beat at least every `max_silence`.
    pub(crate) fn start(
        health: Arc<Health>,
        resource: &'static str,
        max_silence: std::time::Duration,
    ) -> Self {
        let heartbeat = Self {
            health,
            resource,
            max_silence: SignedDuration(millis(max_silence)),
        };
        heartbeat.beat();
        heartbeat
    }

    /// The watch received something or starts an attempt.
    pub(crate) fn beat(&self) {
        let state = WatchState::Alive {
            last_beat: self.health.now(),
            max_silence: self.max_silence,
        };
        self.health.progress().watches.insert(self.resource, state);
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        let mut progress = self.health.progress();
        if std::thread::panicking() {
            progress.watches.insert(self.resource, WatchState::Panicked);
        } else {
            progress.watches.remove(self.resource);
        }
    }
}
