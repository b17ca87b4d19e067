//! Cohorts: groups of identical pods.

use std::sync::Arc;

use smallvec::SmallVec;

use super::ring::Ring;
use hpa_core::autoscaler::{PodPhase, PodShape, ReadyCondition, ReadyStatus};
use hpa_core::time::{SignedDuration, Timestamp};

/// A time that is never reached.
pub(super) const NEVER: Timestamp = Timestamp(i64::MAX);

/// The stage of a pod's lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Unschedulable: no node has room.
    Waiting,
    /// Waiting for the scheduler.
    Binding,
    /// Bound to a node; the image is being pulled.
    Pulling,
    /// The containers run, but the pod is not ready yet.
    Booting,
    /// The containers have crashed and await their restart.
    Crashed,
    /// Its node is unreachable, which the control plane has noticed.
    Unreachable,
    /// Its node is unreachable, which the control plane has not noticed yet.
    Lost,
    /// Ready, serving.
    Ready,
    /// Terminating.
    Terminating,
}

/// The random traits of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traits {
    /// Its start duration.
    pub(super) start: u8,
    /// Its share of the load.
    pub(super) share: u8,
    /// Its time until a crash.
    pub(super) crash: u8,
}

/// Several identical pods.
#[derive(Clone, Debug)]
pub(super) struct Cohort {
    /// The lifecycles and the number of pods of each, oldest first.
    pub(super) members: SmallVec<[(u32, u32); 2]>,
    /// The total number of pods.
    pub(super) count: u32,
    /// The name of the first one.
    pub(super) name: Arc<str>,
    /// The revision of the template.
    pub(super) revision: u32,
    /// Their template.
    pub(super) shape: Arc<PodShape>,
    /// Their traits.
    pub(super) traits: Traits,
    /// The node.
    pub(super) node: u32,
    /// Their stage.
    pub(super) stage: Stage,
    /// The end of the stage.
    pub(super) due: Timestamp,
    /// One bit for each metric fault that affects only some pods: set if it affects these.
    pub(super) faults: u64,
    /// `status.startTime`.
    pub(super) start_time: Option<Timestamp>,
    /// The `Ready` condition.
    pub(super) ready: Option<ReadyCondition>,
    /// The exact start time of the containers.
    pub(super) running_since: Option<Timestamp>,
    /// The end of the startup CPU burst.
    pub(super) burst_until: Timestamp,
    /// The number of crashes.
    pub(super) crashes: u32,
    /// Each pod's relative share of the load.
    pub(super) weight: f64,
    /// Requests waiting in each pod.
    pub(super) backlog: f64,
    /// Each pod's current signals: one value for each [`super::Signal`].
    pub(super) signals: [f64; 7],
    /// The scraped values of each pod.
    pub(super) rings: SmallVec<[Ring; 1]>,
}

impl Cohort {
    /// Whether they serve requests.
    pub(super) fn serves(&self) -> bool {
        self.stage == Stage::Ready
    }

    /// Whether requests are routed to them, which includes pods on a node whose loss is unnoticed.
    pub(super) fn is_endpoint(&self) -> bool {
        self.serves() || (self.stage == Stage::Lost && self.shows_ready())
    }

    /// Whether they count as replicas of the workload.
    pub(super) fn is_active(&self) -> bool {
        self.stage != Stage::Terminating
    }

    /// Whether their containers use CPU and memory.
    pub(super) fn runs(&self) -> bool {
        match self.stage {
            Stage::Booting | Stage::Ready => true,
            Stage::Terminating => self.running_since.is_some(),
            Stage::Waiting
            | Stage::Binding
            | Stage::Pulling
            | Stage::Crashed
            | Stage::Unreachable
            | Stage::Lost => false,
        }
    }

    /// `status.phase`.
    pub(super) fn phase(&self) -> PodPhase {
        if self.running_since.is_some() {
            PodPhase::Running
        } else {
            PodPhase::Pending
        }
    }

    /// Sets the `Ready` condition, as the API shows it.
    pub(super) fn set_ready(&mut self, status: ReadyStatus, now: Timestamp) {
        if self.ready.is_none_or(|ready| ready.status != status) {
            self.ready = Some(ReadyCondition::new(status, now.truncated_to_second()));
        }
    }

    /// Whether the API shows them as ready.
    pub(super) fn shows_ready(&self) -> bool {
        self.ready
            .is_some_and(|ready| ready.status == ReadyStatus::True)
    }

    /// The newest member: its lifecycle and number of pods.
    pub(super) fn newest(&self) -> (u32, u32) {
        self.members.last().copied().unwrap_or_default()
    }

    /// Whether their past no longer matters to the autoscaler.
    pub(super) fn is_settled(&self, now: Timestamp, memory: SignedDuration, ring: usize) -> bool {
        self.stage == Stage::Ready
            && self.due == NEVER
            && self.faults == 0
            && self.burst_until <= now
            && self.start_time.is_some_and(|start| start + memory < now)
            && self
                .ready
                .is_some_and(|ready| ready.last_transition + memory < now)
            && self.rings.iter().all(|kept| kept.is_full(ring))
    }

    /// The total number of requests waiting in them.
    pub(super) fn waiting(&self) -> f64 {
        self.backlog * f64::from(self.count)
    }

    /// Whether two settled cohorts are identical.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.traits == other.traits
            && self.node == other.node
            && self.crashes == other.crashes
            && self.backlog.to_bits() == other.backlog.to_bits()
            && self.rings == other.rings
    }
}
