//! Whether the controller makes progress: what `/livez` asks.
//!
//! An API server that is away is no reason to restart this process: requests fail in time, and are
//! made again. What never ends is one: a sync that is under way longer than all its requests may
//! take together, syncs that wait while none begins, a watch that neither says nor tries anything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hpa_core::time::Duration;

use super::api_objects::Key;
use super::backoff::Pace;
use super::clock::{Clock, millis};
use super::watch::LONGEST_SILENCE;

/// How many requests, one after the other, a sync may come to at most: discovery, scale, metrics,
/// the tries of a write.
const REQUESTS: i64 = 20;
/// What is granted beyond the time that requests and waits may take.
const SLACK: Duration = Duration::from_secs(120);

/// The signs of life of one process.
#[derive(Debug)]
pub(crate) struct Vitals {
    clock: Clock,
    /// How long a sync may be under way, or all of them wait.
    sync: Duration,
    /// How long a watch may give no sign.
    watch: Duration,
    signs: Mutex<Signs>,
}

#[derive(Debug, Default)]
struct Signs {
    /// Since when each sync is under way.
    under_way: BTreeMap<Key, Duration>,
    /// Since when syncs that are due have waited without one beginning.
    waiting: Option<Duration>,
    watches: BTreeMap<&'static str, Sign>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// The last one.
    At(Duration),
    /// There will be no other.
    Last,
}

/// One watch; when it ends, nothing is expected of it any more.
#[derive(Debug)]
pub(crate) struct Pulse {
    vitals: Arc<Vitals>,
    resource: &'static str,
}

impl Vitals {
    /// For a process each of whose requests may take `timeout`, and whose watches wait as `pace`
    /// says.
    pub(crate) fn new(clock: Clock, timeout: std::time::Duration, pace: Pace) -> Self {
        let timeout = millis(timeout);
        let longest = millis(pace.longest.mul_f64(1.5));
        let silence = millis(LONGEST_SILENCE);
        Self {
            clock,
            sync: Duration(timeout.saturating_mul(REQUESTS).saturating_add(SLACK.0)),
            watch: Duration(
                (silence + longest + SLACK.0).saturating_add(timeout.saturating_mul(2)),
            ),
            signs: Mutex::default(),
        }
    }

    /// A sync begins.
    pub(crate) fn sync_begins(&self, key: &Key) {
        let now = self.now();
        let mut signs = self.lock();
        signs.under_way.insert(key.clone(), now);
        signs.waiting = None;
    }

    /// A sync has ended.
    pub(crate) fn sync_ends(&self, key: &Key) {
        self.lock().under_way.remove(key);
    }

    /// How many syncs are due but cannot begin yet.
    pub(crate) fn waiting(&self, count: usize) {
        let now = self.now();
        let mut signs = self.lock();
        signs.waiting = (count > 0).then(|| signs.waiting.unwrap_or(now));
    }

    /// The controller's work is over for now: nothing is expected of it.
    pub(crate) fn rest(&self) {
        let mut signs = self.lock();
        signs.under_way.clear();
        signs.waiting = None;
    }

    /// What makes no progress, if anything does not.
    pub(crate) fn problem(&self) -> Option<String> {
        let now = self.now();
        let signs = self.lock();
        let old = |since: Duration, bound: Duration| {
            let age = Duration(now.0 - since.0);
            (age > bound).then_some(age)
        };
        let syncs = signs.under_way.iter();
        let oldest = syncs.min_by_key(|(_, since)| since.0);
        if let Some((key, since)) = oldest
            && let Some(age) = old(*since, self.sync)
        {
            return Some(format!("the sync of {key} has been under way for {age}"));
        }
        if let Some(age) = signs.waiting.and_then(|since| old(since, self.sync)) {
            return Some(format!("syncs are due, but none has begun for {age}"));
        }
        signs
            .watches
            .iter()
            .find_map(|(resource, sign)| match sign {
                Sign::Last => Some(format!("the watch of {resource} has broken down")),
                Sign::At(last) => old(*last, self.watch)
                    .map(|age| format!("the watch of {resource} has given no sign for {age}")),
            })
    }

    fn now(&self) -> Duration {
        self.clock.read().monotonic
    }

    fn lock(&self) -> MutexGuard<'_, Signs> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pulse {
    /// A watch begins.
    pub(crate) fn begin(vitals: Arc<Vitals>, resource: &'static str) -> Self {
        let pulse = Self { vitals, resource };
        pulse.beat();
        pulse
    }

    /// The watch does something, or has heard something.
    pub(crate) fn beat(&self) {
        let now = self.vitals.now();
        let mut signs = self.vitals.lock();
        signs.watches.insert(self.resource, Sign::At(now));
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let mut signs = self.vitals.lock();
        if std::thread::panicking() {
            signs.watches.insert(self.resource, Sign::Last);
        } else {
            signs.watches.remove(self.resource);
        }
    }
}
