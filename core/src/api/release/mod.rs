//! Kubernetes releases, and tables of what each changed and which feature gates it turns on.

use std::fmt;

use crate::time::SignedDuration;

mod gates;
mod rules;

pub use gates::{FeatureGate, FeatureGates, GateError, GateState, Stage};
pub use rules::{Change, Rules};

/// How often the controller syncs an autoscaler if no flag says otherwise, in every release.
pub const DEFAULT_SYNC_PERIOD: SignedDuration = SignedDuration::from_secs(15);

/// A minor release of Kubernetes 1, from [`Self::OLDEST`] to [`Self::NEWEST`], or [`Self::NEXT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    minor: u8,
}

impl KubernetesVersion {
    /// The oldest release whose differences are modelled.
    pub const OLDEST: Self = Self { minor: 27 };
    /// The newest release whose differences are modelled.
    pub const NEWEST: Self = Self { minor: 37 };
    /// The release that applies where none is named: the newest one.
    pub const DEFAULT: Self = Self::NEWEST;
    /// What is merged for the release after the newest one; nothing of it is recorded.
    pub const NEXT: Self = Self { minor: 38 };

    /// The release `1.minor`, if it is modelled.
    #[must_use]
    pub const fn from_minor(minor: u8) -> Option<Self> {
        if minor >= Self::OLDEST.minor && minor <= Self::NEWEST.minor {
            Some(Self { minor })
        } else {
            None
        }
    }

    /// Reads `1.36`, `v1.36` or `1.36.2`, of which the patch number does not matter, or `next`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "next" {
            return Some(Self::NEXT);
        }
        let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.")?;
        let (minor, patch) = rest.split_once('.').unwrap_or((rest, "0"));
        patch.parse::<u32>().ok()?;
        Self::from_minor(minor.parse().ok()?)
    }

    /// What to write instead of a text that names no modelled release.
    #[must_use]
    pub fn supported() -> String {
        let (oldest, newest) = (Self::OLDEST, Self::NEWEST);
        let next = Self::NEXT.minor;
        format!(
            "supported are {oldest} to {newest}, and `next` for what is merged for 1.{next} or proposed"
        )
    }

    /// All released ones that are modelled, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.minor..=Self::NEWEST.minor).map(|minor| Self { minor })
    }

    /// The number after `1.`.
    #[must_use]
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// Whether the rule of this change applies in this release.
    #[must_use]
    pub const fn has(self, change: Change) -> bool {
        Rules::of_version(self).has(change)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEXT {
            f.write_str("next")
        } else {
            write!(f, "1.{}", self.minor)
        }
    }
}

const fn release(minor: u8) -> KubernetesVersion {
    KubernetesVersion { minor }
}
