//! Settings of metrics: sources, and pipelines with window and lag.

use super::load::LoadProfile;
use hpa_core::api::Labels;
use hpa_core::time::SignedDuration;

/// The path of a measured value to the autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pipeline {
    /// The time between two scrapes.
    pub interval: SignedDuration,
    /// The window that a value is averaged over, ending at the scrape; zero for an instantaneous value.
    /// A pod has no value until it was scraped at both ends of its first window.
    pub window: SignedDuration,
    /// The delay from the scrape until the autoscaler can read the value.
    pub lag: SignedDuration,
    /// The time of the first scrape.
    pub phase: SignedDuration,
}

impl Pipeline {
    /// A pipeline whose first scrape is at the beginning.
    #[must_use]
    pub const fn new(
        interval: SignedDuration,
        window: SignedDuration,
        lag: SignedDuration,
    ) -> Self {
        Self {
            interval,
            window,
            lag,
            phase: SignedDuration::ZERO,
        }
    }

    /// With the first scrape at another time.
    #[must_use]
    pub const fn with_phase(self, phase: SignedDuration) -> Self {
        Self { phase, ..self }
    }
}

/// The pipelines of the three metrics APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pipelines {
    /// metrics-server: every 15 s, averaged over the 15 s between two scrapes, lag 5 s.
    pub resource: Pipeline,
    /// An adapter for metrics of pods and objects: every 30 s, averaged over 60 s, lag 5 s.
    pub custom: Pipeline,
    /// An adapter for external metrics: every 30 s, instantaneous, lag 5 s.
    pub external: Pipeline,
}

impl Default for Pipelines {
    fn default() -> Self {
        let pipeline = |interval, window| {
            let seconds = SignedDuration::from_secs;
            Pipeline::new(seconds(interval), seconds(window), seconds(5))
        };
        Self {
            resource: pipeline(15, 15),
            custom: pipeline(30, 60),
            external: pipeline(30, 0),
        }
    }
}

/// The source of a metric that the autoscaler names.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Feed {
    /// The metric's name as in the autoscaler.
    pub metric: String,
    /// Its series. An object metric uses the first series that its selector matches, an external
    /// metric all of them, a pods metric the first series.
    pub series: Vec<Series>,
    /// Its own pipeline; default: the one of its API.
    pub pipeline: Option<Pipeline>,
}

impl Feed {
    /// A metric with its series, through the pipeline of its kind.
    #[must_use]
    pub fn new(metric: impl Into<String>, series: impl IntoIterator<Item = Series>) -> Self {
        Self {
            metric: metric.into(),
            series: series.into_iter().collect(),
            pipeline: None,
        }
    }

    /// With a pipeline of its own.
    #[must_use]
    pub fn with_pipeline(self, pipeline: Pipeline) -> Self {
        Self {
            pipeline: Some(pipeline),
            ..self
        }
    }
}

/// One series of a metric.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// The labels that selectors match.
    pub labels: Labels,
    /// The source of its values.
    pub source: FeedSource,
    /// Factor that they are multiplied by; default 1.
    pub factor: f64,
}

impl Default for Series {
    fn default() -> Self {
        Self::new(FeedSource::default())
    }
}

impl Series {
    /// A series without labels.
    #[must_use]
    pub const fn new(source: FeedSource) -> Self {
        Self {
            labels: Labels::new(),
            source,
            factor: 1.0,
        }
    }

    /// With labels.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        Self { labels, ..self }
    }

    /// With its values multiplied.
    #[must_use]
    pub fn with_factor(self, factor: f64) -> Self {
        Self { factor, ..self }
    }
}

/// The source of a series' values.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedSource {
    /// A signal of the simulation: per pod for pods metrics, otherwise of all pods together.
    Signal(Signal),
    /// A profile of its own; for pods metrics, each pod has its value.
    Profile(LoadProfile),
}

impl Default for FeedSource {
    fn default() -> Self {
        Self::Signal(Signal::default())
    }
}

/// A signal of the simulation.
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
    // Waiting plus service time; averaged over pods, not summed.
    /// Mean latency, seconds.
    Latency,
    /// CPU usage, cores.
    Cpu,
    /// Memory usage, bytes.
    Memory,
}

impl Signal {
    /// The signal that a metric's name suggests, the default source of a metric.
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
