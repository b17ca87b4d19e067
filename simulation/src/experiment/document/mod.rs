//! The experiment document as written: `apiVersion: hpa-playground/v1`, `kind: Experiment`.
//!
//! Every field is optional. Its default is documented at the field and applied when the document is
//! lowered to the simulation's setup.

pub(super) mod metrics;
#[cfg(test)]
pub(super) mod schema;
pub(super) mod workload;

use std::collections::BTreeMap;

use super::descriptor::{document, words};
use super::goals::GoalDocument;
use super::load::PartDocument;
use super::timeline::EventDocument;
use super::value::{Amount, Text};
use hpa_core::api::ObjectMeta;
use hpa_core::time::SignedDuration;
use metrics::{FeedDocument, PipelinesDocument};
use workload::{NodesDocument, StartupDocument, WorkloadDocument};

/// The supported `apiVersion`.
pub const API_VERSION: &str = "hpa-playground/v1";
/// The published JSON Schema of the documents.
pub const SCHEMA: &str = include_str!("../../../experiments/schema.json");
/// The supported `kind`.
pub const KIND: &str = "Experiment";

/// The processor of the control plane, which decides what becomes of floats that fit no integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub(crate) enum ArchDocument {
    /// They become the smallest integer.
    #[default]
    Amd64,
    /// They become the nearest integer.
    Arm64,
}

words! {
    ArchDocument { "amd64" => Amd64, "arm64" => Arm64 }
}

document! {
    /// An experiment: everything that is not in the manifests.
    pub(crate) ExperimentDocument {
        /// Name and labels; ignored.
        metadata: ObjectMeta,
        /// The title, one line.
        title: String,
        /// What to watch.
        description: String,
        /// How long the run is; default 30m.
        duration: Option<SignedDuration>,
        /// Seed of all random numbers; default 1.
        seed: Option<u64>,
        /// The Kubernetes release to simulate, such as "1.36", or "next"; default 1.36.
        kubernetes_version: Option<Text>,
        /// With kubernetesVersion "next": changes by name that are merged for the next release or
        /// proposed; default: what is merged.
        next: BTreeMap<String, bool>,
        /// The processor of the control plane, amd64 or arm64; default amd64.
        arch: ArchDocument,
        /// Feature gates by name; default: those of the release.
        feature_gates: BTreeMap<String, bool>,
        /// Flags of kube-controller-manager by name, with or without horizontal-pod-autoscaler-.
        controller: BTreeMap<String, Text>,
        /// When syncs happen.
        sync: SyncDocument,
        /// The autoscaler to simulate, as name or namespace/name; default: the first one.
        autoscaler: Option<String>,
        /// Requests per second: the sum of these parts. Default: enough to use most of the range
        /// between minReplicas and maxReplicas, from 2m to 12m.
        load: Option<Vec<PartDocument>>,
        /// The cost of a request, and queueing beyond a pod's capacity.
        workload: WorkloadDocument,
        /// The lifecycle of pods.
        startup: StartupDocument,
        /// Nodes, their capacity, and quota.
        nodes: NodesDocument,
        /// Sources of the metrics that the autoscaler names; default: the signal that the name
        /// suggests.
        metrics: Vec<FeedDocument>,
        /// The metrics pipelines.
        pipelines: PipelinesDocument,
        /// External events during the run.
        timeline: Vec<EventDocument>,
        /// Checks of the run.
        goals: Vec<GoalDocument>,
        /// An edit of this text that makes the goals pass that are expected to be violated.
        fix: Option<FixDocument>,
        /// The price of one pod hour, for the cost in the summary; default none.
        price_per_pod_hour: Option<Amount>,
    }

    /// When syncs happen.
    pub(crate) SyncDocument {
        /// Time of the first sync; default one sync period after the start.
        phase: Option<SignedDuration>,
        /// The maximum random delay of each sync; default 0s.
        jitter: Option<SignedDuration>,
        /// How long a sync takes, from its reads to its writes; the next one is due a sync period
        /// after its end; default 0s.
        duration: Option<SignedDuration>,
    }

    /// An edit of the text.
    pub(crate) FixDocument {
        /// What the edit does, in one line.
        summary: String,
        /// Replacements, each of the first occurrence of its text.
        edits: Vec<EditTextDocument>,
    }

    /// A replacement.
    pub(crate) EditTextDocument {
        /// The text to find, including line breaks.
        find: String,
        /// The new text.
        replace: String,
    }
}
