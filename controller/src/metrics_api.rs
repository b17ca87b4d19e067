//! Clients of the three metrics APIs: resource, custom and external metrics.
//!
//! Upstream: `k8s.io/metrics/pkg/client`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hpa_core::api::{
    CrossVersionObjectReference, ExternalMetricValue, Labels, MetricIdentifier, MetricValue,
    PodMetrics, Selector,
};
use hpa_core::autoscaler::PodRecord;
use hpa_core::time::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api_objects::nullable;
use crate::client::{Call, Client, decode, encode};
use crate::discovery::{Discovery, group_of};
use crate::mutex::lock;
use crate::pod_store::PodStore;
use crate::response_cache::{Lifetimes, ResponseCache};

const CUSTOM: &str = "custom.metrics.k8s.io";
const EXTERNAL: &str = "external.metrics.k8s.io";

/// The metrics APIs.
#[derive(Debug)]
pub(crate) struct MetricsApi {
    client: Client,
    discovery: Arc<Discovery>,
    /// The PodMetrics of each namespace.
    namespaces: ResponseCache<Arc<NamespaceMetrics>>,
}

/// Which metric to request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MetricQuery<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) metric: &'a MetricIdentifier,
    /// Selects among the metric's series.
    pub(crate) selector: &'a Selector,
}

/// The PodMetrics of one namespace.
#[derive(Debug, Default)]
pub(crate) struct NamespaceMetrics {
    /// Sorted by name, without duplicates.
    items: Vec<PodMetrics>,
    /// The items whose pod was unknown when the list arrived, with their labels.
    orphans: Vec<(usize, Labels)>,
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
    window: SignedDuration,
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
    /// `max_age` is how long the PodMetrics of a namespace are shared between autoscalers.
    pub(crate) fn new(client: Client, discovery: Arc<Discovery>, max_age: Duration) -> Self {
        Self {
            client,
            discovery,
            namespaces: ResponseCache::new(Lifetimes {
                success: max_age,
                error: max_age.min(Duration::from_secs(1)),
            }),
        }
    }

    /// How long the PodMetrics of a namespace are shared.
    pub(crate) const fn max_age(&self) -> Duration {
        self.namespaces.lifetime()
    }

    /// Drops cached lists that are no longer fresh.
    pub(crate) fn evict_stale(&self) {
        self.namespaces.evict_stale();
    }

    /// The PodMetrics of a namespace; autoscalers that sync at about the same time share one list.
    pub(crate) async fn namespace(
        &self,
        namespace: &str,
        pods: &Mutex<PodStore>,
    ) -> Result<Arc<NamespaceMetrics>, Arc<str>> {
        self.namespaces
            .get_or_fetch(namespace, async {
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

    /// A custom metric of all pods that the label selector `pods` selects.
    pub(crate) async fn pods_metric(
        &self,
        query: MetricQuery<'_>,
        pods: &str,
    ) -> Result<Vec<MetricValue>, Arc<str>> {
        let MetricQuery {
            namespace,
            metric,
            selector,
        } = query;
        let version = self.custom_version().await?;
        let path = format!(
            "/apis/{CUSTOM}/{version}/namespaces/{}/pods/*/{}{}",
            encode(namespace),
            encode(&metric.name),
            query_string(&[
                ("labelSelector", pods),
                ("metricLabelSelector", &selector.to_string())
            ])
        );
        self.custom(path, "pods.custom.metrics.k8s.io").await
    }

    /// A custom metric of one object.
    pub(crate) async fn object_metric(
        &self,
        query: MetricQuery<'_>,
        object: &CrossVersionObjectReference,
    ) -> Result<MetricValue, Arc<str>> {
        let MetricQuery {
            namespace,
            metric,
            selector,
        } = query;
        let version = self.custom_version().await?;
        let group = group_of(&object.api_version)?;
        let namespace = encode(namespace);
        let (what, name) = if object.kind == "Namespace" && group.is_empty() {
            // Always the autoscaler's own namespace, whatever name the spec gives.
            (String::from("metrics"), None)
        } else {
            let mappings = self.discovery.mappings(group, &object.kind).await;
            let mappings = mappings.map_err(|error| -> Arc<str> {
                let dot = if group.is_empty() { "" } else { "." };
                let kind = &object.kind;
                format!("unable to map kind {kind}{dot}{group} to resource: {error}").into()
            })?;
            let resource = mappings.first().map(|mapping| mapping.qualified.clone());
            (resource.unwrap_or_default(), Some(encode(&object.name)))
        };
        let name = name.map(|name| format!("/{name}")).unwrap_or_default();
        let path = format!(
            "/apis/{CUSTOM}/{version}/namespaces/{namespace}/{what}{name}/{}{}",
            encode(&metric.name),
            query_string(&[("metricLabelSelector", &selector.to_string())])
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
        query: MetricQuery<'_>,
    ) -> Result<Vec<ExternalMetricValue>, Arc<str>> {
        let MetricQuery {
            namespace,
            metric,
            selector,
        } = query;
        let path = format!(
            "/apis/{EXTERNAL}/v1beta1/namespaces/{}/{}{}",
            encode(namespace),
            encode(&metric.name),
            query_string(&[("labelSelector", &selector.to_string())])
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
    fn new(mut items: Vec<Item<'_>>, pods: &PodStore, namespace: &str) -> Self {
        // The last of several items with one name counts, as in upstream's map.
        items.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        items.reverse();
        items.dedup_by(|later, earlier| later.metadata.name == earlier.metadata.name);
        items.reverse();
        let names = items.iter().map(|item| item.metadata.name.as_str());
        let orphans = pods
            .unknown_names(namespace, names)
            .into_iter()
            .map(|at| {
                // Only these few need their labels.
                let labels = items[at].metadata.labels.map(RawValue::get);
                let labels = labels.and_then(|text| serde_json::from_str(text).ok());
                (at, labels.unwrap_or_default())
            })
            .collect();
        let items = items.into_iter().map(|item| {
            PodMetrics::new(
                item.metadata.name,
                item.timestamp,
                item.window,
                item.containers,
            )
        });
        Self {
            items: items.collect(),
            orphans,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.items
            .binary_search_by(|item| item.metadata.name.as_str().cmp(name))
            .ok()
    }

    /// What a list with this selector would have returned: the metrics of the selected pods, and of
    /// deleted pods whose labels match, which upstream counts too.
    pub(crate) fn select<'a>(
        &'a self,
        pods: &'a [PodRecord],
        selector: &'a Selector,
        is_known: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a PodMetrics> {
        let own = pods.iter().filter_map(|pod| self.find(&pod.name));
        let orphans = self.orphans.iter();
        let orphans = orphans.filter(move |(at, labels)| {
            selector.matches(labels) && !is_known(&self.items[*at].metadata.name)
        });
        own.chain(orphans.map(|(at, _)| *at))
            .map(|at| &self.items[at])
    }
}

/// A query string, with `?`; parameters without a value are left out.
fn query_string(parts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(&format!("{name}={}", encode(value)));
    }
    out
}
