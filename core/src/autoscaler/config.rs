//! The controller manager's settings under their own names, and what differs between Kubernetes versions.

use std::fmt;

use crate::time::Duration;

/// The settings of kube-controller-manager that the algorithm reads.
///
/// Upstream: `pkg/controller/podautoscaler/config/v1alpha1/defaults.go`.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerConfig {
    /// `--horizontal-pod-autoscaler-sync-period`: time between two syncs of one autoscaler; default 15 s.
    pub sync_period: Duration,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`: the window for scaling down where
    /// the behavior gives none; default 5 min.
    pub downscale_stabilization: Duration,
    /// `--horizontal-pod-autoscaler-tolerance`: how far the usage ratio may be from 1 without a
    /// change, where the behavior gives nothing else; default 0.1.
    pub tolerance: f64,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`: how long after its start a pod's
    /// CPU samples are looked at with suspicion; default 5 min.
    pub cpu_initialization_period: Duration,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`: a pod that turned unready within
    /// this time of its start counts as never having been ready; default 30 s.
    pub initial_readiness_delay: Duration,
    /// `--concurrent-horizontal-pod-autoscaler-syncs`: number of workers; default 5.
    pub concurrent_syncs: u32,
    /// Which release's rules apply.
    pub version: KubernetesVersion,
    /// The feature gates; by default those of the version.
    pub gates: FeatureGates,
    /// What becomes of a float that is out of an integer's range; by default it saturates.
    pub casts: FloatCasts,
}

impl ControllerConfig {
    /// The settings that a release starts with.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        Self {
            sync_period: Duration::from_secs(15),
            downscale_stabilization: Duration::from_secs(300),
            tolerance: 0.1,
            cpu_initialization_period: Duration::from_secs(300),
            initial_readiness_delay: Duration::from_secs(30),
            concurrent_syncs: 5,
            version,
            gates: FeatureGates::of_version(version),
            casts: FloatCasts::Saturating,
        }
    }
}

/// What becomes of a float that is out of an integer's range, which Go leaves to the processor.
///
/// Only counts beyond two thousand million and divisions by zero pods get there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FloatCasts {
    /// The nearest integer, and 0 for NaN: arm64 of every release, and every processor since
    /// upstream's change 141397.
    #[default]
    Saturating,
    /// The smallest integer: amd64 before that change.
    Amd64,
}

impl FloatCasts {
    /// Truncates toward zero to 32 bits.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "this is where it is decided"
    )]
    pub const fn to_i32(self, float: f64) -> i32 {
        match self {
            Self::Amd64 if !(float > -2_147_483_649.0 && float < 2_147_483_648.0) => i32::MIN,
            _ => float as i32,
        }
    }

    /// Truncates toward zero to 64 bits.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "this is where it is decided"
    )]
    pub const fn to_i64(self, float: f64) -> i64 {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Self::Amd64 if !(float >= -LIMIT && float < LIMIT) => i64::MIN,
            _ => float as i64,
        }
    }
}

impl Default for ControllerConfig {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::PROVEN)
    }
}

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

    /// The number behind `1.`.
    #[must_use]
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// Up to 1.32 a ratio was within tolerance when `|1 - ratio| <= tolerance`; since then the two
    /// sides are compared on their own, and at a ratio of exactly 1.1 the answers differ.
    #[must_use]
    pub const fn has_symmetric_tolerance(self) -> bool {
        self.minor <= 32
    }

    /// Since 1.36 the controller itself looks at the gate `HPAScaleToZero`, and wakes a target
    /// without replicas only if the condition `ScaledToZero` says that it put it there. Before,
    /// `minReplicas: 0`, which the API server admits with the gate, was enough.
    #[must_use]
    pub const fn knows_scaled_to_zero(self) -> bool {
        self.minor >= 36
    }

    /// Since 1.37 the error of an object metric names its object in the right order.
    #[must_use]
    pub const fn has_mended_object_error(self) -> bool {
        self.minor >= 37
    }

    /// Since 1.37 status and conditions carry the generation that they speak of.
    #[must_use]
    pub const fn reports_observed_generation(self) -> bool {
        self.minor >= 37
    }

    /// Since 1.37 a new or changed autoscaler is looked at without waiting for a sync period.
    #[must_use]
    pub const fn syncs_changes_at_once(self) -> bool {
        self.minor >= 37
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// The feature gates that change what the algorithm does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGates {
    /// `HPAScaleToZero`: `minReplicas: 0` is allowed; on by default from 1.37.
    pub hpa_scale_to_zero: bool,
    /// `HPAConfigurableTolerance`: `behavior.*.tolerance` counts; on by default from 1.35.
    pub hpa_configurable_tolerance: bool,
    /// `PodLevelResources`: requests of the pod as a whole count; on by default from 1.34.
    pub pod_level_resources: bool,
}

impl FeatureGates {
    /// The names under which [`Self::set`] knows the gates.
    pub const NAMES: [&str; 3] = [
        "HPAScaleToZero",
        "HPAConfigurableTolerance",
        "PodLevelResources",
    ];

    /// The gates as a release sets them.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        Self {
            hpa_scale_to_zero: version.minor >= 37,
            hpa_configurable_tolerance: version.minor >= 35,
            pod_level_resources: version.minor >= 34,
        }
    }

    /// Sets the gate of that name; `None` if no gate of the model has it.
    #[must_use]
    pub fn set(&mut self, name: &str, on: bool) -> Option<()> {
        let gate = match name {
            "HPAScaleToZero" => &mut self.hpa_scale_to_zero,
            "HPAConfigurableTolerance" => &mut self.hpa_configurable_tolerance,
            "PodLevelResources" => &mut self.pod_level_resources,
            _ => return None,
        };
        *gate = on;
        Some(())
    }
}

impl Default for FeatureGates {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::PROVEN)
    }
}
