//! Room for pods: nodes, what adds nodes, and quota.

use hpa_core::time::SignedDuration;

/// The room that there is for pods.
#[derive(Clone, Debug, PartialEq)]
pub struct Nodes {
    /// Nodes at the beginning; default 1.
    pub count: u32,
    /// Pods of the workload that fit on one node; `None` (default) is any number.
    pub pods_per_node: Option<u32>,
    /// What adds nodes when pods find no room; default none.
    pub autoscaler: Option<NodeAutoscaler>,
    /// The most pods that may exist; more are not even created. `None` (default) is no bound.
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

/// Adds nodes when pods find no room, and never takes one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeAutoscaler {
    /// From a pod that finds no room to the node that is ready for it; default 90 s.
    pub delay: SignedDuration,
    /// The most nodes; default 10.
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
