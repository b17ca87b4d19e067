//! Tolerances: the deviation from the target without a change, and its configuration.
//!
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `tolerancesForHpa`;
//! `replica_calculator.go`, `Tolerances.isWithin`.

use super::config::ControllerConfig;
use super::spec::{ScalingRules, Spec};
use crate::api::{Change, FeatureGate, Rules};

/// The tolerances in force, as fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tolerances {
    /// How far below 1 the ratio may be.
    pub scale_down: f64,
    /// How far above 1 the ratio may be.
    pub scale_up: f64,
}

impl Tolerances {
    /// The lowest and the highest ratio within tolerance.
    #[must_use]
    pub const fn band(self) -> (f64, f64) {
        (1.0 - self.scale_down, 1.0 + self.scale_up)
    }

    /// Whether a usage ratio is within tolerance. NaN never is.
    #[must_use]
    pub fn contain(self, ratio: f64, rules: Rules) -> bool {
        if rules.has(Change::SeparateTolerances) {
            let (lowest, highest) = self.band();
            lowest <= ratio && ratio <= highest
        } else {
            (1.0 - ratio).abs() <= self.scale_up
        }
    }
}

impl Spec {
    /// The tolerances in force: those of the behavior if the gate `HPAConfigurableTolerance` is on,
    /// otherwise the controller's.
    #[must_use]
    pub fn tolerances(&self, config: &ControllerConfig) -> Tolerances {
        let own = self
            .behavior
            .as_ref()
            .filter(|_| config.gates.is_on(FeatureGate::HpaConfigurableTolerance));
        let of = |rules: Option<&ScalingRules>| {
            rules
                .and_then(|rules| rules.tolerance)
                .unwrap_or(config.tolerance)
        };
        let scale_up = of(own.map(|behavior| &behavior.scale_up));
        let scale_down = if config.rules.has(Change::SeparateTolerances) {
            of(own.map(|behavior| &behavior.scale_down))
        } else {
            scale_up
        };
        Tolerances {
            scale_down,
            scale_up,
        }
    }
}
