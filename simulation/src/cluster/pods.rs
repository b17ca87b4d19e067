//! Pods come and go: creation, nodes, the stages of a pod's life, deletion.

use std::sync::Arc;

use super::cohort::{Cohort, NEVER, Stage};
use super::effort::{Effort, RECORD};
use super::params::Params;
use super::recorder::Recorder;
use super::trace::About;
use hpa_core::api::workload::DeploymentStrategy;
use hpa_core::autoscaler::{EventKind, PodShape, ReadyStatus};
use hpa_core::time::{SignedDuration, Timestamp};

/// The pods, the nodes, and what the workload asks for.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) params: Arc<Params>,
    /// The pods in order of creation.
    pub(super) cohorts: Vec<Cohort>,
    /// `spec.replicas` of the workload.
    pub(super) spec_replicas: i32,
    /// The version of the template that new pods get.
    pub(super) revision: u32,
    /// How a Deployment replaces pods.
    pub(super) strategy: Option<DeploymentStrategy>,
    /// The template of each version.
    pub(super) shapes: Vec<Arc<PodShape>>,
    /// The most pods that may exist.
    pub(super) quota: Option<u32>,
    /// Part of the new pods that each active fault concerns, with its bit.
    pub(super) pod_faults: Vec<(u64, f64)>,
    /// Rings of a new cohort.
    pub(super) rings: usize,
    /// When the next stage of a pod or the next node is due.
    pub(super) next: Timestamp,
    /// Whether pods have changed since this was last taken back.
    pub(super) changed: bool,
    /// Requests that went down with their pods since this was last taken back.
    pub(super) lost_requests: f64,
    /// The nodes.
    pub(super) nodes: Vec<Node>,
    /// When the next node comes.
    pub(super) node_due: Timestamp,
    /// Pods created so far.
    pub(super) serial: u32,
    /// Lifecycles begun so far.
    pub(super) lives: u32,
    /// What the run has taken so far.
    pub(super) effort: Effort,
}

/// One node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    /// Pods on it.
    pub(super) pods: u32,
    /// The version of the template whose image it has.
    pub(super) image: Option<u32>,
    /// Whether it does not answer.
    pub(super) lost: bool,
}

/// How long pods stay on a node that does not answer.
const NODE_TOLERATION: SignedDuration = SignedDuration::from_secs(300);

impl Cluster {
    /// A cluster in which the pods that the workload asks for are there and ready.
    pub(super) fn new(
        params: &Arc<Params>,
        rings: usize,
        effort: Effort,
        recorder: &mut Recorder,
    ) -> Self {
        let setup = &params.setup;
        let template = &setup.workload.spec.template;
        let shape = Arc::new(PodShape::from(template));
        let replicas = setup.workload.spec.replicas.unwrap_or(1).max(0);
        let mut cluster = Self {
            params: Arc::clone(params),
            cohorts: Vec::new(),
            spec_replicas: replicas,
            revision: 0,
            strategy: setup.workload.spec.strategy.clone(),
            shapes: vec![shape],
            quota: setup.nodes.quota,
            pod_faults: Vec::new(),
            rings,
            next: NEVER,
            changed: true,
            lost_requests: 0.0,
            nodes: vec![Node::default(); setup.nodes.count.max(1) as usize],
            node_due: NEVER,
            serial: 0,
            lives: 0,
            effort,
        };
        let born = Timestamp::default() - setup.startup.initial_age;
        cluster.create(replicas.unsigned_abs(), born, recorder);
        // Whatever their start would have taken, they are ready when time begins.
        let mut index = 0;
        while index < cluster.cohorts.len() {
            if cluster.cohorts[index].stage == Stage::Binding {
                cluster.bind(index, born, recorder);
            }
            if cluster.cohorts[index].stage == Stage::Pulling {
                cluster.start(index, born, recorder);
                cluster.turn_ready(index, born, recorder);
                cluster.cohorts[index].due = NEVER;
                cluster.cohorts[index].burst_until = born;
            }
            index += 1;
        }
        cluster.reschedule(Timestamp::default());
        cluster
    }

    /// The present template.
    pub(super) fn shape(&self) -> Arc<PodShape> {
        Arc::clone(&self.shapes[self.revision as usize])
    }

    /// Replaces the template; the pods follow when the workload is reconciled.
    pub(super) fn roll_out(&mut self, shape: Arc<PodShape>) {
        self.shapes.push(shape);
        self.revision += 1;
    }

    /// Pods that count as replicas.
    pub(super) fn active(&self) -> u32 {
        self.count(Cohort::is_active)
    }

