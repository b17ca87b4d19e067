//! Which autoscaler is synced when: one key each, a fixed period, a bounded number side by side.
//!
//! Upstream: `horizontal.go`, `Run`, `processNextWorkItem`, `enqueueHPA`; `rate_limiters.go`. There
//! every key waits one period after its last sync ended; here its times are fixed, and those of a
//! namespace are the same, so that one list of PodMetrics serves them all while it is fresh.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::api_objects::Key;
use super::clock::std_duration;
use super::hpa_store::Change;
use super::observe::lock;
use super::report;
use super::sync::{Context, State, sync};

/// How long a sync may hold one of the workers; after that it goes on beside them, so that slow
/// metrics of one autoscaler never delay another's.
const SLICE: Duration = Duration::from_secs(1);
/// How many slow syncs may go on side by side.
const SLOW: usize = 256;
/// How long the end waits for syncs that are under way.
const GRACE: Duration = Duration::from_secs(10);

/// The queue.
struct Queue {
    context: Arc<Context>,
    period: Duration,
    start: Instant,
    /// The moment of the first namespace \[ns\].
    first: u128,
    swept: Instant,
    slots: BTreeMap<Key, Slot>,
    due: BinaryHeap<Reverse<(Instant, Key)>>,
    ready: Lanes<VecDeque<(Instant, Key)>>,
    running: Lanes<usize>,
    /// Namespaces where a sync was slow and none has been quick since: they share their metrics.
    slow_namespaces: BTreeSet<Arc<str>>,
    tasks: JoinSet<Done>,
    slow_sender: mpsc::UnboundedSender<Key>,
}

/// One autoscaler's place.
#[derive(Debug)]
struct Slot {
    /// `None` while a sync has it.
    state: Option<State>,
    /// When the next sync is due; an older entry in the heap does not count.
    due: Instant,
    lane: Lane,
    /// The lane in which a sync under way is counted.
    holds: Option<Lane>,
    fate: Fate,
}

/// What is to become of an autoscaler when the sync under way has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The next sync is a regular one.
    Stays,
    /// It changed: another sync follows at once.
    Again,
    /// It is gone.
    Goes,
}

/// Whether an autoscaler's syncs are quick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Quick,
    Slow,
}

/// One of each for quick and slow syncs.
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

/// What a sync's task gives back.
struct Done {
    key: Key,
    state: State,
    took: Duration,
}

/// Syncs every autoscaler, until `stop` says so; then waits for what is under way.
pub(crate) async fn run(
    context: Arc<Context>,
    changed: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let (slow_sender, mut slow) = mpsc::unbounded_channel();
    let mut queue = Queue {
        period: std_duration(context.config.sync_period),
        start: Instant::now(),
        first: 0,
        swept: Instant::now(),
        context,
        slots: BTreeMap::new(),
        due: BinaryHeap::new(),
        ready: Lanes::default(),
        running: Lanes::default(),
        slow_namespaces: BTreeSet::new(),
        tasks: JoinSet::new(),
        slow_sender,
    };
    // What was listed before this began: the first namespace's turn is now.
    let listed = lock(&queue.context.hpas).keys();
    let moments = listed.iter().map(|key| queue.moment(&key.namespace));
    queue.first = moments.min().unwrap_or(0);
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
                    // Upstream: HandleCrash. Whoever starts this process again starts it whole.
                    Err(Ok(panic)) => resume_unwind(panic),
                    Err(Err(_cancelled)) => {}
                }
            }
            Some(key) = slow.recv() => queue.outlasted(&key),
        }
        queue.dispatch();
    }
    queue.context.vitals.rest();
    let under_way = async { while queue.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, under_way).await.is_err() {
        tracing::warn!("gave up waiting for syncs that are under way");
    }
}

impl Queue {
    fn take_changes(&mut self) {
        let changes = lock(&self.context.hpas).take_changes();
        let at_once = self.context.config.version.syncs_changes_at_once();
        for (key, change) in changes {
            match change {
                Change::Deleted => self.remove(&key),
                Change::Touched | Change::Respecified => {
                    match self.slots.get_mut(&key) {
                        Some(slot) if slot.fate == Fate::Goes => slot.fate = Fate::Stays,
                        Some(_) => {}
                        None => self.add(key.clone(), Instant::now()),
                    }
                    if change == Change::Respecified && at_once {
                        self.hasten(&key);
                    }
                }
            }
        }
        self.context.telemetry.autoscalers(self.slots.len());
    }

    fn add(&mut self, key: Key, now: Instant) {
        let due = self.next_time(&key.namespace, now);
        let slot = Slot {
            state: Some(State::new(&self.context.config)),
            due,
            lane: Lane::Quick,
            holds: None,
            fate: Fate::Stays,
        };
        self.due.push(Reverse((due, key.clone())));
        self.slots.insert(key, slot);
    }

