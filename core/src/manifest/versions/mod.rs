//! The versions of the API group `autoscaling`, and the conversions between them.
//!
//! Upstream: `pkg/apis/autoscaling/{v1,v2beta1,v2beta2,v2}`, `conversion.go` and `defaults.go`;
//! `pkg/apis/autoscaling/helpers.go`, `DropRoundTripHorizontalPodAutoscalerAnnotations`. Where
//! upstream has an internal form between all versions, here it is that of `autoscaling/v2`, with
//! which it agrees field by field.

mod annotations;
mod legacy;
mod legacy_status;
mod object;
mod v1;
mod v2beta1;
mod v2beta2;

pub(super) use annotations::{BEHAVIOR, METRICS, ROUND_TRIP, drop_round_trip};
pub(super) use legacy::{
    LegacyContainerResource, LegacyExternal, LegacyMetric, LegacyObject, LegacyPods, LegacyResource,
};
pub(super) use legacy_status::{
    LegacyContainerResourceReading, LegacyExternalReading, LegacyObjectReading, LegacyPodsReading,
    LegacyReading, LegacyResourceReading,
};
pub(super) use object::Whole;
pub use object::{HpaRecord, VersionedHpa};
pub(super) use v1::{V1Spec, V1Status};
pub(super) use v2beta1::{V2beta1Spec, V2beta1Status};

use super::decode::decode_without;
use super::default::{default_hpa, default_min_replicas};
use super::diagnostic::{Diagnostic, Severity};
use super::document::Document;
use super::path::FieldPath;
use crate::api::hpa::{HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus};
use crate::api::release::{Change, Rules};

/// A version of the API group `autoscaling` that has a HorizontalPodAutoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HpaVersion {
    /// `autoscaling/v1`: a CPU percentage; everything else is in annotations.
    V1,
    /// `autoscaling/v2beta1`.
    V2beta1,
    /// `autoscaling/v2beta2`.
    V2beta2,
    /// `autoscaling/v2`, in which the API server stores them.
    V2,
}

impl HpaVersion {
    /// All versions, oldest first.
    pub const ALL: [Self; 4] = [Self::V1, Self::V2beta1, Self::V2beta2, Self::V2];

    /// The version as `apiVersion` names it.
    #[must_use]
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::V1 => "autoscaling/v1",
            Self::V2beta1 => "autoscaling/v2beta1",
            Self::V2beta2 => "autoscaling/v2beta2",
            Self::V2 => "autoscaling/v2",
        }
    }

    /// The version that `apiVersion` names, if it is one of these.
    #[must_use]
    pub fn parse(api_version: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.api_version() == api_version)
    }

    /// Whether an API server with these rules knows the version.
    #[must_use]
    pub const fn is_known(self, rules: Rules) -> bool {
        match self {
            Self::V1 | Self::V2 => true,
            Self::V2beta1 | Self::V2beta2 => !rules.has(Change::NoBetaVersions),
        }
    }

    /// Fields that types have in `autoscaling/v2` of the newest release, and not here.
    fn missing(self, rules: Rules) -> &'static [(&'static str, &'static str)] {
        const TOLERANCE: (&str, &str) = ("v2.HPAScalingRules", "tolerance");
        const GENERATION: (&str, &str) =
            ("v2.HorizontalPodAutoscalerCondition", "observedGeneration");
        match (self, rules.has(Change::ConditionGeneration)) {
            (Self::V2beta2, _) => &[TOLERANCE, GENERATION],
            (_, false) => &[GENERATION],
            (_, true) => &[],
        }
    }
}

/// What was read of an autoscaler.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReadHpa {
    /// The autoscaler, as far as it fits.
    pub record: HpaRecord,
    /// The fields that the version's defaults filled in.
    pub defaulted: Vec<FieldPath>,
    /// What does not fit.
    pub problems: Vec<Diagnostic>,
}

/// Reads a document as an autoscaler of a version: decodes it, fills in the version's defaults and
/// converts it. What does not fit is left out, and the diagnostics say so.
///
/// # Errors
/// The API server's text: an annotation cannot be converted, and everything fits.
pub fn read_version(
    document: &Document,
    version: HpaVersion,
    rules: Rules,
) -> Result<ReadHpa, String> {
    let mut defaulted = Vec::new();
    let mut default_minimum = |min_replicas: &mut Option<i32>| {
        if default_min_replicas(min_replicas) {
            defaulted.push(FieldPath::new("spec.minReplicas"));
        }
    };
    let missing = version.missing(rules);
    match version {
        HpaVersion::V1 => {
            let (mut whole, problems) =
                decode_without::<Whole<V1Spec, V1Status>>(document, missing);
            default_minimum(&mut whole.spec.min_replicas);
            let (record, default_metrics) = v1::into_v2(whole, rules);
            if default_metrics {
                defaulted.push(FieldPath::new("spec.metrics"));
            }
            Ok(ReadHpa {
                record,
                defaulted,
                problems,
            })
        }
        HpaVersion::V2beta1 => {
            let (mut whole, problems) =
                decode_without::<Whole<V2beta1Spec, V2beta1Status>>(document, missing);
            default_minimum(&mut whole.spec.min_replicas);
            Ok(ReadHpa {
                record: v2beta1::into_v2(whole),
                defaulted,
                problems,
            })
        }
        HpaVersion::V2beta2 | HpaVersion::V2 => {
            let (whole, problems) = decode_without::<
                Whole<HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus>,
            >(document, missing);
            let mut record = HpaRecord::of(whole);
            let defaulted = default_hpa(&mut record.hpa);
            if version == HpaVersion::V2beta2 {
                let taken = v2beta2::take_tolerances(&mut record);
                if problems
                    .iter()
                    .all(|problem| problem.severity != Severity::Error)
                {
                    taken?;
                }
            }
            annotations::drop_round_trip(&mut record.hpa.metadata);
            Ok(ReadHpa {
                record,
                defaulted,
                problems,
            })
        }
    }
}

/// The autoscaler in a version, as the API server gives it out.
#[must_use]
pub fn in_version(record: &HpaRecord, version: HpaVersion) -> VersionedHpa {
    let mut record = record.clone();
    annotations::drop_round_trip(&mut record.hpa.metadata);
    match version {
        HpaVersion::V1 => v1::of_v2(record),
        HpaVersion::V2beta1 => v2beta1::of_v2(record),
        HpaVersion::V2beta2 => v2beta2::of_v2(record),
        HpaVersion::V2 => VersionedHpa::of_v2(record),
    }
}

/// The autoscaler after a write to the storage and a read, where `autoscaling/v2` fills in its
/// defaults, and an empty list is an absent one.
#[must_use]
pub fn through_storage(mut record: HpaRecord) -> HpaRecord {
    fn drop_empty<T>(list: &mut Option<Vec<T>>) {
        if list.as_ref().is_some_and(Vec::is_empty) {
            *list = None;
        }
    }
    if let Some(behavior) = &mut record.hpa.spec.behavior {
        let rules = [&mut behavior.scale_up, &mut behavior.scale_down];
        for rules in rules.into_iter().flatten() {
            drop_empty(&mut rules.policies);
        }
    }
    if let Some(status) = &mut record.hpa.status {
        drop_empty(&mut status.current_metrics);
        drop_empty(&mut status.conditions);
    }
    default_hpa(&mut record.hpa);
    record
}
