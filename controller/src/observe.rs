//! All reads of one sync.
//!
//! Upstream: `horizontal.go`, `reconcileAutoscaler`, `scaleForResourceMappings`. The order of the
//! reads is upstream's, except that the metrics of one autoscaler are read concurrently.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::join_all;
use hpa_core::api::Selector;
use hpa_core::autoscaler::calculator::ResourceOf;
use hpa_core::autoscaler::metrics_client::{
    NamedSamples, external_samples, object_sample, pods_metric_samples, resource_samples,
    resource_samples_of,
};
use hpa_core::autoscaler::spec::{Metric, MetricIdentity};
use hpa_core::autoscaler::{
    ControllerConfig, MetricAnswer, Observation, Scale, ScaleError, Spec, asks_metrics,
};
use hpa_core::time::Timestamp;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::api_objects::ScaleObject;
use crate::client::{Call, Client, Failure, encode};
use crate::discovery::{Discovery, Mapping, group_of};
use crate::hpa_store::Hpa;
use crate::metrics_api::{MetricQuery, MetricsApi, NamespaceMetrics};
use crate::mutex::lock;
use crate::pod_store::PodStore;
use crate::selector_index::SelectorIndex;
use crate::spans;

/// Everything that a sync reads from.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) client: Client,
    pub(crate) discovery: Arc<Discovery>,
    pub(crate) metrics: MetricsApi,
    pub(crate) pods: Arc<Mutex<PodStore>>,
    pub(crate) selectors: Mutex<SelectorIndex>,
    pub(crate) config: ControllerConfig,
}

/// What one sync read.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) observation: Observation,
    /// The scale as it was read, for writing it back.
    pub(crate) scale: Option<ScaleHandle>,
    /// How long each metric took to read; empty if none was read.
    pub(crate) took: Vec<Duration>,
}

/// An observation with the autoscaler and the time of the sync that made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    pub(crate) hpa: &'a Hpa,
    pub(crate) observation: &'a Observation,
    pub(crate) now: Timestamp,
}

/// A scale that can be written back.
#[derive(Clone, Debug)]
pub(crate) struct ScaleHandle {
    pub(crate) path: String,
    /// The resource as messages name it.
    pub(crate) resource: String,
    /// The object as read.
    pub(crate) object: ScaleObject,
}

impl Observer {
    /// Reads everything that the decision for `hpa` depends on.
    pub(crate) async fn observe(&self, hpa: &Hpa) -> Observed {
        let handle = self.scale(hpa).await;
        let scale = match &handle {
            Ok(handle) => Ok(Scale::new(
                handle.object.spec.replicas,
                handle.object.status.replicas,
                handle.object.status.selector.as_str(),
            )),
            Err(error) => Err(error.clone()),
        };
        if let Some((text, selector)) = scale.as_ref().ok().and_then(parse_selector)
            && self.needs_metrics(hpa, &hpa.spec, &scale)
        {
            lock(&self.selectors).insert(&hpa.key, text, &selector);
        }
        let (observation, took) = self.pods_and_metrics(hpa, &hpa.spec, scale).await;
        Observed {
            observation,
            scale: handle.ok(),
            took,
        }
    }

    /// Whether the decision for `spec` needs pods and metrics at this scale.
    fn needs_metrics(&self, hpa: &Hpa, spec: &Spec, scale: &Result<Scale, ScaleError>) -> bool {
        let replicas = scale.as_ref().map(|scale| scale.spec_replicas);
        replicas.is_ok_and(|replicas| asks_metrics(&self.config, spec, &hpa.stored, replicas))
    }

    /// Reads what the decision for `spec` depends on besides the scale. `spec` is that of `hpa`, or
    /// a changed one.
    pub(crate) async fn pods_and_metrics(
        &self,
        hpa: &Hpa,
        spec: &Spec,
        scale: Result<Scale, ScaleError>,
    ) -> (Observation, Vec<Duration>) {
        let unread = spec.metrics.iter().map(|_| MetricAnswer::NotRead);
        let mut observation = Observation::new(scale).with_metrics(unread);
        if !self.needs_metrics(hpa, spec, &observation.scale) {
            return (observation, Vec::new());
        }
        // The algorithm reports an invalid selector.
        let Some((text, selector)) = observation.scale.as_ref().ok().and_then(parse_selector)
        else {
            return (observation, Vec::new());
        };
        let text = Arc::clone(text);
        let namespace = &hpa.key.namespace;
        let pods = self.pods().select(namespace, &selector);
        observation.other_autoscalers = lock(&self.selectors).others(&hpa.key, &pods);
        if !observation.other_autoscalers.is_empty() {
            observation.pods = Ok(pods);
            return (observation, Vec::new());
        }
        let reads = spec.metrics.iter().map(async |metric| {
            let begin = Instant::now();
            let span = spans::metric(metric_type(&metric.identity), metric_name(&metric.identity));
            let read = self.read(namespace, metric, &text).instrument(span).await;
            (read, begin.elapsed())
        });
        let (reads, took): (Vec<Read>, Vec<_>) = join_all(reads).await.into_iter().unzip();
        // Pods are selected again after the metrics were read, as upstream does: a new pod without a
        // sample is normal, a sample without a pod is not.
        let all = self.pods();
        let pods = all.select(namespace, &selector);
        let is_known = |name: &str| all.contains(namespace, name);
        observation.metrics = spec
            .metrics
            .iter()
            .zip(reads)
            .map(
                |(metric, read)| match (read, resource_of(&metric.identity)) {
                    (Read::Namespace(Ok(metrics)), Some(of)) => {
                        let items = metrics.select(&pods, &selector, is_known);
                        MetricAnswer::Pods(
                            resource_samples_of(items, of).map(|named| named.join(&pods)),
                        )
                    }
                    (Read::Namespace(Err(error)), Some(of)) => MetricAnswer::Pods(
                        resource_samples(Err(&error), of).map(|named| named.join(&pods)),
                    ),
                    (Read::Named(named), _) => {
                        MetricAnswer::Pods(named.map(|named| named.join(&pods)))
                    }
                    (Read::Answer(answer), _) => answer,
                    (Read::Namespace(_), None) => MetricAnswer::NotRead,
                },
            )
            .collect();
        drop(all);
        observation.pods = Ok(pods);
        (observation, took)
    }

