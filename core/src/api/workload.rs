//! What can be scaled: Deployments, StatefulSets and ReplicaSets, as far as the model needs them.

use std::fmt;

use serde::de::{self, Deserializer, Unexpected, Visitor};
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

/// A Deployment, StatefulSet or ReplicaSet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename = "v1.Deployment", rename_all = "camelCase", default)]
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
#[serde(rename = "v1.DeploymentSpec", rename_all = "camelCase", default)]
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
#[serde(rename = "v1.PodTemplateSpec", rename_all = "camelCase", default)]
pub struct PodTemplate {
    /// Labels of each pod.
    pub metadata: ObjectMeta,
    /// Containers of each pod.
    pub spec: PodSpec,
}

/// How a Deployment replaces pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "v1.DeploymentStrategy", rename_all = "camelCase", default)]
pub struct DeploymentStrategy {
    /// `RollingUpdate` (default) or `Recreate`.
    pub r#type: String,
    /// Numbers of a rolling update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
}

/// Numbers of a rolling update, as written: a count or a percentage; default 25 % each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename = "v1.RollingUpdateDeployment",
    rename_all = "camelCase",
    default
)]
pub struct RollingUpdate {
    /// Pods beyond the wanted number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrPercent>,
    /// Pods that may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrPercent>,
}

/// A count, or a text such as `25%`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum IntOrPercent {
    /// A count.
    Int(i32),
    /// A percentage with its sign.
    Percent(String),
}

/// Not derived: an untagged enumeration would lose what was found and where.
impl<'de> Deserialize<'de> for IntOrPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntOrPercentVisitor;
        impl Visitor<'_> for IntOrPercentVisitor {
            type Value = IntOrPercent;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count or a percentage such as 25%")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<IntOrPercent, E> {
                i32::try_from(value)
                    .map(IntOrPercent::Int)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<IntOrPercent, E> {
                i32::try_from(value)
                    .map(IntOrPercent::Int)
                    .map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<IntOrPercent, E> {
                Ok(IntOrPercent::Percent(value.to_owned()))
            }
        }
        deserializer.deserialize_any(IntOrPercentVisitor)
    }
}
