//! The stages of a pod's lifecycle, and the transitions between them.

use hpa_core::autoscaler::{EventKind, ReadyStatus};
use hpa_core::time::{SignedDuration, Timestamp};

use super::cohort::{Cohort, NEVER, Stage};
use super::moment::Moment;
use super::node_pool::Placement;
use super::trace::About;

/// The time until the pods of an unreachable node become unready.
const NODE_GRACE: SignedDuration = SignedDuration::from_secs(40);
/// The time until pods are evicted from an unreachable node.
const NODE_TOLERATION: SignedDuration = SignedDuration::from_secs(300);

impl Cohort {
    /// The pods are bound to a node, which pulls their image.
    pub(super) fn bind(&mut self, placement: Placement, moment: &mut Moment<'_>) {
        let now = moment.now;
        let startup = &moment.params.setup.startup;
        let pull = if placement.has_image {
            startup.later_image_pull
        } else {
            startup.first_image_pull
        };
        self.node = placement.node;
        self.stage = Stage::Pulling;
        self.due = now + pull;
        self.start_time = Some(now.truncated_to_second());
        self.set_ready(ReadyStatus::False, now);
        moment.change(&self.members, |pod| pod.scheduled = Some(now));
    }

    /// The pods are unschedulable: no node has room.
    pub(super) fn wait(&mut self, nodes: u32, moment: &mut Moment<'_>) {
        self.stage = Stage::Waiting;
        self.due = NEVER;
        moment.event(About::Pod, EventKind::Warning, "FailedScheduling", || {
            format!("0/{nodes} nodes are available: {nodes} Too many pods.")
        });
    }

    /// The containers start or restart.
    pub(super) fn start(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now;
        let params = moment.params;
        let startup = &params.setup.startup;
        let time = params.start_time(self.traits.start);
        self.stage = Stage::Booting;
        self.due = params.ready_at(&self.shape.spec, now, time);
        self.running_since = Some(now);
        self.burst_until = if startup.cpu_burst > 0.0 {
            now + startup.cpu_burst_duration.unwrap_or(time)
        } else {
            now
        };
        for ring in &mut self.rings {
            ring.clear();
        }
        moment.change(&self.members, |pod| {
            pod.started = pod.started.or(Some(now));
        });
    }

    /// The pods become ready, and crash later if the setup says so.
    pub(super) fn turn_ready(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.stage = Stage::Ready;
        self.set_ready(ReadyStatus::True, now);
        let crash = moment.params.setup.startup.crash;
        let crash = crash.filter(|crash| crash.times.is_none_or(|times| self.crashes < times));
        self.due = crash.map_or(NEVER, |crash| {
            let after = super::derived::spread(crash.after, self.traits.crash);
            (self.running_since.unwrap_or(now) + after).max(now + SignedDuration(1))
        });
        moment.change(&self.members, |pod| pod.ready = pod.ready.or(Some(now)));
    }

    fn turn_unready(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.set_ready(ReadyStatus::False, now);
        moment.change(&self.members, |pod| pod.unready = Some(now));
    }

    /// The containers crash and await their restart; returns the lost requests.
    pub(super) fn crash(&mut self, moment: &mut Moment<'_>) -> f64 {
        self.turn_unready(moment);
        let doublings = self.crashes.min(5);
        self.stage = Stage::Crashed;
        self.due = moment.now + SignedDuration::from_secs((10 << doublings).min(300));
        self.crashes += 1;
        moment.event(About::Pod, EventKind::Warning, "BackOff", || {
            String::from("Back-off restarting failed container")
        });
        self.lose_backlog()
    }

    /// The node becomes unreachable, which is not noticed yet; returns the lost requests.
    pub(super) fn lose_node(&mut self, now: Timestamp) -> f64 {
        self.stage = Stage::Lost;
        self.due = now + NODE_GRACE;
        self.lose_backlog()
    }

    /// The control plane notices that the node is unreachable.
    pub(super) fn turn_unreachable(&mut self, moment: &mut Moment<'_>) {
        self.stage = Stage::Unreachable;
        self.due = moment.now + NODE_TOLERATION;
        self.turn_unready(moment);
    }

    /// The pods are deleted, and finish their requests while they terminate.
    pub(super) fn terminate(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now;
        let grace = self.shape.spec.termination_grace_period_seconds;
        let grace = SignedDuration::from_secs(grace.unwrap_or(30));
        let drains = self.stage == Stage::Ready || self.stage == Stage::Booting;
        self.stage = Stage::Terminating;
        self.due = if drains {
            now + moment.params.setup.startup.drain.min(grace)
        } else {
            now
        };
        moment.change(&self.members, |pod| pod.terminating = Some(now));
    }

    /// The pods are gone.
    pub(super) fn vanish(&self, moment: &mut Moment<'_>) {
        let now = moment.now;
        moment.change(&self.members, |pod| {
            pod.terminating = pod.terminating.or(Some(now));
            pod.gone = Some(now);
        });
    }

    fn lose_backlog(&mut self) -> f64 {
        let lost = self.waiting();
        self.backlog = 0.0;
        lost
    }
}
