//! A cache of API responses: concurrent requests for one key share a single fetch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::mutex::lock;

/// Responses by key, errors included.
#[derive(Debug)]
pub(crate) struct ResponseCache<V> {
    slots: Mutex<BTreeMap<Arc<str>, Arc<Slot<V>>>>,
    lifetimes: Lifetimes,
    /// Whether a value is kept no longer than errors.
    is_provisional: fn(&V) -> bool,
}

type Slot<V> = tokio::sync::Mutex<Option<Response<V>>>;

#[derive(Debug)]
struct Response<V> {
    /// When it was requested: its content is at least that recent.
    requested: Instant,
    received: Instant,
    result: Result<V, Arc<str>>,
}

/// How long responses are fresh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetimes {
    /// Of a success.
    pub(crate) success: Duration,
    /// Of an error.
    pub(crate) error: Duration,
}

impl<V: Clone> ResponseCache<V> {
    pub(crate) fn new(lifetimes: Lifetimes) -> Self {
        Self {
            slots: Mutex::default(),
            lifetimes,
            is_provisional: |_| false,
        }
    }

    /// Keeps values for which `is_provisional` holds no longer than errors.
    pub(crate) fn with_provisional(self, is_provisional: fn(&V) -> bool) -> Self {
        Self {
            is_provisional,
            ..self
        }
    }

    /// How long a success is fresh.
    pub(crate) const fn lifetime(&self) -> Duration {
        self.lifetimes.success
    }

    /// The response for `key`: a fresh one, or else the result of `fetch`. Concurrent callers wait
    /// for the same fetch; if its owner is cancelled, the next caller fetches.
    pub(crate) async fn get_or_fetch<F>(&self, key: &str, fetch: F) -> Result<V, Arc<str>>
    where
        F: Future<Output = Result<V, Arc<str>>>,
    {
        let called = Instant::now();
        let slot = self.slot(key);
        let mut cached = slot.lock().await;
        if let Some(response) = &*cached {
            let lifetime = match &response.result {
                Ok(value) if !(self.is_provisional)(value) => self.lifetimes.success,
                Ok(_) | Err(_) => self.lifetimes.error,
            };
            // Callers that waited for a fetch take its result, even if it was slow or failed: if
            // each of them retried in turn, a slow API would become slower.
            if response.received >= called || response.requested.elapsed() < lifetime {
                return response.result.clone();
            }
        }
        let requested = Instant::now();
        let result = fetch.await;
        *cached = Some(Response {
            requested,
            received: Instant::now(),
            result: result.clone(),
        });
        result
    }

    /// Drops the responses that are no longer fresh, to free their memory.
    pub(crate) fn evict_stale(&self) {
        let keep = self.lifetimes.success;
        lock(&self.slots).retain(|_, slot| {
            // A locked slot is being fetched or read.
            slot.try_lock().map_or(true, |cached| {
                cached
                    .as_ref()
                    .is_some_and(|response| response.requested.elapsed() < keep)
            })
        });
    }

    fn slot(&self, key: &str) -> Arc<Slot<V>> {
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        let slot = Arc::default();
        slots.insert(key.into(), Arc::clone(&slot));
        slot
    }
}
