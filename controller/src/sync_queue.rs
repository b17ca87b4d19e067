//! Schedules the syncs: at a fixed period, with a bounded number of concurrent syncs.
//!
//! Upstream: `horizontal.go`, `Run`, `processNextWorkItem`, `enqueueHPA`; `rate_limiters.go`. There
//! every key waits one period after its last sync ended. Here the times are fixed, and the same for
//! all autoscalers of a namespace, so that they can share one list of PodMetrics.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::api_objects::Key;
use crate::clock::std_duration;
use crate::decision_log;
use crate::hpa_store::Change;
use crate::mutex::lock;
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
    period: Duration,
    start: Instant,
    /// The phase of the first namespace \[ns\]: it is synced when the queue starts.
    first_phase: u128,
    last_eviction: Instant,
    slots: BTreeMap<Key, Slot>,
    due: BinaryHeap<Reverse<(Instant, Key)>>,
    ready: Lanes<VecDeque<(Instant, Key)>>,
    running: Lanes<usize>,
    /// Namespaces whose last sync was slow. Their autoscalers share metrics, so the next will be too.
    slow_namespaces: BTreeSet<Arc<str>>,
    tasks: JoinSet<Done>,
    slow_sender: mpsc::UnboundedSender<Key>,
}

/// The schedule of one autoscaler.
#[derive(Debug)]
struct Slot {
    /// `None` while a sync is running.
    state: Option<State>,
    /// When the next sync is due; heap entries with another time are obsolete.
    due: Instant,
    lane: Lane,
    /// The lane that the running sync counts towards.
    running_in: Option<Lane>,
    after_sync: AfterSync,
}

