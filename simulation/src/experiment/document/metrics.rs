//! Metrics in the experiment document: what feeds them, and how late and smooth they arrive.

use std::collections::BTreeMap;

use crate::cluster::Signal;
use crate::experiment::descriptor::{document, words};
use crate::experiment::load::PartDocument;
use crate::experiment::value::Amount;
use hpa_core::time::SignedDuration;

document! {
    /// What feeds one metric that the autoscaler names.
    pub(crate) FeedDocument {
        /// The metric's name as in the autoscaler.
        name: String,
        /// A signal of the simulation that feeds it.
        signal: Option<Signal>,
        /// A profile of its own that feeds it, in the metric's unit.
        profile: Option<Vec<PartDocument>>,
        /// What the value is multiplied with; default 1.
        factor: Option<Amount>,
        /// Several series with labels, in place of signal, profile and factor.
        series: Vec<SeriesFeedDocument>,
        /// Its own pipeline; default: that of its kind.
        pipeline: Option<PipelineDocument>,
    }

    /// One series of a metric.
    pub(crate) SeriesFeedDocument {
        /// The labels by which selectors find it.
        labels: BTreeMap<String, String>,
        /// A signal of the simulation that feeds it.
        signal: Option<Signal>,
        /// A profile of its own that feeds it, in the metric's unit.
        profile: Option<Vec<PartDocument>>,
        /// What the value is multiplied with; default 1.
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

    /// How a measured value travels to the autoscaler.
    pub(crate) PipelineDocument {
        /// The time between two scrapes.
        interval: Option<SignedDuration>,
        /// The time that a value is the mean over; 0s is the moment itself.
        window: Option<SignedDuration>,
        /// From the scrape until the autoscaler can read the value.
        lag: Option<SignedDuration>,
        /// When the first scrape is; default 0s.
        phase: Option<SignedDuration>,
    }
}
