//! Kubernetes releases as tables: which feature gates each turns on, and what each changed.

use std::fmt;

use crate::time::SignedDuration;

/// How often the controller syncs an autoscaler if no flag says otherwise, in every release.
pub const DEFAULT_SYNC_PERIOD: SignedDuration = SignedDuration::from_secs(15);

/// A minor release of Kubernetes 1, from [`Self::OLDEST`] to [`Self::NEWEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    minor: u8,
}

impl KubernetesVersion {
    /// The oldest release whose differences are modelled.
    pub const OLDEST: Self = Self { minor: 27 };
    /// The release that the recorded cases come from.
    pub const PROVEN: Self = Self { minor: 36 };
    /// The newest release whose differences are modelled.
    pub const NEWEST: Self = Self { minor: 37 };

    /// The release `1.minor`, if it is modelled.
    #[must_use]
    pub const fn from_minor(minor: u8) -> Option<Self> {
        if minor >= Self::OLDEST.minor && minor <= Self::NEWEST.minor {
            Some(Self { minor })
        } else {
            None
        }
    }

    /// Reads `1.36`, `v1.36` or `1.36.2`; the patch number does not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.")?;
        let (minor, patch) = rest.split_once('.').unwrap_or((rest, "0"));
        patch.parse::<u32>().ok()?;
        Self::from_minor(minor.parse().ok()?)
    }

    /// All modelled releases, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.minor..=Self::NEWEST.minor).map(|minor| Self { minor })
    }

    /// The number after `1.`.
    #[must_use]
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// Whether this release, or one before it, made the change.
    #[must_use]
    pub const fn has(self, change: Change) -> bool {
        self.minor >= change.since().minor
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// A change of the algorithm that came with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The ratio is compared with each side of the tolerance. Before, the ratio was within
    /// tolerance when `|1 - ratio| <= tolerance`; at a ratio of exactly 1.1 the answers differ.
    SeparateTolerances,
    /// The controller itself looks at the gate `HPAScaleToZero`, and wakes a target without
    /// replicas only if the condition `ScaledToZero` says that it scaled it to zero. Before,
    /// `minReplicas: 0`, which the API server admits with the gate, was enough.
    ScaledToZeroCondition,
    /// The error of an object metric names its object in the right order.
    ObjectErrorOrder,
    /// Status and conditions carry the generation that they describe.
    ObservedGeneration,
    /// A new or changed autoscaler is synced without waiting for a sync period.
    ImmediateSync,
}

const fn release(minor: u8) -> KubernetesVersion {
    KubernetesVersion { minor }
}

/// One change and the first release that has it.
struct ChangeRow {
    change: Change,
    since: KubernetesVersion,
}

/// In the order of the enum.
const CHANGES: [ChangeRow; 5] = [
    ChangeRow {
        change: Change::SeparateTolerances,
        since: release(33),
    },
    ChangeRow {
        change: Change::ScaledToZeroCondition,
        since: release(36),
    },
    ChangeRow {
        change: Change::ObjectErrorOrder,
        since: release(37),
    },
    ChangeRow {
        change: Change::ObservedGeneration,
        since: release(37),
    },
    ChangeRow {
        change: Change::ImmediateSync,
        since: release(37),
    },
];

impl Change {
    const fn row(self) -> &'static ChangeRow {
        &CHANGES[self as usize]
    }

    /// All changes of the model.
    pub fn all() -> impl Iterator<Item = Self> {
        CHANGES.iter().map(|row| row.change)
    }

    /// The first release that has it.
    #[must_use]
    pub const fn since(self) -> KubernetesVersion {
        self.row().since
    }
}

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
    fn rows_stand_in_the_order_of_their_enums() {
        let changes = CHANGES.iter().map(|row| row.change);
        check_each(changes.enumerate(), |(index, change)| {
            assert_eq!(change as usize, index);
        });
        let gates = GATES.iter().map(|row| row.gate);
        check_each(gates.enumerate(), |(index, gate)| {
            assert_eq!(gate as usize, index);
        });
    }

    #[test]
    fn each_row_tells_two_modelled_releases_apart() {
        let gates = FeatureGate::all().map(FeatureGate::on_since);
        check_each(Change::all().map(Change::since).chain(gates), |version| {
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
