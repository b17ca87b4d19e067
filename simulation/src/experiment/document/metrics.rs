//! Metrics in the experiment document: what feeds them, and how late and smooth they arrive.

use std::collections::BTreeMap;

use super::load::PartDocument;
use super::value::Amount;
use hpa_core::time::Duration;

/// What feeds one metric that the autoscaler names.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct FeedDocument {
    /// The metric's name as in the autoscaler.
    pub name: String,
    /// A signal of the simulation that feeds it.
    pub signal: Option<SignalDocument>,
    /// A profile of its own that feeds it, in the metric's unit.
    pub profile: Option<Vec<PartDocument>>,
    /// What the value is multiplied with; default 1.
    pub factor: Option<Amount>,
    /// Several series with labels, in place of signal, profile and factor.
    pub series: Vec<SeriesFeedDocument>,
    /// Its own pipeline; default: that of its kind.
    pub pipeline: Option<PipelineDocument>,
}

/// One series of a metric.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct SeriesFeedDocument {
    /// The labels by which selectors find it.
    pub labels: BTreeMap<String, String>,
    /// A signal of the simulation that feeds it.
    pub signal: Option<SignalDocument>,
    /// A profile of its own that feeds it, in the metric's unit.
    pub profile: Option<Vec<PartDocument>>,
    /// What the value is multiplied with; default 1.
    pub factor: Option<Amount>,
}

/// What the simulation can measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum SignalDocument {
    /// Requests that arrive, per second.
    #[default]
    Requests,
    /// Requests that are served, per second.
    Served,
    /// Requests in progress or waiting.
    InFlight,
    /// Requests that wait.
    QueueDepth,
    /// Mean latency, seconds.
    Latency,
    /// CPU usage, cores.
    Cpu,
    /// Memory usage, bytes.
    Memory,
}

/// The pipelines of the three metrics APIs.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct PipelinesDocument {
    /// metrics-server; default: interval 15s, window 15s, lag 5s.
    pub resource: PipelineDocument,
    /// The adapter for metrics of pods and objects; default: interval 30s, window 60s, lag 5s.
    pub custom: PipelineDocument,
    /// The adapter for external metrics; default: interval 30s, window 0s, lag 5s.
    pub external: PipelineDocument,
}

/// How a measured value travels to the autoscaler.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct PipelineDocument {
    /// The time between two scrapes.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub interval: Option<Duration>,
    /// The time that a value is the mean over; 0s is the moment itself.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub window: Option<Duration>,
    /// From the scrape until the autoscaler can read the value.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub lag: Option<Duration>,
    /// When the first scrape is; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub phase: Option<Duration>,
}
