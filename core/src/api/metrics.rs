//! `metrics.k8s.io`: what the resource metrics API says of a pod.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ObjectMeta;
use crate::quantity::Quantity;

/// The usage of one pod over a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetrics {
    /// The pod's name.
    pub metadata: ObjectMeta,
    /// End of the window (RFC 3339).
    pub timestamp: Option<String>,
    /// Length of the window, as Go writes durations.
    pub window: String,
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
