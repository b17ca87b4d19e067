//! When the syncs of autoscalers happen: a queue that its owner feeds with events and the time.
//!
//! Upstream: `horizontal.go`, `enqueueHPA`, `updateHPA`, `deleteHPA`, `processNextWorkItem`,
//! `reconcileKey`; `rate_limiters.go`; client-go, `util/workqueue`; `consistency.go`, `EnsureReady`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::ControllerConfig;
use crate::api::{Change, FeatureGate};
use crate::time::{SignedDuration, Timestamp};

/// The rules of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncRules {
    /// The time from the end of a sync to the next one.
    pub period: SignedDuration,
    /// A new autoscaler is synced at once; before 1.37 it waits for a period.
    pub new_at_once: bool,
    /// An autoscaler whose generation changed is synced at once, and the regular sync stays. Before
    /// 1.37, and without the gate `HPAGeneration`, an edit changes nothing.
    pub edited_at_once: bool,
    /// An autoscaler whose last own status write has not been observed yet is put off by a period:
    /// the gate `StaleControllerConsistencyHPA`.
    pub waits_for_own_write: bool,
}

impl SyncRules {
    /// The rules of a controller with these settings.
    #[must_use]
    pub const fn of(config: &ControllerConfig) -> Self {
        let at_once = config.rules.has(Change::ImmediateSync);
        Self {
            period: config.sync_period,
            new_at_once: at_once,
            edited_at_once: at_once && config.gates.is_on(FeatureGate::HpaGeneration),
            waits_for_own_write: config
                .gates
                .is_on(FeatureGate::StaleControllerConsistencyHpa),
        }
    }
}

/// A queue of autoscalers with keys of type `K`. It has no clock: its owner wakes up at
/// [`Self::next_due`], takes turns until there are none, and reports when each sync has ended.
///
/// A key waits for its time, is ready, and is then synced. Like upstream's, it can wait and be ready
/// at once, becomes ready again after a sync during which something happened to it, and is never
/// synced twice at the same time.
#[derive(Clone, Debug)]
pub struct SyncQueue<K> {
    rules: SyncRules,
    items: BTreeMap<K, Item>,
    /// By time, and in the order in which they were added.
    waiting: BTreeSet<(Timestamp, u64, K)>,
    added: u64,
    ready: VecDeque<K>,
    /// The newest version that the owner has observed, of any autoscaler.
    observed: u64,
}

#[derive(Clone, Debug, Default)]
struct Item {
    exists: bool,
    waiting: Option<(Timestamp, u64)>,
    /// Since when it has been ready, or is to be synced again once its sync has ended.
    ready: Option<Timestamp>,
    runs: bool,
    /// The version of the last own status write.
    written: Option<u64>,
}

/// What is next for an autoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn<K> {
    /// The autoscaler.
    pub key: K,
    /// When it became ready.
    pub due: Timestamp,
    /// What to do.
    pub task: Task,
}

/// What to do with an autoscaler whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Sync it, and report the end to [`SyncQueue::ended`].
    Sync,
    /// Nothing: it was put off, since its own status write has not been observed.
    PutOff,
    /// Nothing: it was deleted, and what is remembered of it may be forgotten.
    Gone,
}

