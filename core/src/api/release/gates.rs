//! Feature gates, and the releases that turn them on.

use std::fmt;

use super::{KubernetesVersion, release};

/// A feature gate of the API server and the controller manager that changes what the model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeatureGate {
    /// `HPAScaleToZero`: `minReplicas` may be 0.
    HpaScaleToZero,
    /// `HPAConfigurableTolerance`: scaling rules may have a tolerance of their own.
    HpaConfigurableTolerance,
    /// `PodLevelResources`: requests of the pod as a whole count.
    PodLevelResources,
}

/// One gate and its default.
struct GateRow {
    gate: FeatureGate,
    name: &'static str,
    /// The first release that turns it on.
    on_since: KubernetesVersion,
}

/// In the order of the enum.
const GATES: [GateRow; 3] = [
    GateRow {
        gate: FeatureGate::HpaScaleToZero,
        name: "HPAScaleToZero",
        on_since: release(37),
    },
    GateRow {
        gate: FeatureGate::HpaConfigurableTolerance,
        name: "HPAConfigurableTolerance",
        on_since: release(35),
    },
    GateRow {
        gate: FeatureGate::PodLevelResources,
        name: "PodLevelResources",
        on_since: release(34),
    },
];

impl FeatureGate {
    const fn row(self) -> &'static GateRow {
        &GATES[self as usize]
    }

    /// All gates of the model.
    pub fn all() -> impl Iterator<Item = Self> {
        GATES.iter().map(|row| row.gate)
    }

    /// The gate's name, as `--feature-gates` takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The gate of that name, if the model has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|gate| gate.name() == name)
    }

    /// The first release that turns it on by default.
    #[must_use]
    pub const fn on_since(self) -> KubernetesVersion {
        self.row().on_since
    }
}

impl fmt::Display for FeatureGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which feature gates are on; by default those of [`KubernetesVersion::PROVEN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGates {
    on: [bool; GATES.len()],
}

impl FeatureGates {
    /// The gates as a release sets them.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        let mut on = [false; GATES.len()];
        let mut index = 0;
        while index < GATES.len() {
            on[index] = version.minor >= GATES[index].on_since.minor;
            index += 1;
        }
        Self { on }
    }

    /// Whether a gate is on.
    #[must_use]
    pub const fn is_on(&self, gate: FeatureGate) -> bool {
        self.on[gate as usize]
    }

    /// Turns a gate on or off.
    pub const fn set(&mut self, gate: FeatureGate, on: bool) {
        self.on[gate as usize] = on;
    }

    /// The same gates with one turned on or off.
    #[must_use]
    pub const fn with(mut self, gate: FeatureGate, on: bool) -> Self {
        self.set(gate, on);
        self
    }
}

impl Default for FeatureGates {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::PROVEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn rows_stand_in_the_order_of_their_enum() {
        check_each(FeatureGate::all().enumerate(), |(index, gate)| {
            assert_eq!(gate as usize, index);
        });
    }

    #[test]
    fn each_row_tells_two_modelled_releases_apart() {
        check_each(FeatureGate::all().map(FeatureGate::on_since), |version| {
            assert!(version > KubernetesVersion::OLDEST, "{version}");
            assert!(version <= KubernetesVersion::NEWEST, "{version}");
        });
    }

    #[test]
    fn gates_are_known_by_the_names_of_upstream() {
        check_each(FeatureGate::all(), |gate| {
            assert_eq!(FeatureGate::parse(gate.name()), Some(gate));
        });
        assert_eq!(FeatureGate::parse("HPAScaleTozero"), None);
    }
}
