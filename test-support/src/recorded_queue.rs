//! Replays when the real controller synced its autoscalers, through a scheduler under test.
//!
//! The cases stand in `core/tests/vectors/releases/`; the environment variable `HPA_VECTORS` names
//! another folder of the same form, with a folder `releases` in it. Played here are the API server,
//! the watch with its delay, the informer's resync, and the workers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

/// The scheduler under test. Times are milliseconds since the start.
pub trait Scheduling {
    /// The watch delivered a new autoscaler.
    fn added(&mut self, key: &str, now: i64);
    /// The watch delivered an autoscaler of another generation.
    fn edited(&mut self, key: &str, now: i64);
    /// The watch delivered another change, or the informer resynced.
    fn updated(&mut self, key: &str, now: i64);
    /// The watch delivered that an autoscaler was deleted.
    fn deleted(&mut self, key: &str);
    /// A sync wrote the status.
    fn status_written(&mut self, key: &str, version: u64);
    /// The watch delivered this version.
    fn observed(&mut self, version: u64);
    /// When something is due next.
    fn next_due(&self) -> Option<i64>;
    /// Time has passed, whether or not a worker is free.
    fn advance(&mut self, now: i64);
    /// What is due now.
    fn take(&mut self, now: i64) -> Option<(String, Turn)>;
    /// A sync ended.
    fn ended(&mut self, key: &str, now: i64);
}

/// What a scheduler does with an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is synced.
    Sync,
    /// It is put off.
    PutOff,
    /// It no longer exists.
    Gone,
}

/// What a scheduler is made for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The minor number of the release.
    pub minor: u8,
    /// The sync period in milliseconds.
    pub period: i64,
    /// The gates that are set.
    pub gates: BTreeMap<String, bool>,
    /// Whether the case has a single autoscaler.
    pub is_alone: bool,
}

impl Settings {
    fn has(&self, gate: &str) -> bool {
        self.minor >= 37 && self.gates.get(gate).copied().unwrap_or(true)
    }
}

/// Replays every case through the scheduler that `make` returns, if it returns one, and prints the
/// counts by release.
///
/// # Panics
/// If an output differs, or there is no case.
pub fn replay_queue<S: Scheduling>(make: impl Fn(&Settings) -> Option<S>) {
    let Some(file) = open() else {
        say("queue: not among these vectors\n");
        return;
    };
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut report = String::new();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("a case");
        let outs = case["outs"].as_object().expect("outs");
        for (release, out) in outs {
            let like = out["like"].as_str();
            let expected = like.map_or(out, |release| &case["outs"][release]);
            let settings = settings(&case, release);
            let Some(scheduler) = make(&settings) else {
                continue;
            };
            let got = World::new(&case, &settings, scheduler).run(&case);
            let got = match expected.get("pooled") {
                Some(_) => json!({"pooled": pooled(&got)}),
                None => json!(got),
            };
            let (passed, failed) = counts.entry(release.clone()).or_default();
            if sorted(&got) == sorted(expected) {
                *passed += 1;
            } else {
                *failed += 1;
                let id = &case["id"];
                report.push_str(&format!("  {release} {id}: {got}, not {expected}\n"));
            }
        }
    }
    for (release, (passed, failed)) in &counts {
        say(&format!(
            "queue {release}: {passed} passed, {failed} failed\n"
        ));
    }
    assert!(!counts.is_empty(), "no case was replayed");
    assert!(report.is_empty(), "{report}");
}

/// A case of one autoscaler that is only edited, whose syncs take no time and whose watch has no lag.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The name of the case and of the release.
    pub id: String,
    /// What the scheduler is made for.
    pub settings: Settings,
    /// How long it was recorded, in milliseconds.
    pub duration: i64,
    /// When its spec was edited.
    pub edits: Vec<i64>,
    /// When it was synced.
    pub syncs: Vec<i64>,
}

/// All such cases, by release; none if these vectors have no file of them.
///
/// # Panics
/// If the file cannot be read.
#[must_use]
pub fn edited_cases() -> Vec<Edited> {
    let mut found = Vec::new();
    let Some(file) = open() else {
        return found;
    };
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("a case");
        let events = list(&case["events"]);
        let exists_throughout = events.iter().all(|event| {
            let operation = event["op"].as_str().unwrap_or_default();
            !["add", "delete", "lag"].contains(&operation)
        });
        let is_prompt = number(&case["syncMs"]) == 0 && number(&case["watchLagMs"]) == 0;
        let has_gates = case["gates"]
            .as_object()
            .is_some_and(|gates| !gates.is_empty());
        for (release, out) in case["outs"].as_object().expect("outs") {
            let settings = settings(&case, release);
            if !settings.is_alone || !exists_throughout || !is_prompt || has_gates {
                continue;
            }
            let like = out["like"].as_str();
            let out = like.map_or(out, |release| &case["outs"][release]);
            let lists = out["reconciles"].as_object().into_iter().flatten();
            let syncs = lists.flat_map(|(_, times)| list(times).iter().map(number));
            let edits = events.iter().filter(|event| event["op"] == "spec");
            found.push(Edited {
                id: format!("{release} {}", case["id"]),
                settings,
                duration: number(&case["durationMs"]),
                edits: edits.map(|event| number(&event["atMs"])).collect(),
                syncs: syncs.collect(),
            });
        }
    }
    found
}

