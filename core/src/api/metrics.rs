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

/// The usage of one container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerMetrics {
    /// The container's name.
    pub name: String,
    /// Usage by resource name.
    pub usage: BTreeMap<String, Quantity>,
}

/// One value of a custom metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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

/// One series of an external metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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
