//! How this controller's decision compares with the status that the cluster's own controller wrote.

use hpa_core::autoscaler::{ControllerConfig, Spec};
use hpa_core::time::Duration;

use super::clock::Reading;
use super::sync::Summary;

/// How two controllers differ on one autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disagreement {
    /// Our desired replicas minus theirs; 0 where we have none.
    pub(crate) difference: i32,
    /// Why that may be.
    pub(crate) reason: Why,
    /// How many syncs in a row.
    pub(crate) syncs: u32,
}

/// Why two controllers differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Why {
    /// They do not.
    #[default]
    None,
    /// Something could not be read here, so there is no decision to compare.
    Unreadable,
    /// They look at different moments: what changed between theirs and ours shows at their next
    /// sync.
    Timing,
    /// This one began too late to remember what the windows and policies look back on.
    Histories,
    /// None of these: the two decide differently.
    Decision,
}

impl Why {
    /// The word for logs and labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unreadable => "unreadable",
            Self::Timing => "timing",
            Self::Histories => "histories",
            Self::Decision => "decision",
        }
    }
}

/// What is remembered for the comparison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    first: Option<Duration>,
    differing: u32,
}

/// How many syncs in a row a difference may be one of timing: the other controller's next sync
/// comes within a period, and its status reaches us after that.
const TIMING_SYNCS: u32 = 2;

impl Standing {
    /// Compares a sync with the status that the cluster has.
    pub(crate) fn judge(
        &mut self,
        summary: &Summary,
        spec: &Spec,
        config: &ControllerConfig,
        now: Reading,
    ) -> Disagreement {
        let first = *self.first.get_or_insert(now.monotonic);
        let Some(desired) = summary.desired.filter(|_| summary.status_is_decided()) else {
            self.differing = 0;
            return Disagreement {
                difference: 0,
                reason: Why::Unreadable,
                syncs: 0,
            };
        };
        let difference = desired.wrapping_sub(summary.theirs);
        if difference == 0 {
            self.differing = 0;
            return Disagreement {
                difference,
                reason: Why::None,
                syncs: 0,
            };
        }
        self.differing += 1;
        let watched = now.monotonic.0 - first.0;
        let reason = if watched < longest_memory(spec, config).0 {
            Why::Histories
        } else if self.differing <= TIMING_SYNCS {
            Why::Timing
        } else {
            Why::Decision
        };
        Disagreement {
            difference,
            reason,
            syncs: self.differing,
        }
    }
}

impl Summary {
    /// Whether the sync came to a decision.
    fn status_is_decided(&self) -> bool {
        self.error.is_none()
    }
}

/// How far back a decision may look.
fn longest_memory(spec: &Spec, config: &ControllerConfig) -> Duration {
    let Some(behavior) = &spec.behavior else {
        return config.downscale_stabilization;
    };
    [
        behavior
            .scale_down
            .stabilization_window
            .unwrap_or(config.downscale_stabilization),
        behavior
            .scale_up
            .stabilization_window
            .unwrap_or(Duration::ZERO),
        behavior.scale_up.longest_period(),
        behavior.scale_down.longest_period(),
    ]
    .into_iter()
    .max()
    .unwrap_or(Duration::ZERO)
}
