//! Records the observations of an autoscaler as an experiment document, to replay in the playground.
//!
//! CPU usage becomes load (one request costs one core second), every other metric a feed, and a
//! replica count that someone else set an event of the timeline. Pods are simulated, not recorded;
//! the description names whatever an experiment cannot express.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hpa_core::api;
use hpa_core::autoscaler::spec::MetricIdentity;
use hpa_core::autoscaler::{ControllerConfig, FeatureGate, MetricAnswer, PodRecord, PodShape};
use hpa_core::manifest;
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::api_objects::Key;
use crate::mutex::lock;
use crate::observe::Snapshot;

/// The maximum number of points, errors or counts of a recording: about three days of values that
/// change every 15 s.
const MAX_ENTRIES: usize = 20_000;
/// The number of syncs between two writes of a recording, so that a crash loses little.
const WRITE_EVERY: i64 = 40;
/// How long the replayed metrics change before the sync that reads them.
const LEAD: SignedDuration = SignedDuration::from_secs(3);

/// A directory that recordings cannot be written to.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", directory.display())]
pub(crate) struct RecorderError {
    directory: PathBuf,
    error: io::Error,
}

/// Writes recordings to a directory.
#[derive(Debug)]
pub(crate) struct Recorder {
    directory: PathBuf,
    config: ControllerConfig,
    recordings: Mutex<BTreeMap<Key, Recording>>,
}

/// One sync, as it is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordedSync<'a> {
    pub(crate) snapshot: Snapshot<'a>,
    /// The desired replicas; `None` if the scale could not be read.
    pub(crate) desired: Option<i32>,
}

/// The observations of one autoscaler under one spec.
#[derive(Debug)]
struct Recording {
    key: Key,
    spec: Arc<api::HorizontalPodAutoscalerSpec>,
    start: Timestamp,
    replicas: i32,
    selector: Arc<str>,
    shape: Arc<PodShape>,
    /// The number of the last sync.
    last: i64,
    desired: i32,
    series: Vec<Series>,
    /// Counts that someone else set, with the sync before which they were set.
    scales: Vec<(i64, i32)>,
    notes: BTreeSet<&'static str>,
}

/// The values of one metric; each holds until the next.
#[derive(Debug, Default)]
struct Series {
    /// Values in thousandths, with the sync before which they were set.
    points: Vec<(i64, i64)>,
    /// Errors: the first and the last sync, and the message.
    errors: Vec<(i64, i64, Arc<str>)>,
}

impl Recorder {
    /// A recorder that writes to `directory`, which is created if it does not exist.
    ///
    /// # Errors
    /// If the directory cannot be created.
    pub(crate) fn new(directory: &Path, config: ControllerConfig) -> Result<Self, RecorderError> {
        let directory = directory.to_owned();
        if let Err(error) = fs::create_dir_all(&directory) {
            return Err(RecorderError { directory, error });
        }
        Ok(Self {
            directory,
            config,
            recordings: Mutex::default(),
        })
    }

    /// Records a sync.
    pub(crate) fn record(&self, sync: RecordedSync<'_>) {
        let Snapshot {
            hpa, observation, ..
        } = sync.snapshot;
        let Ok(scale) = &observation.scale else {
            return;
        };
        let mut recordings = lock(&self.recordings);
        let known = recordings.get(&hpa.key);
        if known.is_none_or(|known| !Arc::ptr_eq(&known.spec, &hpa.manifest)) {
            // An experiment has one spec: a changed one starts another recording.
            let Some(recording) = Recording::start(sync.snapshot) else {
                return;
            };
            if let Some(previous) = recordings.insert(hpa.key.clone(), recording) {
                self.write(&previous);
            }
        }
        if let Some(recording) = recordings.get_mut(&hpa.key) {
            recording.add(sync, scale.spec_replicas, self.config.sync_period);
            if recording.last % WRITE_EVERY == 0 {
                self.write(recording);
            }
        }
    }

