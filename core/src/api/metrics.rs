//! Responses of the three metrics APIs: `metrics.k8s.io`, `custom.metrics.k8s.io` and
//! `external.metrics.k8s.io`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CrossVersionObjectReference, ObjectMeta};
use crate::quantity::Quantity;
use crate::time::{SignedDuration, Timestamp};

/// The usage of one pod over a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PodMetrics {
    /// The pod's name and labels.
    pub metadata: ObjectMeta,
    /// End of the window.
    pub timestamp: Option<Timestamp>,
    /// Length of the window.
    pub window: SignedDuration,
    /// Usage by container.
    pub containers: Vec<ContainerMetrics>,
}

impl PodMetrics {
    /// The usage of the containers of a pod over a window up to `timestamp`.
    #[must_use]
    pub fn new(
        pod: impl Into<String>,
        timestamp: Option<Timestamp>,
        window: SignedDuration,
        containers: Vec<ContainerMetrics>,
    ) -> Self {
        Self {
            metadata: ObjectMeta::new("", pod),
            timestamp,
            window,
            containers,
        }
    }
}

/// The usage of one container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ContainerMetrics {
    /// The container's name.
    pub name: String,
    /// Usage by resource name.
    pub usage: BTreeMap<String, Quantity>,
}

impl ContainerMetrics {
    /// The usage of a container by resource name.
    #[must_use]
    pub fn new(name: impl Into<String>, usage: BTreeMap<String, Quantity>) -> Self {
        let name = name.into();
        Self { name, usage }
    }
}

/// One value of a custom metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricValue {
    /// The object that it describes.
    pub described_object: CrossVersionObjectReference,
    /// When it was measured.
    pub timestamp: Option<Timestamp>,
    /// Length of the window that it was measured over \[s\]; absent means 60.
    pub window_seconds: Option<i64>,
    /// The value.
    pub value: Quantity,
}

impl MetricValue {
    /// A value that describes an object.
    #[must_use]
    pub const fn new(
        described_object: CrossVersionObjectReference,
        value: Quantity,
        timestamp: Option<Timestamp>,
    ) -> Self {
        Self {
            described_object,
            timestamp,
            window_seconds: None,
            value,
        }
    }
}

/// One series of an external metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ExternalMetricValue {
    /// The metric's name.
    pub metric_name: String,
    /// The series' labels.
    pub metric_labels: BTreeMap<String, String>,
    /// When it was measured.
    pub timestamp: Option<Timestamp>,
    /// The value.
    pub value: Quantity,
}

impl ExternalMetricValue {
    /// The value of a series without labels.
    #[must_use]
    pub fn new(
        metric_name: impl Into<String>,
        value: Quantity,
        timestamp: Option<Timestamp>,
    ) -> Self {
        Self {
            metric_name: metric_name.into(),
            metric_labels: BTreeMap::new(),
            timestamp,
            value,
        }
    }
}
