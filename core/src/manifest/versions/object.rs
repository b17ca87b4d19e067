//! An autoscaler with all that the API server keeps of it, and its form in a version.

use serde::Serialize;

use super::HpaVersion;
use super::v1::{V1Spec, V1Status};
use super::v2beta1::{V2beta1Spec, V2beta1Status};
use crate::api::hpa::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus,
};
use crate::api::meta::{ObjectMeta, SystemMeta};

/// An autoscaler in the form of `autoscaling/v2`, with all that the API server keeps of it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HpaRecord {
    /// What the model reads, and the status.
    pub hpa: HorizontalPodAutoscaler,
    /// The metadata that only the API server reads.
    pub system: SystemMeta,
}

/// An object of one of the versions, as it is decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::manifest) struct Whole<Spec, Status> {
    pub(in crate::manifest) metadata: ObjectMeta,
    pub(in crate::manifest) system: SystemMeta,
    pub(in crate::manifest) spec: Spec,
    pub(in crate::manifest) status: Status,
}

impl HpaRecord {
    pub(super) fn of(
        whole: Whole<HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus>,
    ) -> Self {
        Self {
            hpa: HorizontalPodAutoscaler {
                metadata: whole.metadata,
                spec: whole.spec,
                status: Some(whole.status),
            },
            system: whole.system,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Metadata {
    #[serde(flatten)]
    object: ObjectMeta,
    #[serde(flatten)]
    system: SystemMeta,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Encoded<Spec, Status> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

/// An autoscaler in one of the versions; serialized, it is what the API server gives out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct VersionedHpa(Form);

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Form {
    V1(Box<Encoded<V1Spec, V1Status>>),
    V2beta1(Box<Encoded<V2beta1Spec, V2beta1Status>>),
    V2(Box<Encoded<HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus>>),
}

fn encoded<Spec, Status>(
    version: HpaVersion,
    metadata: (ObjectMeta, SystemMeta),
    spec: Spec,
    status: Status,
) -> Box<Encoded<Spec, Status>> {
    let (object, system) = metadata;
    Box::new(Encoded {
        api_version: version.api_version(),
        kind: "HorizontalPodAutoscaler",
        metadata: Metadata { object, system },
        spec,
        status,
    })
}

impl VersionedHpa {
    pub(super) fn v1(metadata: (ObjectMeta, SystemMeta), spec: V1Spec, status: V1Status) -> Self {
        Self(Form::V1(encoded(HpaVersion::V1, metadata, spec, status)))
    }

    pub(super) fn v2beta1(
        metadata: (ObjectMeta, SystemMeta),
        spec: V2beta1Spec,
        status: V2beta1Status,
    ) -> Self {
        let version = HpaVersion::V2beta1;
        Self(Form::V2beta1(encoded(version, metadata, spec, status)))
    }

    pub(super) fn v2beta2(record: HpaRecord) -> Self {
        let HpaRecord { hpa, system } = record;
        let mut status = hpa.status.unwrap_or_default();
        status.current_replicas.get_or_insert(0);
        let metadata = (hpa.metadata, system);
        Self(Form::V2(encoded(
            HpaVersion::V2beta2,
            metadata,
            hpa.spec,
            status,
        )))
    }

    pub(super) fn of_v2(record: HpaRecord) -> Self {
        let HpaRecord { hpa, system } = record;
        let mut status = hpa.status.unwrap_or_default();
        // Go leaves out what is zero or empty.
        status.current_replicas = status.current_replicas.filter(|replicas| *replicas != 0);
        status.conditions = status.conditions.filter(|list| !list.is_empty());
        let metadata = (hpa.metadata, system);
        Self(Form::V2(encoded(
            HpaVersion::V2,
            metadata,
            hpa.spec,
            status,
        )))
    }
}
