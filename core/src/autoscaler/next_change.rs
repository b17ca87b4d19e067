//! Computes the earliest time of the next change by applying the rules to future syncs.

use super::config::ControllerConfig;
use super::explanation::Explanation;
use super::histories::Histories;
use super::normalize::Normalizer;
use super::spec::{Behavior, ScalingRules, Spec};
use super::stabilization::Windows;
use crate::time::{SignedDuration, Timestamp};

/// The longest window or policy period in force.
#[must_use]
pub fn longest_memory(behavior: Option<&Behavior>, config: &ControllerConfig) -> SignedDuration {
    let Windows { up, down } = Windows::of(behavior, config);
    let period = |rules: fn(&Behavior) -> &ScalingRules| {
        behavior.map_or(SignedDuration::ZERO, |behavior| {
            rules(behavior).longest_period()
        })
    };
    let up = up.max(period(|behavior| &behavior.scale_up));
    let down = down.max(period(|behavior| &behavior.scale_down));
    up.max(down)
}

/// The first sync after that of `explanation` that changes the replica count, if the metrics keep
/// their proposals and nothing else changes.
///
/// `histories` is the state after that sync. Syncs are assumed to be one sync period apart. `None`
/// if the metrics propose no change, or neither windows nor policies are what prevents it.
#[must_use]
pub fn earliest_change(
    explanation: &Explanation,
    histories: &Histories,
    spec: &Spec,
    config: &ControllerConfig,
) -> Option<Timestamp> {
    let recommended = explanation.stabilization?.recommended;
    let range = explanation.range();
    let wanted = recommended.cmp(&range.current);
    if wanted.is_eq() {
        return None;
    }
    let behavior = spec.behavior.as_ref();
    let period = SignedDuration(config.sync_period.0.max(1));
    // Once all histories have expired, nothing changes any more.
    let end = explanation.now + longest_memory(behavior, config) + period;
    let mut policies = Vec::new();
    let mut now = explanation.now;
    while now <= end {
        now = now + period;
        policies.clear();
        let normalizer = Normalizer {
            behavior,
            range,
            config,
            now,
        };
        let (_, rate) = normalizer.preview(recommended, histories, &mut policies);
        if rate.result.cmp(&range.current) == wanted {
            return Some(now);
        }
    }
    None
}