/// Written past libtest's capture.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn open() -> Option<File> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = |folder: PathBuf| folder.join("releases/queue.jsonl.gz");
    let Some(folder) = std::env::var_os("HPA_VECTORS") else {
        let own = path(workspace.join("core/tests/vectors"));
        return Some(File::open(own).expect("the recorded cases"));
    };
    // Tests run in the package's folder, but a relative path may be meant from the workspace's.
    let candidates = [path(PathBuf::from(&folder)), path(workspace.join(&folder))];
    candidates.iter().find_map(|path| File::open(path).ok())
}

fn settings(case: &Value, release: &str) -> Settings {
    let minor = release.split('.').nth(1).and_then(|n| n.parse().ok());
    let gates = case["gates"].as_object().into_iter().flatten();
    let events = list(&case["events"]).iter();
    let names = list(&case["initial"])
        .iter()
        .chain(events.map(|event| &event["hpa"]));
    let names: BTreeSet<&str> = names.filter_map(Value::as_str).collect();
    Settings {
        minor: minor.expect("a release"),
        period: number(&case["resyncPeriodMs"]),
        gates: gates
            .map(|(name, on)| (name.clone(), on.as_bool().unwrap_or_default()))
            .collect(),
        is_alone: names.len() == 1,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// Times by kind of output and autoscaler.
type Times = BTreeMap<&'static str, BTreeMap<String, Vec<i64>>>;

/// The lists over all autoscalers.
fn pooled(times: &Times) -> BTreeMap<&'static str, Vec<i64>> {
    let all = |by_key: &BTreeMap<String, Vec<i64>>| by_key.values().flatten().copied().collect();
    times.iter().map(|(kind, by)| (*kind, all(by))).collect()
}

/// With every list of times in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(times) => {
            let mut times: Vec<i64> = times.iter().map(number).collect();
            times.sort_unstable();
            json!(times)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), sorted(value)))
            .collect(),
        other => other.clone(),
    }
}

/// What a sync writes: whether the scale could be read, the metric's value, the generation.
type Status = (bool, i64, i64);

#[derive(Clone, Debug, Default)]
struct Object {
    uid: u64,
    version: u64,
    generation: i64,
    status: Option<Status>,
}

struct Running {
    end: i64,
    key: String,
    /// The autoscaler as it was when the sync began.
    object: Object,
}

struct World<S> {
    scheduler: S,
    now: i64,
    version: u64,
    stored: BTreeMap<String, Object>,
    informed: BTreeMap<String, Object>,
    /// What the watch has yet to deliver; no object means a deletion.
    watch: VecDeque<(i64, u64, String, Option<Object>)>,
    lag: i64,
    running: Vec<Running>,
    workers: usize,
    sync_time: i64,
    changes: bool,
    has_generations: bool,
    failing: Failing,
    times: Times,
}

/// Which requests fail.
#[derive(Default)]
struct Failing {
    scale: bool,
    status: bool,
}

impl<S: Scheduling> World<S> {
    fn new(case: &Value, settings: &Settings, scheduler: S) -> Self {
        let mut world = Self {
            scheduler,
            now: 0,
            version: 0,
            stored: BTreeMap::new(),
            informed: BTreeMap::new(),
            watch: VecDeque::new(),
            lag: number(&case["watchLagMs"]),
            running: Vec::new(),
            workers: usize::try_from(number(&case["workers"])).expect("a number of workers"),
            sync_time: number(&case["syncMs"]),
            changes: case["changing"] == true,
            has_generations: settings.has("HPAGeneration"),
            failing: Failing::default(),
            times: Times::new(),
        };
        for name in list(&case["initial"]) {
            let key = name.as_str().expect("a name");
            let object = world.create(key);
            world.inform(key, object.version, Some(object));
        }
        world
    }

