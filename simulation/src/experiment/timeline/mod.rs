//! The timeline of an experiment: how a document writes its events, and what they become.
//!
//! An action is one line of the list here, with its fields and its lowering in [`actions`] or
//! [`faults`].
#![deny(clippy::wildcard_enum_match_arm)]

mod actions;
mod faults;

use self::actions::{ApplyDocument, EditDocument, Nothing, RestartDocument};
use self::faults::{ApiDownDocument, FaultDocument, Overlap};
use super::descriptor::one_of;
use super::problems::{MAX_DURATION, Problems};
use super::value::Limit;
use crate::cluster::{Action, SetupDraft, TimelineEvent, in_order};
use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::manifest::{FieldPath, Options};
use hpa_core::time::SignedDuration;

one_of! {
    /// Something that happens at some time; exactly one action is set.
    pub(crate) EventDocument {
        /// When; default 0s.
        at: SignedDuration,
        /// A name that goals can refer to.
        name: Option<String>,
    }
    /// What happens.
    pub(crate) ActionDocument {
        /// `kubectl scale` to this many replicas, at most 150000.
        scale "scale" => Scale(i32),
        /// `kubectl apply` of the workload's manifest with these changes.
        apply "apply" => Apply(ApplyDocument),
        /// The autoscaler with these changes.
        edit_autoscaler "editAutoscaler" => EditAutoscaler(EditDocument),
        /// `kubectl rollout restart`.
        rolling_update "rollingUpdate" => RollingUpdate(Nothing),
        /// So many pods fail at once, the oldest first.
        lose_pods "losePods" => LosePods(u32),
        /// So many nodes stop answering, the first ones first.
        lose_nodes "loseNodes" => LoseNodes(u32),
        /// A metric is wrong for a while.
        metric_fault "metricFault" => MetricFault(FaultDocument),
        /// A metrics API does not answer for a while.
        metrics_api_down "metricsApiDown" => MetricsApiDown(ApiDownDocument),
        /// The controller manager restarts and has forgotten everything.
        restart_controller "restartController" => RestartController(RestartDocument),
        /// The most pods that may exist from now on, or none.
        set_quota "setQuota" => SetQuota(Limit<u32>),
    }
}

/// What the events so far have come to, in order of time.
struct Course<'a> {
    setup: &'a SetupDraft,
    options: Options,
    /// The autoscaler after the edits so far: each starts from the one before it.
    autoscaler: HorizontalPodAutoscaler,
    faults: Overlap,
}

impl Course<'_> {
    /// How long a run still takes from `at` on.
    fn rest(&self, at: SignedDuration) -> SignedDuration {
        SignedDuration((self.setup.duration.0 - at.0).max(0))
    }
}

impl ActionDocument {
    /// The action at `at`.
    fn lower(
        &self,
        at: SignedDuration,
        path: &FieldPath,
        course: &mut Course<'_>,
        problems: &mut Problems<'_>,
    ) -> Action {
        match self {
            Self::Scale(replicas) => Action::Scale {
                replicas: problems.replicas(path, *replicas),
            },
            Self::Apply(given) => given.lower(path, course, problems),
            Self::EditAutoscaler(given) => given.lower(path, course, problems),
            Self::RollingUpdate(Nothing {}) => Action::RollingUpdate,
            Self::LosePods(count) => Action::LosePods { count: *count },
            Self::LoseNodes(count) => Action::LoseNodes { count: *count },
            Self::MetricFault(given) => given.lower(at, path, course, problems),
            Self::MetricsApiDown(given) => given.lower(course.rest(at)),
            Self::RestartController(given) => given.lower(),
            Self::SetQuota(limit) => Action::SetQuota {
                pods: limit.value(),
            },
        }
    }
}

/// All events in order of time; those at the same time in the order of the document.
pub(super) fn events(
    given: &[EventDocument],
    setup: &SetupDraft,
    options: Options,
    problems: &mut Problems<'_>,
) -> Vec<TimelineEvent> {
    let mut course = Course {
        setup,
        options,
        autoscaler: setup.autoscaler.clone(),
        faults: Overlap::default(),
    };
    let mut events = Vec::new();
    for index in in_order(given.iter().map(|event| event.at)) {
        let path = FieldPath::new("timeline").index(index);
        let event = &given[index];
        let place = path.child("at");
        let at = problems.time(&place, event.at, SignedDuration::ZERO, MAX_DURATION);
        let mut actions = Vec::new();
        for action in &event.chosen {
            actions.push(action.lower(at, &path.child(action.name()), &mut course, problems));
        }
        if actions.len() == 1 {
            let actions = actions.into_iter();
            events.extend(actions.map(|action| TimelineEvent { at, action }));
        } else {
            let message = "an event of the timeline has exactly one action";
            problems.not_one(&path, message, ActionDocument::NAMES);
        }
    }
    events
}
