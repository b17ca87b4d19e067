//! Targets without replicas: what may wake them, and the condition `ScaledToZero`.
//!
//! Upstream: `horizontal.go`, the beginning of `reconcileAutoscaler`, `setScaledToZeroCondition`.

use super::config::ControllerConfig;
use super::draft::Draft;
use super::explanation::Branch;
use super::message::{Message, Reason};
use super::spec::Spec;
use super::status::{ConditionStatus, ConditionType, Status};

/// Words the status of a target that has no replicas and that nothing may wake.
pub(super) fn disable(draft: &mut Draft, zero: &ZeroScale) {
    draft.set(
        ConditionType::ScalingActive,
        ConditionStatus::False,
        Reason::ScalingDisabled,
        Message::Disabled,
    );
    if !zero.gate {
        draft.status.conditions.remove(&ConditionType::ScaledToZero);
    }
}

/// What the rules of scaling to zero look at.
pub(super) struct ZeroScale {
    /// Whether `HPAScaleToZero` is on.
    pub(super) gate: bool,
    scaled_to_zero: bool,
    can_wake: bool,
}

impl ZeroScale {
    pub(super) fn new(config: &ControllerConfig, spec: &Spec, stored: &Status) -> Self {
        let gate = config.gates.hpa_scale_to_zero;
        let scaled_to_zero = gate && stored.conditions.is_true(&ConditionType::ScaledToZero);
        let can_wake = scaled_to_zero && spec.has_object_or_external_metric();
        Self {
            gate,
            scaled_to_zero,
            can_wake,
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

/// Upstream: `setScaledToZeroCondition`; `None` where the gate is off.
pub(super) fn set_condition(draft: &mut Draft, scales_to_zero: Option<bool>) {
    let (status, reason, message) = match scales_to_zero {
        None => return draft.status.conditions.remove(&ConditionType::ScaledToZero),
        Some(true) => (
            ConditionStatus::True,
            Reason::ScaledToZero,
            Message::ScaledToZero,
        ),
        Some(false) => (
            ConditionStatus::False,
            Reason::NotScaledToZero,
            Message::NotScaledToZero,
        ),
    };
    draft.set(ConditionType::ScaledToZero, status, reason, message);
}
