//! Settings of nodes, the node autoscaler, and quota.

use hpa_core::time::SignedDuration;

/// Nodes, their capacity, and quota.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Nodes {
    /// Initial number of nodes; default 1.
    pub count: u32,
    /// The workload's pods that fit on one node; `None` (default) for no limit.
    pub pods_per_node: Option<u32>,
    /// The node autoscaler; default none.
    pub autoscaler: Option<NodeAutoscaler>,
    /// The maximum number of pods; more are not created. `None` (default) for no limit.
    pub quota: Option<u32>,
}

impl Default for Nodes {
    fn default() -> Self {
        Self {
            count: 1,
            pods_per_node: None,
            autoscaler: None,
            quota: None,
        }
    }
}

/// A node autoscaler, which adds nodes for unschedulable pods and never removes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeAutoscaler {
    /// Time from an unschedulable pod until its node is ready; default 90 s.
    pub delay: SignedDuration,
    /// The maximum number of nodes; default 10.
    pub max_nodes: u32,
}

impl Default for NodeAutoscaler {
    fn default() -> Self {
        Self {
            delay: SignedDuration::from_secs(90),
            max_nodes: 10,
        }
    }
}
