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
    PodLevelRequests,
    ExternalAverageGuard,
    JsonInFieldErrors,
    BinaryMemoryInStatus,
    ScaleConflictRetry,
    MissingContainerError,
    ExternalSumGuard,
    ValueCountCap,
    ScaledToZeroCondition,
    ZeroNeedsCondition,
    ObjectErrorOrder,
    ObservedGeneration,
    AmbiguousSelectorWords,
    DeletedDuringSync,
    ImmediateSync,
    ReferenceApiVersion,
    OwnerReferenceTexts,
    LabelKeyTexts,
    SchemeName,
    MaxReplicasRequired,
    V1ZeroTarget,
    NoBetaVersions,
    GenerationOfSpec,
    OwnerReferencePaths,
    ConditionGeneration,
    DistinctErrors,
    DeclarativeLimits,
    SaturatingCasts,
    NoDivisionAtZero,
    OverheadExcluded,
    ExactUtilizationTotals,
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
        change: Change::PodLevelRequests,
        since: release(34),
        until: None,
        rule: "Utilization of a whole pod uses the requests of the pod as a whole, plus overhead, \
               where it has any and the gate `PodLevelResources` is on; what it does not name is \
               summed up over its containers. Before, only the requests of containers count. A \
               target of one container keeps to that container.",
        function: "calculateRequests, calculatePodLevelRequests",
        pull: Some(132_430),
    },
    ChangeRow {
        change: Change::ExternalAverageGuard,
        since: release(34),
        until: None,
        rule: "The sum of an external metric per pod becomes 2^63-1 as soon as it is negative, \
               which such a sum reports undivided, and the count is at most 2^31-1. Before, the sum \
               wraps around and the count is cast as it is.",
        function: "GetExternalPerPodMetricReplicas",
        pull: Some(127_050),
    },
    ChangeRow {
        change: Change::JsonInFieldErrors,
        since: release(34),
        until: None,
        rule: "The error of an invalid field, as of a label selector, prints a list as JSON: \
               `[\"a\",\"b\"]`, `null`; so do times, and the names of resources, in quotes. \
               Before, as Go: `[]string{\"a\", \"b\"}`, `[]string(nil)`, without quotes.",
        function: "field.Error.ErrorBody",
        pull: None,
    },
    ChangeRow {
        change: Change::BinaryMemoryInStatus,
        since: release(34),
        until: None,
        rule: "Memory in `currentMetrics` is written in powers of two (Ki, Mi and so on) where that \
               is exact. Before, in powers of ten like everything else.",
        function: "buildQuantity",
        pull: None,
    },
    ChangeRow {
        change: Change::ScaleConflictRetry,
        since: release(34),
        until: None,
        rule: "A write of the scale that meets a conflict is tried again, up to five writes, after \
               a read of the scale and a pause of 10 ms; the count that is written stays. Before, \
               the first conflict ends the sync.",
        function: "reconcileAutoscaler, retry.RetryOnConflict",
        pull: None,
    },
    ChangeRow {
        change: Change::MissingContainerError,
        since: release(35),
        until: None,
        rule: "Utilization of a container that a pod does not have is the error `container C not \
               found in Pod P`. Before, that pod requests 0.",
        function: "calculatePodRequestsFromContainers",
        pull: None,
    },
    ChangeRow {
        change: Change::ExternalSumGuard,
        since: release(35),
        until: None,
        rule: "The sum of an external metric stops at 2^63-1 where a positive value would overflow \
               it. Before, it wraps around.",
        function: "GetExternalMetricReplicas",
        pull: Some(133_888),
    },
    ChangeRow {
        change: Change::ValueCountCap,
        since: release(35),
        until: None,
        rule: "A target of a whole value proposes at most 2^31-1 replicas, if there are any. \
               Before, the count is cast as it is.",
        function: "getUsageRatioReplicaCount",
        pull: Some(126_979),
    },
    ChangeRow {
        change: Change::ScaledToZeroCondition,
        since: release(36),
        until: None,
        rule: "With the gate `HPAScaleToZero` every rescale sets the condition `ScaledToZero`: true \
               if it is from above zero to zero, with `minReplicas: 0` and an object or external \
               metric. Without the gate a rescale removes it. Before, the controller does not know \
               the condition.",
        function: "reconcileAutoscaler, setScaledToZeroCondition",
        pull: None,
    },
    ChangeRow {
        change: Change::ZeroNeedsCondition,
        since: release(36),
        until: None,
        rule: "A target without replicas is scaled up only if the gate `HPAScaleToZero` is on and \
               the condition `ScaledToZero` is true, to at least `minReplicas`; with `minReplicas: \
               0` it needs an object or external metric, too. Before, `minReplicas: 0` is needed \
               and enough, and the controller does not read the gate.",
        function: "shouldComputeMetricsForZeroReplicas, reconcileAutoscaler",
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
        rule: "With the gate `HPAGeneration` a status names the generation that it describes, \
               unless the scale could not be read. Before, and without the gate, a generation in \
               the status is dropped.",
        function: "setStatus",
        pull: Some(138_228),
    },
    ChangeRow {
        change: Change::AmbiguousSelectorWords,
        since: release(37),
        until: None,
        rule: "Pods of several autoscalers are `controlled by more than one HPA (e.g. [A B])`, \
               which with the gate `HPAOptimizedSelectorStore` names two of them. Before: \
               `controlled by multiple HPAs: [A B C]`.",
        function: "validateAndParseSelector, HPAsMatchingPods",
        pull: None,
    },
    ChangeRow {
        change: Change::DeletedDuringSync,
        since: release(37),
        until: None,
        rule: "A sync that finds its autoscaler deleted ends with `HPA NAMESPACE/NAME was deleted \
               during reconciliation`. Before, it goes on.",
        function: "validateAndParseSelector",
        pull: None,
    },
    ChangeRow {
        change: Change::ImmediateSync,
        since: release(37),
        until: None,
        rule: "A new or changed autoscaler is synced without waiting for a sync period.",
        function: "enqueueHPA",
        pull: None,
    },
    ChangeRow {
        change: Change::ReferenceApiVersion,
        since: release(34),
        until: None,
        rule: "The `apiVersion` of `scaleTargetRef` has to parse and to name a group, except \
               that of a ReplicationController, and that of `describedObject` has to parse; \
               what an update leaves alone is not checked again. Before, neither was looked at.",
        function: "ValidateAPIVersion, validationOptionsForHorizontalPodAutoscaler",
        pull: Some(132_537),
    },
    ChangeRow {
        change: Change::OwnerReferenceTexts,
        since: release(34),
        until: None,
        rule: "A missing `kind`, `name` or `uid` of an owner reference `must not be empty`. \
               Before, the text began with the field: `uid must not be empty`.",
        function: "validateOwnerReference",
        pull: None,
    },
    ChangeRow {
        change: Change::LabelKeyTexts,
        since: release(35),
        until: None,
        rule: "The lengths of label keys and values are called bytes, and a key with two \
               slashes no `valid label key`. Before: characters, and `qualified name`.",
        function: "IsQualifiedName, IsValidLabelValue",
        pull: None,
    },
    ChangeRow {
        change: Change::SchemeName,
        since: release(35),
        until: None,
        rule: "The error of an unknown kind names its scheme `pkg/runtime/scheme.go:111`. \
               Before: `:110`.",
        function: "runtime.NewScheme",
        pull: None,
    },
    ChangeRow {
        change: Change::MaxReplicasRequired,
        since: release(36),
        until: None,
        rule: "`maxReplicas: 0` is a missing value, and a negative one has to be `greater than \
               or equal to 1`. Before, both were invalid: `must be greater than 0`.",
        function: "validateHorizontalPodAutoscalerSpec",
        pull: None,
    },
    ChangeRow {
        change: Change::V1ZeroTarget,
        since: release(36),
        until: None,
        rule: "A `targetValue` of 0 beside an `averageValue`, in the object metric of an \
               annotation of `autoscaling/v1`, is dropped. Before, it became the `value` 0, \
               which validation refuses.",
        function: "Convert_v1_ObjectMetricSource_To_autoscaling_ObjectMetricSource",
        pull: None,
    },
    ChangeRow {
        change: Change::NoBetaVersions,
        since: release(36),
        until: None,
        rule: "`autoscaling/v2beta1` and `autoscaling/v2beta2` are unknown. Before, they were \
               converted.",
        function: "pkg/apis/autoscaling/install, Install",
        pull: Some(135_615),
    },
    ChangeRow {
        change: Change::GenerationOfSpec,
        since: release(37),
        until: None,
        rule: "With the gate `HPAGeneration`, `metadata.generation` is 1 in a new object and \
               counts the changes of its spec. Before, it was kept as written.",
        function: "PrepareForCreate, PrepareForUpdate",
        pull: Some(138_228),
    },
    ChangeRow {
        change: Change::OwnerReferencePaths,
        since: release(37),
        until: None,
        rule: "A missing field of an owner reference is a required value of \
               `metadata.ownerReferences[0].uid`. Before, it was an invalid value of \
               `metadata.ownerReferences.uid`.",
        function: "ValidateOwnerReferences",
        pull: None,
    },
    ChangeRow {
        change: Change::ConditionGeneration,
        since: release(37),
        until: None,
        rule: "Conditions have the field `observedGeneration`, which must not be negative. \
               Before, it was unknown and dropped.",
        function: "HorizontalPodAutoscalerCondition, validateHorizontalPodAutoscalerStatus",
        pull: Some(138_653),
    },
    ChangeRow {
        change: Change::DistinctErrors,
        since: release(37),
        until: None,
        rule: "Errors with the same text are given once.",
        function: "rest.ValidateDeclarativelyWithMigrationChecks",
        pull: None,
    },
    ChangeRow {
        change: Change::DeclarativeLimits,
        since: release(37),
        until: None,
        rule: "With the gate `DeclarativeValidationBeta`, the lower limits of `minReplicas` and \
               `maxReplicas` are declared with the types: their errors come last, and a missing \
               `maxReplicas` has no further text.",
        function: "rest.ValidateDeclarativelyWithMigrationChecks",
        pull: Some(136_998),
    },
    ChangeRow {
        change: Change::SaturatingCasts,
        since: KubernetesVersion::NEXT,
        until: None,
        rule: "A count that rounds up beyond 2^31-1 becomes that on every processor. Before, it \
               becomes -2^31 on amd64.",
        function: "ceilToInt32",
        pull: Some(141_397),
    },
    ChangeRow {
        change: Change::NoDivisionAtZero,
        since: KubernetesVersion::NEXT,
        until: None,
        rule: "The average of an object or external metric per pod is the whole value if \
               `status.replicas` is 0. Before, it is divided by zero.",
        function: "GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas",
        pull: Some(140_958),
    },
    ChangeRow {
        change: Change::OverheadExcluded,
        since: KubernetesVersion::NEXT,
        until: None,
        rule: "Requests of the pod as a whole leave out its overhead. Before, it is added.",
        function: "calculatePodLevelRequests",
        pull: Some(142_154),
    },
    ChangeRow {
        change: Change::ExactUtilizationTotals,
        since: KubernetesVersion::NEXT,
        until: None,
        rule: "Usage and requests are summed up exactly, and only the utilization is cut to an \
               int32. Before, sums and products wrap around.",
        function: "GetResourceUtilizationRatio",
        pull: Some(142_192),
    },
];

