//! The pods of a run in order of creation: counts, stage transitions, and merging of identical pods.

use hpa_core::autoscaler::EventKind;
use hpa_core::time::{SignedDuration, Timestamp};

use super::cohort::{Cohort, NEVER, Stage};
use super::effort::RECORD;
use super::moment::Moment;
use super::node_pool::NodePool;
use super::trace::{About, PodLifecycle};

/// The number of merge attempts after a change of the pods: settled pods that still differ then will
/// always differ.
const MERGES: u32 = 64;

/// The pods of a run.
#[derive(Clone, Debug)]
pub(super) struct Pods {
    /// In order of creation.
    cohorts: Vec<Cohort>,
    /// The number of lifecycles so far.
    lives: u32,
    /// A lower bound of the next end of a stage or startup burst.
    due: Timestamp,
    /// Whether pods have changed since [`Pods::take_changed`].
    changed: bool,
    /// Requests lost with their pods since [`Pods::take_lost_requests`].
    lost_requests: f64,
    /// The number of merge attempts since pods changed; `None` once merging has ended.
    merges: Option<u32>,
}

impl Pods {
    /// No pods.
    pub(super) const fn new() -> Self {
        Self {
            cohorts: Vec::new(),
            lives: 0,
            due: NEVER,
            changed: true,
            lost_requests: 0.0,
            merges: Some(0),
        }
    }

    /// All pods.
    pub(super) fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    /// All pods, mutable for request routing and scraping.
    pub(super) fn cohorts_mut(&mut self) -> &mut [Cohort] {
        &mut self.cohorts
    }

    /// The number of pods that satisfy `which`.
    pub(super) fn count(&self, which: impl Fn(&Cohort) -> bool) -> u32 {
        let chosen = self.cohorts.iter().filter(|pods| which(pods));
        chosen.map(|pods| pods.count).sum()
    }

    /// Pods that count as replicas.
    pub(super) fn active(&self) -> u32 {
        self.count(Cohort::is_active)
    }

    /// The next due time.
    pub(super) const fn due(&self) -> Timestamp {
        self.due
    }

    /// Whether pods have changed since [`Pods::take_changed`].
    pub(super) const fn has_changed(&self) -> bool {
        self.changed
    }

    /// Whether pods have changed since the last call.
    pub(super) const fn take_changed(&mut self) -> bool {
        std::mem::replace(&mut self.changed, false)
    }

    /// Requests lost with their pods since the last call.
    pub(super) const fn take_lost_requests(&mut self) -> f64 {
        std::mem::replace(&mut self.lost_requests, 0.0)
    }

    /// Restarts merging, because pods may become identical.
    pub(super) const fn restart_merging(&mut self) {
        self.merges = Some(0);
    }

    /// Merges cohorts that have become identical, including their last `memory` and `scrapes`.
    pub(super) fn merge(
        &mut self,
        memory: SignedDuration,
        scrapes: usize,
        moment: &mut Moment<'_>,
    ) {
        let Some(tries) = self.merges else { return };
        let before = self.cohorts.len();
        // With a leak, pods of different ages always differ.
        if moment.params.setup.model.memory_leak_per_hour == 0.0 {
            // Each is compared with all earlier ones, which costs a fraction of a step.
            moment.effort.spend(before * before / 64);
            let settled = |pods: &Cohort| pods.is_settled(moment.now, memory, scrapes);
            self.cohorts = merged(std::mem::take(&mut self.cohorts), settled);
        }
        let changed = self.cohorts.len() != before;
        self.changed |= changed;
        let over = before <= 1 || (!changed && tries >= MERGES);
        self.merges = (!over).then_some(tries + 1);
    }

    /// Starts a lifecycle; returns its index.
    pub(super) fn begin_life(&mut self, life: PodLifecycle, moment: &mut Moment<'_>) -> u32 {
        moment.effort.spend(RECORD);
        moment.recorder.created(life);
        self.lives += 1;
        self.lives - 1
    }

    /// Adds new pods; `false` if there are too many cohorts.
    pub(super) fn make_room(&self, moment: &mut Moment<'_>) -> bool {
        moment.effort.hold(self.cohorts.len() + 1);
        !moment.effort.is_spent()
    }

