//! Targets without replicas: what may wake them, and the condition `ScaledToZero`.
//!
//! Upstream: `horizontal.go`, the beginning of `reconcileAutoscaler`, `setScaledToZeroCondition`.

use super::config::ControllerConfig;
use super::draft::Draft;
use super::explanation::Branch;
use super::message::{Message, Reason};
use super::spec::Spec;
use super::status::{ConditionStatus, ConditionType, Status};
use crate::api::{Change, FeatureGate};

/// Words the status of a target that has no replicas and that nothing may wake.
pub(super) fn disable(draft: &mut Draft, zero: &ZeroScale) {
    draft.set(
        ConditionType::ScalingActive,
        ConditionStatus::False,
        Reason::ScalingDisabled,
        Message::Disabled,
    );
    if zero.rule == ConditionRule::Removed {
        draft.status.conditions.remove(&ConditionType::ScaledToZero);
    }
}

/// What becomes of the condition `ScaledToZero` when the target is rescaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConditionRule {
    /// Nothing: the release does not know it.
    Untouched,
    /// It goes, because the gate is off.
    Removed,
    /// It is written, and true where this is what took all replicas away.
    Written {
        /// Whether it did.
        to_zero: bool,
    },
}

/// What the rules of scaling to zero look at.
pub(super) struct ZeroScale {
    rule: ConditionRule,
    scaled_to_zero: bool,
    can_wake: bool,
}

impl ZeroScale {
    pub(super) fn new(config: &ControllerConfig, spec: &Spec, stored: &Status) -> Self {
        if !config.version.has(Change::ScaledToZeroCondition) {
            return Self {
                rule: ConditionRule::Untouched,
                scaled_to_zero: false,
                can_wake: spec.min_replicas == 0,
            };
        }
        let gate = config.gates.is_on(FeatureGate::HpaScaleToZero);
        let scaled_to_zero = gate && stored.conditions.is_true(&ConditionType::ScaledToZero);
        Self {
            rule: if gate {
                ConditionRule::Written { to_zero: false }
            } else {
                ConditionRule::Removed
            },
            scaled_to_zero,
            can_wake: scaled_to_zero && spec.has_object_or_external_metric(),
        }
    }

    /// What a rescale from `current` to `desired` does to the condition.
    pub(super) fn after_rescale(&self, spec: &Spec, current: i32, desired: i32) -> ConditionRule {
        match self.rule {
            ConditionRule::Written { .. } => ConditionRule::Written {
                to_zero: current > 0
                    && desired == 0
                    && spec.min_replicas == 0
                    && spec.has_object_or_external_metric(),
            },
            rule @ (ConditionRule::Untouched | ConditionRule::Removed) => rule,
        }
    }

    /// Whether a target without replicas is to get at least the minimum back.
    pub(super) fn wakes(&self, spec: &Spec, current: i32) -> bool {
        current == 0 && spec.min_replicas != 0 && self.scaled_to_zero
    }
}

/// Which way through the algorithm the sync takes.
pub(super) fn branch(spec: &Spec, current: i32, zero: &ZeroScale) -> Branch {
    if current == 0 {
        if zero.wakes(spec, current) || zero.can_wake {
            Branch::Metrics
        } else {
            Branch::Disabled
        }
    } else if current > spec.max_replicas {
        Branch::AboveMaximum
    } else if current < spec.min_replicas {
        Branch::BelowMinimum
    } else {
        Branch::Metrics
    }
}

/// Whether a sync of a target with `current` replicas looks at metrics: limits and an empty target
/// decide alone. Whoever fills the [`Observation`](super::Observation) may then leave them out.
#[must_use]
pub fn asks_metrics(config: &ControllerConfig, spec: &Spec, stored: &Status, current: i32) -> bool {
    branch(spec, current, &ZeroScale::new(config, spec, stored)) == Branch::Metrics
}

/// Upstream: `setScaledToZeroCondition`.
pub(super) fn set_condition(draft: &mut Draft, rule: ConditionRule) {
    let (status, reason, message) = match rule {
        ConditionRule::Untouched => return,
        ConditionRule::Removed => {
            return draft.status.conditions.remove(&ConditionType::ScaledToZero);
        }
        ConditionRule::Written { to_zero: true } => (
            ConditionStatus::True,
            Reason::ScaledToZero,
            Message::ScaledToZero,
        ),
        ConditionRule::Written { to_zero: false } => (
            ConditionStatus::False,
            Reason::NotScaledToZero,
            Message::NotScaledToZero,
        ),
    };
    draft.set(ConditionType::ScaledToZero, status, reason, message);
}
