//! All facts that one sync is decided from, as plain data.
//!
//! Whoever reads a cluster (the controller) or makes one up (the simulation) fills an
//! [`Observation`]. Identical pods may be one [`PodRecord`] with a count, so that the cost of a
//! sync need not grow with the replica count.

use std::sync::Arc;

use crate::api::{self, Labels, PodSpec, Selector};
use crate::time::{Duration, Timestamp};

/// Everything that was read for one sync of one autoscaler.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The scale subresource of the target, or why it could not be read.
    pub scale: Result<Scale, ScaleError>,
    /// The pods of the namespace whose labels match the scale's selector, in the order in which
    /// they were listed, or the lister's error.
    pub pods: Result<Vec<PodRecord>, Arc<str>>,
    /// One answer for each metric of the spec, in its order.
    pub metrics: Vec<MetricAnswer>,
    /// The selectors of all other autoscalers in the cluster that could match one of these pods.
    pub other_autoscalers: Vec<OtherAutoscaler>,
}

/// The scale subresource of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// `spec.replicas`: how many were asked for last. The algorithm's *current replicas*.
    pub spec_replicas: i32,
    /// `status.replicas`: how many the target's controller counts, surge included.
    pub status_replicas: i32,
    /// `status.selector` in text form.
    pub selector: Arc<str>,
}

/// Which step on the way to the scale failed, with the error's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScaleError {
    /// `scaleTargetRef.apiVersion` is no group and version.
    InvalidApiVersion(Arc<str>),
    /// No resource of that group and kind is known.
    UnknownResource(Arc<str>),
    /// The scale could not be read.
    Query(Arc<str>),
}

/// One pod, or several that are alike in everything that this record says.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRecord {
    /// The pod's name (the first one's, if there are several); only error texts show it.
    pub name: Arc<str>,
    /// How many pods this record stands for.
    pub count: u32,
    /// `status.phase`.
    pub phase: PodPhase,
    /// Whether `metadata.deletionTimestamp` is set.
    pub deleting: bool,
    /// `status.startTime`.
    pub start_time: Option<Timestamp>,
    /// The `Ready` condition.
    pub ready: Option<ReadyCondition>,
    /// Labels and requests; pods of one template share it.
    pub shape: Arc<PodShape>,
}

impl PodRecord {
    /// The record of one pod of the API.
    #[must_use]
    pub fn from_api(pod: &api::Pod) -> Self {
        let condition = pod
            .status
            .conditions
            .iter()
            .find(|condition| condition.r#type == "Ready");
        Self {
            name: pod.metadata.object.name.as_str().into(),
            count: 1,
            phase: PodPhase::parse(&pod.status.phase),
            deleting: pod.metadata.deletion_timestamp.is_some(),
            start_time: pod.status.start_time,
            ready: condition.map(|condition| ReadyCondition {
                status: ReadyStatus::parse(&condition.status),
                last_transition: condition.last_transition_time.unwrap_or(Timestamp::GO_ZERO),
            }),
            shape: Arc::new(PodShape {
                labels: pod.metadata.object.labels.clone(),
                spec: pod.spec.clone(),
            }),
        }
    }
}

/// What pods of one template have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodShape {
    /// The pods' labels.
    pub labels: Labels,
    /// The pods' containers with their requests.
    pub spec: PodSpec,
}

/// `status.phase` of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodPhase {
    /// Accepted, not yet running everywhere.
    Pending,
    /// Bound to a node, at least one container running.
    #[default]
    Running,
    /// All containers ended well.
    Succeeded,
    /// All containers ended, at least one of them badly.
    Failed,
    /// The node does not answer, or the phase is empty.
    Unknown,
}

impl PodPhase {
    /// Reads the API's text; what it does not know is `Unknown`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "Pending" => Self::Pending,
            "Running" => Self::Running,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

/// The `Ready` condition of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyCondition {
    /// Whether it is ready.
    pub status: ReadyStatus,
    /// When that last changed.
    pub last_transition: Timestamp,
}

/// The status of a `Ready` condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadyStatus {
    /// Ready.
    True,
    /// Not ready.
    False,
    /// Not known, which the algorithm does not take for `False`.
    Unknown,
}

impl ReadyStatus {
    /// Reads the API's text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "True" => Self::True,
            "False" => Self::False,
            _ => Self::Unknown,
        }
    }
}

/// What a metrics API said of one metric of the spec.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricAnswer {
    /// Not asked for, because something failed before.
    NotRead,
    /// One value per pod: resource, container resource and pods metrics.
    Pods(Result<PodSamples, Arc<str>>),
    /// One value: object metrics.
    Object(Result<ObjectSample, Arc<str>>),
    /// One value per series: external metrics.
    External(Result<ExternalSamples, Arc<str>>),
}

/// The samples of a metric that pods have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodSamples {
    /// The sample of each [`PodRecord`], by its position; for several pods each has this value.
    pub by_pod: Vec<Option<Sample>>,
    /// Samples under names that are none of the listed pods; upstream counts them.
    pub foreign: Vec<Sample>,
    /// The timestamp of the first item of the answer.
    pub timestamp: Option<Timestamp>,
}

/// One pod's value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The value in thousandths (for CPU, millicores).
    pub milli_value: i64,
    /// End of the window that it was measured over.
    pub timestamp: Timestamp,
    /// Length of that window.
    pub window: Duration,
}

/// The value of an object metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectSample {
    /// The value in thousandths.
    pub milli_value: i64,
    /// When it was measured.
    pub timestamp: Timestamp,
}

/// The values of an external metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalSamples {
    /// The value of each series in thousandths.
    pub milli_values: Vec<i64>,
    /// When the first one was measured.
    pub timestamp: Option<Timestamp>,
}

/// Another autoscaler, as far as it can get in the way of this one.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherAutoscaler {
    /// `namespace/name`.
    pub key: Arc<str>,
    /// The selector of its target.
    pub selector: Selector,
}
