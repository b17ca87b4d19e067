//! Feature gates: which releases know them, whether they are on there, and whether that is fixed.

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
    /// `HPAGeneration`: the API server counts the changes of the spec, and the status tells which of
    /// these generations it describes.
    HpaGeneration,
    /// `HPAOptimizedSelectorStore`: an ambiguous selector names two of the autoscalers.
    HpaOptimizedSelectorStore,
    /// `StaleControllerConsistencyHPA`: a sync waits until the controller has read its own writes.
    StaleControllerConsistencyHpa,
    /// `DeclarativeValidationBeta`: rules that are declared with the types, and are past alpha,
    /// decide what the API server answers.
    DeclarativeValidationBeta,
}

/// How far a feature has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Off unless it is turned on.
    Alpha,
    /// Usually on.
    Beta,
    /// Part of the API.
    Ga,
    /// About to be removed.
    Deprecated,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Ga => "GA",
            Self::Deprecated => "deprecated",
        })
    }
}

/// What a release says of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GateState {
    /// How far the feature has come.
    pub stage: Stage,
    /// Whether it is on by default.
    pub on: bool,
    /// Whether the default cannot be changed.
    pub locked: bool,
}

/// From this release on, until the next row.
struct Since(KubernetesVersion, GateState);

/// One gate and its history; before the first row no release knows it.
struct GateRow {
    gate: FeatureGate,
    name: &'static str,
    history: &'static [Since],
}

const fn alpha(minor: u8) -> Since {
    let (stage, on, locked) = (Stage::Alpha, false, false);
    Since(release(minor), GateState { stage, on, locked })
}

const fn beta(minor: u8) -> Since {
    let (stage, on, locked) = (Stage::Beta, true, false);
    Since(release(minor), GateState { stage, on, locked })
}

const fn locked(minor: u8) -> Since {
    let (stage, on, locked) = (Stage::Ga, true, true);
    Since(release(minor), GateState { stage, on, locked })
}

/// In the order of the enum.
const GATES: [GateRow; 7] = [
    GateRow {
        gate: FeatureGate::HpaScaleToZero,
        name: "HPAScaleToZero",
        history: &[alpha(27), beta(37)],
    },
    GateRow {
        gate: FeatureGate::HpaConfigurableTolerance,
        name: "HPAConfigurableTolerance",
        history: &[alpha(33), beta(35), locked(37)],
    },
    GateRow {
        gate: FeatureGate::PodLevelResources,
        name: "PodLevelResources",
        history: &[alpha(32), beta(34)],
    },
    GateRow {
        gate: FeatureGate::HpaGeneration,
        name: "HPAGeneration",
        history: &[beta(37)],
    },
    GateRow {
        gate: FeatureGate::HpaOptimizedSelectorStore,
        name: "HPAOptimizedSelectorStore",
        history: &[beta(37)],
    },
    GateRow {
        gate: FeatureGate::StaleControllerConsistencyHpa,
        name: "StaleControllerConsistencyHPA",
        history: &[beta(37)],
    },
    GateRow {
        gate: FeatureGate::DeclarativeValidationBeta,
        name: "DeclarativeValidationBeta",
        history: &[beta(36)],
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

    /// What a release says of it; `None` if the release does not know it.
    #[must_use]
    pub const fn in_release(self, version: KubernetesVersion) -> Option<GateState> {
        let history = self.row().history;
        let mut index = history.len();
        while index > 0 {
            index -= 1;
            let Since(since, state) = &history[index];
            if version.minor >= since.minor {
                return Some(*state);
            }
        }
        None
    }

    /// The first release that turns it on by default.
    ///
    /// # Panics
    /// Never: every gate of the table is turned on by one.
    #[must_use]
    pub fn on_since(self) -> KubernetesVersion {
        let mut releases = KubernetesVersion::all();
        releases
            .find(|&version| self.in_release(version).is_some_and(|state| state.on))
            .expect("a release turns it on")
    }
}

impl fmt::Display for FeatureGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a release does not take a setting of a gate, in the words of its `--feature-gates`.
///
/// Upstream: `k8s.io/component-base/featuregate/feature_gate.go`, `unsafeSetFromMap`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateError {
    /// The release does not know the gate, or the model does not.
    Unrecognized(String),
    /// The release has fixed it.
    Locked {
        /// The gate.
        gate: FeatureGate,
        /// What it was to be set to.
        wanted: bool,
    },
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unrecognized(name) => write!(f, "unrecognized feature gate: {name}"),
            Self::Locked { gate, wanted } => write!(
                f,
                "cannot set feature gate {gate} to {wanted}, feature is locked to {}",
                !wanted
            ),
        }
    }
}

