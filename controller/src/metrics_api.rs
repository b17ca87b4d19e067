//! The three metrics APIs: what they are asked, and what becomes of their answers.
//!
//! Upstream: `k8s.io/metrics/pkg/client`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hpa_core::api::{
    CrossVersionObjectReference, ExternalMetricValue, Labels, MetricIdentifier, MetricValue,
    PodMetrics, Selector,
};
use hpa_core::autoscaler::PodRecord;
use hpa_core::time::{Duration as Span, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::api_objects::nullable;
use super::client::{Call, Client, decode, encode};
use super::discovery::Discovery;
use super::observe::{group_of, lock};
use super::pod_store::Pods;
use super::response_cache::{Lifetimes, Shared};

const CUSTOM: &str = "custom.metrics.k8s.io";
const EXTERNAL: &str = "external.metrics.k8s.io";

/// The metrics APIs.
#[derive(Debug)]
pub(crate) struct MetricsApi {
    client: Client,
    discovery: Arc<Discovery>,
    /// The PodMetrics of whole namespaces.
    namespaces: Shared<Arc<NamespaceMetrics>>,
}

/// The PodMetrics of one namespace.
#[derive(Debug, Default)]
pub(crate) struct NamespaceMetrics {
    /// In the order of their names, each name once.
    items: Vec<PodMetrics>,
    /// Items of no pod that was known when the list came, with their labels.
    strangers: Vec<(usize, Labels)>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct List<T> {
    #[serde(default = "Vec::new", deserialize_with = "nullable")]
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    metadata: ItemMeta<'a>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(default)]
    window: Span,
    #[serde(default, deserialize_with = "nullable")]
    containers: Vec<hpa_core::api::ContainerMetrics>,
}

#[derive(Deserialize)]
struct ItemMeta<'a> {
    name: String,
    #[serde(borrow, default)]
    labels: Option<&'a RawValue>,
}

impl MetricsApi {
    /// `fresh` is how long the PodMetrics of a namespace may be shared.
    pub(crate) fn new(client: Client, discovery: Arc<Discovery>, fresh: Duration) -> Self {
        Self {
            client,
            discovery,
            namespaces: Shared::new(Lifetimes {
                good: fresh,
                bad: fresh.min(Duration::from_secs(1)),
            }),
        }
    }

    /// Drops the lists that are no longer fresh.
    pub(crate) fn sweep(&self) {
        self.namespaces.sweep();
    }

    /// The PodMetrics of a namespace: one list for all autoscalers that ask at about the same time.
    pub(crate) async fn namespace(
        &self,
        namespace: &str,
        pods: &Mutex<Pods>,
    ) -> Result<Arc<NamespaceMetrics>, Arc<str>> {
        self.namespaces
            .fetch(namespace, async {
                let path = format!(
                    "/apis/metrics.k8s.io/v1beta1/namespaces/{}/pods",
                    encode(namespace)
                );
                let call = Call::get(path, "pods.metrics.k8s.io", "");
                let bytes = self
                    .client
                    .bytes(call)
                    .await
                    .map_err(|error| error.text())?;
                let list: List<Item<'_>> = decode(&bytes).map_err(|error| error.text())?;
                Ok(Arc::new(NamespaceMetrics::new(
                    list.items,
                    &lock(pods),
                    namespace,
                )))
            })
            .await
    }

    /// A custom metric of all pods that `pods` selects.
    pub(crate) async fn pods_metric(
        &self,
        namespace: &str,
        metric: &MetricIdentifier,
        pods: &str,
        series: &Selector,
    ) -> Result<Vec<MetricValue>, Arc<str>> {
        let version = self.custom_version().await?;
        let path = format!(
            "/apis/{CUSTOM}/{version}/namespaces/{}/pods/*/{}{}",
            encode(namespace),
            encode(&metric.name),
            query(&[
                ("labelSelector", pods),
                ("metricLabelSelector", &series.to_string())
            ])
        );
        self.custom(path, "pods.custom.metrics.k8s.io").await
    }

    /// A custom metric of one object.
    pub(crate) async fn object_metric(
        &self,
        namespace: &str,
        object: &CrossVersionObjectReference,
        metric: &MetricIdentifier,
        series: &Selector,
    ) -> Result<MetricValue, Arc<str>> {
        let version = self.custom_version().await?;
        let group = group_of(&object.api_version)?;
        let namespace = encode(namespace);
        let (what, name) = if object.kind == "Namespace" && group.is_empty() {
            // The autoscaler's own, whatever name is given.
            (String::from("metrics"), None)
        } else {
            let mappings = self.discovery.mappings(&group, &object.kind).await?;
            let resource = mappings.first().map(|mapping| mapping.qualified.clone());
            (resource.unwrap_or_default(), Some(encode(&object.name)))
        };
        let name = name.map(|name| format!("/{name}")).unwrap_or_default();
        let path = format!(
            "/apis/{CUSTOM}/{version}/namespaces/{namespace}/{what}{name}/{}{}",
            encode(&metric.name),
            query(&[("metricLabelSelector", &series.to_string())])
        );
        let mut values = self.custom(path, &format!("{what}.{CUSTOM}")).await?;
        match (values.pop(), values.len()) {
            (Some(value), 0) => Ok(value),
            (last, rest) => {
                let count = rest + usize::from(last.is_some());
                Err(format!("the custom metrics API server returned {count} results when we asked for exactly one").into())
            }
        }
    }

    /// An external metric.
    pub(crate) async fn external_metric(
        &self,
        namespace: &str,
        metric: &MetricIdentifier,
        series: &Selector,
    ) -> Result<Vec<ExternalMetricValue>, Arc<str>> {
        let path = format!(
            "/apis/{EXTERNAL}/v1beta1/namespaces/{}/{}{}",
            encode(namespace),
            encode(&metric.name),
            query(&[("labelSelector", &series.to_string())])
        );
        let resource = format!("{}.{EXTERNAL}", metric.name);
        let call = Call::get(path, &resource, "");
        let list: List<ExternalMetricValue> =
            self.client.call(call).await.map_err(|error| error.text())?;
        Ok(list.items)
    }

    async fn custom(&self, path: String, resource: &str) -> Result<Vec<MetricValue>, Arc<str>> {
        let call = Call::get(path, resource, "");
        let list: List<MetricValue> = self.client.call(call).await.map_err(|error| error.text())?;
        Ok(list.items)
    }

    /// The newest version of the custom metrics API that both sides know.
    async fn custom_version(&self) -> Result<&'static str, Arc<str>> {
        let served = self.discovery.versions(CUSTOM).await?;
        if served.is_empty() {
            return Err(format!("no custom metrics API ({CUSTOM}) registered").into());
        }
        ["v1beta2", "v1beta1"]
            .into_iter()
            .find(|known| served.iter().any(|version| version == known))
            .ok_or_else(|| "no known available metric versions found".into())
    }
}

