//! Metrics: what is measured, and how late and how smooth the autoscaler sees it.

use super::load::LoadProfile;
use hpa_core::api::Labels;
use hpa_core::time::SignedDuration;

/// How a measured value travels to the autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The time between two scrapes.
    pub interval: SignedDuration,
    /// The time that a value is the mean over, ending at the scrape; zero is the moment itself.
    /// A pod has no value before it was scraped at both ends of its first window.
    pub window: SignedDuration,
    /// The time from the scrape until the autoscaler can read the value.
    pub lag: SignedDuration,
    /// When the first scrape is.
    pub phase: SignedDuration,
}

/// The pipelines of the three metrics APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipelines {
    /// metrics-server: every 15 s, mean over the 15 s between two scrapes, 5 s late.
    pub resource: Pipeline,
    /// An adapter for metrics of pods and objects: every 30 s, mean over 60 s, 5 s late.
    pub custom: Pipeline,
    /// An adapter for metrics from outside: every 30 s, the moment itself, 5 s late.
    pub external: Pipeline,
}

impl Default for Pipelines {
    fn default() -> Self {
        let pipeline = |interval, window| Pipeline {
            interval: SignedDuration::from_secs(interval),
            window: SignedDuration::from_secs(window),
            lag: SignedDuration::from_secs(5),
            phase: SignedDuration::ZERO,
        };
        Self {
            resource: pipeline(15, 15),
            custom: pipeline(30, 60),
            external: pipeline(30, 0),
        }
    }
}

/// What feeds one metric that the autoscaler names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// The metric's name as in the autoscaler.
    pub metric: String,
    /// Its series. An object metric is the first one that its selector selects; an external
    /// metric is all that its selector selects; a metric of pods is the first one.
    pub series: Vec<Series>,
    /// Its own pipeline; default: that of its kind.
    pub pipeline: Option<Pipeline>,
}

/// One series of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The labels by which selectors find it.
    pub labels: Labels,
    /// Where its values come from.
    pub source: FeedSource,
    /// What they are multiplied with; default 1.
    pub factor: f64,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            labels: Labels::new(),
            source: FeedSource::default(),
            factor: 1.0,
        }
    }
}

/// Where the values of a series come from.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedSource {
    /// From the simulation. Per pod for metrics of pods, of all pods together otherwise.
    Signal(Signal),
    /// From a profile of its own; each pod has the value for metrics of pods.
    Profile(LoadProfile),
}

impl Default for FeedSource {
    fn default() -> Self {
        Self::Signal(Signal::default())
    }
}

/// What the simulation can measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "SignalDocument", rename_all = "camelCase"))]
pub enum Signal {
    /// Requests that arrive, per second.
    #[default]
    Requests,
    /// Requests that are served, per second.
    Served,
    /// Requests in progress or waiting.
    InFlight,
    /// Requests that wait.
    QueueDepth,
    // Of waiting and service together; pods are averaged, not summed.
    /// Mean latency, seconds.
    Latency,
    /// CPU usage, cores.
    Cpu,
    /// Memory usage, bytes.
    Memory,
}

impl Signal {
    /// The signal that a metric's name suggests: what feeds a metric that nothing is said of.
    #[must_use]
    pub fn suggested_by(metric: &str) -> Self {
        let name = metric.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["latency", "duration", "response_time", "response-time"]) {
            Self::Latency
        } else if has(&[
            "inflight",
            "in_flight",
            "in-flight",
            "concurren",
            "connections",
            "active",
        ]) {
            Self::InFlight
        } else if has(&[
            "queue",
            "lag",
            "messages",
            "backlog",
            "undelivered",
            "pending",
            "jobs",
        ]) {
            Self::QueueDepth
        } else if has(&["memory", "bytes", "heap"]) {
            Self::Memory
        } else if has(&["cpu"]) {
            Self::Cpu
        } else {
            Self::Requests
        }
    }
}