    /// Adds new pods.
    pub(super) fn push(&mut self, pods: Cohort) {
        self.due = self.due.min(pods.due);
        self.changed = true;
        self.cohorts.push(pods);
    }

    /// Splits the newest `count` pods off a cohort; returns the index of the new cohort.
    pub(super) fn part(&mut self, index: usize, count: u32, moment: &mut Moment<'_>) -> usize {
        let all = self.cohorts.len();
        let pods = &mut self.cohorts[index];
        if count >= pods.count {
            return index;
        }
        // Later lifecycles move up.
        moment.effort.spend(RECORD + all - index);
        moment.effort.hold(all + 1);
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
                moment.recorder.parted(id, part);
            }
            left -= part;
        }
        pods.count -= count;
        parted.count = count;
        self.cohorts.insert(index + 1, parted);
        index + 1
    }

    /// Sets the bit of a fault on a fraction of the active pods, the newest first.
    pub(super) fn mark(&mut self, bit: u64, share: f64, moment: &mut Moment<'_>) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between zero and the number of pods"
        )]
        let mut left = (f64::from(self.active()) * share).round() as u32;
        for index in (0..self.cohorts.len()).rev() {
            if left == 0 || !self.cohorts[index].is_active() {
                continue;
            }
            let part = left.min(self.cohorts[index].count);
            left -= part;
            let at = self.part(index, part, moment);
            self.cohorts[at].faults |= bit;
        }
        self.changed = true;
    }

    /// Clears the bit of a fault on all pods.
    pub(super) fn unmark(&mut self, bit: u64) {
        for pods in &mut self.cohorts {
            pods.faults &= !bit;
        }
        self.changed = true;
    }

    /// Binds pods to nodes with room; the rest waits.
    fn bind(&mut self, index: usize, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        let mut index = index;
        while self.cohorts[index].count > 0 && !moment.effort.is_spent() {
            moment.effort.spend(nodes.len() / 8);
            let pods = &mut self.cohorts[index];
            let Some(placement) = nodes.place(pods.count, pods.revision) else {
                pods.wait(nodes.ready(), moment);
                nodes.request(moment.now);
                return;
            };
            let at = self.part(index, placement.pods, moment);
            self.cohorts[at].bind(placement, moment);
            if at == index {
                return;
            }
            index = at - 1;
        }
    }

    /// Retries scheduling of waiting pods.
    pub(super) fn bind_waiting(&mut self, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        let mut index = 0;
        while index < self.cohorts.len() {
            if self.cohorts[index].stage == Stage::Waiting {
                self.bind(index, nodes, moment);
                self.changed = true;
            }
            index += 1;
        }
    }

    /// Makes all pods for which there is room ready, skipping their startup.
    pub(super) fn make_ready(&mut self, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        let mut index = 0;
        while index < self.cohorts.len() {
            if self.cohorts[index].stage == Stage::Binding {
                self.bind(index, nodes, moment);
            }
            let pods = &mut self.cohorts[index];
            if pods.stage == Stage::Pulling {
                pods.start(moment);
                pods.turn_ready(moment);
                pods.due = NEVER;
                pods.burst_until = moment.now;
            }
            index += 1;
        }
        self.reschedule(Timestamp::default());
    }

    /// Executes all due stage transitions.
    pub(super) fn advance(&mut self, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        let now = moment.now;
        moment.effort.spend(self.cohorts.len());
        let mut index = 0;
        while index < self.cohorts.len() {
            let pods = &mut self.cohorts[index];
            if pods.due > now {
                index += 1;
                continue;
            }
            self.changed = true;
            match pods.stage {
                Stage::Binding => self.bind(index, nodes, moment),
                Stage::Pulling | Stage::Crashed => pods.start(moment),
                Stage::Booting => pods.turn_ready(moment),
                Stage::Ready => self.lost_requests += pods.crash(moment),
                Stage::Lost => pods.turn_unreachable(moment),
                Stage::Unreachable => {
                    pods.terminate(moment);
                    // The node is removed from the cluster with its pods.
                    pods.due = now;
                    continue;
                }
                Stage::Terminating => {
                    self.remove(index, nodes, moment);
                    continue;
                }
                Stage::Waiting => pods.due = NEVER,
            }
            index += 1;
        }
        // The end of a burst is not a stage transition, but changes the usage.
        self.changed |= self.cohorts.iter().any(|pods| pods.burst_until == now);
        self.reschedule(now);
    }

    /// Computes the next due time.
    fn reschedule(&mut self, now: Timestamp) {
        self.due = NEVER;
        for pods in &self.cohorts {
            self.due = self.due.min(pods.due);
            if pods.burst_until > now {
                self.due = self.due.min(pods.burst_until);
            }
        }
    }

    /// Deletes the pods at `index`.
    pub(super) fn terminate(&mut self, index: usize, moment: &mut Moment<'_>) {
        let pods = &mut self.cohorts[index];
        pods.terminate(moment);
        self.due = self.due.min(pods.due);
        self.changed = true;
    }

    /// Removes the pods at `index`; waiting pods may then be scheduled.
    fn remove(&mut self, index: usize, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        moment.effort.spend(1 + self.cohorts.len() - index);
        let pods = self.cohorts.remove(index);
        self.changed = true;
        self.lost_requests += pods.waiting();
        if pods.start_time.is_some() {
            nodes.release(pods.node, pods.count);
        }
        pods.vanish(moment);
        self.bind_waiting(nodes, moment);
    }

    /// Fails pods, the oldest first.
    pub(super) fn lose(&mut self, count: u32, nodes: &mut NodePool, moment: &mut Moment<'_>) {
        let mut left = count;
        while left > 0 && !moment.effort.is_spent() {
            let Some(index) = self.cohorts.iter().position(Cohort::is_active) else {
                break;
            };
            let part = left.min(self.cohorts[index].count);
            let at = self.part(index, part, moment);
            left -= part;
            self.remove(at, nodes, moment);
        }
    }

    /// Makes these nodes unreachable.
    pub(super) fn lose_nodes(&mut self, silent: &[u32], moment: &mut Moment<'_>) {
        for pods in &mut self.cohorts {
            let bound = pods.start_time.is_some() && pods.stage != Stage::Terminating;
            if bound && silent.contains(&pods.node) {
                self.lost_requests += pods.lose_node(moment.now);
            }
        }
        moment.event(About::Node, EventKind::Warning, "NodeNotReady", || {
            format!("{} nodes do not answer", silent.len())
        });
        self.changed = true;
        self.reschedule(moment.now);
    }
}