    /// Writes and ends the recording of a deleted autoscaler.
    pub(crate) fn end(&self, key: &Key) {
        let recording = lock(&self.recordings).remove(key);
        if let Some(recording) = recording {
            self.write(&recording);
        }
    }

    /// Writes all recordings.
    pub(crate) fn flush(&self) {
        for recording in lock(&self.recordings).values() {
            self.write(recording);
        }
    }

    fn write(&self, recording: &Recording) {
        let start = recording.start.to_rfc3339_seconds().replace([':', '-'], "");
        let Key { namespace, name } = &recording.key;
        let path = self
            .directory
            .join(format!("{namespace}_{name}_{start}.yaml"));
        let part = path.with_extension("part");
        let text = recording.document(&self.config);
        // Replace the file atomically: readers see the old recording or the new one.
        let written = fs::write(&part, text).and_then(|()| fs::rename(&part, &path));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "a recording was not written");
        }
    }
}

impl Recording {
    /// Starts with a sync that read pods; without any there is nothing to simulate.
    fn start(snapshot: Snapshot<'_>) -> Option<Self> {
        let Snapshot {
            hpa,
            observation,
            now,
        } = snapshot;
        let scale = observation.scale.as_ref().ok()?;
        let pod = observation.pods.as_ref().ok()?.first()?;
        Some(Self {
            key: hpa.key.clone(),
            spec: Arc::clone(&hpa.manifest),
            start: now,
            replicas: scale.spec_replicas,
            selector: Arc::clone(&scale.selector),
            shape: Arc::clone(&pod.shape),
            last: 0,
            desired: scale.spec_replicas,
            series: observation
                .metrics
                .iter()
                .map(|_| Series::default())
                .collect(),
            scales: Vec::new(),
            notes: BTreeSet::new(),
        })
    }

    fn add(&mut self, sync: RecordedSync<'_>, current: i32, period: SignedDuration) {
        let Snapshot {
            hpa,
            observation,
            now,
        } = sync.snapshot;
        let number = (now - self.start).0.saturating_add(period.0 / 2) / period.0.max(1);
        self.last = number;
        let is_full = |series: &Series| series.points.len().max(series.errors.len()) >= MAX_ENTRIES;
        if self.scales.len() >= MAX_ENTRIES || self.series.iter().any(is_full) {
            self.notes
                .insert("It ends early: there are too many values.");
            return;
        }
        if current != self.desired {
            self.scales.push((number, current));
        }
        self.desired = sync.desired.unwrap_or(current);
        if has_duplicate_names(&self.spec.metrics) {
            self.notes.insert(
                "Metrics of the same name are series of one metric here; a selector that matches several counts all of them.",
            );
        }
        let pods = observation.pods.as_deref().unwrap_or(&[]);
        let metrics = hpa.spec.metrics.iter().zip(&observation.metrics);
        for (series, (metric, answer)) in self.series.iter_mut().zip(metrics) {
            match value(&metric.identity, answer, pods, &mut self.notes) {
                Some(Ok(value)) => series.point(number, value),
                Some(Err(error)) => series.error(number, error),
                None => {}
            }
        }
    }

