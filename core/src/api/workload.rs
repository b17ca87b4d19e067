//! What can be scaled: Deployments, StatefulSets and ReplicaSets, as far as the model needs them.

use serde::{Deserialize, Serialize};

use super::{LabelSelector, ObjectMeta, PodSpec};

/// The kinds of workload that the model knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// Rolls out through ReplicaSets, with surge.
    #[default]
    Deployment,
    /// Ordered pods with stable names.
    StatefulSet,
    /// Just a number of pods.
    ReplicaSet,
}

impl WorkloadKind {
    /// The API's name of the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::ReplicaSet => "ReplicaSet",
        }
    }
}

/// A Deployment, StatefulSet or ReplicaSet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Workload {
    /// Which of the three.
    pub kind: WorkloadKind,
    /// Name, namespace, labels.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: WorkloadSpec,
}

/// What a workload asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadSpec {
    /// Number of pods; absent means 1 when created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Which pods belong to it.
    pub selector: LabelSelector,
    /// What each pod looks like.
    pub template: PodTemplate,
    /// How a Deployment replaces pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<DeploymentStrategy>,
}

/// What each pod looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTemplate {
    /// Labels of each pod.
    pub metadata: ObjectMeta,
    /// Containers of each pod.
    pub spec: PodSpec,
}

/// How a Deployment replaces pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentStrategy {
    /// `RollingUpdate` (default) or `Recreate`.
    pub r#type: String,
    /// Numbers of a rolling update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
}

/// Numbers of a rolling update, as written: a count or a percentage; default 25 % each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdate {
    /// Pods beyond the wanted number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrPercent>,
    /// Pods that may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrPercent>,
}

/// A count, or a text such as `25%`. The default is the count 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IntOrPercent {
    /// A count.
    Int(i32),
    /// A percentage with its sign.
    Percent(String),
}

impl Default for IntOrPercent {
    fn default() -> Self {
        Self::Int(0)
    }
}
