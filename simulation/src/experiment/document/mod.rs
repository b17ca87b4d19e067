//! The experiment document as a person writes it: `apiVersion: hpa-playground/v1`, `kind: Experiment`.
//!
//! Every field may be absent. What an absent one means is said at each field, and done where the
//! document is lowered to what the simulation takes.

pub(super) mod metrics;
#[cfg(test)]
pub(super) mod schema;
pub(super) mod workload;

use std::collections::BTreeMap;

use super::descriptor::document;
use super::goals::GoalDocument;
use super::load::PartDocument;
use super::timeline::EventDocument;
use super::value::{Amount, Text};
use hpa_core::api::ObjectMeta;
use hpa_core::time::SignedDuration;
use metrics::{FeedDocument, PipelinesDocument};
use workload::{NodesDocument, StartupDocument, WorkloadDocument};

/// The `apiVersion` of the documents that are read.
pub const API_VERSION: &str = "hpa-playground/v1";
/// The published JSON Schema of the documents.
pub const SCHEMA: &str = include_str!("../../../experiments/schema.json");
/// Their `kind`.
pub const KIND: &str = "Experiment";

document! {
    /// An experiment: all that is not in the manifests.
    pub(crate) ExperimentDocument {
        /// Name and labels; not read.
        metadata: ObjectMeta,
        /// The title, one line.
        title: String,
        /// What to watch.
        description: String,
        /// How long the run is; default 30m.
        duration: Option<SignedDuration>,
        /// What every random number is drawn from; default 1.
        seed: Option<u64>,
        /// The Kubernetes release whose rules apply, such as "1.36"; default 1.36.
        kubernetes_version: Option<Text>,
        /// Feature gates by name; default: as the release sets them.
        feature_gates: BTreeMap<String, bool>,
        /// Flags of kube-controller-manager by name, with or without horizontal-pod-autoscaler-.
        controller: BTreeMap<String, Text>,
        /// When syncs happen.
        sync: SyncDocument,
        /// The name of the autoscaler to simulate; default: the first one.
        autoscaler: Option<String>,
        /// Requests per second: the sum of these parts. Default: enough to use most of the range
        /// between minReplicas and maxReplicas, from 2m to 12m.
        load: Option<Vec<PartDocument>>,
        /// What a request costs and what happens beyond a pod's capacity.
        workload: WorkloadDocument,
        /// How pods come and go.
        startup: StartupDocument,
        /// Room for pods.
        nodes: NodesDocument,
        /// What feeds the metrics that the autoscaler names; default: the signal that the name
        /// suggests.
        metrics: Vec<FeedDocument>,
        /// How measured values reach the autoscaler.
        pipelines: PipelinesDocument,
        /// What happens from outside while time passes.
        timeline: Vec<EventDocument>,
        /// What the run is checked against.
        goals: Vec<GoalDocument>,
        /// A change of this text after which the goals that are meant to be violated are met.
        fix: Option<FixDocument>,
        /// The price of one pod for one hour, for the summary's cost; default none.
        price_per_pod_hour: Option<Amount>,
    }

    /// When syncs happen.
    pub(crate) SyncDocument {
        /// When the first sync is; default one sync period after the beginning.
        phase: Option<SignedDuration>,
        /// Each sync comes late by a random time up to this; default 0s.
        jitter: Option<SignedDuration>,
    }

    /// A change of the text.
    pub(crate) FixDocument {
        /// What the change does, one line.
        summary: String,
        /// Replacements, each of the first place where its text stands.
        edits: Vec<EditTextDocument>,
    }

    /// A replacement.
    pub(crate) EditTextDocument {
        /// The text to be replaced, with its line breaks.
        find: String,
        /// What takes its place.
        replace: String,
    }
}
