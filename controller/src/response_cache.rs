//! Answers that several syncs share: each is fetched once while it is fresh, by whoever comes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Answers by key.
#[derive(Debug)]
pub(crate) struct Shared<V> {
    slots: Mutex<BTreeMap<Arc<str>, Arc<Slot<V>>>>,
    lifetimes: Lifetimes,
    /// Which answers are as good as errors.
    is_poor: fn(&V) -> bool,
}

type Slot<V> = tokio::sync::Mutex<Option<Answer<V>>>;

#[derive(Debug)]
struct Answer<V> {
    /// When it was asked for: what it says was true then, or later.
    asked: Instant,
    /// When it came.
    came: Instant,
    result: Result<V, Arc<str>>,
}

/// How long an answer is fresh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetimes {
    /// One that came.
    pub(crate) good: Duration,
    /// An error.
    pub(crate) bad: Duration,
}

impl<V: Clone> Shared<V> {
    pub(crate) fn new(lifetimes: Lifetimes) -> Self {
        Self {
            slots: Mutex::default(),
            lifetimes,
            is_poor: |_| false,
        }
    }

    /// Lets answers of that kind be fresh no longer than errors are.
    pub(crate) fn unless(self, is_poor: fn(&V) -> bool) -> Self {
        Self { is_poor, ..self }
    }

    /// The answer of `key`: one that is fresh, or else what `fetch` gives. Whoever asks meanwhile
    /// waits for the same fetch; if its owner gives up, the next one begins anew.
    pub(crate) async fn fetch<F>(&self, key: &str, fetch: F) -> Result<V, Arc<str>>
    where
        F: Future<Output = Result<V, Arc<str>>>,
    {
        let asked = Instant::now();
        let slot = self.slot(key);
        let mut held = slot.lock().await;
        if let Some(answer) = &*held {
            let lifetime = match &answer.result {
                Ok(value) if !(self.is_poor)(value) => self.lifetimes.good,
                Ok(_) | Err(_) => self.lifetimes.bad,
            };
            // Whoever waited for a fetch takes what came of it, late or failed: a queue of waiters
            // that each try again would make a slow API slower.
            if answer.came >= asked || answer.asked.elapsed() < lifetime {
                return answer.result.clone();
            }
        }
        let begin = Instant::now();
        let result = fetch.await;
        *held = Some(Answer {
            asked: begin,
            came: Instant::now(),
            result: result.clone(),
        });
        result
    }

    /// Drops the answers that are no longer fresh, with the memory that they hold.
    pub(crate) fn sweep(&self) {
        let keep = self.lifetimes.good;
        self.lock().retain(|_, slot| {
            // A slot that is locked is being fetched or read.
            slot.try_lock().map_or(true, |held| {
                held.as_ref()
                    .is_some_and(|answer| answer.asked.elapsed() < keep)
            })
        });
    }

    fn slot(&self, key: &str) -> Arc<Slot<V>> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        let slot = Arc::default();
        slots.insert(key.into(), Arc::clone(&slot));
        slot
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Arc<str>, Arc<Slot<V>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
