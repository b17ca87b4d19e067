//! Layer 1: parses text to objects like kubectl and the API server.
//!
//! [`parse`] reads a text of YAML or JSON documents, and [`parse_sources`] several texts together;
//! both decode, default and validate the HorizontalPodAutoscalers, Deployments, StatefulSets and
//! ReplicaSets there, and report every problem at once, in upstream's words and at its place, which
//! [`render`] shows. The single steps are public too: [`Reading`] and [`Checking`] do them in slices.

mod changes;
mod checking;
mod convert;
mod decode;
mod default;
mod diagnostic;
mod document;
pub mod edit;
mod hints;
mod input;
mod json;
mod keys;
mod known;
mod lint;
mod node;
mod notation;
mod path;
mod positions;
mod print;
mod reading;
mod render;
#[cfg(test)]
mod roundtrip;
mod scalar;
mod server;
mod source;
mod validate;
mod versions;
mod yaml;

pub use changes::{Change, changes, merge_patch, same_object, same_value};
pub use checking::Checking;
pub use convert::drop_disabled_fields;
pub use decode::{Cursor, Decode, Field, Unfit, decode};
pub use default::{DEFAULT_CPU_UTILIZATION, default_hpa, default_workload};
pub use diagnostic::{
    Diagnostic, Fix, MAX_DIAGNOSTICS, MAX_PROBLEMS, Position, Related, Severity, Span, sort,
};
pub use document::{
    Document, MAX_DOCUMENTS, MAX_OBJECTS, MAX_TEXT, read, read_sources, read_value,
};
pub use json::read_json;
pub use node::{Entry, Node, Number, Value};
pub use notation::print;
pub use path::{FieldPath, Segment};
pub use print::print_hpa;
pub use reading::Reading;
pub use render::{Rendered, render};
pub use server::{Answer, Refusal, Subresource, convert, create, stored, update};
pub use source::{Source, SourceId, place};
pub use validate::{BadValue, FieldError, FieldErrorKind, validate_hpa, validate_workload};
pub use versions::{
    HpaRecord, HpaVersion, ReadHpa, VersionedHpa, in_version, read_version, through_storage,
};
pub use yaml::{MAX_DEPTH, MAX_NODES};

use crate::api::hpa::HorizontalPodAutoscaler;
use crate::api::release::{DEFAULT_SYNC_PERIOD, FeatureGates, KubernetesVersion, Rules};
use crate::api::{ScaleTargetKind, Workload};
use crate::time::SignedDuration;

/// The API group of documents that belong to the playground itself, not to a cluster.
pub const OWN_API_GROUP: &str = "hpa-playground/";

/// Settings of the cluster that a manifest is read for. The default is that of the newest release:
///
/// ```
/// use hpa_core::api::{FeatureGate, FeatureGates};
/// use hpa_core::manifest::Options;
///
/// let gates = FeatureGates::default().with(FeatureGate::HpaScaleToZero, true);
/// let options = Options::default().with_gates(gates);
/// assert!(options.gates.is_on(FeatureGate::HpaConfigurableTolerance));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The rules of the release.
    pub rules: Rules,
    /// The feature gates, which decide what a manifest may say; by default those of
    /// [`KubernetesVersion::DEFAULT`](crate::api::KubernetesVersion::DEFAULT).
    pub gates: FeatureGates,
    /// Time between two syncs of the controller, for the hints; default 15 s.
    pub sync_period: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self::of_version(KubernetesVersion::DEFAULT)
    }
}

impl Options {
    /// The rules and gates of a release.
    #[must_use]
    pub const fn of_version(version: KubernetesVersion) -> Self {
        Self {
            rules: Rules::of_version(version),
            gates: FeatureGates::of_version(version),
            sync_period: DEFAULT_SYNC_PERIOD,
        }
    }

    /// With the rules of another release.
    #[must_use]
    pub const fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// With other feature gates.
    #[must_use]
    pub const fn with_gates(mut self, gates: FeatureGates) -> Self {
        self.gates = gates;
        self
    }

    /// With another time between two syncs.
    #[must_use]
    pub const fn with_sync_period(mut self, period: SignedDuration) -> Self {
        self.sync_period = period;
        self
    }
}

/// The result of parsing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Parsed {
    /// The objects in the order of the texts, also those with problems.
    pub objects: Vec<Object>,
    /// All problems, ordered by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// One object of the text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Object {
    /// Its values as written, with their places.
    pub document: Document,
    /// What it is, decoded and defaulted.
    pub resource: Resource,
    /// Whether an API server would accept it.
    pub verdict: Verdict,
    /// Fields that were not written but filled in.
    pub defaulted: Vec<FieldPath>,
}

/// What an object is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Resource {
    /// An autoscaler, converted to `autoscaling/v2`.
    HorizontalPodAutoscaler(Box<HorizontalPodAutoscaler>),
    /// A Deployment, StatefulSet or ReplicaSet.
    Workload(Box<Workload>),
    /// Anything else, or an object that could not be decoded; only its document is available.
    Other,
}

/// Whether an API server would accept an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would.
    Accepted,
    /// It would not; a diagnostic says why, and the resource holds the part that could be read.
    Rejected,
}

