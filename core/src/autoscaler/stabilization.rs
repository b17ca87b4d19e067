//! Stabilization of recommendations over windows.
//!
//! Upstream: `horizontal.go`, `stabilizeRecommendation` (without behavior),
//! `stabilizeRecommendationWithBehaviors`. The two differ in their edges: an entry exactly at the
//! start of the window counts in the former and does not in the latter.

use super::config::ControllerConfig;
use super::explanation::Stabilization;
use super::histories::Recommendation;
use super::message::{Message, Reason};
use super::spec::Behavior;
use super::status::ConditionStatus;
use crate::time::{SignedDuration, Timestamp};

/// The stabilization windows in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Windows {
    /// The scale-up window; zero without behavior.
    pub up: SignedDuration,
    /// The scale-down window.
    pub down: SignedDuration,
}

impl Windows {
    /// The windows of the behavior; by default the controller's for scale-down and none for scale-up.
    #[must_use]
    pub fn of(behavior: Option<&Behavior>, config: &ControllerConfig) -> Self {
        let Some(behavior) = behavior else {
            return Self {
                up: SignedDuration::ZERO,
                down: config.downscale_stabilization,
            };
        };
        Self {
            up: behavior.scale_up.stabilization_window.unwrap_or_default(),
            down: behavior.scale_down.stabilization_window.unwrap_or(
                // In whole seconds, like the field that it replaces.
                SignedDuration::from_secs(config.downscale_stabilization.as_secs()),
            ),
        }
    }
}

/// Applies the scale-down window without behavior; also returns the slot for the next
/// recommendation.
pub(super) fn without_behavior(
    recommendations: &[Recommendation],
    recommended: i32,
    windows: Windows,
    now: Timestamp,
) -> (Stabilization, Option<usize>) {
    let cutoff = now - windows.down;
    let mut highest_past = None;
    let mut slot = None;
    for (index, past) in recommendations.iter().enumerate() {
        if past.time < cutoff {
            slot = Some(index);
        } else {
            keep(&mut highest_past, *past, |past, kept| past > kept);
        }
    }
    let step = Stabilization {
        recommended,
        up_window: None,
        down_window: windows.down,
        lowest_past: None,
        highest_past,
        stabilized: stabilize(recommended, None, None, highest_past),
    };
    (step, slot)
}

/// Applies both windows; also returns the slot for the next recommendation.
pub(super) fn with_behavior(
    recommendations: &[Recommendation],
    recommended: i32,
    current: i32,
    windows: Windows,
    now: Timestamp,
) -> (Stabilization, Option<usize>) {
    let up_cutoff = now - windows.up;
    let down_cutoff = now - windows.down;
    let mut lowest_past = None;
    let mut highest_past = None;
    let mut slot = None;
    for (index, past) in recommendations.iter().enumerate() {
        if past.time > up_cutoff {
            keep(&mut lowest_past, *past, |past, kept| past < kept);
        }
        if past.time > down_cutoff {
            keep(&mut highest_past, *past, |past, kept| past > kept);
        }
        if past.time < up_cutoff && past.time < down_cutoff {
            slot = Some(index);
        }
    }
    let step = Stabilization {
        recommended,
        up_window: Some(windows.up),
        down_window: windows.down,
        lowest_past,
        highest_past,
        stabilized: stabilize(recommended, Some(current), lowest_past, highest_past),
    };
    (step, slot)
}

/// The better of two recommendations; of equal ones the latest, which applies longest.
fn keep(
    kept: &mut Option<Recommendation>,
    past: Recommendation,
    better: impl Fn(i32, i32) -> bool,
) {
    let replace = kept.is_none_or(|kept| {
        better(past.replicas, kept.replicas)
            || (past.replicas == kept.replicas && past.time > kept.time)
    });
    if replace {
        *kept = Some(past);
    }
}

/// The stabilized count; `current` is `None` without behavior.
pub(super) fn stabilize(
    recommended: i32,
    current: Option<i32>,
    lowest_past: Option<Recommendation>,
    highest_past: Option<Recommendation>,
) -> i32 {
    let lowest = lowest_past.map_or(recommended, |past| past.replicas.min(recommended));
    let highest = highest_past.map_or(recommended, |past| past.replicas.max(recommended));
    // Raised to the lowest, then lowered to the highest: in between the count stays.
    current.map_or(highest, |current| current.max(lowest).min(highest))
}

impl Stabilization {
    /// The reason and message of the condition `AbleToScale`.
    #[must_use]
    pub fn condition(&self, current: i32) -> (ConditionStatus, Reason, Message) {
        let (reason, message) = if self.stabilized == self.recommended {
            (Reason::ReadyForNewScale, Message::SizeMatches)
        } else if self.up_window.is_some() && self.recommended >= current {
            (Reason::ScaleUpStabilized, Message::RecentLower)
        } else {
            // Without behavior this is also set for a rise below an even higher recommendation.
            (Reason::ScaleDownStabilized, Message::RecentHigher)
        };
        (ConditionStatus::True, reason, message)
    }
}
