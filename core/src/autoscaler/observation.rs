//! The input of one sync, as plain data.
//!
//! The controller fills an [`Observation`] from a real cluster, the simulation from a simulated
//! one. Identical pods may share a [`PodRecord`] with a count, so that the cost of a sync need not
//! grow with the replica count.

use std::sync::Arc;

use crate::api::{self, Labels, PodSpec, Selector};
use crate::time::{SignedDuration, Timestamp};

/// Everything that was read for one sync of one autoscaler.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Observation {
    /// The scale subresource of the target, or why it could not be read.
    pub scale: Result<Scale, ScaleError>,
    /// The pods of the namespace whose labels match the scale's selector, in the order in which
    /// they were listed, or the lister's error.
    pub pods: Result<Vec<PodRecord>, Arc<str>>,
    /// One response for each metric of the spec, in its order.
    pub metrics: Vec<MetricAnswer>,
    /// The selectors of all other autoscalers in the cluster that could match one of these pods.
    pub other_autoscalers: Vec<OtherAutoscaler>,
    /// Whether the autoscaler itself was deleted after the sync had read it.
    pub deleted: bool,
}

impl Observation {
    /// An observation with only the scale.
    #[must_use]
    pub const fn new(scale: Result<Scale, ScaleError>) -> Self {
        Self {
            scale,
            pods: Ok(Vec::new()),
            metrics: Vec::new(),
            other_autoscalers: Vec::new(),
            deleted: false,
        }
    }

    /// Sets the listed pods.
    #[must_use]
    pub fn with_pods(self, pods: impl IntoIterator<Item = PodRecord>) -> Self {
        let pods = Ok(pods.into_iter().collect());
        Self { pods, ..self }
    }

    /// Adds the response for the next metric of the spec.
    #[must_use]
    pub fn with_metric(mut self, answer: impl Into<MetricAnswer>) -> Self {
        self.metrics.push(answer.into());
        self
    }

    /// Sets the responses for all metrics of the spec, in its order.
    #[must_use]
    pub fn with_metrics(self, answers: impl IntoIterator<Item = MetricAnswer>) -> Self {
        let metrics = answers.into_iter().collect();
        Self { metrics, ..self }
    }

    /// Says that the autoscaler itself was deleted after the sync had read it.
    #[must_use]
    pub fn with_deletion(self) -> Self {
        Self {
            deleted: true,
            ..self
        }
    }

    /// Sets the other autoscalers that could match one of the pods.
    #[must_use]
    pub fn with_other_autoscalers(self, others: impl IntoIterator<Item = OtherAutoscaler>) -> Self {
        let other_autoscalers = others.into_iter().collect();
        Self {
            other_autoscalers,
            ..self
        }
    }
}

/// The scale subresource of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scale {
    /// `spec.replicas`, the algorithm's *current replicas*.
    pub spec_replicas: i32,
    /// `status.replicas`, as counted by the target's controller, including surge.
    pub status_replicas: i32,
    /// `status.selector` in text form.
    pub selector: Arc<str>,
}

impl Scale {
    /// A scale with all its fields.
    #[must_use]
    pub fn new(spec_replicas: i32, status_replicas: i32, selector: impl Into<Arc<str>>) -> Self {
        Self {
            spec_replicas,
            status_replicas,
            selector: selector.into(),
        }
    }

    /// A scale whose replicas all exist.
    #[must_use]
    pub fn settled(replicas: i32, selector: impl Into<Arc<str>>) -> Self {
        Self::new(replicas, replicas, selector)
    }
}

/// The failed step of reading the scale, with the error's text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScaleError {
    /// `scaleTargetRef.apiVersion` is not a valid group and version.
    InvalidApiVersion(Arc<str>),
    /// No resource of that group and kind is known.
    UnknownResource(Arc<str>),
    /// The scale could not be read.
    Query(Arc<str>),
}

/// One pod, or several identical ones.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PodRecord {
    /// The pod's name (the first one's, if there are several); only error texts show it.
    pub name: Arc<str>,
    /// The number of pods.
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
    /// One running pod without start time and `Ready` condition.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, shape: Arc<PodShape>) -> Self {
        Self {
            name: name.into(),
            count: 1,
            phase: PodPhase::Running,
            deleting: false,
            start_time: None,
            ready: None,
            shape,
        }
    }

    /// Sets the number of identical pods.
    #[must_use]
    pub fn with_count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// Sets the phase.
    #[must_use]
    pub fn with_phase(self, phase: PodPhase) -> Self {
        Self { phase, ..self }
    }

    /// Sets `metadata.deletionTimestamp`.
    #[must_use]
    pub fn with_deletion(self) -> Self {
        Self {
            deleting: true,
            ..self
        }
    }

    /// Sets `status.startTime`.
    #[must_use]
    pub fn with_start_time(self, time: Timestamp) -> Self {
        Self {
            start_time: Some(time),
            ..self
        }
    }

    /// Sets the `Ready` condition.
    #[must_use]
    pub fn with_ready(self, status: ReadyStatus, last_transition: Timestamp) -> Self {
        let ready = Some(ReadyCondition {
            status,
            last_transition,
        });
        Self { ready, ..self }
    }

    /// Converts an API pod.
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
            shape: Arc::new(PodShape::new(
                pod.metadata.object.labels.clone(),
                pod.spec.clone(),
            )),
        }
    }
}

/// The common properties of pods of one template.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PodShape {
    /// The pods' labels.
    pub labels: Labels,
    /// The pods' containers with their requests.
    pub spec: PodSpec,
}

