//! The controller manager's settings, named like its flags.

use crate::api::{DEFAULT_SYNC_PERIOD, FeatureGates, KubernetesVersion, Rules};
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
    /// The conversion of floats that are out of an integer's range; by default they saturate.
    pub casts: FloatCasts,
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
            casts: FloatCasts::Saturating,
        }
    }
}

/// The conversion of floats that are out of an integer's range, which Go leaves to the processor.
///
/// Only counts above two billion and divisions by zero pods reach it.
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
            Self::Amd64 | Self::Saturating => float as i32,
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
            Self::Amd64 | Self::Saturating => float as i64,
        }
    }
}

impl Default for ControllerConfig {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::PROVEN)
    }
}
