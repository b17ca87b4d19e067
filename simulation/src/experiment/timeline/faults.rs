//! Timeline faults of the metrics pipelines: wrong values and unavailable APIs.
#![deny(clippy::wildcard_enum_match_arm)]

use super::Course;
use crate::cluster::value_ranges::MAX_FAULTS;
use crate::cluster::{Action, FaultKind, FaultTarget, MetricsApi};
use crate::experiment::descriptor::{document, words};
use crate::experiment::problems::Problems;
use crate::experiment::value::Amount;
use hpa_core::manifest::FieldPath;
use hpa_core::time::SignedDuration;

/// End times of the earlier faults that may overlap with the next one.
#[derive(Default)]
pub(super) struct Overlap {
    ends: Vec<SignedDuration>,
}

document! {
    /// A temporary fault of a metric.
    pub(crate) FaultDocument {
        /// The name of the resource or metric; default: all metrics.
        metric: Option<String>,
        /// The kind of fault; default missing.
        kind: FaultKind,
        /// The factor, for kind factor; default 2.
        factor: Option<Amount>,
        /// The error text, for kind error.
        message: Option<String>,
        /// The fraction of pods affected, 0 to 1; default 1.
        share: Option<Amount>,
        /// The duration; default: to the end of the run.
        duration: Option<SignedDuration>,
    }
}

words! {
    FaultKind {
        "missing" => Missing, "zero" => Zero, "stale" => Stale,
        "error" => Error = FaultKind::Error(String::new()),
        "factor" => Factor = FaultKind::Factor(2.0),
    }
    MetricsApi {
        "all" => All, "resource" => Resource, "custom" => Custom, "external" => External,
    }
}

impl FaultDocument {
    pub(super) fn lower(
        &self,
        at: SignedDuration,
        path: &FieldPath,
        course: &mut Course<'_>,
        problems: &mut Problems<'_>,
    ) -> Action {
        let share = self.share.map_or(1.0, |share| share.0);
        let duration = self.duration.unwrap_or(course.rest(at));
        let target = match &self.metric {
            Some(name) => FaultTarget::Named(name.clone()),
            None => FaultTarget::All,
        };
        let mut fault = self.kind.clone();
        match &mut fault {
            FaultKind::Error(text) => *text = self.error(),
            FaultKind::Factor(factor) => *factor = self.factor(&path.child("factor"), problems),
            FaultKind::Missing | FaultKind::Zero | FaultKind::Stale => {}
        }
        let share = problems.within(&path.child("share"), share, 0.0, 1.0);
        let ends = &mut course.faults.ends;
        ends.retain(|end| *end >= at);
        ends.push(SignedDuration(at.0.saturating_add(duration.0.max(1))));
        if ends.len() > MAX_FAULTS {
            problems.error(
                path,
                format!("at most {MAX_FAULTS} concurrent faults are allowed"),
            );
        }
        Action::MetricFault {
            target,
            fault,
            share,
            duration,
        }
    }

    fn error(&self) -> String {
        let usual = "the server is currently unable to handle the request";
        self.message.as_deref().unwrap_or(usual).to_owned()
    }

    fn factor(&self, path: &FieldPath, problems: &mut Problems<'_>) -> f64 {
        self.factor
            .map_or(2.0, |factor| problems.within(path, factor.0, -1e15, 1e15))
    }
}

document! {
    /// A temporary outage of a metrics API.
    pub(crate) ApiDownDocument {
        /// The API; default all.
        api: MetricsApi,
        /// The duration; default: to the end of the run.
        duration: Option<SignedDuration>,
    }
}

impl ApiDownDocument {
    pub(super) fn lower(&self, rest: SignedDuration) -> Action {
        Action::MetricsApiDown {
            api: self.api,
            duration: self.duration.unwrap_or(rest),
        }
    }
}
