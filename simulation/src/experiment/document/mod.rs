//! The experiment document as a person writes it: `apiVersion: hpa-playground/v1`, `kind: Experiment`.
//!
//! Every field may be absent. What an absent one means is said at each field, and done where the
//! document is lowered to what the simulation takes.

mod decode;
pub mod goals;
pub mod load;
pub mod metrics;
#[cfg(test)]
mod schema;
pub mod timeline;
pub mod value;
pub mod workload;

use std::collections::BTreeMap;

use goals::GoalDocument;
use hpa_core::api::ObjectMeta;
use hpa_core::time::Duration;
use load::PartDocument;
use metrics::{FeedDocument, PipelinesDocument};
use timeline::EventDocument;
use value::{Amount, Text};
use workload::{NodesDocument, StartupDocument, WorkloadDocument};

/// The `apiVersion` of the documents that are read.
pub const API_VERSION: &str = "hpa-playground/v1";
/// The published JSON Schema of the documents.
pub const SCHEMA: &str = include_str!("../../../experiments/schema.json");
/// Their `kind`.
pub const KIND: &str = "Experiment";

/// An experiment: all that is not in the manifests.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct ExperimentDocument {
    /// Name and labels; not read.
    #[cfg_attr(test, schemars(with = "schema::AnyObjectMeta"))]
    pub metadata: ObjectMeta,
    /// The title, one line.
    pub title: String,
    /// What to watch.
    pub description: String,
    /// How long the run is; default 30m.
    #[cfg_attr(test, schemars(with = "Option<schema::DurationText>"))]
    pub duration: Option<Duration>,
    /// What every random number is drawn from; default 1.
    pub seed: Option<u64>,
    /// The Kubernetes release whose rules apply, such as "1.36"; default 1.36.
    pub kubernetes_version: Option<Text>,
    /// Feature gates by name; default: as the release sets them.
    pub feature_gates: BTreeMap<String, bool>,
    /// Flags of kube-controller-manager by name, with or without horizontal-pod-autoscaler-.
    pub controller: BTreeMap<String, Text>,
    /// When syncs happen.
    pub sync: SyncDocument,
    /// The name of the autoscaler to simulate; default: the first one.
    pub autoscaler: Option<String>,
    /// Requests per second: the sum of these parts. Default: enough to use most of the range
    /// between minReplicas and maxReplicas, from 2m to 12m.
    pub load: Option<Vec<PartDocument>>,
    /// What a request costs and what happens beyond a pod's capacity.
    pub workload: WorkloadDocument,
    /// How pods come and go.
    pub startup: StartupDocument,
    /// Room for pods.
    pub nodes: NodesDocument,
    /// What feeds the metrics that the autoscaler names; default: the signal that the name
    /// suggests.
    pub metrics: Vec<FeedDocument>,
    /// How measured values reach the autoscaler.
    pub pipelines: PipelinesDocument,
    /// What happens from outside while time passes.
    pub timeline: Vec<EventDocument>,
    /// What the run is checked against.
    pub goals: Vec<GoalDocument>,
    /// A change of this text after which the goals that are meant to be violated are met.
    pub fix: Option<FixDocument>,
    /// The price of one pod for one hour, for the summary's cost; default none.
    pub price_per_pod_hour: Option<Amount>,
}

/// When syncs happen.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct SyncDocument {
    /// When the first sync is; default one sync period after the beginning.
    #[cfg_attr(test, schemars(with = "Option<schema::DurationText>"))]
    pub phase: Option<Duration>,
    /// Each sync comes late by a random time up to this; default 0s.
    #[cfg_attr(test, schemars(with = "Option<schema::DurationText>"))]
    pub jitter: Option<Duration>,
}

/// A change of the text.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct FixDocument {
    /// What the change does, one line.
    pub summary: String,
    /// Replacements, each of the first place where its text stands.
    pub edits: Vec<EditTextDocument>,
}

/// A replacement.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct EditTextDocument {
    /// The text to be replaced, with its line breaks.
    pub find: String,
    /// What takes its place.
    pub replace: String,
}
