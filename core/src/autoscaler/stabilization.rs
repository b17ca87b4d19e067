//! Stabilization: the recommendations of a window hold the replica count.
//!
//! Upstream: `horizontal.go`, `stabilizeRecommendation` (without behavior),
//! `stabilizeRecommendationWithBehaviors`. The two differ in their edges: an entry exactly at the
//! start of the window counts in the former and does not in the latter.

use super::config::ControllerConfig;
use super::explanation::Stabilization;
use super::histories::Histories;
use super::message::{Message, Reason};
use super::spec::Behavior;
use crate::time::Timestamp;

/// Applies the window for scaling down of the path without behavior, and records `recommended`.
pub(super) fn without_behavior(
    histories: &mut Histories,
    recommended: i32,
    config: &ControllerConfig,
    now: Timestamp,
) -> Stabilization {
    let down_window = config.downscale_stabilization;
    let cutoff = now - down_window;
    let mut highest = (recommended, now);
    let mut slot = None;
    for (index, past) in histories.recommendations.iter().enumerate() {
        if past.time < cutoff {
            slot = Some(index);
        } else if past.replicas > highest.0 {
            highest = (past.replicas, past.time);
        }
    }
    histories.record(recommended, now, slot);
    Stabilization {
        recommended,
        up_window: None,
        down_window,
        lowest: (recommended, now),
        highest,
        stabilized: highest.0,
    }
}

/// Applies both windows, and records `recommended`.
pub(super) fn with_behavior(
    histories: &mut Histories,
    recommended: i32,
    current: i32,
    behavior: &Behavior,
    config: &ControllerConfig,
    now: Timestamp,
) -> Stabilization {
    let up_window = behavior.scale_up.stabilization_window.unwrap_or_default();
    let down_window = behavior.scale_down.stabilization_window.unwrap_or(
        // Whole seconds, as the field that it stands in for.
        crate::time::Duration::from_secs(config.downscale_stabilization.as_secs()),
    );
    let up_cutoff = now - up_window;
    let down_cutoff = now - down_window;
    let mut lowest = (recommended, now);
    let mut highest = (recommended, now);
    let mut slot = None;
    for (index, past) in histories.recommendations.iter().enumerate() {
        if past.time > up_cutoff && past.replicas < lowest.0 {
            lowest = (past.replicas, past.time);
        }
        if past.time > down_cutoff && past.replicas > highest.0 {
            highest = (past.replicas, past.time);
        }
        if past.time < up_cutoff && past.time < down_cutoff {
            slot = Some(index);
        }
    }
    // Up to the lowest, then down to the highest: between the two nothing moves.
    let stabilized = current.max(lowest.0).min(highest.0);
    histories.record(recommended, now, slot);
    Stabilization {
        recommended,
        up_window: Some(up_window),
        down_window,
        lowest,
        highest,
        stabilized,
    }
}

/// What `AbleToScale` says of it.
pub(super) fn condition(stabilization: &Stabilization, current: i32) -> (Reason, Message) {
    let Stabilization {
        recommended,
        stabilized,
        up_window,
        ..
    } = *stabilization;
    if stabilized == recommended {
        (Reason::ReadyForNewScale, Message::SizeMatches)
    } else if up_window.is_some() && recommended >= current {
        (Reason::ScaleUpStabilized, Message::RecentLower)
    } else {
        // Without behavior this is also said of a rise that an even higher one outdid.
        (Reason::ScaleDownStabilized, Message::RecentHigher)
    }
}