    fn document(&self, config: &ControllerConfig) -> String {
        let period = config.sync_period;
        // The first sync of an experiment is one period after its start.
        let time = |number: i64| SignedDuration((number + 1).saturating_mul(period.0)).to_string();
        let before = |number: i64| {
            let at = (number + 1).saturating_mul(period.0) - LEAD.0;
            SignedDuration(if number == 0 { 0 } else { at.max(0) }).to_string()
        };
        let points = |series: &Series| -> Value {
            let values: Vec<Value> = series
                .points
                .iter()
                .map(|(number, milli)| json!({"at": before(*number), "rate": format!("{milli}m")}))
                .collect();
            json!([{"points": {"interpolation": "hold", "values": values}}])
        };
        let mut load = json!([{"constant": "0"}]);
        let mut feeds: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        let mut timeline: Vec<Value> = self
            .scales
            .iter()
            .map(|(number, count)| json!({"at": before(*number), "scale": count}))
            .collect();
        for (series, metric) in self.series.iter().zip(&self.spec.metrics) {
            let (name, selector) = name(metric);
            for (from, to, error) in &series.errors {
                let length = SignedDuration((to - from + 1).saturating_mul(period.0));
                let fault = json!({"metric": name, "kind": "error", "message": &**error, "duration": length.to_string()});
                timeline.push(json!({"at": before(*from), "metricFault": fault}));
            }
            if series.points.is_empty() {
            } else if name == "cpu" && metric.resource.is_some() {
                load = points(series);
            } else {
                let series = json!({"labels": labels(selector), "profile": points(series)});
                feeds.entry(name).or_default().push(series);
            }
        }
        let feeds: Vec<Value> = feeds
            .into_iter()
            .map(|(name, series)| {
                let pipeline = json!({"interval": "1s", "window": "0s", "lag": "0s"});
                json!({"name": name, "series": series, "pipeline": pipeline})
            })
            .collect();
        let notes: Vec<&str> = self.notes.iter().copied().collect();
        let gates: Map<String, Value> = FeatureGate::all()
            .filter(|gate| gate.in_release(config.version).is_some())
            .map(|gate| (gate.name().to_owned(), config.gates.is_on(gate).into()))
            .collect();
        let experiment = json!({
            "apiVersion": "hpa-playground/v1",
            "kind": "Experiment",
            "title": format!("Recorded: {}", self.key),
            "description": format!("Observed since {}, {} syncs. {}", self.start.to_rfc3339_seconds(), self.last + 1, notes.join(" ")).trim_end(),
            "duration": time(self.last + 1),
            "kubernetesVersion": config.version.to_string(),
            "featureGates": gates,
            "controller": {
                "sync-period": period.to_string(),
                "downscale-stabilization": config.downscale_stabilization.to_string(),
                "tolerance": config.tolerance.to_string(),
                "cpu-initialization-period": config.cpu_initialization_period.to_string(),
                "initial-readiness-delay": config.initial_readiness_delay.to_string(),
            },
            "load": load,
            "workload": {
                "cpuPerRequest": "1", "idleCpu": "0", "cpuLimit": "none", "serviceTime": "1ms",
                "serviceTimes": "deterministic", "concurrency": 10_000,
            },
            "startup": {
                "schedulingDelay": "0s", "firstImagePull": "0s", "laterImagePull": "0s", "startTime": "0s",
                "readyAfter": "0s", "drain": "0s",
            },
            "pipelines": {"resource": {"interval": "1s", "window": "1s", "lag": "0s"}},
            "metrics": feeds,
            "timeline": timeline,
        });
        format!(
            "{}---\n{}---\n{}",
            manifest::print_hpa(&self.autoscaler()),
            manifest::print(&self.workload()),
            manifest::print(&experiment)
        )
    }

    fn autoscaler(&self) -> api::HorizontalPodAutoscaler {
        let names = api::ObjectMeta::new(&*self.key.namespace, &*self.key.name);
        api::HorizontalPodAutoscaler::new(names, (*self.spec).clone())
    }

    /// A workload of the target's kind and name, with the labels and requests of its pods.
    fn workload(&self) -> Value {
        let target = &self.spec.scale_target_ref;
        let selector = api::Selector::parse(&self.selector).unwrap_or_default();
        let labels: BTreeMap<&str, &str> = selector.pairs().collect();
        json!({
            "apiVersion": "apps/v1",
            "kind": target.kind,
            "metadata": {"name": target.name, "namespace": &*self.key.namespace},
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": self.shape.labels}, "spec": self.shape.spec},
            },
        })
    }
}

impl Series {
    fn point(&mut self, number: i64, value: i64) {
        if self.points.last().is_none_or(|(_, last)| *last != value) {
            self.points.push((number, value));
        }
    }

