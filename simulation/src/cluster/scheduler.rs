//! Which node a pod gets, what happens when none has room, and when nodes are lost.

use std::sync::Arc;

use super::cohort::{NEVER, Stage};
use super::pods::Cluster;
use super::recorder::Recorder;
use super::trace::About;
use hpa_core::autoscaler::{EventKind, ReadyStatus};
use hpa_core::time::{SignedDuration, Timestamp};

/// How long a node may be silent before its pods count as unready.
const NODE_GRACE: SignedDuration = SignedDuration::from_secs(40);

impl Cluster {
    /// Binds pods to nodes that have room; the rest waits.
    pub(super) fn bind(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let params = Arc::clone(&self.params);
        let per_node = params.setup.nodes.pods_per_node;
        let mut index = index;
        while self.cohorts[index].count > 0 && !self.effort.is_spent() {
            self.effort.spend(self.nodes.len() / 8);
            let roomy = self
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| !node.lost && per_node.is_none_or(|most| node.pods < most))
                .min_by_key(|(position, node)| (node.pods, *position))
                .map(|(position, node)| (position, node.pods));
            let Some((node, used)) = roomy else {
                self.wait(index, now, recorder);
                return;
            };
            let count = self.cohorts[index].count;
            let part = match per_node {
                None => count,
                Some(most) => {
                    // Even over the nodes that have room, as the scheduler spreads them.
                    let open = self
                        .nodes
                        .iter()
                        .filter(|n| !n.lost && n.pods < most)
                        .count();
                    let open = u32::try_from(open).unwrap_or(u32::MAX).max(1);
                    count.div_ceil(open).min(most - used).min(count)
                }
            };
            let at = self.part(index, part, recorder);
            let image = self.nodes[node].image == Some(self.cohorts[at].revision);
            let startup = &params.setup.startup;
            let pull = if image {
                startup.later_image_pull
            } else {
                startup.first_image_pull
            };
            self.nodes[node].pods += part;
            self.nodes[node].image = Some(self.cohorts[at].revision);
            let pods = &mut self.cohorts[at];
            pods.node = u32::try_from(node).unwrap_or(u32::MAX);
            pods.stage = Stage::Pulling;
            pods.due = now + pull;
            pods.start_time = Some(now.truncated_to_second());
            pods.set_ready(ReadyStatus::False, now);
            for (id, _) in &pods.members {
                recorder.changed(*id, |pod| pod.scheduled = Some(now));
            }
            if at == index {
                return;
            }
            index = at - 1;
        }
    }

    fn wait(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let nodes = self.node_count();
        let pods = &mut self.cohorts[index];
        pods.stage = Stage::Waiting;
        pods.due = NEVER;
        recorder.cluster_event(
            now,
            About::Pod,
            EventKind::Warning,
            "FailedScheduling",
            || format!("0/{nodes} nodes are available: {nodes} Too many pods."),
        );
        if let Some(autoscaler) = self.params.setup.nodes.autoscaler
            && self.node_due == NEVER
            && nodes < autoscaler.max_nodes
        {
            self.node_due = now + autoscaler.delay;
        }
    }

    /// Lets the pods that wait look for room again.
    pub(super) fn bind_waiting(&mut self, now: Timestamp, recorder: &mut Recorder) {
        let mut index = 0;
        while index < self.cohorts.len() {
            if self.cohorts[index].stage == Stage::Waiting {
                self.bind(index, now, recorder);
                self.changed = true;
            }
            index += 1;
        }
    }

    /// Nodes stop answering.
    pub(super) fn lose_nodes(&mut self, count: u32, now: Timestamp, recorder: &mut Recorder) {
        let silent: Vec<u32> = (0_u32..)
            .zip(&mut self.nodes)
            .filter(|(_, node)| !node.lost)
            .take(count as usize)
            .map(|(position, node)| {
                node.lost = true;
                position
            })
            .collect();
        for pods in &mut self.cohorts {
            let bound = pods.start_time.is_some() && pods.stage != Stage::Terminating;
            if bound && silent.contains(&pods.node) {
                self.lost_requests += pods.backlog * f64::from(pods.count);
                pods.backlog = 0.0;
                pods.stage = Stage::Lost;
                pods.due = now + NODE_GRACE;
            }
        }
        recorder.cluster_event(now, About::Node, EventKind::Warning, "NodeNotReady", || {
            format!("{} nodes do not answer", silent.len())
        });
        self.changed = true;
        self.reschedule(now);
    }
}
