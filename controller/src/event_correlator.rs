//! Correlates events: equal ones are counted, similar ones combined, floods rate-limited.
//!
//! Upstream: client-go, `tools/record/events_cache.go` (`EventCorrelator`, `EventAggregator`,
//! `eventLogger`, `EventSourceObjectSpamFilter`). As there, an event is first combined, then counted
//! and then rate-limited, so that counts include events that were not written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::time::{SignedDuration, Timestamp};

use crate::api_objects::Key;
use crate::clock::Reading;

/// The capacity of each of the three caches. Upstream: `maxLruCacheEntries`.
const REMEMBERED: usize = 4_096;
/// How long after the last similar event an event counts as new.
/// Upstream: `defaultAggregateIntervalInSeconds`.
const SIMILAR_FOR: SignedDuration = SignedDuration::from_secs(600);
/// The sustained rate of events per object and second. Upstream: `defaultSpamQPS`, which
/// is converted to `float32`.
const REFILL: f32 = 1.0 / 300.0;
/// Upstream: `EventAggregatorByReasonMessageFunc`.
const COMBINED: &str = "(combined from similar events): ";

/// The limits of the correlator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The burst of events per object. Upstream: `defaultSpamBurst`.
    pub(crate) burst: f64,
    /// The number of events that differ only in their messages before they are combined. Upstream:
    /// `defaultAggregateMaxEvents`.
    pub(crate) similar: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            burst: 25.0,
            similar: 10,
        }
    }
}

/// An emitted event, or, after [`EventCorrelator::correlate`], the event to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRecord {
    /// The autoscaler concerned.
    pub(crate) key: Key,
    pub(crate) uid: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// The name of the event object.
    pub(crate) name: String,
    /// The number of occurrences; if more than one, the object already exists.
    pub(crate) count: u32,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// Whether it combines similar events.
    pub(crate) combined: bool,
}

/// Remembers recent events.
#[derive(Debug)]
pub(crate) struct EventCorrelator {
    limits: Limits,
    similar: LruCache<Similar>,
    written: LruCache<Written>,
    buckets: LruCache<TokenBucket>,
    names: u32,
}

/// Events that differ only in their messages.
#[derive(Clone, Debug)]
struct Similar {
    messages: BTreeSet<String>,
    last: SignedDuration,
}

/// The last write of an event.
#[derive(Clone, Debug)]
struct Written {
    name: String,
    count: u32,
    first: Timestamp,
}

/// The rate limiter of one object.
#[derive(Clone, Copy, Debug)]
struct TokenBucket {
    tokens: f64,
    at: SignedDuration,
}

