//! The cluster as a whole: its parts, and operations on several of them.

use hpa_core::api::workload::WorkloadSpec;
use hpa_core::api::{ScaleTargetKind, Workload};
use hpa_core::autoscaler::EventKind;
use hpa_core::time::Timestamp;

use super::cohort::Stage;
use super::creation::Creation;
use super::effort::RECORD;
use super::moment::Moment;
use super::node_pool::NodePool;
use super::pods::Pods;
use super::rollout::{Census, Resize, Rollout};
use super::setup::Setup;
use super::trace::About;

/// The pods, the nodes, and the workload.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pods: Pods,
    nodes: NodePool,
    rollout: Rollout,
    creation: Creation,
}

impl Cluster {
    /// A cluster whose pods all exist and are ready; `rings` quantities are measured of each.
    pub(super) fn new(setup: &Setup, rings: usize, moment: &mut Moment<'_>) -> Self {
        let mut cluster = Self {
            pods: Pods::new(),
            nodes: NodePool::new(&setup.nodes),
            rollout: Rollout::new(&setup.workload),
            creation: Creation::new(setup.nodes.quota, rings),
        };
        cluster.create(cluster.rollout.replicas(), moment);
        cluster.pods.make_ready(&mut cluster.nodes, moment);
        cluster
    }

    /// The pods.
    pub(super) const fn pods(&self) -> &Pods {
        &self.pods
    }

    /// The pods, mutable for request routing and scraping.
    pub(super) const fn pods_mut(&mut self) -> &mut Pods {
        &mut self.pods
    }

    /// The nodes.
    pub(super) const fn nodes(&self) -> &NodePool {
        &self.nodes
    }

    /// `spec.replicas` of the workload.
    pub(super) const fn replicas(&self) -> u32 {
        self.rollout.replicas()
    }

    /// The next due time.
    pub(super) fn due(&self) -> Timestamp {
        self.pods.due().min(self.nodes.due())
    }

    /// Executes all due stage transitions and the reaction of the workload's controller.
    pub(super) fn advance(&mut self, moment: &mut Moment<'_>) {
        if self.nodes.advance(moment.now) {
            moment.event(About::Node, EventKind::Normal, "RegisteredNode", || {
                String::from("A node was added for pods that found no room")
            });
            self.pods.bind_waiting(&mut self.nodes, moment);
        }
        self.pods.advance(&mut self.nodes, moment);
        self.reconcile(moment);
    }

    /// Sets `spec.replicas`.
    pub(super) fn scale(&mut self, replicas: i32, moment: &mut Moment<'_>) {
        self.rollout.scale(replicas);
        self.reconcile(moment);
    }

    /// Applies a manifest of the workload.
    pub(super) fn apply(&mut self, workload: &WorkloadSpec, moment: &mut Moment<'_>) {
        self.rollout.apply(workload);
        self.reconcile(moment);
    }

    /// Replaces all pods by new ones of the same template.
    pub(super) fn restart(&mut self, moment: &mut Moment<'_>) {
        self.rollout.restart();
        self.reconcile(moment);
    }

    /// Changes the maximum number of pods.
    pub(super) fn set_quota(&mut self, quota: Option<u32>, moment: &mut Moment<'_>) {
        self.creation.set_quota(quota);
        self.reconcile(moment);
    }

    /// Fails pods, the oldest first, which are then replaced.
    pub(super) fn lose_pods(&mut self, count: u32, moment: &mut Moment<'_>) {
        self.pods.lose(count, &mut self.nodes, moment);
        self.reconcile(moment);
    }

    /// Makes nodes unreachable, the first ones first.
    pub(super) fn lose_nodes(&mut self, count: u32, moment: &mut Moment<'_>) {
        let silent = self.nodes.lose(count);
        self.pods.lose_nodes(&silent, moment);
    }

    /// Creates and deletes pods towards the desired state of the workload.
    fn reconcile(&mut self, moment: &mut Moment<'_>) {
        let census = Census::of(&self.pods, self.rollout.revision());
        if let Some(resize) = self.rollout.scaled(&census) {
            self.resize(resize, moment);
        }
        if self.rollout.replaces(&census) {
            let census = Census::of(&self.pods, self.rollout.revision());
            for resize in self.rollout.replaced(&census).into_iter().flatten() {
                self.resize(resize, moment);
            }
        }
    }

    fn resize(&mut self, resize: Resize, moment: &mut Moment<'_>) {
        self.announce(resize, moment);
        if resize.to > resize.from {
            self.create(resize.to - resize.from, moment);
        } else {
            self.delete(resize, moment);
        }
    }

    fn create(&mut self, count: u32, moment: &mut Moment<'_>) {
        self.creation
            .create(count, &self.rollout, &mut self.pods, moment);
    }

    /// Deletes pods in a ReplicaSet's order: earliest stage first, then newest. Upstream also considers
    /// the distribution over nodes.
    fn delete(&mut self, resize: Resize, moment: &mut Moment<'_>) {
        let revision = self.rollout.revision();
        let mut left = resize.from - resize.to;
        while left > 0 && !moment.effort.is_spent() {
            let cohorts = self.pods.cohorts();
            moment.effort.spend(cohorts.len() / 16);
            let victim = cohorts
                .iter()
                .enumerate()
                .filter(|(_, pods)| pods.is_active() && resize.group.contains(pods, revision))
                .min_by_key(|(_, pods)| {
                    let progress = if pods.stage == Stage::Lost {
                        Stage::Ready
                    } else {
                        pods.stage
                    };
                    (progress, std::cmp::Reverse(pods.newest().0))
                })
                .map(|(index, pods)| (index, left.min(pods.newest().1)));
            let Some((index, part)) = victim else { return };
            let at = self.pods.part(index, part, moment);
            self.pods.terminate(at, moment);
            left -= part;
        }
    }

    fn announce(&self, resize: Resize, moment: &mut Moment<'_>) {
        moment.effort.spend(RECORD);
        let Resize { from, to, .. } = resize;
        let what = if to > from {
            "Scaled up"
        } else {
            "Scaled down"
        };
        let Workload { kind, metadata, .. } = &moment.params.setup.workload;
        let name = &metadata.name;
        let revision = self.rollout.revision();
        let through_replica_sets = *kind == ScaleTargetKind::DEPLOYMENT;
        let reason = if through_replica_sets {
            "ScalingReplicaSet"
        } else {
            "Scaling"
        };
        moment.event(About::Workload, EventKind::Normal, reason, || {
            if through_replica_sets {
                format!("{what} replica set {name}-{revision} from {from} to {to}")
            } else {
                format!("{what} {} {name} from {from} to {to}", kind.kind())
            }
        });
    }
}