impl Parsed {
    /// Whether a diagnostic is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The autoscalers that an API server would accept.
    pub fn autoscalers(&self) -> impl Iterator<Item = &HorizontalPodAutoscaler> {
        self.accepted().filter_map(|object| match &object.resource {
            Resource::HorizontalPodAutoscaler(hpa) => Some(&**hpa),
            _ => None,
        })
    }

    /// The workloads that an API server would accept.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.accepted().filter_map(|object| match &object.resource {
            Resource::Workload(workload) => Some(&**workload),
            _ => None,
        })
    }

    fn accepted(&self) -> impl Iterator<Item = &Object> {
        self.objects
            .iter()
            .filter(|object| object.verdict == Verdict::Accepted)
    }
}

/// Reads a text of YAML or JSON documents.
///
/// Never fails and never panics: the diagnostics say what is wrong, and the objects hold
/// everything that could be read.
#[must_use]
pub fn parse(text: &str, options: &Options) -> Parsed {
    parse_sources(&[Source::from(text)], options)
}

/// [`parse`] for several texts, whose objects belong together as if they stood in one.
#[must_use]
pub fn parse_sources(sources: &[Source<'_>], options: &Options) -> Parsed {
    parse_documents(sources, read_sources(sources), options)
}

/// [`parse_sources`] for texts that have been [read](read_sources) before; reading is most of the
/// work.
#[must_use]
pub fn parse_documents(
    sources: &[Source<'_>],
    read: (Vec<Document>, Vec<Diagnostic>),
    options: &Options,
) -> Parsed {
    Checking::new(sources, read, options).finish()
}

fn take_in(
    document: &Document,
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Resource, Vec<FieldPath>) {
    let known = diagnostics.len();
    let version = HpaVersion::parse(&document.api_version)
        .filter(|version| matches!(version, HpaVersion::V1 | HpaVersion::V2));
    let (Some(version), "HorizontalPodAutoscaler") = (version, document.kind.as_str()) else {
        if let Some((group, "v1")) = document.api_version.split_once('/')
            && let Some(kind) = ScaleTargetKind::known(group, &document.kind)
        {
            return workload(document, kind, &options, diagnostics);
        }
        diagnostics.extend(hints::not_modelled(document));
        return (Resource::Other, Vec::new());
    };
    let read = match read_version(document, version, options.rules) {
        Ok(mut read) => {
            diagnostics.append(&mut read.problems);
            read
        }
        Err(text) => {
            let path = FieldPath::new("metadata.annotations");
            let span = document.locate(&path);
            let problem = Diagnostic::new(Severity::Error, "invalid-value", span, path, text);
            diagnostics.push(problem);
            return (Resource::Other, Vec::new());
        }
    };
    let HpaRecord { mut hpa, system } = read.record;
    let mut defaulted = default_namespace(&mut hpa.metadata);
    defaulted.extend(read.defaulted);
    defaulted.append(&mut default_hpa(&mut hpa));
    let dropped = server::prepare(&mut hpa, &options);
    let errors = validate::validate_new(&hpa, &system, &options);
    report(document, errors, known, diagnostics);
    for path in dropped {
        diagnostics.push(hints::dropped_tolerance(document, path));
    }
    (Resource::HorizontalPodAutoscaler(Box::new(hpa)), defaulted)
}

fn workload(
    document: &Document,
    kind: &ScaleTargetKind,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Resource, Vec<FieldPath>) {
    let (mut workload, mut problems) = decode::<Workload>(document);
    if *kind != ScaleTargetKind::DEPLOYMENT {
        // One type reads all three; upstream has one for each.
        for problem in &mut problems {
            let words = format!("struct field {}", document.kind);
            problem.message = problem.message.replace("struct field Deployment", &words);
        }
    }
    let known = diagnostics.len();
    diagnostics.append(&mut problems);
    workload.kind = kind.clone();
    let mut defaulted = default_namespace(&mut workload.metadata);
    defaulted.append(&mut default_workload(&mut workload));
    report(
        document,
        validate_workload(&workload, options),
        known,
        diagnostics,
    );
    (Resource::Workload(Box::new(workload)), defaulted)
}

/// kubectl, not the API server, fills in the namespace.
fn default_namespace(metadata: &mut crate::api::ObjectMeta) -> Vec<FieldPath> {
    if metadata.namespace.is_empty() {
        "default".clone_into(&mut metadata.namespace);
        vec![FieldPath::new("metadata.namespace")]
    } else {
        Vec::new()
    }
}

/// Reports what validation found, save what only follows from a value that did not decode: what is
/// among `diagnostics` from `known` on.
fn report(
    document: &Document,
    errors: Vec<FieldError>,
    known: usize,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let undecoded: Vec<FieldPath> = diagnostics[known..]
        .iter()
        .filter(|diagnostic| {
            matches!(
                diagnostic.code,
                "wrong-type" | "invalid-quantity" | "invalid-time" | "invalid-value"
            )
        })
        .map(|diagnostic| diagnostic.path.clone())
        .collect();
    for error in errors.into_iter().take(MAX_PROBLEMS) {
        let follows = undecoded.iter().any(|path| {
            path.contains(&error.field)
                || (error.kind == FieldErrorKind::Required && path.parent() == error.field.parent())
        });
        if !follows {
            diagnostics.push(hints::explain(document, &error));
        }
    }
}
