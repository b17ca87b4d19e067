//! All reads of one sync.
//!
//! Upstream: `horizontal.go`, `reconcileAutoscaler`, `scaleForResourceMappings`; the order of the
//! reads is upstream's, save that the metrics of one autoscaler are read side by side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use hpa_core::api::Selector;
use hpa_core::autoscaler::calculator::ResourceOf;
use hpa_core::autoscaler::metrics_client::{
    NamedSamples, external_samples, object_sample, pods_metric_samples, resource_samples,
    resource_samples_of,
};
use hpa_core::autoscaler::spec::{Metric, MetricIdentity};
use hpa_core::autoscaler::{
    ControllerConfig, MetricAnswer, Observation, Scale, ScaleError, Spec, Status, asks_metrics,
};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::api_objects::ScaleObject;
use super::client::{Call, Client, Failure, encode};
use super::discovery::{Discovery, Mapping};
use super::hpa_store::Hpa;
use super::metrics_api::{MetricsApi, NamespaceMetrics};
use super::pod_store::Pods;
use super::selector_index::Selectors;
use super::spans;

/// What a sync reads from.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) client: Client,
    pub(crate) discovery: Arc<Discovery>,
    pub(crate) metrics: MetricsApi,
    pub(crate) pods: Arc<Mutex<Pods>>,
    pub(crate) selectors: Mutex<Selectors>,
}

/// What one sync read.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) observation: Observation,
    /// The scale as it has to be written back, and where it stands.
    pub(crate) scale: Option<ScaleHandle>,
    /// How long each metric took to read; empty where none was read.
    pub(crate) took: Vec<std::time::Duration>,
}

/// A scale that can be written.
#[derive(Clone, Debug)]
pub(crate) struct ScaleHandle {
    /// Its path.
    pub(crate) path: String,
    /// Its resource as messages name it.
    pub(crate) resource: String,
    /// The object as read.
    pub(crate) object: ScaleObject,
}

/// Which of two specifications of one autoscaler a sync is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The cluster's.
    Cluster,
    /// A changed one, whose selector must not be noted twice.
    WhatIf,
}

impl Observer {
    /// Reads everything that a sync of `hpa` is decided from.
    pub(crate) async fn observe(&self, hpa: &Hpa, config: &ControllerConfig) -> Observed {
        let handle = self.scale(hpa).await;
        let scale = match &handle {
            Ok(handle) => Ok(Scale {
                spec_replicas: handle.object.spec.replicas,
                status_replicas: handle.object.status.replicas,
                selector: handle.object.status.selector.as_str().into(),
            }),
            Err(error) => Err(error.clone()),
        };
        let (observation, took) = self
            .rest(hpa, &hpa.spec, &hpa.stored, scale, config, Subject::Cluster)
            .await;
        Observed {
            observation,
            scale: handle.ok(),
            took,
        }
    }

    /// Reads what belongs to `spec` besides the scale.
    pub(crate) async fn rest(
        &self,
        hpa: &Hpa,
        spec: &Spec,
        stored: &Status,
        scale: Result<Scale, ScaleError>,
        config: &ControllerConfig,
        subject: Subject,
    ) -> (Observation, Vec<std::time::Duration>) {
        let mut observation = Observation {
            scale,
            pods: Ok(Vec::new()),
            metrics: spec.metrics.iter().map(|_| MetricAnswer::NotRead).collect(),
            other_autoscalers: Vec::new(),
        };
        let Ok(scale) = &observation.scale else {
            return (observation, Vec::new());
        };
        if !asks_metrics(config, spec, stored, scale.spec_replicas) {
            return (observation, Vec::new());
        }
        // The algorithm words what is wrong with a selector.
        let Some(selector) = Some(&scale.selector)
            .filter(|text| !text.is_empty())
            .and_then(|text| Selector::parse(text).ok())
        else {
            return (observation, Vec::new());
        };
        let text = Arc::clone(&scale.selector);
        let namespace = &hpa.key.namespace;
        let pods = self.pods().select(namespace, &selector);
        observation.other_autoscalers = {
            let mut selectors = lock(&self.selectors);
            if subject == Subject::Cluster {
                selectors.note(&hpa.key, &text, &selector);
            }
            selectors.others(&hpa.key, &pods)
        };
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
        // Pods are looked at after the metrics, as upstream does: one that came meanwhile has no
        // sample yet, rather than that a sample has no pod.
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

    /// Asks the API that has this metric.
    async fn read(&self, namespace: &str, metric: &Metric, pods: &str) -> Read {
        // An invalid selector is the metric's error; the algorithm words it.
        let Ok(series) = &metric.selector else {
            return Read::Answer(MetricAnswer::NotRead);
        };
        match &*metric.identity {
            MetricIdentity::Resource { .. } | MetricIdentity::ContainerResource { .. } => {
                Read::Namespace(self.metrics.namespace(namespace, &self.pods).await)
            }
            MetricIdentity::Pods { metric } => {
                let values = self
                    .metrics
                    .pods_metric(namespace, metric, pods, series)
                    .await;
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
                    .object_metric(namespace, described_object, metric, series)
                    .await;
                let sample = object_sample(value.as_ref().map_err(|error| &**error));
                Read::Answer(MetricAnswer::Object(sample))
            }
            MetricIdentity::External { metric } => {
                let values = self
                    .metrics
                    .external_metric(namespace, metric, series)
                    .await;
                let samples = external_samples(values.as_deref().map_err(|error| &**error));
                Read::Answer(MetricAnswer::External(samples))
            }
            MetricIdentity::Unknown { .. } => Read::Answer(MetricAnswer::NotRead),
        }
    }

    /// Reads the target's scale over the resources that stand for its kind; the first success
    /// counts, or else the first error.
    async fn scale(&self, hpa: &Hpa) -> Result<ScaleHandle, ScaleError> {
        let target = &hpa.target;
        let group = group_of(&target.api_version).map_err(ScaleError::InvalidApiVersion)?;
        let mappings = self
            .discovery
            .mappings(&group, &target.kind)
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

    /// The pods, which watches keep up to date.
    pub(crate) fn pods(&self) -> MutexGuard<'_, Pods> {
        lock(&self.pods)
    }
}

/// What one metric's API said.
enum Read {
    /// A resource metric: the answer for the whole namespace.
    Namespace(Result<Arc<NamespaceMetrics>, Arc<str>>),
    /// A pods metric.
    Named(Result<NamedSamples, Arc<str>>),
    /// Anything else.
    Answer(MetricAnswer),
}

fn resource_of(identity: &MetricIdentity) -> Option<ResourceOf<'_>> {
    match identity {
        MetricIdentity::Resource { resource } => Some(ResourceOf {
            resource,
            container: None,
        }),
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => Some(ResourceOf {
            resource,
            container: Some(container),
        }),
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

/// The group of an `apiVersion`. Upstream: `schema.ParseGroupVersion`.
pub(crate) fn group_of(api_version: &str) -> Result<String, Arc<str>> {
    match api_version.matches('/').count() {
        0 => Ok(String::new()),
        1 => Ok(api_version.split('/').next().unwrap_or_default().to_owned()),
        _ => Err(format!("unexpected GroupVersion string: {api_version}").into()),
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
