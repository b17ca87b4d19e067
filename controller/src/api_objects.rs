//! The API's objects as this controller reads them: only the fields that it uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use hpa_core::api;
use hpa_core::autoscaler::{PodPhase, PodRecord, PodShape, ReadyCondition, ReadyStatus};
use hpa_core::time::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// The namespace and name of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) namespace: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl Key {
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// `metadata`: the fields that are read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Meta {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
    pub(crate) generation: i64,
    pub(crate) labels: Option<api::Labels>,
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    pub(crate) deletion_timestamp: Option<IgnoredAny>,
}

impl Meta {
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.namespace, &self.name)
    }
}

/// Decodes null as the default, since Go encodes an empty list as null.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An object that a watch delivers.
pub(crate) trait Watched: serde::de::DeserializeOwned + Send + 'static {
    /// Its `metadata.resourceVersion`.
    fn version(&self) -> &str;
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HpaObject {
    pub(crate) metadata: Meta,
    pub(crate) spec: api::HorizontalPodAutoscalerSpec,
    pub(crate) status: Option<api::HorizontalPodAutoscalerStatus>,
}

impl Watched for HpaObject {
    fn version(&self) -> &str {
        &self.metadata.resource_version
    }
}

/// A Pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodObject {
    pub(crate) metadata: PodMeta,
    pub(crate) spec: api::PodSpec,
    pub(crate) status: PodStatus,
}

/// A pod's `metadata`: fewer fields than [`Meta`], as there are many pods.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodMeta {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) resource_version: String,
    pub(crate) labels: Option<api::Labels>,
    pub(crate) deletion_timestamp: Option<IgnoredAny>,
}

/// A pod's status; unlike the core's type it accepts any number of conditions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodStatus {
    phase: String,
    start_time: Option<Timestamp>,
    conditions: Option<Vec<PodCondition>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodCondition {
    r#type: String,
    status: String,
    last_transition_time: Option<Timestamp>,
}

impl Watched for PodObject {
    fn version(&self) -> &str {
        &self.metadata.resource_version
    }
}

impl PodObject {
    /// What pods of one template have in common, reduced to the fields that the algorithm reads.
    pub(crate) fn take_shape(&mut self) -> PodShape {
        let mut spec = std::mem::take(&mut self.spec);
        for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
            let mut kept = api::Container::new(std::mem::take(&mut container.name));
            kept.restart_policy = container.restart_policy.take();
            kept.resources.requests = std::mem::take(&mut container.resources.requests);
            *container = kept;
        }
        if let Some(resources) = &mut spec.resources {
            resources.limits.clear();
        }
        spec.termination_grace_period_seconds = None;
        PodShape::new(self.metadata.labels.take().unwrap_or_default(), spec)
    }

    /// The pod in the form that the algorithm reads.
    pub(crate) fn record(&self, shape: Arc<PodShape>) -> PodRecord {
        let conditions = self.status.conditions.iter().flatten();
        let ready = conditions
            .filter(|condition| condition.r#type == "Ready")
            .map(|condition| {
                let since = condition.last_transition_time.unwrap_or(Timestamp::GO_ZERO);
                ReadyCondition::new(ReadyStatus::parse(&condition.status), since)
            })
            .next();
        let mut record = PodRecord::new(self.metadata.name.as_str(), shape);
        record.phase = PodPhase::parse(&self.status.phase);
        record.deleting = self.metadata.deletion_timestamp.is_some();
        record.start_time = self.status.start_time;
        record.ready = ready;
        record
    }
}

/// `autoscaling/v1` Scale, with the metadata that makes a write conditional on what was read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ScaleObject {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) metadata: ScaleMeta,
    pub(crate) spec: ScaleSpec,
    pub(crate) status: ScaleStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ScaleMeta {
    pub(crate) name: String,
    pub(crate) namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) uid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) resource_version: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ScaleSpec {
    pub(crate) replicas: i32,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ScaleStatus {
    pub(crate) replicas: i32,
    pub(crate) selector: String,
}
