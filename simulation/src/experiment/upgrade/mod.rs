//! What another Kubernetes release changes for an autoscaler: what its API server says and stores, what
//! the status looks like, and how many replicas there are.

mod counts;
mod fields;

use super::comparison::Comparison;
use super::{Defaults, Overrides, Parsed};
use hpa_core::api::{Change, FeatureGates};
use hpa_core::autoscaler::{ControllerConfig, FeatureGate, KubernetesVersion};
use hpa_core::manifest::{self, Diagnostic, Options, Resource, Severity, Source};

pub use counts::{Cause, Divergence, FirstSync};
pub use fields::FieldChange;

/// Two releases to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The release that runs now.
    pub from: KubernetesVersion,
    /// The release that will run.
    pub to: KubernetesVersion,
}

/// What changes for one autoscaler from one release to another.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Upgrade {
    /// `namespace/name` of the autoscaler.
    pub autoscaler: String,
    /// Errors that only the later release has: it refuses the text, or cannot run the experiment.
    pub refused: Vec<Diagnostic>,
    /// Errors that only the earlier release has.
    pub no_longer_refused: Vec<Diagnostic>,
    /// Warnings and notes that only the later release has.
    pub warned: Vec<Diagnostic>,
    /// Errors that both releases have: nothing runs.
    pub refused_by_both: Vec<Diagnostic>,
    /// Fields that the API server defaults, drops or stores differently.
    pub stored: Vec<FieldChange>,
    /// Fields of the status that look different, each with the first example.
    pub status: Vec<FieldChange>,
    /// The first sync, if it happens at another time.
    pub first_sync: Option<FirstSync>,
    /// Where the replica counts start to differ; `None` if they never do.
    pub divergence: Option<Divergence>,
    /// The measures of both runs; `None` unless both releases can run it.
    pub comparison: Option<Comparison>,
}

impl Upgrade {
    /// Compares two releases for one autoscaler of the texts, given as name or `namespace/name`; by default
    /// the one that an experiment of the texts would simulate.
    ///
    /// Both releases run the experiment of the texts, or one with the assumptions of
    /// [`Experiment::parse`](super::Experiment::parse). To compare counts sync by sync, the later release keeps the moments of the
    /// earlier one; [`Self::first_sync`] says how they differ.
    #[must_use]
    pub fn of(sources: &[Source<'_>], autoscaler: Option<&str>, releases: Releases) -> Self {
        let trial = Trial {
            sources,
            autoscaler,
        };
        let before = trial.parse(releases.from, &[]);
        let after = trial.parse(releases.to, &[]);
        let [refused, warned, both] = only_after(&before, &after);
        let [no_longer_refused, ..] = only_after(&after, &before);
        let name = before.experiment.as_ref().or(after.experiment.as_ref());
        let name = name.map(|experiment| {
            let metadata = &experiment.setup.autoscaler.metadata;
            format!("{}/{}", metadata.namespace, metadata.name)
        });
        let name = name.or_else(|| autoscaler.map(str::to_owned));
        let mut upgrade = Self {
            autoscaler: name.unwrap_or_default(),
            refused,
            no_longer_refused,
            warned,
            refused_by_both: both,
            stored: Vec::new(),
            status: Vec::new(),
            first_sync: None,
            divergence: None,
            comparison: None,
        };
        upgrade.stored = stored(&upgrade.autoscaler, &before, &after, releases);
        if let (Some(before), Some(after)) = (before.experiment, after.experiment) {
            counts::compare(&trial, &before, &after, &mut upgrade);
        }
        upgrade
    }

    /// Whether the API server of the later release refuses what the earlier one accepts, or replica
    /// counts differ.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        !self.refused.is_empty() || self.divergence.is_some()
    }
}

impl Releases {
    /// The rules in which they differ: the rule, and whether the later release has it.
    pub fn rules(self) -> impl Iterator<Item = (Change, bool)> {
        Change::all().filter_map(move |change| {
            let later = self.to.has(change);
            (self.from.has(change) != later).then_some((change, later))
        })
    }

    /// The feature gates whose default differs: the gate, and whether the later release turns it on.
    pub fn gates(self) -> impl Iterator<Item = (FeatureGate, bool)> {
        let [from, to] = [self.from, self.to].map(FeatureGates::of_version);
        FeatureGate::all().filter_map(move |gate| {
            let later = to.is_on(gate);
            (from.is_on(gate) != later).then_some((gate, later))
        })
    }
}

/// The texts of a comparison, and which autoscaler is meant.
struct Trial<'a> {
    sources: &'a [Source<'a>],
    autoscaler: Option<&'a str>,
}

impl Trial<'_> {
    /// Reads the texts for a release, with some gates turned.
    fn parse(&self, release: KubernetesVersion, gates: &[(FeatureGate, bool)]) -> Parsed {
        let mut overrides = Overrides::default().release(release);
        overrides.gates = gates.to_vec();
        overrides.autoscaler = self.autoscaler.map(str::to_owned);
        overrides.parse_sources(self.sources, Defaults::default())
    }
}

/// The errors that only the second text has, what else only the second one has, and the errors of both.
fn only_after(before: &Parsed, after: &Parsed) -> [Vec<Diagnostic>; 3] {
    let known = |problem: &Diagnostic| {
        before.diagnostics.iter().any(|other| {
            other.code == problem.code && other.path == problem.path && other.span == problem.span
        })
    };
    let is_error = |problem: &Diagnostic| problem.severity == Severity::Error;
    let (both, new): (Vec<_>, Vec<_>) = after.diagnostics.iter().cloned().partition(known);
    let (errors, rest) = new.into_iter().partition(is_error);
    [errors, rest, both.into_iter().filter(is_error).collect()]
}

/// The fields of an autoscaler that the two API servers store differently.
fn stored(name: &str, before: &Parsed, after: &Parsed, releases: Releases) -> Vec<FieldChange> {
    let as_stored = |parsed: &Parsed, release: KubernetesVersion| {
        let controller = parsed.experiment.as_ref().map_or_else(
            || ControllerConfig::of_version(release),
            |experiment| experiment.setup.controller.clone(),
        );
        let options = Options::default()
            .with_rules(controller.rules)
            .with_gates(controller.gates);
        parsed
            .objects
            .iter()
            .find_map(|object| match &object.resource {
                Resource::HorizontalPodAutoscaler(hpa)
                    if format!("{}/{}", hpa.metadata.namespace, hpa.metadata.name) == name =>
                {
                    Some(manifest::print_hpa(&manifest::stored(
                        (**hpa).clone(),
                        &options,
                    )))
                }
                _ => None,
            })
    };
    match (
        as_stored(before, releases.from),
        as_stored(after, releases.to),
    ) {
        (Some(before), Some(after)) => fields::changes(&before, &after),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