impl PodShape {
    /// A shape with labels and containers.
    #[must_use]
    pub const fn new(labels: Labels, spec: PodSpec) -> Self {
        Self { labels, spec }
    }
}

/// The shape of the pods of a workload's template.
impl From<&api::PodTemplate> for PodShape {
    fn from(template: &api::PodTemplate) -> Self {
        Self::new(template.metadata.labels.clone(), template.spec.clone())
    }
}

/// `status.phase` of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodPhase {
    /// Accepted, but not all containers have started.
    Pending,
    /// Bound to a node, at least one container running.
    #[default]
    Running,
    /// All containers succeeded.
    Succeeded,
    /// All containers terminated, at least one with a failure.
    Failed,
    /// The node is unreachable, or the phase is empty.
    Unknown,
}

impl PodPhase {
    /// Parses the API's text; other values become `Unknown`.
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
#[non_exhaustive]
pub struct ReadyCondition {
    /// The status.
    pub status: ReadyStatus,
    /// The time of the last transition.
    pub last_transition: Timestamp,
}

impl ReadyCondition {
    /// A status, and since when it is that.
    #[must_use]
    pub const fn new(status: ReadyStatus, last_transition: Timestamp) -> Self {
        Self {
            status,
            last_transition,
        }
    }
}

/// The status of a `Ready` condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadyStatus {
    /// Ready.
    True,
    /// Not ready.
    False,
    /// Unknown, which the algorithm distinguishes from `False`.
    Unknown,
}

impl ReadyStatus {
    /// Parses the API's text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "True" => Self::True,
            "False" => Self::False,
            _ => Self::Unknown,
        }
    }
}

/// The response of a metrics API for one metric of the spec.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricAnswer {
    /// Not requested, because something failed before.
    NotRead,
    /// One value per pod: resource, container resource and pods metrics.
    Pods(Result<PodSamples, Arc<str>>),
    /// One value: object metrics.
    Object(Result<ObjectSample, Arc<str>>),
    /// One value per series: external metrics.
    External(Result<ExternalSamples, Arc<str>>),
}

/// The samples of a per-pod metric.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PodSamples {
    /// The sample of each [`PodRecord`], by index; it applies to each pod of the record.
    pub by_pod: Vec<Option<Sample>>,
    /// Samples of unknown pods, which upstream counts.
    pub foreign: Vec<Sample>,
    /// The timestamp of the response's first item.
    pub timestamp: Option<Timestamp>,
}

impl From<PodSamples> for MetricAnswer {
    fn from(samples: PodSamples) -> Self {
        Self::Pods(Ok(samples))
    }
}

impl From<ObjectSample> for MetricAnswer {
    fn from(sample: ObjectSample) -> Self {
        Self::Object(Ok(sample))
    }
}

impl From<ExternalSamples> for MetricAnswer {
    fn from(samples: ExternalSamples) -> Self {
        Self::External(Ok(samples))
    }
}

/// The sample of each pod, in the order of the pods; `None` if a pod has none.
impl FromIterator<Option<Sample>> for PodSamples {
    fn from_iter<T: IntoIterator<Item = Option<Sample>>>(samples: T) -> Self {
        Self {
            by_pod: samples.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl PodSamples {
    /// Sets the time of the response's first item.
    #[must_use]
    pub fn with_timestamp(self, timestamp: Option<Timestamp>) -> Self {
        Self { timestamp, ..self }
    }
}

/// One pod's value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sample {
    /// The value in thousandths (for CPU, millicores).
    pub milli_value: i64,
    /// End of the window that it was measured over.
    pub timestamp: Timestamp,
    /// Length of that window.
    pub window: SignedDuration,
}

impl Sample {
    /// A value in thousandths, measured over a window up to `timestamp`.
    #[must_use]
    pub const fn new(milli_value: i64, timestamp: Timestamp, window: SignedDuration) -> Self {
        Self {
            milli_value,
            timestamp,
            window,
        }
    }
}

/// The value of an object metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectSample {
    /// The value in thousandths.
    pub milli_value: i64,
    /// The timestamp.
    pub timestamp: Timestamp,
}

impl ObjectSample {
    /// A value in thousandths, measured at `timestamp`.
    #[must_use]
    pub const fn new(milli_value: i64, timestamp: Timestamp) -> Self {
        Self {
            milli_value,
            timestamp,
        }
    }
}

/// The values of an external metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalSamples {
    /// The value of each series in thousandths.
    pub milli_values: Vec<i64>,
    /// The timestamp of the first one.
    pub timestamp: Option<Timestamp>,
}

impl ExternalSamples {
    /// The value of each series in thousandths, and when the first one was measured.
    #[must_use]
    pub fn new(
        milli_values: impl IntoIterator<Item = i64>,
        timestamp: impl Into<Option<Timestamp>>,
    ) -> Self {
        Self {
            milli_values: milli_values.into_iter().collect(),
            timestamp: timestamp.into(),
        }
    }
}

/// Another autoscaler whose selector may overlap.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OtherAutoscaler {
    /// `namespace/name`.
    pub key: Arc<str>,
    /// The selector of its target.
    pub selector: Selector,
}

impl OtherAutoscaler {
    /// The autoscaler `namespace/name`, and the selector of its target.
    #[must_use]
    pub fn new(key: impl Into<Arc<str>>, selector: Selector) -> Self {
        Self {
            key: key.into(),
            selector,
        }
    }
}
