//! The nodes of a run: scheduling, the node autoscaler, and lost nodes.

use hpa_core::time::Timestamp;

use super::cohort::NEVER;
use super::nodes::{NodeAutoscaler, Nodes};

/// The nodes and the node autoscaler.
#[derive(Clone, Debug)]
pub(super) struct NodePool {
    nodes: Vec<Node>,
    /// Pods that fit on one node; `None` for no limit.
    pods_per_node: Option<u32>,
    autoscaler: Option<NodeAutoscaler>,
    /// The time at which the requested node is ready.
    due: Timestamp,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Pods on it.
    pods: u32,
    /// The revision whose image is cached.
    image: Option<u32>,
    /// Whether it is unreachable.
    lost: bool,
}

/// A placement of some pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// The node.
    pub(super) node: u32,
    /// The number of pods placed there.
    pub(super) pods: u32,
    /// Whether the node already has the image.
    pub(super) has_image: bool,
}

impl NodePool {
    /// The initial nodes, all empty.
    pub(super) fn new(setup: &Nodes) -> Self {
        Self {
            nodes: vec![Node::default(); setup.count as usize],
            pods_per_node: setup.pods_per_node,
            autoscaler: setup.autoscaler,
            due: NEVER,
        }
    }

    /// The time at which the next node is ready.
    pub(super) const fn due(&self) -> Timestamp {
        self.due
    }

    /// All nodes, including lost ones.
    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Reachable nodes.
    pub(super) fn ready(&self) -> u32 {
        let ready = self.nodes.iter().filter(|node| !node.lost).count();
        u32::try_from(ready).unwrap_or(u32::MAX)
    }

    /// Places some of `pods` pods of a revision on the emptiest node with room, spread evenly like
    /// the scheduler does; `None` if no node has room.
    pub(super) fn place(&mut self, pods: u32, revision: u32) -> Option<Placement> {
        let limit = self.pods_per_node;
        let open = |node: &Node| !node.lost && limit.is_none_or(|limit| node.pods < limit);
        let (position, used) = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| open(node))
            .min_by_key(|(position, node)| (node.pods, *position))
            .map(|(position, node)| (position, node.pods))?;
        let part = limit.map_or(pods, |limit| {
            let open = self.nodes.iter().filter(|node| open(node)).count();
            let open = u32::try_from(open).unwrap_or(u32::MAX);
            pods.div_ceil(open).min(limit - used)
        });
        let node = &mut self.nodes[position];
        let has_image = node.image.replace(revision) == Some(revision);
        node.pods += part;
        Some(Placement {
            node: u32::try_from(position).unwrap_or(u32::MAX),
            pods: part,
            has_image,
        })
    }

    /// Pods have left a node.
    pub(super) fn release(&mut self, node: u32, pods: u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.pods = node.pods.saturating_sub(pods);
        }
    }

    /// Requests one more node, if the maximum allows it and none is pending.
    pub(super) fn request(&mut self, now: Timestamp) {
        if let Some(autoscaler) = self.autoscaler
            && self.due == NEVER
            && self.ready() < autoscaler.max_nodes
        {
            self.due = now + autoscaler.delay;
        }
    }

    /// Adds the requested node if it is due; returns whether it was.
    pub(super) fn advance(&mut self, now: Timestamp) -> bool {
        let comes = self.due <= now;
        if comes {
            self.due = NEVER;
            self.nodes.push(Node::default());
        }
        comes
    }

    /// Makes the first `count` reachable nodes unreachable; returns their indexes.
    pub(super) fn lose(&mut self, count: u32) -> Vec<u32> {
        (0_u32..)
            .zip(&mut self.nodes)
            .filter(|(_, node)| !node.lost)
            .take(count as usize)
            .map(|(position, node)| {
                node.lost = true;
                position
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use hpa_core::time::SignedDuration;

    use super::*;

    fn pool(count: u32, pods_per_node: Option<u32>, max_nodes: Option<u32>) -> NodePool {
        NodePool::new(&Nodes {
            count,
            pods_per_node,
            autoscaler: max_nodes.map(|max_nodes| NodeAutoscaler {
                delay: SignedDuration::from_secs(90),
                max_nodes,
            }),
            quota: None,
        })
    }

    /// Places all pods for which there is room; returns node and number of each part.
    fn fill(pool: &mut NodePool, mut pods: u32) -> Vec<(u32, u32)> {
        let mut parts = Vec::new();
        while pods > 0
            && let Some(place) = pool.place(pods, 0)
        {
            parts.push((place.node, place.pods));
            pods -= place.pods;
        }
        parts
    }

    #[test]
    fn pods_are_spread_over_the_nodes_that_have_room() {
        assert_eq!(fill(&mut pool(2, None, None), 7), [(0, 7)]);
        assert_eq!(
            fill(&mut pool(3, Some(4), None), 7),
            [(0, 3), (1, 2), (2, 1), (2, 1)]
        );
        assert_eq!(fill(&mut pool(2, Some(2), None), 7), [(0, 2), (1, 2)]);
        assert_eq!(fill(&mut pool(0, None, None), 1), []);
        let mut pool = pool(2, Some(3), None);
        assert_eq!(fill(&mut pool, 6), [(0, 3), (1, 3)]);
        pool.release(1, 2);
        assert_eq!(fill(&mut pool, 9), [(1, 2)]);
    }

    #[test]
    fn a_node_has_the_image_that_was_pulled_last() {
        let mut pool = pool(1, None, None);
        let images = [0, 0, 1, 1, 0]
            .map(|revision| pool.place(1, revision).expect("there is room").has_image);
        assert_eq!(images, [false, true, false, true, false]);
    }

    #[test]
    fn nodes_are_requested_one_at_a_time_up_to_the_maximum() {
        let now = Timestamp(1000);
        let mut pool = pool(1, Some(1), Some(2));
        pool.request(now);
        pool.request(now + SignedDuration(500));
        assert_eq!(pool.due(), Timestamp(91_000));
        assert!(!pool.advance(Timestamp(90_999)));
        assert!(pool.advance(Timestamp(91_000)));
        assert_eq!((pool.ready(), pool.due()), (2, NEVER));
        pool.request(now);
        assert_eq!(pool.due(), NEVER, "two are the most");
        assert_eq!(pool.lose(1), [0]);
        pool.request(now);
        assert_ne!(pool.due(), NEVER, "only one answers");
    }

    #[test]
    fn a_lost_node_takes_no_pods() {
        let mut pool = pool(2, None, None);
        assert_eq!(pool.lose(1), [0]);
        assert_eq!(pool.place(4, 0).map(|place| place.node), Some(1));
        assert_eq!(pool.lose(5), [1]);
        assert_eq!(pool.place(1, 0), None);
        assert_eq!((pool.ready(), pool.len()), (0, 2));
    }
}