impl EventCorrelator {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            similar: LruCache::new(),
            written: LruCache::new(),
            buckets: LruCache::new(),
            names: 0,
        }
    }

    /// The event to write for an emitted one; `None` if it is rate-limited.
    pub(crate) fn correlate(&mut self, event: EventRecord, now: Reading) -> Option<EventRecord> {
        let (mut event, identity) = self.combine(event, now);
        if event.name.is_empty() {
            event.name = self.name(&event);
        }
        if let Some(written) = self.written.get(&identity) {
            event.name.clone_from(&written.name);
            event.first = written.first;
            event.count = written.count.saturating_add(1);
        }
        self.written.put(identity, Written::of(&event));
        self.take_token(&event, now).then_some(event)
    }

    /// Stores what the server returned for a written event.
    pub(crate) fn confirm(&mut self, event: &EventRecord) {
        // Upstream stores combined events under a second identity that is never looked up.
        if !event.combined {
            self.written.put(identity(event), Written::of(event));
        }
    }

    /// The event, or the one that combines it with similar ones, and its identity.
    fn combine(&mut self, event: EventRecord, now: Reading) -> (EventRecord, String) {
        let group = joined(&[&source_key(&event), &event.kind, &event.reason]);
        let known = self.similar.get(&group).cloned();
        let mut similar = known
            .filter(|known| now.monotonic.0 - known.last.0 <= SIMILAR_FOR.0)
            .unwrap_or_else(|| Similar {
                messages: BTreeSet::new(),
                last: now.monotonic,
            });
        similar.messages.insert(event.message.clone());
        similar.last = now.monotonic;
        let are_many = similar.messages.len() >= self.limits.similar;
        if are_many {
            // Upstream removes an arbitrary one from a map.
            similar.messages.pop_first();
        }
        self.similar.put(group.clone(), similar);
        if !are_many {
            let identity = identity(&event);
            return (event, identity);
        }
        let combined = EventRecord {
            message: format!("{COMBINED}{}", event.message),
            name: String::new(),
            count: 1,
            first: now.wall,
            last: now.wall,
            combined: true,
            ..event
        };
        (combined, group)
    }

    /// Whether the rate limit allows another event of the object. Upstream: `rate.Limiter`.
    fn take_token(&mut self, event: &EventRecord, now: Reading) -> bool {
        let source = source_key(event);
        let bucket = self.buckets.get(&source).copied().unwrap_or(TokenBucket {
            tokens: self.limits.burst,
            at: now.monotonic,
        });
        let refill = f64::from(REFILL);
        let passed = seconds(now.monotonic.0 - bucket.at.0);
        let tokens = (bucket.tokens + passed * refill).min(self.limits.burst) - 1.0;
        // As upstream, ignore a deficit that is refilled within a nanosecond.
        let is_allowed = tokens >= 0.0 || (-tokens / refill * 1e9) < 1.0;
        let next = TokenBucket {
            tokens,
            at: now.monotonic,
        };
        self.buckets
            .put(source, if is_allowed { next } else { bucket });
        is_allowed
    }

    /// A name for a new event object. Upstream: the object's name and the time in nanoseconds.
    fn name(&mut self, event: &EventRecord) -> String {
        // Our clock counts milliseconds; a counter distinguishes events of the same millisecond.
        self.names = (self.names + 1) % 1_000_000;
        let nanoseconds = i128::from(event.last.0) * 1_000_000 + i128::from(self.names);
        format!("{}.{nanoseconds:x}", event.key.name)
    }
}

impl Written {
    fn of(event: &EventRecord) -> Self {
        Self {
            name: event.name.clone(),
            count: event.count,
            first: event.first,
        }
    }
}

/// Identifies the source and the object. Upstream: `getSpamKey`.
fn source_key(event: &EventRecord) -> String {
    joined(&[&event.key.namespace, &event.key.name, &event.uid])
}

/// Identifies equal events. Upstream: `getEventKey`.
fn identity(event: &EventRecord) -> String {
    joined(&[
        &source_key(event),
        &event.kind,
        &event.reason,
        &event.message,
    ])
}

/// Joins parts with a separator that none of them contains.
fn joined(parts: &[&str]) -> String {
    parts.join("\0")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds between two events are far below 2^52"
)]
fn seconds(millis: i64) -> f64 {
    millis.max(0) as f64 / 1e3
}

/// A least-recently-used cache.
///
/// Upstream: groupcache, `lru.Cache`.
#[derive(Debug)]
struct LruCache<V> {
    values: BTreeMap<Arc<str>, (u64, V)>,
    /// The keys in the order of their last use.
    order: BTreeMap<u64, Arc<str>>,
    uses: u64,
}

impl<V> LruCache<V> {
    const fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            order: BTreeMap::new(),
            uses: 0,
        }
    }

    fn get(&mut self, key: &str) -> Option<&V> {
        let (used, value) = self.values.get_mut(key)?;
        self.uses += 1;
        if let Some(key) = self.order.remove(used) {
            self.order.insert(self.uses, key);
        }
        *used = self.uses;
        Some(value)
    }

    fn put(&mut self, key: String, value: V) {
        self.uses += 1;
        let key: Arc<str> = key.into();
        let before = self.values.insert(Arc::clone(&key), (self.uses, value));
        self.order.insert(self.uses, key);
        if let Some((used, _)) = before {
            self.order.remove(&used);
        } else if self.values.len() > REMEMBERED
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.values.remove(&oldest);
        }
    }
}

#[cfg(test)]
impl EventCorrelator {
    /// The number of cached groups, events and objects.
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [
            self.similar.values.len(),
            self.written.values.len(),
            self.buckets.values.len(),
        ]
    }
}
