//! Applies scaling policies and limits.
//!
//! Upstream: `horizontal.go`, `convertDesiredReplicasWithRules` (without behavior),
//! `convertDesiredReplicasWithBehaviorRate`, `calculateScaleUpLimitWithScalingRules`,
//! `calculateScaleDownLimitWithBehaviors`.

use super::config::FloatCasts;
use super::explanation::{Bound, Direction, PolicyLimit, Rate};
use super::histories::{Histories, replicas_changed};
use super::message::{Message, Reason};
use super::spec::{Behavior, Policy, PolicyKind, ScalingRules, SelectPolicy};
use super::status::ConditionStatus;
use crate::time::Timestamp;

/// The limits of the autoscaler, and its current replicas.
#[derive(Clone, Copy, Debug)]
pub struct ReplicaRange {
    /// Replicas at the start of the sync.
    pub current: i32,
    /// `minReplicas`.
    pub minimum: i32,
    /// `maxReplicas`.
    pub maximum: i32,
}

/// The input of the policies besides the rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past<'a> {
    pub(super) current: i32,
    pub(super) histories: &'a Histories,
    pub(super) now: Timestamp,
    pub(super) casts: FloatCasts,
}

/// The scale-up limit without behavior: twice the current count, or 4.
const SCALE_UP_FACTOR: f64 = 2.0;
const SCALE_UP_MINIMUM: f64 = 4.0;

/// Applies the fixed rate limit without behavior, and the limits.
pub(super) fn without_behavior(wanted: i32, range: ReplicaRange, casts: FloatCasts) -> Rate {
    let fastest = (SCALE_UP_FACTOR * f64::from(range.current)).max(SCALE_UP_MINIMUM);
    let scale_up_limit = casts.to_i32(fastest);
    let (result, bound) = bound_without_behavior(wanted, range, scale_up_limit);
    Rate {
        wanted,
        scale_up_limit,
        scale_down_limit: None,
        select: None,
        bound,
        result,
    }
}

/// Applies the policies of the behavior, and the limits. Each policy's limit is added to `policies`.
pub(super) fn with_behavior(
    wanted: i32,
    range: ReplicaRange,
    behavior: &Behavior,
    past: Past<'_>,
    policies: &mut Vec<PolicyLimit>,
) -> Rate {
    let mut limit = |direction, rules| limit(direction, rules, past, policies);
    let scale_up_limit = limit(Direction::Up, &behavior.scale_up);
    let scale_down_limit = limit(Direction::Down, &behavior.scale_down);
    let (result, bound) = bound_with_behavior(wanted, range, scale_up_limit, scale_down_limit);
    Rate {
        wanted,
        scale_up_limit,
        scale_down_limit: Some(scale_down_limit),
        select: Some((
            behavior.scale_up.select_policy,
            behavior.scale_down.select_policy,
        )),
        bound,
        result,
    }
}

/// Limits a count by the limits and the fixed rate.
pub(super) const fn bound_without_behavior(
    wanted: i32,
    range: ReplicaRange,
    scale_up_limit: i32,
) -> (i32, Bound) {
    let (most, bound) = upper(range.maximum, scale_up_limit);
    if wanted < range.minimum {
        (range.minimum, Bound::Minimum)
    } else if wanted > most {
        (most, bound)
    } else {
        (wanted, Bound::None)
    }
}