    fn run(mut self, case: &Value) -> Times {
        let period = number(&case["resyncPeriodMs"]);
        let mut events = list(&case["events"]).iter().peekable();
        let mut resync = period;
        loop {
            self.scheduler.advance(self.now);
            if self.start_syncs() | self.end_syncs() {
                continue;
            }
            if self.now >= resync {
                resync += period;
                let keys: Vec<String> = self.informed.keys().cloned().collect();
                for key in keys {
                    self.scheduler.updated(&key, self.now);
                }
                continue;
            }
            if self.watch.front().is_some_and(|next| next.0 <= self.now)
                && let Some((_, version, key, object)) = self.watch.pop_front()
            {
                self.inform(&key, version, object);
                continue;
            }
            if let Some(event) = events.next_if(|event| number(&event["atMs"]) <= self.now) {
                self.happen(event);
                continue;
            }
            let next = [
                self.scheduler.next_due(),
                self.running.iter().map(|sync| sync.end).min(),
                self.watch.front().map(|next| next.0),
                events.peek().map(|event| number(&event["atMs"])),
                Some(resync),
            ];
            self.now = next.into_iter().flatten().min().unwrap_or(i64::MAX);
            if self.now > number(&case["durationMs"]) {
                return self.times;
            }
        }
    }

    fn record(&mut self, kind: &'static str, key: &str) {
        let by_key = self.times.entry(kind).or_default();
        by_key.entry(key.to_owned()).or_default().push(self.now);
    }

    fn create(&mut self, key: &str) -> Object {
        self.version += 1;
        let object = Object {
            uid: self.version,
            version: self.version,
            generation: i64::from(self.has_generations),
            status: None,
        };
        self.stored.insert(key.to_owned(), object.clone());
        object
    }

    fn notify(&mut self, key: &str, object: Option<Object>) {
        let last = self.watch.back().map_or(0, |last| last.0);
        let at = (self.now + self.lag).max(last);
        self.watch
            .push_back((at, self.version, key.to_owned(), object));
    }

    fn inform(&mut self, key: &str, version: u64, object: Option<Object>) {
        self.scheduler.observed(version);
        let Some(object) = object else {
            self.informed.remove(key);
            self.scheduler.deleted(key);
            return;
        };
        let generation = object.generation;
        match self.informed.insert(key.to_owned(), object) {
            None => self.scheduler.added(key, self.now),
            Some(before) if before.generation != generation => {
                self.scheduler.edited(key, self.now);
            }
            Some(_) => self.scheduler.updated(key, self.now),
        }
    }

    fn happen(&mut self, event: &Value) {
        let on = event["on"] == true;
        let key = event["hpa"].as_str().unwrap_or_default().to_owned();
        match event["op"].as_str().unwrap_or_default() {
            "lag" => self.lag = number(&event["ms"]),
            "scaleError" => self.failing.scale = on,
            "statusError" => self.failing.status = on,
            "add" => {
                let object = self.create(&key);
                self.notify(&key, Some(object));
            }
            "delete" => {
                if self.stored.remove(&key).is_some() {
                    self.version += 1;
                    self.notify(&key, None);
                }
            }
            operation => {
                let Some(object) = self.stored.get_mut(&key) else {
                    return;
                };
                self.version += 1;
                object.version = self.version;
                match operation {
                    "spec" => object.generation += i64::from(self.has_generations),
                    "status" => object.status = Some((true, -1, object.generation)),
                    "metadata" => {}
                    other => panic!("unknown operation {other}"),
                }
                let object = object.clone();
                self.notify(&key, Some(object));
            }
        }
    }

    fn start_syncs(&mut self) -> bool {
        let mut any = false;
        while self.running.len() < self.workers
            && let Some((key, turn)) = self.scheduler.take(self.now)
        {
            any = true;
            match turn {
                Turn::PutOff => self.record("deferred", &key),
                Turn::Gone => self.record("gone", &key),
                Turn::Sync => {
                    self.record("reconciles", &key);
                    let object = self.informed[&key].clone();
                    let end = self.now + self.sync_time;
                    self.running.push(Running { end, key, object });
                }
            }
        }
        any
    }

    fn end_syncs(&mut self) -> bool {
        let ends = |sync: &Running| sync.end <= self.now;
        let Some(index) = self.running.iter().position(ends) else {
            return false;
        };
        let Running { key, object, .. } = self.running.remove(index);
        let (_, value, generation) = object.status.unwrap_or((true, 0, 0));
        let status = if self.failing.scale {
            (false, value, generation)
        } else if self.changes {
            (true, 300 + self.now / 1000 % 13, object.generation)
        } else {
            (true, 300, object.generation)
        };
        if object.status != Some(status) {
            let same =
                |stored: &&mut Object| stored.uid == object.uid && stored.version == object.version;
            match self.stored.get_mut(&key).filter(same) {
                Some(stored) if !self.failing.status => {
                    self.version += 1;
                    stored.version = self.version;
                    stored.status = Some(status);
                    let written = stored.clone();
                    self.notify(&key, Some(written));
                    self.scheduler.status_written(&key, self.version);
                    self.record("statusWrites", &key);
                }
                _ => self.record("statusWriteErrors", &key),
            }
        }
        self.scheduler.ended(&key, self.now);
        true
    }
}