/// What can be turned on or off under [`KubernetesVersion::NEXT`]: the change, the name of its
/// switch, and whether it is merged and so on by default.
const SWITCHES: [(Change, &str, bool); 4] = [
    (Change::SaturatingCasts, "saturatingCasts", true),
    (Change::NoDivisionAtZero, "noDivisionAtZero", true),
    (Change::OverheadExcluded, "overheadExcluded", true),
    (
        Change::ExactUtilizationTotals,
        "exactUtilizationTotals",
        false,
    ),
];

impl Change {
    /// The changes that [`KubernetesVersion::NEXT`] can have, the names of their switches, and
    /// whether they are merged; those are on by default.
    pub fn switches() -> impl Iterator<Item = (Self, &'static str, bool)> {
        SWITCHES.into_iter()
    }

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
        Self::of_version(KubernetesVersion::DEFAULT)
    }
}

const RELEASES: usize =
    (KubernetesVersion::NEXT.minor - KubernetesVersion::OLDEST.minor) as usize + 1;

/// The rules of each release, oldest first, so that asking for them costs no walk of the table.
const OF_RELEASES: [Rules; RELEASES] = {
    let mut all = [Rules(0); RELEASES];
    let mut index = 0;
    while index < CHANGES.len() {
        let row = &CHANGES[index];
        let last = match row.until {
            Some(last) => last.minor,
            None => KubernetesVersion::NEXT.minor,
        };
        let mut minor = row.since.minor;
        while minor <= last {
            let place = (minor - KubernetesVersion::OLDEST.minor) as usize;
            all[place] = all[place].with(row.change);
            minor += 1;
        }
        index += 1;
    }
    let mut index = 0;
    while index < SWITCHES.len() {
        let (change, _, merged) = SWITCHES[index];
        if !merged {
            all[RELEASES - 1] = all[RELEASES - 1].without(change);
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
        let released = |change: &Change| change.since() != KubernetesVersion::NEXT;
        check_each(Change::all().filter(released), |change| {
            let (since, until) = (change.since(), change.until());
            assert!(since > KubernetesVersion::OLDEST || until.is_some());
            assert!(since <= until.unwrap_or(KubernetesVersion::NEWEST));
            assert_ne!(until, Some(KubernetesVersion::NEWEST));
        });
    }

    #[test]
    fn what_comes_next_can_be_turned_on_and_off() {
        let next: Vec<Change> = Change::all()
            .filter(|change| change.since() == KubernetesVersion::NEXT)
            .collect();
        assert!(Change::switches().map(|(change, ..)| change).eq(next));
        let [newest, next] =
            [KubernetesVersion::NEWEST, KubernetesVersion::NEXT].map(Rules::of_version);
        check_each(Change::switches(), |(change, _, merged)| {
            assert!(!newest.has(change));
            assert_eq!(next.has(change), merged);
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
