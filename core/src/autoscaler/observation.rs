//! All facts that one sync is decided from, as plain data.
//!
//! Whoever reads a cluster (the controller) or makes one up (the simulation) fills an
//! [`Observation`]. Identical pods may be one [`PodRecord`] with a count, so that the cost of a
//! sync need not grow with the replica count.

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
    /// One answer for each metric of the spec, in its order.
    pub metrics: Vec<MetricAnswer>,
    /// The selectors of all other autoscalers in the cluster that could match one of these pods.
    pub other_autoscalers: Vec<OtherAutoscaler>,
}

impl Observation {
    /// Just the scale: no pods, no answer of a metrics API, no other autoscalers.
    #[must_use]
    pub const fn new(scale: Result<Scale, ScaleError>) -> Self {
        Self {
            scale,
            pods: Ok(Vec::new()),
            metrics: Vec::new(),
            other_autoscalers: Vec::new(),
        }
    }

    /// With the pods that were listed.
    #[must_use]
    pub fn with_pods(self, pods: impl IntoIterator<Item = PodRecord>) -> Self {
        let pods = Ok(pods.into_iter().collect());
        Self { pods, ..self }
    }

    /// With the answer for the next metric of the spec.
    #[must_use]
    pub fn with_metric(mut self, answer: impl Into<MetricAnswer>) -> Self {
        self.metrics.push(answer.into());
        self
    }

    /// With the answers for all metrics of the spec, in its order.
    #[must_use]
    pub fn with_metrics(self, answers: impl IntoIterator<Item = MetricAnswer>) -> Self {
        let metrics = answers.into_iter().collect();
        Self { metrics, ..self }
    }

    /// With the other autoscalers that could match one of the pods.
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
    /// `spec.replicas`: how many were asked for last. The algorithm's *current replicas*.
    pub spec_replicas: i32,
    /// `status.replicas`: how many the target's controller counts, surge included.
    pub status_replicas: i32,
    /// `status.selector` in text form.
    pub selector: Arc<str>,
}

impl Scale {
    /// A scale as it was read.
    #[must_use]
    pub fn new(spec_replicas: i32, status_replicas: i32, selector: impl Into<Arc<str>>) -> Self {
        Self {
            spec_replicas,
            status_replicas,
            selector: selector.into(),
        }
    }

    /// A scale of `replicas` that are all there.
    #[must_use]
    pub fn settled(replicas: i32, selector: impl Into<Arc<str>>) -> Self {
        Self::new(replicas, replicas, selector)
    }
}

/// Which step on the way to the scale failed, with the error's text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
    /// One running pod that has not started its containers: without start time and `Ready`
    /// condition.
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

    /// For several pods that are alike.
    #[must_use]
    pub fn with_count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// In a phase.
    #[must_use]
    pub fn with_phase(self, phase: PodPhase) -> Self {
        Self { phase, ..self }
    }

    /// With `metadata.deletionTimestamp` set.
    #[must_use]
    pub fn with_deletion(self) -> Self {
        Self {
            deleting: true,
            ..self
        }
    }

    /// Started at `time`.
    #[must_use]
    pub fn with_start_time(self, time: Timestamp) -> Self {
        Self {
            start_time: Some(time),
            ..self
        }
    }

    /// With a `Ready` condition that has its status since `last_transition`.
    #[must_use]
    pub fn with_ready(self, status: ReadyStatus, last_transition: Timestamp) -> Self {
        let ready = Some(ReadyCondition {
            status,
            last_transition,
        });
        Self { ready, ..self }
    }

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
            shape: Arc::new(PodShape::new(
                pod.metadata.object.labels.clone(),
                pod.spec.clone(),
            )),
        }
    }
}

/// What pods of one template have in common.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PodShape {
    /// The pods' labels.
    pub labels: Labels,
    /// The pods' containers with their requests.
    pub spec: PodSpec,
}

impl PodShape {
    /// A shape of labels and containers.
    #[must_use]
    pub const fn new(labels: Labels, spec: PodSpec) -> Self {
        Self { labels, spec }
    }
}

/// The shape of the pods that a workload's template makes.
impl From<&api::PodTemplate> for PodShape {
    fn from(template: &api::PodTemplate) -> Self {
        Self::new(template.metadata.labels.clone(), template.spec.clone())
    }
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
#[non_exhaustive]
pub struct PodSamples {
    /// The sample of each [`PodRecord`], by its position; for several pods each has this value.
    pub by_pod: Vec<Option<Sample>>,
    /// Samples under names that are none of the listed pods; upstream counts them.
    pub foreign: Vec<Sample>,
    /// The timestamp of the first item of the answer.
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

/// The sample of each pod, in the order of the pods; `None` where a pod has none.
impl FromIterator<Option<Sample>> for PodSamples {
    fn from_iter<T: IntoIterator<Item = Option<Sample>>>(samples: T) -> Self {
        Self {
            by_pod: samples.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl PodSamples {
    /// With the time of the first item of the answer.
    #[must_use]
    pub fn with_timestamp(self, timestamp: Option<Timestamp>) -> Self {
        Self { timestamp, ..self }
    }
}

/// One pod's value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
