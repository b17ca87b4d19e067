//! What can be scaled, as far as the model needs it: kinds of scale targets, and workloads.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{LabelSelector, Labels, ObjectMeta, PodSpec};

/// A kind of object that an autoscaler can scale, as data: its API group, its name, and what its
/// controller does when the template of its pods changes.
///
/// [`ScaleTargetKind::KNOWN`] lists what Kubernetes brings along; any other kind can be made:
///
/// ```
/// use hpa_core::api::{RolloutBehavior, ScaleTargetKind};
///
/// let kind = ScaleTargetKind::new("argoproj.io", "Rollout", RolloutBehavior::RollingUpdate);
/// assert_eq!(kind.to_string(), "Rollout.argoproj.io");
/// assert_eq!(
///     ScaleTargetKind::known("apps", "StatefulSet"),
///     Some(&ScaleTargetKind::STATEFUL_SET)
/// );
/// ```
///
/// In data it is its name, as in a manifest, and of the known kinds only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleTargetKind {
    group: Cow<'static, str>,
    kind: Cow<'static, str>,
    behavior: RolloutBehavior,
}

/// What a workload's controller does when the template of its pods changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutBehavior {
    /// It replaces the pods some at a time, with surge and unavailability, or all at once where the
    /// strategy is `Recreate`.
    RollingUpdate,
    /// Its pods have an order and keep their names: it creates and replaces them one at a time.
    Ordered,
    /// Nothing: only pods that are created later have the new template.
    None,
}

impl ScaleTargetKind {
    /// Rolls out through ReplicaSets, with surge.
    pub const DEPLOYMENT: Self = Self::apps("Deployment", RolloutBehavior::RollingUpdate);
    /// Ordered pods with stable names.
    pub const STATEFUL_SET: Self = Self::apps("StatefulSet", RolloutBehavior::Ordered);
    /// A number of pods, without rollouts.
    pub const REPLICA_SET: Self = Self::apps("ReplicaSet", RolloutBehavior::None);

    /// The kinds whose manifests are read.
    pub const KNOWN: &[Self] = &[Self::DEPLOYMENT, Self::STATEFUL_SET, Self::REPLICA_SET];

    const fn apps(kind: &'static str, behavior: RolloutBehavior) -> Self {
        Self {
            group: Cow::Borrowed("apps"),
            kind: Cow::Borrowed(kind),
            behavior,
        }
    }

    /// Any kind; `group` is empty for the core API.
    #[must_use]
    pub fn new(
        group: impl Into<Cow<'static, str>>,
        kind: impl Into<Cow<'static, str>>,
        behavior: RolloutBehavior,
    ) -> Self {
        Self {
            group: group.into(),
            kind: kind.into(),
            behavior,
        }
    }

    /// The known kind of this group and name.
    #[must_use]
    pub fn known(group: &str, kind: &str) -> Option<&'static Self> {
        let mut known = Self::KNOWN.iter();
        known.find(|known| known.group == group && known.kind == kind)
    }

    /// The API group, such as `apps`.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The API's name of the kind, such as `Deployment`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What its controller does when the template of its pods changes.
    #[must_use]
    pub const fn behavior(&self) -> RolloutBehavior {
        self.behavior
    }
}

impl Default for ScaleTargetKind {
    fn default() -> Self {
        Self::DEPLOYMENT
    }
}

/// As kubectl writes it: `Deployment.apps`.
impl fmt::Display for ScaleTargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        Ok(())
    }
}

impl Serialize for ScaleTargetKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.kind)
    }
}

impl<'de> Deserialize<'de> for ScaleTargetKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::KNOWN.iter().find(|known| known.kind == name);
        known.cloned().ok_or_else(|| {
            let kinds: Vec<&str> = Self::KNOWN.iter().map(Self::kind).collect();
            D::Error::custom(format!(
                "unknown kind {name}: known are {}",
                kinds.join(", ")
            ))
        })
    }
}

/// An object that an autoscaler can scale: a Deployment, a StatefulSet, a ReplicaSet or the like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Workload {
    /// Its kind.
    pub kind: ScaleTargetKind,
    /// Name, namespace, labels.
    pub metadata: ObjectMeta,
    /// The desired state.
    pub spec: WorkloadSpec,
}

impl Workload {
    /// A workload whose pods have these labels and this spec, and that selects them by the labels.
    #[must_use]
    pub fn new(kind: ScaleTargetKind, metadata: ObjectMeta, labels: Labels, pods: PodSpec) -> Self {
        Self {
            kind,
            metadata,
            spec: WorkloadSpec {
                replicas: None,
                selector: LabelSelector::of_labels(labels.clone()),
                template: PodTemplate {
                    metadata: ObjectMeta::default().with_labels(labels),
                    spec: pods,
                },
                strategy: None,
            },
        }
    }

    /// With a number of pods.
    #[must_use]
    pub fn with_replicas(mut self, replicas: i32) -> Self {
        self.spec.replicas = Some(replicas);
        self
    }
}

/// The desired state of a workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct WorkloadSpec {
    /// Number of pods; absent means 1 when created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Which pods belong to it.
    pub selector: LabelSelector,
    /// The template of its pods.
    pub template: PodTemplate,
    /// How a Deployment replaces pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<DeploymentStrategy>,
}

/// The template of its pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodTemplate {
    /// Labels of each pod.
    pub metadata: ObjectMeta,
    /// Containers of each pod.
    pub spec: PodSpec,
}

/// How a Deployment replaces pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct RollingUpdate {
    /// Pods above the desired number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrPercent>,
    /// Pods that may be unavailable.
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