impl<K: Clone + Ord> SyncQueue<K> {
    /// An empty queue.
    #[must_use]
    pub const fn new(rules: SyncRules) -> Self {
        Self {
            rules,
            items: BTreeMap::new(),
            waiting: BTreeSet::new(),
            added: 0,
            ready: VecDeque::new(),
            observed: 0,
        }
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &SyncRules {
        &self.rules
    }

    /// An autoscaler exists that did not before, or was not known.
    pub fn added(&mut self, key: &K, now: Timestamp) {
        self.items.entry(key.clone()).or_default().exists = true;
        if self.rules.new_at_once {
            self.make_ready(key, now);
        } else {
            self.wait(key, now + self.rules.period);
        }
    }

    /// The generation of an autoscaler changed.
    pub fn edited(&mut self, key: &K, now: Timestamp) {
        if self.rules.edited_at_once {
            self.make_ready(key, now);
        } else {
            self.updated(key, now);
        }
    }

    /// Something else of an autoscaler changed, or the owner's informer has resynced it.
    pub fn updated(&mut self, key: &K, now: Timestamp) {
        self.wait(key, now + self.rules.period);
    }

    /// An autoscaler was deleted. Its turn still comes, as [`Task::Gone`].
    pub fn deleted(&mut self, key: &K) {
        if let Some(item) = self.items.get_mut(key) {
            item.exists = false;
            item.written = None;
        }
        self.forget_if_idle(key);
    }

    /// The status of an autoscaler was written as this version.
    pub fn status_written(&mut self, key: &K, version: u64) {
        if let Some(item) = self.items.get_mut(key).filter(|item| item.exists) {
            item.written = item.written.max(Some(version));
        }
    }

    /// The watch has delivered this version.
    pub fn observed(&mut self, version: u64) {
        self.observed = self.observed.max(version);
    }

    /// An autoscaler exists whose next sync comes at this time, whatever the rules for new ones say.
    pub fn resumed(&mut self, key: &K, at: Timestamp) {
        self.items.entry(key.clone()).or_default().exists = true;
        self.wait(key, at);
    }

    /// When a waiting key becomes ready next.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(due, _, _)| *due)
    }

    /// When this key becomes ready, if it waits.
    #[must_use]
    pub fn waits_until(&self, key: &K) -> Option<Timestamp> {
        self.items.get(key)?.waiting.map(|(due, _)| due)
    }

    /// The number of keys that are ready and not being synced.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Makes ready what waited until now. The owner calls it in time even if it can take no turn.
    pub fn advance(&mut self, now: Timestamp) {
        while self.next_due().is_some_and(|due| due <= now) {
            let Some((due, _, key)) = self.waiting.pop_first() else {
                break;
            };
            if let Some(item) = self.items.get_mut(&key) {
                item.waiting = None;
            }
            self.make_ready(&key, due);
        }
    }

    /// The next turn, if one is due.
    pub fn take(&mut self, now: Timestamp) -> Option<Turn<K>> {
        self.advance(now);
        let key = self.ready.pop_front()?;
        let item = self.items.entry(key.clone()).or_default();
        let due = item.ready.take().unwrap_or(now);
        let unseen = self.rules.waits_for_own_write
            && item.written.is_some_and(|version| version > self.observed);
        let task = if unseen {
            self.wait(&key, now + self.rules.period);
            Task::PutOff
        } else if item.exists {
            item.written = None;
            item.runs = true;
            Task::Sync
        } else {
            self.forget_if_idle(&key);
            Task::Gone
        };
        Some(Turn { key, due, task })
    }

    /// The sync of a key has ended, with or without an error. The next one comes a period after
    /// `now`, or earlier if something asked for it meanwhile.
    pub fn ended(&mut self, key: &K, now: Timestamp) {
        let Some(item) = self.items.get_mut(key) else {
            return;
        };
        item.runs = false;
        let again = item.ready.is_some();
        self.wait(key, now + self.rules.period);
        if again {
            self.ready.push_back(key.clone());
        }
    }

    /// What upstream's queue calls `AddAfter`: the earlier time stays.
    fn wait(&mut self, key: &K, until: Timestamp) {
        let item = self.items.entry(key.clone()).or_default();
        if let Some((earlier, number)) = item.waiting {
            if earlier <= until {
                return;
            }
            self.waiting.remove(&(earlier, number, key.clone()));
        }
        self.added += 1;
        item.waiting = Some((until, self.added));
        self.waiting.insert((until, self.added, key.clone()));
    }

    /// What upstream's queue calls `Add`.
    fn make_ready(&mut self, key: &K, now: Timestamp) {
        let item = self.items.entry(key.clone()).or_default();
        if item.ready.is_none() {
            item.ready = Some(now);
            if !item.runs {
                self.ready.push_back(key.clone());
            }
        }
    }

    fn forget_if_idle(&mut self, key: &K) {
        let idle = |item: &Item| {
            !item.exists && item.waiting.is_none() && item.ready.is_none() && !item.runs
        };
        if self.items.get(key).is_some_and(idle) {
            self.items.remove(key);
        }
    }
}