    fn remove(&mut self, key: &Key) {
        match self.slots.get_mut(key) {
            // Two syncs of one key never run side by side, not even of two objects.
            Some(slot) if slot.state.is_none() => slot.fate = Fate::Goes,
            _ => drop(self.slots.remove(key)),
        }
        lock(&self.context.observer.selectors).remove(key);
        if let Some(recorder) = &self.context.recorder {
            recorder.end(key);
        }
        self.context.telemetry.forget(&key.namespace, &key.name);
    }

    /// Syncs as soon as possible.
    fn hasten(&mut self, key: &Key) {
        match self.slots.get_mut(key) {
            Some(slot) if slot.state.is_none() => slot.fate = Fate::Again,
            _ => self.schedule(key, Instant::now()),
        }
    }

    fn schedule(&mut self, key: &Key, due: Instant) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.due = due;
            self.due.push(Reverse((due, key.clone())));
        }
    }

    /// The moment within a period that the name of a namespace decides \[ns\].
    fn moment(&self, namespace: &str) -> u128 {
        let mut hasher = DefaultHasher::new();
        namespace.hash(&mut hasher);
        u128::from(hasher.finish()) % self.period.as_nanos().max(1)
    }

    /// The next time at which this namespace is synced.
    fn next_time(&self, namespace: &str, now: Instant) -> Instant {
        let period = self.period.as_nanos().max(1);
        let phase = (self.moment(namespace) + period - self.first) % period;
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
            // Deleted, or scheduled anew in the meantime.
            if let Some(slot) = self.slots.get(&key).filter(|slot| slot.due == due) {
                self.ready.of(slot.lane).push_back((due, key));
            }
        }
        if now.duration_since(self.swept) > SLICE {
            self.swept = now;
            self.context.observer.metrics.sweep();
            self.context.observer.discovery.sweep();
        }
    }

    /// Begins as many syncs as there are workers.
    fn dispatch(&mut self) {
        let workers = self.context.config.concurrent_syncs.max(1);
        let limits = [
            (Lane::Quick, usize::try_from(workers).unwrap_or(usize::MAX)),
            (Lane::Slow, SLOW),
        ];
        for (lane, limit) in limits {
            while *self.running.of(lane) < limit {
                let Some((due, key)) = self.ready.of(lane).pop_front() else {
                    break;
                };
                if lane == Lane::Quick && self.slow_namespaces.contains(&key.namespace) {
                    // Each would hold a worker for its slice, one after the other.
                    self.ready.slow.push_back((due, key));
                } else {
                    self.begin(key, due, lane);
                }
            }
        }
        let waiting = self.ready.quick.len() + self.ready.slow.len();
        self.context.vitals.waiting(waiting);
    }

    fn begin(&mut self, key: Key, due: Instant, lane: Lane) {
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        let Some(mut state) = slot.state.take() else {
            return;
        };
        slot.holds = Some(lane);
        *self.running.of(lane) += 1;
        self.context.telemetry.began(due.elapsed());
        self.context.vitals.sync_begins(&key);
        let context = Arc::clone(&self.context);
        let slow = self.slow_sender.clone();
        self.tasks.spawn(async move {
            let begin = Instant::now();
            let summary = {
                let mut syncing = std::pin::pin!(sync(&context, &key, &mut state));
                tokio::select! {
                    biased;
                    summary = &mut syncing => summary,
                    () = tokio::time::sleep(SLICE) => {
                        let _ = slow.send(key.clone());
                        syncing.await
                    }
                }
            };
            if let Some(summary) = summary {
                report::log(&summary, state.autoscaler.explanation());
            }
            Done {
                key,
                state,
                took: begin.elapsed(),
            }
        });
    }

    /// A sync took longer than its slice: another one may begin.
    fn outlasted(&mut self, key: &Key) {
        if let Some(slot) = self.slots.get_mut(key)
            && slot.holds == Some(Lane::Quick)
        {
            *self.running.of(Lane::Quick) -= 1;
            slot.holds = Some(Lane::Slow);
            *self.running.of(Lane::Slow) += 1;
            self.slow_namespaces.insert(Arc::clone(&key.namespace));
        }
    }

    fn finish(&mut self, done: Done) {
        let Done { key, state, took } = done;
        self.context.vitals.sync_ends(&key);
        let period = self.period;
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        if let Some(lane) = slot.holds.take() {
            *self.running.of(lane) -= 1;
        }
        let fate = std::mem::replace(&mut slot.fate, Fate::Stays);
        if fate == Fate::Goes {
            self.slots.remove(&key);
            self.context.telemetry.forget(&key.namespace, &key.name);
            return;
        }
        slot.state = Some(state);
        slot.lane = if took > SLICE {
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
        self.schedule(&key, if fate == Fate::Again { now } else { due });
    }
}