    /// Reads a metric from its API; `pods` is the label selector of the target's pods.
    async fn read(&self, namespace: &str, metric: &Metric, pods: &str) -> Read {
        // The algorithm reports an invalid selector.
        let Ok(selector) = &metric.selector else {
            return Read::Answer(MetricAnswer::NotRead);
        };
        let query = |metric| MetricQuery {
            namespace,
            metric,
            selector,
        };
        match &*metric.identity {
            MetricIdentity::Resource { .. } | MetricIdentity::ContainerResource { .. } => {
                Read::Namespace(self.metrics.namespace(namespace, &self.pods).await)
            }
            MetricIdentity::Pods { metric } => {
                let values = self.metrics.pods_metric(query(metric), pods).await;
                Read::Named(pods_metric_samples(
                    values.as_deref().map_err(|error| &**error),
                ))
            }
            MetricIdentity::Object {
                metric,
                described_object,
            } => {
                let value = self
                    .metrics
                    .object_metric(query(metric), described_object)
                    .await;
                let sample = object_sample(value.as_ref().map_err(|error| &**error));
                Read::Answer(MetricAnswer::Object(sample))
            }
            MetricIdentity::External { metric } => {
                let values = self.metrics.external_metric(query(metric)).await;
                let samples = external_samples(values.as_deref().map_err(|error| &**error));
                Read::Answer(MetricAnswer::External(samples))
            }
            MetricIdentity::Unknown { .. } => Read::Answer(MetricAnswer::NotRead),
        }
    }

    /// Reads the target's scale, trying each resource of its kind: the first success counts, or else
    /// the first error.
    async fn scale(&self, hpa: &Hpa) -> Result<ScaleHandle, ScaleError> {
        let target = &hpa.target;
        let group = group_of(&target.api_version).map_err(ScaleError::InvalidApiVersion)?;
        let mappings = self
            .discovery
            .mappings(group, &target.kind)
            .await
            .map_err(ScaleError::UnknownResource)?;
        let mut first = None;
        for mapping in mappings.iter() {
            let path = scale_path(mapping, &hpa.key.namespace, &target.name);
            match self
                .read_scale(&path, &mapping.qualified, &target.name)
                .await
            {
                Ok(object) => {
                    return Ok(ScaleHandle {
                        path,
                        resource: mapping.qualified.clone(),
                        object,
                    });
                }
                Err(failure) => {
                    first.get_or_insert(failure);
                }
            }
        }
        let error = first.map_or_else(|| "unrecognized resource".into(), |failure| failure.text());
        Err(ScaleError::Query(error))
    }

    async fn read_scale(
        &self,
        path: &str,
        resource: &str,
        name: &str,
    ) -> Result<ScaleObject, Failure> {
        let call = Call::get(path.to_owned(), resource, name);
        self.client.call(call).await
    }

    /// The pods, which a watch keeps up to date.
    pub(crate) fn pods(&self) -> MutexGuard<'_, PodStore> {
        lock(&self.pods)
    }
}

/// The response of one metric's API.
enum Read {
    /// A resource metric: the PodMetrics of the whole namespace.
    Namespace(Result<Arc<NamespaceMetrics>, Arc<str>>),
    /// A pods metric.
    Named(Result<NamedSamples, Arc<str>>),
    /// Anything else.
    Answer(MetricAnswer),
}

fn resource_of(identity: &MetricIdentity) -> Option<ResourceOf<'_>> {
    match identity {
        MetricIdentity::Resource { resource } => Some(ResourceOf::pod(resource)),
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => Some(ResourceOf::container(resource, container)),
        _ => None,
    }
}

/// A metric's type as upstream labels it.
pub(crate) fn metric_type(identity: &MetricIdentity) -> &str {
    match identity {
        MetricIdentity::Resource { .. } => "Resource",
        MetricIdentity::ContainerResource { .. } => "ContainerResource",
        MetricIdentity::Pods { .. } => "Pods",
        MetricIdentity::Object { .. } => "Object",
        MetricIdentity::External { .. } => "External",
        MetricIdentity::Unknown { source_type } => source_type,
    }
}

/// What a metric measures, without its selector.
fn metric_name(identity: &MetricIdentity) -> &str {
    match identity {
        MetricIdentity::Resource { resource }
        | MetricIdentity::ContainerResource { resource, .. } => resource,
        MetricIdentity::Pods { metric }
        | MetricIdentity::Object { metric, .. }
        | MetricIdentity::External { metric } => &metric.name,
        MetricIdentity::Unknown { .. } => "",
    }
}

fn scale_path(mapping: &Mapping, namespace: &str, name: &str) -> String {
    let Mapping { root, resource, .. } = mapping;
    format!(
        "{root}/namespaces/{}/{resource}/{}/scale",
        encode(namespace),
        encode(name)
    )
}

/// The label selector of a scale, as text and parsed; `None` if it is empty or invalid.
fn parse_selector(scale: &Scale) -> Option<(&Arc<str>, Selector)> {
    let text = Some(&scale.selector).filter(|text| !text.is_empty())?;
    Some((text, Selector::parse(text).ok()?))
}