    fn error(&mut self, number: i64, error: Arc<str>) {
        match self.errors.last_mut() {
            Some((_, to, last)) if *to + 1 == number && *last == error => *to = number,
            _ => self.errors.push((number, number, error)),
        }
    }
}

/// A metric's name, as feeds and faults of an experiment use it, and its selector.
fn name(metric: &api::MetricSpec) -> (&str, Option<&api::LabelSelector>) {
    let identifier = (metric.pods.as_ref().map(|source| &source.metric))
        .or(metric.object.as_ref().map(|source| &source.metric))
        .or(metric.external.as_ref().map(|source| &source.metric));
    let resource = metric.resource.as_ref().map(|source| source.name.as_str());
    match identifier {
        Some(metric) => (metric.name.as_str(), metric.selector.as_ref()),
        None => (resource.unwrap_or_default(), None),
    }
}

/// Whether two metrics have the same name.
fn has_duplicate_names(metrics: &[api::MetricSpec]) -> bool {
    let mut named: Vec<&str> = metrics
        .iter()
        .filter(|metric| metric.resource.is_none() && metric.container_resource.is_none())
        .map(|metric| name(metric).0)
        .collect();
    named.sort_unstable();
    named.windows(2).any(|pair| pair[0] == pair[1])
}

/// Labels that match a selector, for the one series that replaces all that it selected.
fn labels(selector: Option<&api::LabelSelector>) -> BTreeMap<&str, &str> {
    let Some(selector) = selector else {
        return BTreeMap::new();
    };
    let listed = selector.match_expressions.iter();
    let listed = listed.filter_map(|requirement| {
        let value = match requirement.operator.as_str() {
            "In" => requirement.values.first()?.as_str(),
            "Exists" => "any",
            // These operators match without the label.
            _ => return None,
        };
        Some((requirement.key.as_str(), value))
    });
    let pairs = selector.match_labels.iter();
    listed
        .chain(pairs.map(|(key, value)| (key.as_str(), value.as_str())))
        .collect()
}

/// The recorded value of a metric's response: the total for CPU, external and object metrics, the
/// mean for pods metrics; `None` if it cannot be expressed or was not read.
fn value(
    identity: &MetricIdentity,
    answer: &MetricAnswer,
    pods: &[PodRecord],
    notes: &mut BTreeSet<&'static str>,
) -> Option<Result<i64, Arc<str>>> {
    Some(match (identity, answer) {
        (MetricIdentity::Resource { resource }, MetricAnswer::Pods(Ok(_)))
            if &**resource != "cpu" =>
        {
            notes.insert("Memory is not recorded.");
            return None;
        }
        (MetricIdentity::ContainerResource { .. }, _) => {
            notes.insert("Container resource metrics are not recorded.");
            return None;
        }
        (identity, MetricAnswer::Pods(Ok(samples))) => {
            let read = samples.by_pod.iter().flatten().count();
            if read < pods.len() || !samples.foreign.is_empty() {
                notes.insert(
                    "Some samples were missing or belonged to deleted pods; here every pod has one sample.",
                );
            }
            let sum = samples.by_pod.iter().flatten();
            let sum: i64 = sum
                .map(|sample| sample.milli_value)
                .fold(0, i64::saturating_add);
            let count = i64::try_from(read.max(1)).unwrap_or(1);
            Ok(match identity {
                MetricIdentity::Pods { .. } => sum / count,
                // Pods without a sample count as the average of the others.
                _ => sum / count * i64::try_from(pods.len()).unwrap_or(count),
            })
        }
        (_, MetricAnswer::Object(Ok(sample))) => Ok(sample.milli_value),
        (_, MetricAnswer::External(Ok(samples))) => Ok(samples
            .milli_values
            .iter()
            .copied()
            .fold(0, i64::saturating_add)),
        (
            _,
            MetricAnswer::Pods(Err(error))
            | MetricAnswer::Object(Err(error))
            | MetricAnswer::External(Err(error)),
        ) => Err(Arc::clone(error)),
        (_, MetricAnswer::NotRead) => return None,
    })
}
