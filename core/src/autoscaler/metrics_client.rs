//! Converts responses of the metrics APIs to samples.
//!
//! Upstream: `pkg/controller/podautoscaler/metrics/client.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::calculator::ResourceOf;
use super::observation::{ExternalSamples, ObjectSample, PodRecord, PodSamples, Sample};
use crate::api::{ContainerMetrics, ExternalMetricValue, MetricValue, PodMetrics};
use crate::time::{SignedDuration, Timestamp};

/// The samples of pods by name, and the time of the response's first item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedSamples {
    /// The samples; the last one of a name wins.
    pub by_name: BTreeMap<Arc<str>, Sample>,
    /// The first item's time, even if that item has no sample.
    pub timestamp: Option<Timestamp>,
}

/// The error of a fetch that failed.
fn unable(api: &str, error: &str) -> Arc<str> {
    format!("unable to fetch metrics from {api} metrics API: {error}").into()
}

/// The error of a response without items.
fn nothing(api: &str) -> Arc<str> {
    format!("no metrics returned from {api} metrics API").into()
}

/// A missing time is Go's zero time.
fn time(timestamp: Option<Timestamp>) -> Timestamp {
    timestamp.unwrap_or(Timestamp::GO_ZERO)
}

/// A resource of whole pods or of one container.
///
/// Upstream: `GetResourceMetric`, `getPodMetrics`, `getContainerMetrics`.
///
/// # Errors
/// Upstream's text for a failed fetch or an empty response.
pub fn resource_samples(
    answer: Result<&[PodMetrics], &str>,
    of: ResourceOf<'_>,
) -> Result<NamedSamples, Arc<str>> {
    let items = answer.map_err(|error| unable("resource", error))?;
    resource_samples_of(items.iter(), of)
}

/// [`resource_samples`] of the items that a selector matches, for callers that fetch all pods of a
/// namespace at once.
///
/// # Errors
/// Upstream's text for an empty response.
pub fn resource_samples_of<'a>(
    items: impl Iterator<Item = &'a PodMetrics>,
    of: ResourceOf<'_>,
) -> Result<NamedSamples, Arc<str>> {
    let mut items = items.peekable();
    let timestamp = items.peek().ok_or_else(|| nothing("resource"))?.timestamp;
    let sample = |item: &PodMetrics| {
        let milli_value = match of.container {
            Some(name) => container_usage(&item.containers, name, of.resource),
            None => pod_usage(&item.containers, of.resource),
        }?;
        let (timestamp, window) = (time(item.timestamp), item.window);
        Some((
            item.metadata.name.as_str().into(),
            Sample {
                milli_value,
                timestamp,
                window,
            },
        ))
    };
    Ok(NamedSamples {
        by_name: items.filter_map(sample).collect(),
        timestamp,
    })
}

/// The sum over the containers; `None` if there are none, or one lacks the resource.
fn pod_usage(containers: &[ContainerMetrics], resource: &str) -> Option<i64> {
    let usage = |container: &ContainerMetrics| Some(container.usage.get(resource)?.milli_value());
    let add = |sum: i64, container| Some(sum.wrapping_add(usage(container)?));
    let (first, rest) = containers.split_first()?;
    rest.iter().try_fold(usage(first)?, add)
}

/// The usage of the first container of that name.
fn container_usage(containers: &[ContainerMetrics], name: &str, resource: &str) -> Option<i64> {
    let container = containers.iter().find(|container| container.name == name)?;
    Some(container.usage.get(resource)?.milli_value())
}

/// A custom metric that each pod has.
///
/// Upstream: `GetRawMetric`.
///
/// # Errors
/// Upstream's text for a failed fetch or an empty response.
pub fn pods_metric_samples(answer: Result<&[MetricValue], &str>) -> Result<NamedSamples, Arc<str>> {
    /// The default window of a metric without one.
    const WINDOW: SignedDuration = SignedDuration::from_secs(60);
    let items = answer.map_err(|error| unable("custom", error))?;
    let first = items.first().ok_or_else(|| nothing("custom"))?;
    let sample = |item: &MetricValue| {
        let sample = Sample {
            milli_value: item.value.milli_value(),
            timestamp: time(item.timestamp),
            window: item
                .window_seconds
                .map_or(WINDOW, SignedDuration::from_secs),
        };
        (item.described_object.name.as_str().into(), sample)
    };
    Ok(NamedSamples {
        by_name: items.iter().map(sample).collect(),
        timestamp: first.timestamp,
    })
}

/// A custom metric of one object.
///
/// Upstream: `GetObjectMetric`.
///
/// # Errors
/// Upstream's text for a failed fetch.
pub fn object_sample(answer: Result<&MetricValue, &str>) -> Result<ObjectSample, Arc<str>> {
    let item = answer.map_err(|error| unable("custom", error))?;
    Ok(ObjectSample {
        milli_value: item.value.milli_value(),
        timestamp: time(item.timestamp),
    })
}

/// An external metric.
///
/// Upstream: `GetExternalMetric`.
///
/// # Errors
/// Upstream's text for a failed fetch or an empty response.
pub fn external_samples(
    answer: Result<&[ExternalMetricValue], &str>,
) -> Result<ExternalSamples, Arc<str>> {
    let items = answer.map_err(|error| unable("external", error))?;
    let first = items.first().ok_or_else(|| nothing("external"))?;
    Ok(ExternalSamples {
        milli_values: items.iter().map(|item| item.value.milli_value()).collect(),
        timestamp: first.timestamp,
    })
}

impl NamedSamples {
    /// Assigns samples to pods; the remaining ones belong to unknown pods.
    #[must_use]
    pub fn join(mut self, pods: &[PodRecord]) -> PodSamples {
        let by_pod = pods
            .iter()
            .map(|pod| self.by_name.remove(&pod.name))
            .collect();
        let foreign = self.by_name.into_values().collect();
        PodSamples {
            by_pod,
            foreign,
            timestamp: self.timestamp,
        }
    }
}