impl std::error::Error for GateError {}

/// Which feature gates are on; by default those of [`KubernetesVersion::DEFAULT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGates {
    on: [bool; GATES.len()],
}

impl FeatureGates {
    /// The gates as a release sets them; those that it does not know are off.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        let mut on = [false; GATES.len()];
        let mut index = 0;
        while index < GATES.len() {
            if let Some(state) = GATES[index].gate.in_release(version) {
                on[index] = state.on;
            }
            index += 1;
        }
        Self { on }
    }

    /// Whether a gate is on.
    #[must_use]
    pub const fn is_on(&self, gate: FeatureGate) -> bool {
        self.on[gate as usize]
    }

    /// Turns a gate on or off, whatever a release says of it.
    pub const fn set(&mut self, gate: FeatureGate, on: bool) {
        self.on[gate as usize] = on;
    }

    /// Turns the gate of that name on or off if the release takes it.
    ///
    /// # Errors
    /// If the release does not know the gate or has it locked to the other value.
    pub fn set_in(
        &mut self,
        version: KubernetesVersion,
        name: &str,
        on: bool,
    ) -> Result<(), GateError> {
        let known = FeatureGate::parse(name)
            .and_then(|gate| Some((gate, gate.in_release(version)?)))
            .ok_or_else(|| GateError::Unrecognized(name.to_owned()));
        let (gate, state) = known?;
        if state.locked && state.on != on {
            return Err(GateError::Locked { gate, wanted: on });
        }
        self.set(gate, on);
        Ok(())
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
        Self::of_version(KubernetesVersion::DEFAULT)
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
    fn histories_are_in_order() {
        check_each(FeatureGate::all(), |gate| {
            assert!(gate.row().history.is_sorted_by_key(|since| since.0));
        });
    }

    #[test]
    fn gates_are_known_by_the_names_of_upstream() {
        check_each(FeatureGate::all(), |gate| {
            assert_eq!(FeatureGate::parse(gate.name()), Some(gate));
        });
        assert_eq!(FeatureGate::parse("HPAScaleTozero"), None);
    }

    #[track_caller]
    fn check(minor: u8, name: &str, on: bool, expected: Result<(), &str>) {
        let version = KubernetesVersion::from_minor(minor).expect("a modelled release");
        let mut gates = FeatureGates::of_version(version);
        let set = gates.set_in(version, name, on);
        assert_eq!(
            set.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
        if expected.is_ok() {
            assert_eq!(
                FeatureGate::parse(name).map(|gate| gates.is_on(gate)),
                Some(on)
            );
        } else {
            assert_eq!(gates, FeatureGates::of_version(version));
        }
    }

    #[test]
    fn a_release_takes_only_what_it_knows_and_has_not_locked() {
        let unknown = "unrecognized feature gate: HPAGeneration";
        check(36, "HPAGeneration", true, Err(unknown));
        check(37, "HPAGeneration", false, Ok(()));
        let tolerance = "HPAConfigurableTolerance";
        check(
            32,
            tolerance,
            true,
            Err("unrecognized feature gate: HPAConfigurableTolerance"),
        );
        check(36, tolerance, false, Ok(()));
        check(37, tolerance, true, Ok(()));
        check(
            37,
            tolerance,
            false,
            Err(
                "cannot set feature gate HPAConfigurableTolerance to false, feature is locked to true",
            ),
        );
        check(
            37,
            "NoSuchGate",
            true,
            Err("unrecognized feature gate: NoSuchGate"),
        );
    }
}
