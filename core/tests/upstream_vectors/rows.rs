//! Every rule of the table is needed: a recorded case fails without it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hpa_core::api::Change;
use hpa_core::autoscaler::{Arch, KubernetesVersion};
use serde_json::Value;
use test_support::check_each;

use crate::fields::{Expected, Prepare, Setting};
use crate::harness::releases;
use crate::{calculator, conversion, files, reconcile, update, validation};

/// A rule, and a recorded case that fails without it: the file and the case's number.
const ROWS: &[(Change, Prepare, &str, &str)] = &[
    calculated(Change::SeparateTolerances, "r-calc-public-190"),
    calculated(Change::PodLevelRequests, "r-calc-public-11"),
    calculated(Change::ExternalAverageGuard, "r-calc-public-21"),
    calculated(Change::JsonInFieldErrors, "calc-public-989"),
    reconciled(Change::BinaryMemoryInStatus, "r-trace-public-6"),
    reconciled(Change::ScaleConflictRetry, "r-trace-public-9"),
    calculated(Change::MissingContainerError, "r-calc-public-12"),
    calculated(Change::ExternalSumGuard, "r-calc-public-92"),
    calculated(Change::ValueCountCap, "calc-public-1396"),
    reconciled(Change::ScaledToZeroCondition, "trace-public-117"),
    reconciled(Change::ZeroNeedsCondition, "r-trace-public-0"),
    calculated(Change::ObjectErrorOrder, "r-calc-public-16"),
    reconciled(Change::ObservedGeneration, "r-trace-public-21"),
    reconciled(Change::AmbiguousSelectorWords, "r-trace-public-20"),
    reconciled(Change::DeletedDuringSync, "r-trace-public-23"),
    created(Change::ReferenceApiVersion, "r-val-shared-67"),
    created(Change::OwnerReferenceTexts, "r-val-shared-98"),
    created(Change::LabelKeyTexts, "val-public-700"),
    created(Change::SchemeName, "r-val-shared-26"),
    created(Change::MaxReplicasRequired, "val-public-12"),
    converted(Change::V1ZeroTarget, "r-conv-shared-0"),
    created(Change::GenerationOfSpec, "r-val-shared-3"),
    created(Change::OwnerReferencePaths, "r-val-shared-98"),
    updated(Change::ConditionGeneration, "r-upd-shared-14"),
    created(Change::DistinctErrors, "val-public-5"),
    created(Change::DeclarativeLimits, "val-public-12"),
];

/// Rules that the cases of another test need.
const ELSEWHERE: &[Change] = &[Change::ImmediateSync, Change::NoBetaVersions];

const fn calculated(
    change: Change,
    id: &'static str,
) -> (Change, Prepare, &'static str, &'static str) {
    (change, calculator::prepare, "releases/calculator", id)
}

const fn reconciled(
    change: Change,
    id: &'static str,
) -> (Change, Prepare, &'static str, &'static str) {
    (change, reconcile::prepare, "releases/reconcile", id)
}

const fn created(
    change: Change,
    id: &'static str,
) -> (Change, Prepare, &'static str, &'static str) {
    (change, validation::prepare, "releases/validation", id)
}

const fn updated(
    change: Change,
    id: &'static str,
) -> (Change, Prepare, &'static str, &'static str) {
    (change, update::prepare, "releases/update", id)
}

const fn converted(
    change: Change,
    id: &'static str,
) -> (Change, Prepare, &'static str, &'static str) {
    (change, conversion::prepare, "releases/conversion", id)
}

#[test]
fn every_rule_is_needed_by_a_recorded_case() {
    let rules = Change::all()
        .filter(|change| !ELSEWHERE.contains(change))
        .filter(|change| change.since() != KubernetesVersion::NEXT);
    check_each(rules, |change| {
        let row = ROWS.iter().find(|(of, ..)| *of == change);
        let &(_, prepare, file, id) = row.expect("no case is named");
        let case = files::case(file, id);
        assert!(needs(&case, prepare, change), "{id} does not need it");
    });
}

/// Whether the case passes with all rules, and fails without one in some release.
fn needs(case: &Value, prepare: Prepare, change: Change) -> bool {
    let check = prepare(case);
    let mut needed = false;
    for version in releases().filter(|version| version.has(change)) {
        let Some(expected) = Expected::of_release(case, version, Arch::Amd64) else {
            continue;
        };
        let mut setting = Setting::new(case, version, Arch::Amd64).expect("gates of the release");
        assert_eq!(check(&setting, &expected), Ok(()), "{version}");
        setting.rules = setting.rules.without(change);
        let without = catch_unwind(AssertUnwindSafe(|| check(&setting, &expected)));
        needed |= !matches!(without, Ok(Ok(())));
    }
    needed
}
