//! When each autoscaler is synced: upstream's queue, and that the autoscalers of a namespace meet.
//!
//! Upstream reads the PodMetrics of each autoscaler by itself. Here those of a namespace are read
//! once and shared for a moment, so its autoscalers should be synced within that moment. Their
//! regular times drift apart, since each is a period after the end of the last sync. So one whose
//! time is elsewhere is put off a little each time until it meets the first of its namespace.
//! Nothing is ever synced earlier than upstream would: policies count a rescale for their whole
//! period.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::autoscaler::sync_queue::{SyncQueue, SyncRules, Turn};
use hpa_core::time::{SignedDuration, Timestamp};

use crate::api_objects::Key;

/// The part of a period by which a sync is put off at most.
const PUT_OFF: i64 = 64;

/// The schedule of all autoscalers.
#[derive(Debug)]
pub(crate) struct Schedule {
    queue: SyncQueue<Key>,
    /// How far apart two syncs may be that share PodMetrics; zero if nothing is shared.
    shared: SignedDuration,
    /// The next regular time, or the last one while the sync runs.
    regular: BTreeMap<Key, Timestamp>,
    /// The same in the order of times.
    by_namespace: BTreeSet<(Arc<str>, Timestamp, Arc<str>)>,
}

impl Schedule {
    /// An empty schedule; PodMetrics are shared for `max_age`.
    pub(crate) const fn new(rules: SyncRules, max_age: SignedDuration) -> Self {
        Self {
            queue: SyncQueue::new(rules),
            // The rest is a reserve for how long the syncs themselves take.
            shared: SignedDuration(max_age.0 / 2),
            regular: BTreeMap::new(),
            by_namespace: BTreeSet::new(),
        }
    }

    /// An autoscaler is new.
    pub(crate) fn added(&mut self, key: &Key, now: Timestamp) {
        self.queue.added(key, now);
        self.note(key);
    }

    /// The generation of an autoscaler changed.
    pub(crate) fn edited(&mut self, key: &Key, now: Timestamp) {
        self.queue.edited(key, now);
        self.note(key);
    }

    /// Something else of an autoscaler changed.
    pub(crate) fn updated(&mut self, key: &Key, now: Timestamp) {
        self.queue.updated(key, now);
        self.note(key);
    }

    /// An autoscaler was deleted.
    pub(crate) fn deleted(&mut self, key: &Key) {
        self.queue.deleted(key);
        if let Some(at) = self.regular.remove(key) {
            self.by_namespace.remove(&moment(key, at));
        }
    }

    /// The status of an autoscaler was written as this version.
    pub(crate) fn status_written(&mut self, key: &Key, version: u64) {
        self.queue.status_written(key, version);
    }

    /// The watch has delivered this version.
    pub(crate) fn observed(&mut self, version: u64) {
        self.queue.observed(version);
    }

    /// When the next autoscaler is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.queue.next_due()
    }

    /// Makes ready what is due.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.queue.advance(now);
    }

    /// The number of autoscalers that are due and have not started.
    pub(crate) fn ready(&self) -> usize {
        self.queue.ready()
    }

    /// The next turn, if one is due.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Turn<Key>> {
        self.queue.take(now)
    }

    /// A sync has ended.
    pub(crate) fn ended(&mut self, key: &Key, now: Timestamp) {
        let put_off = self.put_off(key, now);
        self.queue.ended(key, now + put_off);
        self.note(key);
    }

    /// By how much the next sync of `key` is put off, so that its namespace shares PodMetrics.
    fn put_off(&self, key: &Key, now: Timestamp) -> SignedDuration {
        let period = self.queue.rules().period;
        let most = SignedDuration(period.0 / PUT_OFF);
        let siblings = self.regular.range(Key::new(&key.namespace, "")..);
        let Some((first, at)) =
            siblings
                .map(|(first, at)| (first, *at))
                .next()
                .filter(|(first, _)| {
                    first.namespace == key.namespace && self.shared > SignedDuration::ZERO
                })
        else {
            return SignedDuration::ZERO;
        };
        if first == key {
            // It waits for those that lag, or they would soon come too late for its PodMetrics.
            let after =
                |wait: SignedDuration| (Arc::clone(&key.namespace), now + wait, Arc::from(""));
            let lag = after(SignedDuration(self.shared.0 / 2))..after(self.shared);
            return match self.by_namespace.range(lag).next() {
                Some(_) => most,
                None => SignedDuration::ZERO,
            };
        }
        let due = now + period;
        let lag = (due - at).0.rem_euclid(period.0.max(1));
        if lag <= self.shared.0 {
            return SignedDuration::ZERO;
        }
        most.min(SignedDuration(period.0 - lag))
    }

    /// Notes the next regular time of `key`.
    fn note(&mut self, key: &Key) {
        let Some(at) = self.queue.waits_until(key) else {
            return;
        };
        if let Some(before) = self.regular.insert(key.clone(), at) {
            self.by_namespace.remove(&moment(key, before));
        }
        self.by_namespace.insert(moment(key, at));
    }
}

fn moment(key: &Key, at: Timestamp) -> (Arc<str>, Timestamp, Arc<str>) {
    (Arc::clone(&key.namespace), at, Arc::clone(&key.name))
}