/// Each cohort merged with the settled ones that are identical to it.
fn merged(cohorts: Vec<Cohort>, is_settled: impl Fn(&Cohort) -> bool) -> Vec<Cohort> {
    let settled: Vec<bool> = cohorts.iter().map(is_settled).collect();
    let mut kept: Vec<Cohort> = Vec::with_capacity(cohorts.len());
    let mut kept_settled: Vec<bool> = Vec::with_capacity(cohorts.len());
    for (pods, settled) in cohorts.into_iter().zip(settled) {
        let twin = settled
            .then(|| (0..kept.len()).find(|at| kept_settled[*at] && kept[*at].is_like(&pods)))
            .flatten();
        if let Some(at) = twin {
            kept[at].count += pods.count;
            kept[at].members.extend(pods.members);
        } else {
            kept.push(pods);
            kept_settled.push(settled);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::creation::Creation;
    use super::super::derived::Params;
    use super::super::effort::Effort;
    use super::super::faults::Faults;
    use super::super::recorder::Recorder;
    use super::super::rollout::Rollout;
    use super::super::{Nodes, Setup};
    use super::*;

    /// Pods with the context for their lifecycle.
    struct Fixture {
        pods: Pods,
        nodes: NodePool,
        params: Params,
        faults: Faults,
        effort: Effort,
        recorder: Recorder,
    }

    impl Fixture {
        /// This number of pods, created at 0, on two nodes for three pods each.
        fn new(count: u32) -> Self {
            let setup = Setup::default();
            let nodes = Nodes {
                count: 2,
                pods_per_node: Some(3),
                ..Nodes::default()
            };
            let mut fixture = Self {
                pods: Pods::new(),
                nodes: NodePool::new(&nodes),
                params: Params::new(&setup),
                faults: Faults::default(),
                effort: Effort::new(64),
                recorder: Recorder::silent(),
            };
            let rollout = Rollout::new(&setup.workload);
            fixture.at(0, |pods, _, moment| {
                Creation::new(None, 1).create(count, &rollout, pods, moment);
            });
            fixture
        }

        fn at<T>(
            &mut self,
            milliseconds: i64,
            act: impl FnOnce(&mut Pods, &mut NodePool, &mut Moment<'_>) -> T,
        ) -> T {
            let mut moment = Moment {
                now: Timestamp(milliseconds),
                params: &self.params,
                faults: &self.faults,
                effort: &mut self.effort,
                recorder: &mut self.recorder,
            };
            act(&mut self.pods, &mut self.nodes, &mut moment)
        }

        /// Advances from stage to stage up to a time.
        fn go_on(&mut self, until: i64) {
            while self.pods.due() <= Timestamp(until) {
                let due = self.pods.due().0;
                self.at(due, Pods::advance);
            }
        }

        fn stages(&self) -> Vec<(Stage, u32)> {
            let cohorts = self.pods.cohorts().iter();
            cohorts.map(|pods| (pods.stage, pods.count)).collect()
        }
    }

    #[test]
    fn pods_go_from_stage_to_stage() {
        let mut fixture = Fixture::new(5);
        assert_eq!(fixture.stages(), [(Stage::Binding, 5)]);
        assert_eq!(fixture.pods.due(), Timestamp(500));
        fixture.go_on(500);
        assert_eq!(fixture.stages(), [(Stage::Pulling, 2), (Stage::Pulling, 3)]);
        fixture.go_on(4500);
        assert_eq!(fixture.stages(), [(Stage::Booting, 2), (Stage::Booting, 3)]);
        fixture.go_on(6500);
        assert_eq!(fixture.stages(), [(Stage::Ready, 2), (Stage::Ready, 3)]);
        assert_eq!(fixture.pods.due(), NEVER);
        assert_eq!(fixture.pods.active(), 5);
    }

    #[test]
    fn waiting_pods_get_the_room_of_deleted_pods() {
        let mut fixture = Fixture::new(8);
        fixture.go_on(500);
        let waiting = |fixture: &Fixture| fixture.pods.count(|pods| pods.stage == Stage::Waiting);
        assert_eq!(waiting(&fixture), 2);
        fixture.go_on(6500);
        fixture.at(7000, |pods, nodes, moment| pods.lose(1, nodes, moment));
        assert_eq!((waiting(&fixture), fixture.pods.active()), (1, 7));
    }

    #[test]
    fn a_lost_node_is_noticed_before_its_pods_are_evicted() {
        let mut fixture = Fixture::new(5);
        fixture.go_on(6500);
        fixture.pods.cohorts_mut()[0].backlog = 3.0;
        let node = fixture.pods.cohorts()[0].node;
        fixture.at(10_000, |pods, _, moment| pods.lose_nodes(&[node], moment));
        assert_eq!(fixture.stages(), [(Stage::Lost, 2), (Stage::Ready, 3)]);
        assert!((fixture.pods.take_lost_requests() - 6.0).abs() < 1e-9);
        assert_eq!(fixture.pods.count(Cohort::is_endpoint), 5);
        fixture.go_on(50_000);
        assert_eq!(
            fixture.stages(),
            [(Stage::Unreachable, 2), (Stage::Ready, 3)]
        );
        fixture.go_on(350_000);
        assert_eq!(fixture.stages(), [(Stage::Ready, 3)]);
    }

    #[test]
    fn identical_cohorts_are_merged() {
        let mut fixture = Fixture::new(3);
        fixture.go_on(6500);
        assert_eq!(fixture.stages(), [(Stage::Ready, 1), (Stage::Ready, 2)]);
        let at = fixture.at(7000, |pods, _, moment| pods.part(1, 1, moment));
        assert_eq!((at, fixture.stages().len()), (2, 3));
        for pods in fixture.pods.cohorts_mut() {
            pods.rings[0].fill(1.0, 2);
        }
        let mut merge = |milliseconds| {
            fixture.at(milliseconds, |pods, _, moment| {
                pods.merge(SignedDuration(60_000), 2, moment);
                pods.cohorts().len()
            })
        };
        assert_eq!(merge(60_000), 3, "their start still matters");
        assert_eq!(merge(70_000), 2, "one for each node");
        assert_eq!(fixture.pods.active(), 3);
    }
}
