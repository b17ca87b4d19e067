//! Runs the syncs when the schedule says so, a bounded number of them concurrently.
//!
//! Upstream: `horizontal.go`, `Run`, `processNextWorkItem`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::sync_queue::{SyncRules, Task, Turn};
use hpa_core::time::{SignedDuration, Timestamp};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::api_objects::Key;
use crate::clock::{millis, std_duration};
use crate::decision_log;
use crate::hpa_store::Change;
use crate::mutex::lock;
use crate::schedule::Schedule;
use crate::sync::{Context, State, sync};

/// How long a sync may occupy a worker. After that it continues as a slow sync, so that the slow
/// metrics of one autoscaler do not delay others.
const WORKER_LIMIT: Duration = Duration::from_secs(1);
/// The maximum number of concurrent slow syncs.
const MAX_SLOW: usize = 256;
/// How long a shutdown waits for running syncs.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue.
struct Queue {
    context: Arc<Context>,
    /// Times of the schedule count from here.
    start: Instant,
    last_eviction: Instant,
    schedule: Schedule,
    slots: BTreeMap<Key, Slot>,
    /// Turns of slow autoscalers for which there was no place.
    slow_turns: VecDeque<Turn<Key>>,
    running: Lanes<usize>,
    /// Namespaces whose last sync was slow. Their autoscalers share metrics, so the next will be too.
    slow_namespaces: BTreeSet<Arc<str>>,
    tasks: JoinSet<Done>,
    slow_sender: mpsc::UnboundedSender<Key>,
}

/// What is kept of one autoscaler.
#[derive(Debug)]
struct Slot {
    /// `None` while a sync is running.
    state: Option<State>,
    lane: Lane,
    /// The lane that the running sync counts towards.
    running_in: Option<Lane>,
    /// It was deleted during its sync.
    is_deleted: bool,
}

/// Whether an autoscaler's syncs are quick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Quick,
    Slow,
}

/// One value for quick and one for slow syncs.
#[derive(Debug, Default)]
struct Lanes<T> {
    quick: T,
    slow: T,
}

impl<T> Lanes<T> {
    const fn of(&mut self, lane: Lane) -> &mut T {
        match lane {
            Lane::Quick => &mut self.quick,
            Lane::Slow => &mut self.slow,
        }
    }
}

/// What the task of a sync returns.
struct Done {
    key: Key,
    state: State,
    took: Duration,
}

/// Syncs every autoscaler until `stop` becomes true, then waits for the running syncs.
pub(crate) async fn run(
    context: Arc<Context>,
    changed: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let (slow_sender, mut slow) = mpsc::unbounded_channel();
    let rules = SyncRules::of(&context.config);
    let shared = SignedDuration(millis(context.observer.metrics.max_age()));
    let mut queue = Queue {
        start: Instant::now(),
        last_eviction: Instant::now(),
        schedule: Schedule::new(rules, shared),
        context,
        slots: BTreeMap::new(),
        slow_turns: VecDeque::new(),
        running: Lanes::default(),
        slow_namespaces: BTreeSet::new(),
        tasks: JoinSet::new(),
        slow_sender,
    };
    queue.add_listed();
    queue.dispatch();
    loop {
        let next = queue.schedule.next_due().map(|due| queue.instant(due));
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = changed.notified() => queue.take_changes(),
            () = sleep_until(next.unwrap_or(queue.start)), if next.is_some() => queue.evict_stale(),
            Some(done) = queue.tasks.join_next(), if !queue.tasks.is_empty() => {
                match done.map_err(JoinError::try_into_panic) {
                    Ok(done) => queue.finish(done),
                    // Crash; the supervisor restarts us. Upstream: HandleCrash.
                    Err(Ok(panic)) => resume_unwind(panic),
                    Err(Err(_cancelled)) => {}
                }
            }
            Some(key) = slow.recv() => queue.move_to_slow_lane(&key),
        }
        queue.dispatch();
    }
    queue.context.health.stopped();
    let running = async { while queue.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, running)
        .await
        .is_err()
    {
        tracing::warn!("running syncs did not finish in time and are aborted");
    }
}

impl Queue {
    /// The time of the schedule.
    fn now(&self) -> Timestamp {
        Timestamp(millis(self.start.elapsed()))
    }

    fn instant(&self, time: Timestamp) -> Instant {
        self.start + std_duration(time - Timestamp::default())
    }

    /// Adds what the first list holds.
    fn add_listed(&mut self) {
        let listed = {
            let mut hpas = lock(&self.context.hpas);
            hpas.take_changes();
            hpas.keys()
        };
        let now = self.now();
        for key in listed {
            self.add(&key);
            self.schedule.added(&key, now);
        }
        self.context.telemetry.set_autoscalers(self.slots.len());
    }

    fn take_changes(&mut self) {
        let changes = lock(&self.context.hpas).take_changes();
        let now = self.now();
        for (key, change) in changes {
            match change {
                Change::Deleted => self.remove(&key),
                Change::Added => {
                    // It may have been deleted just before.
                    self.schedule.deleted(&key);
                    self.add(&key);
                    self.schedule.added(&key, now);
                }
                Change::Edited => self.schedule.edited(&key, now),
                Change::Other => self.schedule.updated(&key, now),
            }
        }
        self.context.telemetry.set_autoscalers(self.slots.len());
    }

