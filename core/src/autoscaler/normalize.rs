//! From a recommendation to the desired replicas: windows, then policies, then limits.
//!
//! Upstream: `horizontal.go`, `normalizeDesiredReplicas`, `normalizeDesiredReplicasWithBehaviors`.

use super::config::ControllerConfig;
use super::explanation::{PolicyLimit, Rate, Stabilization};
use super::histories::Histories;
use super::rate::{self, Past, ReplicaRange};
use super::spec::Behavior;
use super::stabilization;
use crate::time::Timestamp;

/// Applies windows, policies and limits to a recommendation and records it, unstabilized.
///
/// `policies` receives each policy's limit. Without `behavior` there are none: the count may at
/// most double, or rise to 4.
pub fn normalize(
    behavior: Option<&Behavior>,
    range: ReplicaRange,
    recommended: i32,
    histories: &mut Histories,
    config: &ControllerConfig,
    now: Timestamp,
    policies: &mut Vec<PolicyLimit>,
) -> (Stabilization, Rate) {
    let Some(behavior) = behavior else {
        let step = stabilization::without_behavior(histories, recommended, config, now);
        return (
            step,
            rate::without_behavior(step.stabilized, range, config.casts),
        );
    };
    let current = range.current;
    let step = stabilization::with_behavior(histories, recommended, current, behavior, config, now);
    let past = Past {
        current,
        histories,
        now,
        casts: config.casts,
    };
    let rate = rate::with_behavior(step.stabilized, range, behavior, past, policies);
    (step, rate)
}
