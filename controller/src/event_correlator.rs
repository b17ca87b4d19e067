//! Which events are written, and how: equal ones counted, similar ones combined, floods cut.
//!
//! Upstream: client-go, `tools/record/events_cache.go` (`EventCorrelator`, `EventAggregator`,
//! `eventLogger`, `EventSourceObjectSpamFilter`). As there, an event is first combined, then counted
//! and only then cut, so that a count also tells of those that were not written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::time::{Duration, Timestamp};

use super::api_objects::Key;
use super::clock::Reading;

/// How much each of the three parts remembers. Upstream: `maxLruCacheEntries`.
const REMEMBERED: usize = 4_096;
/// How long after the last similar event one counts as new.
/// Upstream: `defaultAggregateIntervalInSeconds`.
const SIMILAR_FOR: Duration = Duration::from_secs(600);
/// How many more events about one object may come a second. Upstream: `defaultSpamQPS`, which
/// becomes a `float32` on its way.
const REFILL: f32 = 1.0 / 300.0;
/// Upstream: `EventAggregatorByReasonMessageFunc`.
const COMBINED: &str = "(combined from similar events): ";

/// How many events are let through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many about one object may come at once. Upstream: `defaultSpamBurst`.
    pub(crate) burst: f64,
    /// How many that differ only in their messages are written one by one; the last of these is
    /// combined already. Upstream: `defaultAggregateMaxEvents`.
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

/// An event: one that happened, and after [`Correlator::correlate`] one to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// The autoscaler that it is about.
    pub(crate) key: Key,
    pub(crate) uid: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// The event object's own name.
    pub(crate) name: String,
    /// How often it happened; above 1 the object is there, or should be.
    pub(crate) count: u32,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// Whether it stands for others.
    pub(crate) combined: bool,
}

/// Remembers what has been told.
#[derive(Debug)]
pub(crate) struct Correlator {
    limits: Limits,
    similar: Recent<Similar>,
    told: Recent<Told>,
    buckets: Recent<Bucket>,
    names: u32,
}

/// Events that differ only in their messages.
#[derive(Clone, Debug)]
struct Similar {
    messages: BTreeSet<String>,
    last: Duration,
}

/// The last writing of an event.
#[derive(Clone, Debug)]
struct Told {
    name: String,
    count: u32,
    first: Timestamp,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Correlator {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            similar: Recent::new(),
            told: Recent::new(),
            buckets: Recent::new(),
            names: 0,
        }
    }

    /// What is to be written of an event; `None` if nothing is.
    pub(crate) fn correlate(&mut self, event: Occurrence, now: Reading) -> Option<Occurrence> {
        let (mut event, identity) = self.combine(event, now);
        if event.name.is_empty() {
            event.name = self.name(&event);
        }
        if let Some(told) = self.told.find(&identity) {
            event.name.clone_from(&told.name);
            event.first = told.first;
            event.count = told.count.saturating_add(1);
        }
        self.told.put(identity, Told::of(&event));
        self.take_token(&event, now).then_some(event)
    }

    /// Takes in what the server says of an event that was written.
    pub(crate) fn confirm(&mut self, event: &Occurrence) {
        // Upstream notes combined ones under a second identity, which nothing asks for.
        if !event.combined {
            self.told.put(identity(event), Told::of(event));
        }
    }

    /// The event, or the one that stands for it and those like it, with its identity.
    fn combine(&mut self, event: Occurrence, now: Reading) -> (Occurrence, String) {
        let group = joined(&[&about(&event), &event.kind, &event.reason]);
        let known = self.similar.find(&group).cloned();
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
            // Any of them: upstream takes one out of a map.
            similar.messages.pop_first();
        }
        self.similar.put(group.clone(), similar);
        if !are_many {
            let identity = identity(&event);
            return (event, identity);
        }
        let combined = Occurrence {
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

    /// Whether one more event about this object may be written. Upstream: `rate.Limiter`.
    fn take_token(&mut self, event: &Occurrence, now: Reading) -> bool {
        let source = about(event);
        let bucket = self.buckets.find(&source).copied().unwrap_or(Bucket {
            tokens: self.limits.burst,
            at: now.monotonic,
        });
        let refill = f64::from(REFILL);
        let passed = seconds(now.monotonic.0 - bucket.at.0);
        let tokens = (bucket.tokens + passed * refill).min(self.limits.burst) - 1.0;
        // What is missing counts if it takes a whole nanosecond to come.
        let may = tokens >= 0.0 || (-tokens / refill * 1e9) < 1.0;
        let next = Bucket {
            tokens,
            at: now.monotonic,
        };
        self.buckets.put(source, if may { next } else { bucket });
        may
    }

    /// A name for a new event object. Upstream: the object's name and the time in nanoseconds.
    fn name(&mut self, event: &Occurrence) -> String {
        // Our clocks count milliseconds: the rest tells events of one millisecond apart.
        self.names = (self.names + 1) % 1_000_000;
        let nanoseconds = i128::from(event.last.0) * 1_000_000 + i128::from(self.names);
        format!("{}.{nanoseconds:x}", event.key.name)
    }
}

impl Told {
    fn of(event: &Occurrence) -> Self {
        Self {
            name: event.name.clone(),
            count: event.count,
            first: event.first,
        }
    }
}

/// The source and the object. Upstream: `getSpamKey`.
fn about(event: &Occurrence) -> String {
    joined(&[&event.key.namespace, &event.key.name, &event.uid])
}

/// What makes two events equal. Upstream: `getEventKey`.
fn identity(event: &Occurrence) -> String {
    joined(&[&about(event), &event.kind, &event.reason, &event.message])
}

/// The parts with a separator that is in none of them.
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

/// As many values as fit; the one that was not asked for the longest goes first.
///
/// Upstream: groupcache, `lru.Cache`.
#[derive(Debug)]
struct Recent<V> {
    values: BTreeMap<Arc<str>, (u64, V)>,
    /// The keys in the order of their last use.
    order: BTreeMap<u64, Arc<str>>,
    uses: u64,
}

impl<V> Recent<V> {
    const fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            order: BTreeMap::new(),
            uses: 0,
        }
    }

    fn find(&mut self, key: &str) -> Option<&V> {
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
impl Correlator {
    /// How much is remembered of groups, events and objects.
    #[allow(
        dead_code,
        reason = "tests/controller uses it, the program's own test build is empty"
    )]
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [
            self.similar.values.len(),
            self.told.values.len(),
            self.buckets.values.len(),
        ]
    }
}