/// What follows when the running sync has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterSync {
    /// The next sync comes at its regular time.
    Wait,
    /// The spec changed: sync again at once.
    SyncAgain,
    /// The autoscaler was deleted: remove it.
    Remove,
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
    let mut queue = Queue {
        period: std_duration(context.config.sync_period),
        start: Instant::now(),
        first_phase: 0,
        last_eviction: Instant::now(),
        context,
        slots: BTreeMap::new(),
        due: BinaryHeap::new(),
        ready: Lanes::default(),
        running: Lanes::default(),
        slow_namespaces: BTreeSet::new(),
        tasks: JoinSet::new(),
        slow_sender,
    };
    // The namespace with the earliest phase is synced right away.
    let listed = lock(&queue.context.hpas).keys();
    let phases = listed.iter().map(|key| queue.phase(&key.namespace));
    queue.first_phase = phases.min().unwrap_or(0);
    let start = queue.start;
    for key in listed {
        queue.add(key, start);
    }
    loop {
        let next = queue.due.peek().map(|Reverse((due, _))| *due);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = changed.notified() => queue.take_changes(),
            () = sleep_until(next.unwrap_or(queue.start)), if next.is_some() => queue.take_due(),
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
    fn take_changes(&mut self) {
        let changes = lock(&self.context.hpas).take_changes();
        let at_once = self
            .context
            .config
            .version
            .has(hpa_core::api::Change::ImmediateSync);
        for (key, change) in changes {
            match change {
                Change::Deleted => self.remove(&key),
                Change::Other | Change::Spec => {
                    match self.slots.get_mut(&key) {
                        Some(slot) if slot.after_sync == AfterSync::Remove => {
                            slot.after_sync = AfterSync::Wait;
                        }
                        Some(_) => {}
                        None => self.add(key.clone(), Instant::now()),
                    }
                    if change == Change::Spec && at_once {
                        self.sync_soon(&key);
                    }
                }
            }
        }
        self.context.telemetry.set_autoscalers(self.slots.len());
    }

    fn add(&mut self, key: Key, now: Instant) {
        let due = self.next_time(&key.namespace, now);
        let slot = Slot {
            state: Some(State::new(&self.context.config)),
            due,
            lane: Lane::Quick,
            running_in: None,
            after_sync: AfterSync::Wait,
        };
        self.due.push(Reverse((due, key.clone())));
        self.slots.insert(key, slot);
    }

    fn remove(&mut self, key: &Key) {
        match self.slots.get_mut(key) {
            // Syncs of one key never run concurrently, even if the object was replaced.
            Some(slot) if slot.state.is_none() => slot.after_sync = AfterSync::Remove,
            _ => drop(self.slots.remove(key)),
        }
        lock(&self.context.observer.selectors).remove(key);
        if let Some(recorder) = &self.context.recorder {
            recorder.end(key);
        }
        self.context.telemetry.forget(key);
    }

    /// Syncs as soon as possible.
    fn sync_soon(&mut self, key: &Key) {
        match self.slots.get_mut(key) {
            Some(slot) if slot.state.is_none() => slot.after_sync = AfterSync::SyncAgain,
            _ => self.schedule(key, Instant::now()),
        }
    }

    fn schedule(&mut self, key: &Key, due: Instant) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.due = due;
            self.due.push(Reverse((due, key.clone())));
        }
    }

    /// The offset within a period at which a namespace is synced \[ns\], derived from its name.
    fn phase(&self, namespace: &str) -> u128 {
        let mut hasher = DefaultHasher::new();
        namespace.hash(&mut hasher);
        u128::from(hasher.finish()) % self.period.as_nanos().max(1)
    }

    /// The next time at which this namespace is synced.
    fn next_time(&self, namespace: &str, now: Instant) -> Instant {
        let period = self.period.as_nanos().max(1);
        let phase = (self.phase(namespace) + period - self.first_phase) % period;
        let into = now.duration_since(self.start).as_nanos() % period;
        let wait = (phase + period - into) % period;
        now + Duration::from_nanos(wait.try_into().unwrap_or(u64::MAX))
    }

    fn take_due(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((due, _))) = self.due.peek() {
            if *due > now {
                break;
            }
            let Some(Reverse((due, key))) = self.due.pop() else {
                break;
            };
            // Otherwise it was deleted or rescheduled.
            if let Some(slot) = self.slots.get(&key).filter(|slot| slot.due == due) {
                self.ready.of(slot.lane).push_back((due, key));
            }
        }
        if now.duration_since(self.last_eviction) > WORKER_LIMIT {
            self.last_eviction = now;
            self.context.observer.metrics.evict_stale();
            self.context.observer.discovery.evict_stale();
        }
    }

    /// Starts as many syncs as there are free workers.
    fn dispatch(&mut self) {
        let workers = self.context.config.concurrent_syncs.max(1);
        let limits = [
            (Lane::Quick, usize::try_from(workers).unwrap_or(usize::MAX)),
            (Lane::Slow, MAX_SLOW),
        ];
        for (lane, limit) in limits {
            while *self.running.of(lane) < limit {
                let Some((due, key)) = self.ready.of(lane).pop_front() else {
                    break;
                };
                if lane == Lane::Quick && self.slow_namespaces.contains(&key.namespace) {
                    // Otherwise each would occupy a worker up to the limit.
                    self.ready.slow.push_back((due, key));
                } else {
                    self.start_sync(key, due, lane);
                }
            }
        }
        let waiting = self.ready.quick.len() + self.ready.slow.len();
        self.context.health.set_waiting(waiting);
    }

    fn start_sync(&mut self, key: Key, due: Instant, lane: Lane) {
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        let Some(mut state) = slot.state.take() else {
            return;
        };
        slot.running_in = Some(lane);
        *self.running.of(lane) += 1;
        self.context.telemetry.sync_started(due.elapsed());
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
        let period = self.period;
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        if let Some(lane) = slot.running_in.take() {
            *self.running.of(lane) -= 1;
        }
        let after_sync = std::mem::replace(&mut slot.after_sync, AfterSync::Wait);
        if after_sync == AfterSync::Remove {
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
        let now = Instant::now();
        let mut due = slot.due;
        while due <= now {
            due += period;
        }
        self.schedule(
            &key,
            if after_sync == AfterSync::SyncAgain {
                now
            } else {
                due
            },
        );
    }
}
