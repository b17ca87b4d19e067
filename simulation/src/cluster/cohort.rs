//! Pods, counted together as long as nothing tells them apart.

use std::sync::Arc;

use smallvec::SmallVec;

use super::ring::Ring;
use hpa_core::autoscaler::{PodPhase, PodShape, ReadyCondition, ReadyStatus};
use hpa_core::time::{SignedDuration, Timestamp};

/// A time that never comes.
pub(super) const NEVER: Timestamp = Timestamp(i64::MAX);

/// How far a pod's life has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// No node has room.
    Waiting,
    /// The scheduler has not looked at it.
    Binding,
    /// On a node; the image is being pulled.
    Pulling,
    /// The containers run; not ready yet.
    Booting,
    /// The containers have crashed and wait for their restart.
    Crashed,
    /// Its node does not answer, which is known.
    Unreachable,
    /// Its node does not answer, which is not known yet.
    Lost,
    /// Ready, serving.
    Ready,
    /// On its way out.
    Terminating,
}

/// What tells one pod from another of the same template for its whole life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traits {
    /// How long it takes to start.
    pub(super) start: u8,
    /// How much of the load it gets.
    pub(super) share: u8,
    /// How long it runs before it crashes.
    pub(super) crash: u8,
}

/// Several pods that are alike.
#[derive(Clone, Debug)]
pub(super) struct Cohort {
    /// Lifecycles with the number of pods of each that are in here, oldest first.
    pub(super) members: SmallVec<[(u32, u32); 2]>,
    /// How many pods they are in all.
    pub(super) count: u32,
    /// The name of the first one.
    pub(super) name: Arc<str>,
    /// The revision of the template.
    pub(super) revision: u32,
    /// Their template.
    pub(super) shape: Arc<PodShape>,
    /// What tells them apart for ever.
    pub(super) traits: Traits,
    /// The node.
    pub(super) node: u32,
    /// How far they are.
    pub(super) stage: Stage,
    /// When the stage ends.
    pub(super) due: Timestamp,
    /// Whether a metric fault that concerns only some pods concerns these: one bit each.
    pub(super) faults: u64,
    /// `status.startTime`.
    pub(super) start_time: Option<Timestamp>,
    /// The `Ready` condition.
    pub(super) ready: Option<ReadyCondition>,
    /// When the containers started, exactly.
    pub(super) running_since: Option<Timestamp>,
    /// Until when the start costs CPU.
    pub(super) burst_until: Timestamp,
    /// How often they have crashed.
    pub(super) crashes: u32,
    /// The share of each pod in the load, relative to the others.
    pub(super) weight: f64,
    /// Requests that wait in each pod.
    pub(super) backlog: f64,
    /// What each pod does now: one value for each [`super::Signal`].
    pub(super) signals: [f64; 7],
    /// What was measured of each pod.
    pub(super) rings: SmallVec<[Ring; 1]>,
}

impl Cohort {
    /// Whether they take requests.
    pub(super) fn serves(&self) -> bool {
        self.stage == Stage::Ready
    }

    /// Whether requests are sent to them: also while no one knows that their node is gone.
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
            self.ready = Some(ReadyCondition {
                status,
                last_transition: now.truncated_to_second(),
            });
        }
    }

    /// Whether the API shows them as ready.
    pub(super) fn shows_ready(&self) -> bool {
        self.ready
            .is_some_and(|ready| ready.status == ReadyStatus::True)
    }

    /// The newest member: its lifecycle, and how many pods it is.
    pub(super) fn newest(&self) -> (u32, u32) {
        self.members.last().copied().unwrap_or_default()
    }

    /// Whether what is said of their past no longer matters to the autoscaler.
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

    /// Requests that wait in all of them together.
    pub(super) fn waiting(&self) -> f64 {
        self.backlog * f64::from(self.count)
    }

    /// Whether nothing tells two settled cohorts apart.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.traits == other.traits
            && self.node == other.node
            && self.crashes == other.crashes
            && self.backlog.to_bits() == other.backlog.to_bits()
            && self.rings == other.rings
    }
}