    fn add(&mut self, key: &Key) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.is_deleted = false;
            return;
        }
        let slot = Slot {
            state: Some(State::new(&self.context.config)),
            lane: Lane::Quick,
            running_in: None,
            is_deleted: false,
        };
        self.slots.insert(key.clone(), slot);
    }

    fn remove(&mut self, key: &Key) {
        self.schedule.deleted(key);
        match self.slots.get_mut(key) {
            // Syncs of one key never run concurrently, even if the object was replaced.
            Some(slot) if slot.state.is_none() => slot.is_deleted = true,
            _ => drop(self.slots.remove(key)),
        }
        lock(&self.context.observer.selectors).remove(key);
        if let Some(recorder) = &self.context.recorder {
            recorder.end(key);
        }
        self.context.telemetry.forget(key);
    }

    fn evict_stale(&mut self) {
        if self.last_eviction.elapsed() > WORKER_LIMIT {
            self.last_eviction = Instant::now();
            self.context.observer.metrics.evict_stale();
            self.context.observer.discovery.evict_stale();
        }
    }

    /// Starts as many syncs as there are free workers.
    fn dispatch(&mut self) {
        let now = self.now();
        self.schedule.observed(lock(&self.context.hpas).observed());
        self.schedule.advance(now);
        let workers = self.context.config.concurrent_syncs.max(1);
        let workers = usize::try_from(workers).unwrap_or(usize::MAX);
        while self.running.slow < MAX_SLOW
            && let Some(turn) = self.slow_turns.pop_front()
        {
            self.start_sync(turn.key, turn.due, Lane::Slow);
        }
        while self.running.quick < workers
            && let Some(turn) = self.schedule.take(now)
        {
            if turn.task != Task::Sync {
                continue;
            }
            // Otherwise each of a slow namespace would occupy a worker up to the limit.
            let is_slow = self.slow_namespaces.contains(&turn.key.namespace);
            let lane = self
                .slots
                .get(&turn.key)
                .map_or(Lane::Quick, |slot| slot.lane);
            if lane == Lane::Quick && !is_slow {
                self.start_sync(turn.key, turn.due, Lane::Quick);
            } else if self.running.slow < MAX_SLOW {
                self.start_sync(turn.key, turn.due, Lane::Slow);
            } else {
                self.slow_turns.push_back(turn);
            }
        }
        let waiting = self.schedule.ready() + self.slow_turns.len();
        self.context.health.set_waiting(waiting);
    }

    fn start_sync(&mut self, key: Key, due: Timestamp, lane: Lane) {
        let late = self.instant(due).elapsed();
        let slot = self.slots.get_mut(&key);
        let Some((slot, mut state)) = slot.and_then(|slot| {
            let state = slot.state.take()?;
            Some((slot, state))
        }) else {
            // It was deleted while it waited for a place.
            self.schedule.ended(&key, self.now());
            return;
        };
        slot.running_in = Some(lane);
        *self.running.of(lane) += 1;
        self.context.telemetry.sync_started(late);
        self.context.health.sync_started(&key);
        let context = Arc::clone(&self.context);
        let slow = self.slow_sender.clone();
        self.tasks.spawn(async move {
            let begin = Instant::now();
            let summary = {
                let mut syncing = std::pin::pin!(sync(&context, &key, &mut state));
                tokio::select! {
                    biased;
                    summary = &mut syncing => summary,
                    () = tokio::time::sleep(WORKER_LIMIT) => {
                        let _ = slow.send(key.clone());
                        syncing.await
                    }
                }
            };
            if let Some(summary) = summary {
                decision_log::log(&summary, state.autoscaler.explanation());
            }
            Done {
                key,
                state,
                took: begin.elapsed(),
            }
        });
    }

    /// A sync exceeded its time as a quick one: its worker is free for another.
    fn move_to_slow_lane(&mut self, key: &Key) {
        if let Some(slot) = self.slots.get_mut(key)
            && slot.running_in == Some(Lane::Quick)
        {
            *self.running.of(Lane::Quick) -= 1;
            slot.running_in = Some(Lane::Slow);
            *self.running.of(Lane::Slow) += 1;
            self.slow_namespaces.insert(Arc::clone(&key.namespace));
        }
    }

    fn finish(&mut self, done: Done) {
        let Done { key, state, took } = done;
        self.context.health.sync_finished(&key);
        if let Some(version) = lock(&self.context.hpas).own_write(&key) {
            self.schedule.status_written(&key, version);
        }
        // Rounded up: a rescale of this sync is never younger than a period at the next.
        let now = self.now() + SignedDuration(1);
        self.schedule.ended(&key, now);
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        if let Some(lane) = slot.running_in.take() {
            *self.running.of(lane) -= 1;
        }
        if slot.is_deleted {
            self.slots.remove(&key);
            self.context.telemetry.forget(&key);
            return;
        }
        slot.state = Some(state);
        slot.lane = if took > WORKER_LIMIT {
            Lane::Slow
        } else {
            self.slow_namespaces.remove(&key.namespace);
            Lane::Quick
        };
    }
}
