//! The one table of what differs between releases.
//!
//! The code asks for a rule by its name, with [`Rules::has`]; what the rule says, which releases
//! follow it and where upstream has it stands here only.

use super::{KubernetesVersion, release};

/// A change that came with a release: the name of its row in the table of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each rule is")]
#[non_exhaustive]
pub enum Change {
    SeparateTolerances,
    ScaledToZeroCondition,
    ObjectErrorOrder,
    ObservedGeneration,
    ImmediateSync,
}

/// One change.
struct ChangeRow {
    change: Change,
    /// The first release that has it.
    since: KubernetesVersion,
    /// The last release that has it, if a later one follows another rule.
    until: Option<KubernetesVersion>,
    /// The rule, and what applies without it.
    rule: &'static str,
    /// Upstream's function.
    function: &'static str,
    /// The pull request of kubernetes/kubernetes, if it is known.
    pull: Option<u32>,
}

/// In the order of the enum.
const CHANGES: &[ChangeRow] = &[
    ChangeRow {
        change: Change::SeparateTolerances,
        since: release(33),
        until: None,
        rule: "The ratio is compared with each side of the tolerance. Before, it was within \
               tolerance when `|1 - ratio| <= tolerance`; at a ratio of exactly 1.1 the answers \
               differ.",
        function: "Tolerances.isWithin",
        pull: None,
    },
    ChangeRow {
        change: Change::ScaledToZeroCondition,
        since: release(36),
        until: None,
        rule: "The controller itself looks at the gate `HPAScaleToZero`, and wakes a target \
               without replicas only if the condition `ScaledToZero` says that it scaled it to \
               zero. Before, `minReplicas: 0`, which the API server admits with the gate, was \
               enough.",
        function: "reconcileAutoscaler",
        pull: None,
    },
    ChangeRow {
        change: Change::ObjectErrorOrder,
        since: release(37),
        until: None,
        rule: "The error of an object metric names its object in the right order: `unable to get \
               metric M on KIND NAMESPACE/NAME: ERROR`. Before: `unable to get metric M: KIND on \
               NAMESPACE NAME/ERROR`.",
        function: "GetObjectMetricReplicas, GetObjectPerPodMetricReplicas",
        pull: None,
    },
    ChangeRow {
        change: Change::ObservedGeneration,
        since: release(37),
        until: None,
        rule: "Status and conditions carry the generation that they describe.",
        function: "setStatus",
        pull: Some(138_228),
    },
    ChangeRow {
        change: Change::ImmediateSync,
        since: release(37),
        until: None,
        rule: "A new or changed autoscaler is synced without waiting for a sync period.",
        function: "enqueueHPA",
        pull: None,
    },
];

impl Change {
    const fn row(self) -> &'static ChangeRow {
        &CHANGES[self as usize]
    }

    /// All changes of the model, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        CHANGES.iter().map(|row| row.change)
    }

    /// The first release that has it.
    #[must_use]
    pub const fn since(self) -> KubernetesVersion {
        self.row().since
    }

    /// The last release that has it; `None` if the newest one still does.
    #[must_use]
    pub const fn until(self) -> Option<KubernetesVersion> {
        self.row().until
    }

    /// The rule in a sentence or two, and what applies without it.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        self.row().rule
    }

    /// The function of upstream that has the rule.
    #[must_use]
    pub const fn function(self) -> &'static str {
        self.row().function
    }

    /// The number of its pull request in kubernetes/kubernetes, if it is known.
    #[must_use]
    pub const fn pull(self) -> Option<u32> {
        self.row().pull
    }
}

/// Which rules apply: those of a release, or with some of them taken out or added.
///
/// It is plain data that is passed along with the settings, so that two calculations in one program
/// may follow different rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rules(u128);

impl Rules {
    /// The rules of a release.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        OF_RELEASES[(version.minor - KubernetesVersion::OLDEST.minor) as usize]
    }

    /// Whether the rule of a change applies.
    #[must_use]
    pub const fn has(self, change: Change) -> bool {
        self.0 & Self::bit(change) != 0
    }

    /// The same rules, and this one.
    #[must_use]
    pub const fn with(self, change: Change) -> Self {
        Self(self.0 | Self::bit(change))
    }

    /// The same rules without this one.
    #[must_use]
    pub const fn without(self, change: Change) -> Self {
        Self(self.0 & !Self::bit(change))
    }

    const fn bit(change: Change) -> u128 {
        1 << change as u32
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::PROVEN)
    }
}

const RELEASES: usize =
    (KubernetesVersion::NEWEST.minor - KubernetesVersion::OLDEST.minor) as usize + 1;

/// The rules of each release, oldest first, so that asking for them costs no walk of the table.
const OF_RELEASES: [Rules; RELEASES] = {
    let mut all = [Rules(0); RELEASES];
    let mut index = 0;
    while index < CHANGES.len() {
        let row = &CHANGES[index];
        let last = match row.until {
            Some(last) => last.minor,
            None => KubernetesVersion::NEWEST.minor,
        };
        let mut minor = row.since.minor;
        while minor <= last {
            let place = (minor - KubernetesVersion::OLDEST.minor) as usize;
            all[place] = all[place].with(row.change);
            minor += 1;
        }
        index += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn rows_stand_in_the_order_of_their_enum() {
        check_each(Change::all().enumerate(), |(index, change)| {
            assert_eq!(change as usize, index);
        });
    }

    #[test]
    fn each_row_tells_two_modelled_releases_apart() {
        check_each(Change::all(), |change| {
            let (since, until) = (change.since(), change.until());
            assert!(since > KubernetesVersion::OLDEST || until.is_some());
            assert!(since <= until.unwrap_or(KubernetesVersion::NEWEST));
            assert_ne!(until, Some(KubernetesVersion::NEWEST));
        });
    }

    #[test]
    fn each_row_says_its_rule() {
        check_each(Change::all(), |change| {
            assert!(change.rule().ends_with('.'), "{change:?}");
            assert!(!change.function().is_empty(), "{change:?}");
        });
    }

    #[test]
    fn a_release_has_the_rules_from_the_first_to_the_last_that_names_them() {
        check_each(Change::all(), |change| {
            check_each(KubernetesVersion::all(), |version| {
                let within =
                    version >= change.since() && change.until().is_none_or(|last| version <= last);
                assert_eq!(version.has(change), within, "{version}");
            });
        });
    }

    #[test]
    fn one_rule_can_be_taken_out() {
        let all = Rules::of_version(KubernetesVersion::NEWEST);
        let fewer = all.without(Change::ObjectErrorOrder);
        assert!(!fewer.has(Change::ObjectErrorOrder));
        assert!(fewer.has(Change::ImmediateSync));
        assert_eq!(fewer.with(Change::ObjectErrorOrder), all);
    }
}