impl NamespaceMetrics {
    fn new(mut items: Vec<Item<'_>>, pods: &Pods, namespace: &str) -> Self {
        // Stable, and of several under one name the last counts: as upstream's map.
        items.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        items.reverse();
        items.dedup_by(|later, earlier| later.metadata.name == earlier.metadata.name);
        items.reverse();
        let names = items.iter().map(|item| item.metadata.name.as_str());
        let strangers = pods
            .strangers(namespace, names)
            .into_iter()
            .map(|at| {
                // Labels are parsed for these few only.
                let labels = items[at].metadata.labels.map(RawValue::get);
                let labels = labels.and_then(|text| serde_json::from_str(text).ok());
                (at, labels.unwrap_or_default())
            })
            .collect();
        let items = items.into_iter().map(|item| PodMetrics {
            metadata: hpa_core::api::ObjectMeta {
                name: item.metadata.name,
                ..Default::default()
            },
            timestamp: item.timestamp,
            window: item.window,
            containers: item.containers,
        });
        Self {
            items: items.collect(),
            strangers,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.items
            .binary_search_by(|item| item.metadata.name.as_str().cmp(name))
            .ok()
    }

    /// What a list with this selector would have answered: the metrics of the pods that it selects,
    /// and those of pods that are gone but bore labels that it selects. Upstream counts them.
    pub(crate) fn select<'a>(
        &'a self,
        pods: &'a [PodRecord],
        selector: &'a Selector,
        is_known: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a PodMetrics> {
        let own = pods.iter().filter_map(|pod| self.find(&pod.name));
        let strangers = self.strangers.iter();
        let strangers = strangers.filter(move |(at, labels)| {
            selector.matches(labels) && !is_known(&self.items[*at].metadata.name)
        });
        own.chain(strangers.map(|(at, _)| *at))
            .map(|at| &self.items[at])
    }
}

/// A query; parts without a value are left out.
fn query(parts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(&format!("{name}={}", encode(value)));
    }
    out
}
