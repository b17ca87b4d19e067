//! Scaling to and from zero, and the condition `ScaledToZero`.
//!
//! Upstream: `horizontal.go`, the beginning of `reconcileAutoscaler`, `setScaledToZeroCondition`.

use super::config::ControllerConfig;
use super::draft::Draft;
use super::explanation::Branch;
use super::message::{Message, Reason};
use super::spec::Spec;
use super::status::{ConditionStatus, ConditionType, Status};
use crate::api::{Change, FeatureGate};

/// Sets the status of a target without replicas that may not be scaled up.
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

/// The change of the condition `ScaledToZero` on a rescale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConditionRule {
    /// None: the release does not have the condition.
    Untouched,
    /// It is removed, because the gate is off.
    Removed,
    /// It is set; true if this rescale is to zero.
    Written {
        /// Whether this rescale is to zero.
        to_zero: bool,
    },
}

/// The input of the scale-to-zero rules.
pub(super) struct ZeroScale {
    rule: ConditionRule,
    scaled_to_zero: bool,
    can_wake: bool,
}

impl ZeroScale {
    pub(super) fn new(config: &ControllerConfig, spec: &Spec, stored: &Status) -> Self {
        let gate = config.gates.is_on(FeatureGate::HpaScaleToZero);
        let rule = match (config.rules.has(Change::ScaledToZeroCondition), gate) {
            (false, _) => ConditionRule::Untouched,
            (true, true) => ConditionRule::Written { to_zero: false },
            (true, false) => ConditionRule::Removed,
        };
        if !config.rules.has(Change::ZeroNeedsCondition) {
            return Self {
                rule,
                scaled_to_zero: false,
                can_wake: spec.min_replicas == 0,
            };
        }
        let scaled_to_zero = gate && stored.conditions.is_true(&ConditionType::ScaledToZero);
        Self {
            rule,
            scaled_to_zero,
            can_wake: scaled_to_zero && spec.has_object_or_external_metric(),
        }
    }

    /// The effect of a rescale from `current` to `desired` on the condition.
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

    /// Whether a target without replicas is scaled up to at least the minimum.
    pub(super) fn wakes(&self, spec: &Spec, current: i32) -> bool {
        current == 0 && spec.min_replicas != 0 && self.scaled_to_zero
    }
}

/// The branch of the algorithm.
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

/// Whether a sync of a target with `current` replicas evaluates metrics. If not, the
/// [`Observation`](super::Observation) may leave them out.
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
