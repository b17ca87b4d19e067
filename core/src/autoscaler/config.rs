//! The controller manager's settings, named like its flags.

use std::fmt;

use crate::api::{Change, DEFAULT_SYNC_PERIOD, FeatureGates, KubernetesVersion, Rules};
use crate::time::SignedDuration;

/// The settings of kube-controller-manager that the algorithm reads.
///
/// Upstream: `pkg/controller/podautoscaler/config/v1alpha1/defaults.go`.
///
/// Start from [`Self::of_version`] or the default, and set the fields that differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ControllerConfig {
    /// `--horizontal-pod-autoscaler-sync-period`: time between two syncs of one autoscaler; default 15 s.
    pub sync_period: SignedDuration,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`: the scale-down stabilization window if
    /// the behavior sets none; default 5 min.
    pub downscale_stabilization: SignedDuration,
    /// `--horizontal-pod-autoscaler-tolerance`: how far the usage ratio may deviate from 1 without a
    /// change, if the behavior sets no tolerance; default 0.1.
    pub tolerance: f64,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`: the time after its start in which a
    /// pod's CPU samples may be skipped; default 5 min.
    pub cpu_initialization_period: SignedDuration,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`: a pod that turned unready within
    /// this time of its start counts as never having been ready; default 30 s.
    pub initial_readiness_delay: SignedDuration,
    /// `--concurrent-horizontal-pod-autoscaler-syncs`: number of workers; default 5.
    pub concurrent_syncs: u32,
    /// The release.
    pub version: KubernetesVersion,
    /// The rules that apply; by default those of the version.
    pub rules: Rules,
    /// The feature gates; by default those of the version.
    pub gates: FeatureGates,
    /// The processor of the control plane.
    pub arch: Arch,
}

impl ControllerConfig {
    /// The default settings of a release.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        Self {
            sync_period: DEFAULT_SYNC_PERIOD,
            downscale_stabilization: SignedDuration::from_secs(300),
            tolerance: 0.1,
            cpu_initialization_period: SignedDuration::from_secs(300),
            initial_readiness_delay: SignedDuration::from_secs(30),
            concurrent_syncs: 5,
            version,
            rules: Rules::of_version(version),
            gates: FeatureGates::of_version(version),
            arch: Arch::Amd64,
        }
    }

    /// The conversion of floats on its processor.
    pub(super) const fn casts(&self) -> FloatCasts {
        FloatCasts {
            arch: self.arch,
            saturating_counts: self.rules.has(Change::SaturatingCasts),
        }
    }
}

/// The processor that the controller manager runs on.
///
/// It decides what becomes of floats that are out of an integer's range, which Go leaves to the
/// processor. Only counts above two billion and divisions by zero pods reach it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arch {
    /// They become the smallest integer.
    #[default]
    Amd64,
    /// They become the nearest integer, NaN 0.
    Arm64,
}

impl Arch {
    /// Both, amd64 first.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// The name that Go gives it: `amd64`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The processor of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arch| arch.name() == name)
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The conversion of floats that are out of an integer's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FloatCasts {
    arch: Arch,
    /// Whether counts that are rounded up become the nearest integer on every processor.
    saturating_counts: bool,
}

impl FloatCasts {
    /// To the nearest integer, whatever the processor.
    pub(super) const SATURATING: Self = Self {
        arch: Arch::Arm64,
        saturating_counts: true,
    };

    /// Rounds up to 32 bits.
    pub(super) fn ceil_to_i32(self, float: f64) -> i32 {
        let float = float.ceil();
        // NaN stays the processor's.
        if self.saturating_counts && !float.is_nan() {
            Arch::Arm64.to_i32(float)
        } else {
            self.arch.to_i32(float)
        }
    }

    /// Truncates toward zero to 32 bits.
    pub(super) const fn to_i32(self, float: f64) -> i32 {
        self.arch.to_i32(float)
    }

    /// Truncates toward zero to 64 bits.
    pub(super) const fn to_i64(self, float: f64) -> i64 {
        self.arch.to_i64(float)
    }
}

impl Arch {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "this is where it is decided"
    )]
    const fn to_i32(self, float: f64) -> i32 {
        match self {
            Self::Amd64 if !(float > -2_147_483_649.0 && float < 2_147_483_648.0) => i32::MIN,
            Self::Amd64 | Self::Arm64 => float as i32,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "this is where it is decided"
    )]
    const fn to_i64(self, float: f64) -> i64 {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Self::Amd64 if !(float >= -LIMIT && float < LIMIT) => i64::MIN,
            Self::Amd64 | Self::Arm64 => float as i64,
        }
    }
}

impl Default for ControllerConfig {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::DEFAULT)
    }
}
