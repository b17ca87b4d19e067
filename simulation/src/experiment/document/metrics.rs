//! Metrics in the experiment document: their sources and pipelines.

use std::collections::BTreeMap;

use crate::cluster::Signal;
use crate::experiment::descriptor::{document, words};
use crate::experiment::load::PartDocument;
use crate::experiment::value::Amount;
use hpa_core::time::SignedDuration;

document! {
    /// The source of a metric that the autoscaler names.
    pub(crate) FeedDocument {
        /// The metric's name as in the autoscaler.
        name: String,
        /// The signal of the simulation that it shows.
        signal: Option<Signal>,
        /// A profile of its own, in the metric's unit.
        profile: Option<Vec<PartDocument>>,
        /// Factor that the value is multiplied by; default 1.
        factor: Option<Amount>,
        /// Several series with labels, instead of signal, profile and factor.
        series: Vec<SeriesFeedDocument>,
        /// Its own pipeline; default: the one of its API.
        pipeline: Option<PipelineDocument>,
    }

    /// One series of a metric.
    pub(crate) SeriesFeedDocument {
        /// The labels that selectors match.
        labels: BTreeMap<String, String>,
        /// The signal of the simulation that it shows.
        signal: Option<Signal>,
        /// A profile of its own, in the metric's unit.
        profile: Option<Vec<PartDocument>>,
        /// Factor that the value is multiplied by; default 1.
        factor: Option<Amount>,
    }
}

words! {
    Signal {
        "requests" => Requests, "served" => Served, "inFlight" => InFlight,
        "queueDepth" => QueueDepth, "latency" => Latency, "cpu" => Cpu, "memory" => Memory,
    }
}

document! {
    /// The pipelines of the three metrics APIs.
    pub(crate) PipelinesDocument {
        /// metrics-server; default: interval 15s, window 15s, lag 5s.
        resource: PipelineDocument,
        /// The adapter for metrics of pods and objects; default: interval 30s, window 60s, lag 5s.
        custom: PipelineDocument,
        /// The adapter for external metrics; default: interval 30s, window 0s, lag 5s.
        external: PipelineDocument,
    }

    /// The path of a measured value to the autoscaler.
    pub(crate) PipelineDocument {
        /// The time between two scrapes.
        interval: Option<SignedDuration>,
        /// The window that a value is averaged over; 0s for an instantaneous value.
        window: Option<SignedDuration>,
        /// The delay from the scrape until the autoscaler can read the value.
        lag: Option<SignedDuration>,
        /// Time of the first scrape; default 0s.
        phase: Option<SignedDuration>,
    }
}