/// Limits a count by the limits and the policies.
pub(super) const fn bound_with_behavior(
    wanted: i32,
    range: ReplicaRange,
    scale_up_limit: i32,
    scale_down_limit: i32,
) -> (i32, Bound) {
    let ReplicaRange {
        current,
        minimum,
        maximum,
    } = range;
    // Past scale events may allow less than the current count.
    if wanted > current {
        let limit = if scale_up_limit < current {
            current
        } else {
            scale_up_limit
        };
        let (most, bound) = upper(maximum, limit);
        if wanted > most {
            (most, bound)
        } else {
            (wanted, Bound::None)
        }
    } else if wanted < current {
        let limit = if scale_down_limit > current {
            current
        } else {
            scale_down_limit
        };
        let (least, bound) = if minimum < limit {
            (limit, Bound::ScaleDownLimit)
        } else {
            (minimum, Bound::Minimum)
        };
        if wanted < least {
            (least, bound)
        } else {
            (wanted, Bound::None)
        }
    } else {
        // Without a change nothing is checked, not even the minimum and maximum.
        (wanted, Bound::None)
    }
}

const fn upper(maximum: i32, scale_up_limit: i32) -> (i32, Bound) {
    if maximum > scale_up_limit {
        (scale_up_limit, Bound::ScaleUpLimit)
    } else {
        (maximum, Bound::Maximum)
    }
}

/// The limit in one direction.
fn limit(
    direction: Direction,
    rules: &ScalingRules,
    past: Past<'_>,
    policies: &mut Vec<PolicyLimit>,
) -> i32 {
    if rules.select_policy == SelectPolicy::Disabled {
        return past.current;
    }
    // The smallest change is the lowest count upward and the highest count downward.
    let takes_lowest = (direction == Direction::Up) == (rules.select_policy == SelectPolicy::Min);
    let mut chosen = if takes_lowest { i32::MAX } else { i32::MIN };
    for &policy in &rules.policies {
        let limit = policy_limit(direction, policy, past);
        chosen = if takes_lowest {
            chosen.min(limit.limit)
        } else {
            chosen.max(limit.limit)
        };
        policies.push(limit);
    }
    chosen
}

fn policy_limit(direction: Direction, policy: Policy, past: Past<'_>) -> PolicyLimit {
    let Past {
        current,
        histories,
        now,
        casts,
    } = past;
    // Scale events of both directions count in both limits.
    let added = replicas_changed(&histories.scale_up_events, policy.period, now);
    let removed = replicas_changed(&histories.scale_down_events, policy.period, now);
    let period_start = current.wrapping_sub(added).wrapping_add(removed);
    let start = f64::from(period_start);
    let fraction = f64::from(policy.value) / 100.0;
    let (exact, limit) = match (direction, policy.kind) {
        (Direction::Up, PolicyKind::Pods) => (
            start + f64::from(policy.value),
            period_start.wrapping_add(policy.value),
        ),
        (Direction::Down, PolicyKind::Pods) => (
            start - f64::from(policy.value),
            period_start.wrapping_sub(policy.value),
        ),
        (Direction::Up, PolicyKind::Percent) => {
            let exact = start * (1.0 + fraction);
            (exact, casts.ceil_to_i32(exact))
        }
        // Truncated, not rounded up: even one percent removes at least one pod.
        (Direction::Down, PolicyKind::Percent) => {
            let exact = start * (1.0 - fraction);
            (exact, casts.to_i32(exact))
        }
    };
    PolicyLimit {
        direction,
        policy,
        added,
        removed,
        period_start,
        exact,
        limit,
    }
}

impl Rate {
    /// The reason and message of the condition `ScalingLimited`.
    #[must_use]
    pub const fn condition(&self) -> (ConditionStatus, Reason, Message) {
        let (reason, message) = match self.bound {
            Bound::None => {
                let status = ConditionStatus::False;
                return (status, Reason::DesiredWithinRange, Message::WithinRange);
            }
            Bound::Maximum => (Reason::TooManyReplicas, Message::MoreThanMaximum),
            Bound::Minimum => (Reason::TooFewReplicas, Message::LessThanMinimum),
            Bound::ScaleUpLimit => (Reason::ScaleUpLimit, Message::IncreasingTooFast),
            Bound::ScaleDownLimit => (Reason::ScaleDownLimit, Message::DecreasingTooFast),
        };
        (ConditionStatus::True, reason, message)
    }
}