    /// Pods for which `which` holds.
    pub(super) fn count(&self, which: impl Fn(&Cohort) -> bool) -> u32 {
        self.cohorts
            .iter()
            .filter(|pods| which(pods))
            .map(|pods| pods.count)
            .sum()
    }

    /// Nodes that answer.
    pub(super) fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.iter().filter(|node| !node.lost).count()).unwrap_or(u32::MAX)
    }

    /// Makes the newest `count` pods of a cohort one of their own; gives its position.
    pub(super) fn part(&mut self, index: usize, count: u32, recorder: &mut Recorder) -> usize {
        let pods = &mut self.cohorts[index];
        if count >= pods.count {
            return index;
        }
        // What stands behind makes room.
        self.effort.spend(RECORD + self.cohorts.len() - index);
        self.effort.hold(self.cohorts.len() + 1);
        let pods = &mut self.cohorts[index];
        let mut parted = pods.clone();
        parted.members.clear();
        let mut left = count;
        while left > 0 {
            let Some((id, size)) = pods.members.pop() else {
                break;
            };
            let part = left.min(size);
            if part == size {
                parted.members.insert(0, (id, size));
            } else {
                pods.members.push((id, size - part));
                parted.members.insert(0, (self.lives, part));
                self.lives += 1;
                recorder.parted(id, part);
            }
            left -= part;
        }
        pods.count -= count;
        parted.count = count;
        self.cohorts.insert(index + 1, parted);
        index + 1
    }

    /// Carries out every stage that is due at `now`.
    pub(super) fn advance(&mut self, now: Timestamp, recorder: &mut Recorder) {
        if self.node_due <= now {
            self.node_due = NEVER;
            self.nodes.push(Node::default());
            recorder.cluster_event(
                now,
                About::Node,
                EventKind::Normal,
                "RegisteredNode",
                || String::from("A node was added for pods that found no room"),
            );
            self.bind_waiting(now, recorder);
        }
        self.effort.spend(self.cohorts.len());
        let mut index = 0;
        while index < self.cohorts.len() {
            if self.cohorts[index].due > now {
                index += 1;
                continue;
            }
            self.changed = true;
            match self.cohorts[index].stage {
                Stage::Binding => self.bind(index, now, recorder),
                Stage::Pulling | Stage::Crashed => self.start(index, now, recorder),
                Stage::Booting => self.turn_ready(index, now, recorder),
                Stage::Ready => self.crash(index, now, recorder),
                Stage::Lost => {
                    let pods = &mut self.cohorts[index];
                    pods.stage = Stage::Unreachable;
                    pods.due = now + NODE_TOLERATION;
                    self.turn_unready(index, now, recorder);
                }
                Stage::Unreachable => {
                    self.terminate(index, now, recorder);
                    // The node is taken out of the cluster, and its pods with it.
                    self.cohorts[index].due = now;
                    continue;
                }
                Stage::Terminating => {
                    self.vanish(index, now, recorder);
                    continue;
                }
                Stage::Waiting => self.cohorts[index].due = NEVER,
            }
            index += 1;
        }
        // The end of a burst is no stage, but it changes what pods use.
        self.changed |= self.cohorts.iter().any(|pods| pods.burst_until == now);
        self.reschedule(now);
    }

    /// Finds when something is due next.
    pub(super) fn reschedule(&mut self, now: Timestamp) {
        self.next = self.node_due;
        for pods in &self.cohorts {
            self.next = self.next.min(pods.due);
            if pods.burst_until > now {
                self.next = self.next.min(pods.burst_until);
            }
        }
    }

    /// The containers start, or start again.
    fn start(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let params = Arc::clone(&self.params);
        let startup = &params.setup.startup;
        let shape = Arc::clone(&self.shapes[self.cohorts[index].revision as usize]);
        let pods = &mut self.cohorts[index];
        let time = params.start_time(pods.traits.start);
        pods.stage = Stage::Booting;
        pods.due = params.ready_at(&shape.spec, now, time);
        pods.running_since = Some(now);
        pods.burst_until = if startup.cpu_burst > 0.0 {
            now + startup.cpu_burst_duration.unwrap_or(time)
        } else {
            now
        };
        for ring in &mut pods.rings {
            ring.clear();
        }
        for (id, _) in &pods.members {
            recorder.changed(*id, |pod| pod.started = pod.started.or(Some(now)));
        }
    }

    fn turn_ready(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let params = Arc::clone(&self.params);
        let pods = &mut self.cohorts[index];
        pods.stage = Stage::Ready;
        pods.set_ready(ReadyStatus::True, now);
        let crash = params.setup.startup.crash;
        let crash = crash.filter(|crash| crash.times.is_none_or(|times| pods.crashes < times));
        pods.due = match crash {
            Some(_) => {
                let after = params.crash_after(pods.traits.crash).unwrap_or_default();
                (pods.running_since.unwrap_or(now) + after).max(now + SignedDuration(1))
            }
            None => NEVER,
        };
        for (id, _) in &pods.members {
            recorder.changed(*id, |pod| pod.ready = pod.ready.or(Some(now)));
        }
    }

    fn turn_unready(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let pods = &mut self.cohorts[index];
        pods.set_ready(ReadyStatus::False, now);
        for (id, _) in &pods.members {
            recorder.changed(*id, |pod| pod.unready = Some(now));
        }
    }

    fn crash(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        self.turn_unready(index, now, recorder);
        let pods = &mut self.cohorts[index];
        let doublings = pods.crashes.min(5);
        pods.stage = Stage::Crashed;
        pods.due = now + SignedDuration::from_secs((10 << doublings).min(300));
        pods.crashes += 1;
        self.lost_requests += pods.backlog * f64::from(pods.count);
        pods.backlog = 0.0;
        recorder.cluster_event(now, About::Pod, EventKind::Warning, "BackOff", || {
            String::from("Back-off restarting failed container")
        });
    }

    /// Tells pods to stop.
    pub(super) fn terminate(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        let startup = &self.params.setup.startup;
        let pods = &mut self.cohorts[index];
        let spec = &self.shapes[pods.revision as usize].spec;
        let grace = SignedDuration::from_secs(spec.termination_grace_period_seconds.unwrap_or(30));
        let drains = pods.stage == Stage::Ready || pods.stage == Stage::Booting;
        pods.stage = Stage::Terminating;
        pods.due = if drains {
            now + startup.drain.min(grace)
        } else {
            now
        };
        self.next = self.next.min(pods.due);
        self.changed = true;
        for (id, _) in &pods.members {
            recorder.changed(*id, |pod| pod.terminating = Some(now));
        }
    }

    /// Pods are gone.
    pub(super) fn vanish(&mut self, index: usize, now: Timestamp, recorder: &mut Recorder) {
        self.effort.spend(1 + self.cohorts.len() - index);
        let pods = self.cohorts.remove(index);
        self.changed = true;
        self.lost_requests += pods.backlog * f64::from(pods.count);
        if pods.start_time.is_some()
            && let Some(node) = self.nodes.get_mut(pods.node as usize)
        {
            node.pods = node.pods.saturating_sub(pods.count);
        }
        for (id, _) in &pods.members {
            recorder.changed(*id, |pod| {
                pod.terminating = pod.terminating.or(Some(now));
                pod.gone = Some(now);
            });
        }
        self.bind_waiting(now, recorder);
    }

    /// Pods fail at once, the oldest first.
    pub(super) fn lose_pods(&mut self, count: u32, now: Timestamp, recorder: &mut Recorder) {
        let mut left = count;
        while left > 0 && !self.effort.is_spent() {
            let Some(index) = self.cohorts.iter().position(Cohort::is_active) else {
                break;
            };
            let pods = &self.cohorts[index];
            let part = left.min(pods.count);
            let at = self.part(index, part, recorder);
            left -= part;
            self.vanish(at, now, recorder);
        }
    }

    /// Counts settled pods together that nothing tells apart any more.
    pub(super) fn merge(&mut self, now: Timestamp, memory: SignedDuration, ring: usize) {
        if self.params.setup.model.memory_leak_per_hour != 0.0 {
            return;
        }
        // Each is compared with all before it, which takes a fraction of a step each time.
        let pairs = self.cohorts.len() * self.cohorts.len();
        self.effort.spend(pairs / 64);
        let settled: Vec<bool> = self
            .cohorts
            .iter()
            .map(|pods| pods.is_settled(now, memory, ring))
            .collect();
        let mut kept: Vec<Cohort> = Vec::with_capacity(self.cohorts.len());
        let mut kept_settled: Vec<bool> = Vec::with_capacity(self.cohorts.len());
        for (pods, settled) in std::mem::take(&mut self.cohorts).into_iter().zip(settled) {
            let twin = settled
                .then(|| (0..kept.len()).find(|at| kept_settled[*at] && kept[*at].is_like(&pods)))
                .flatten();
            if let Some(at) = twin {
                kept[at].count += pods.count;
                kept[at].members.extend(pods.members);
                self.changed = true;
            } else {
                kept.push(pods);
                kept_settled.push(settled);
            }
        }
        self.cohorts = kept;
    }
}
