//! The timeline of an experiment: its events in a document, and their lowering.
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
    /// A timed event; exactly one action is set.
    pub(crate) EventDocument {
        /// The time; default 0s.
        at: SignedDuration,
        /// A name that goals can refer to.
        name: Option<String>,
    }
    /// The action.
    pub(crate) ActionDocument {
        /// `kubectl scale` to this number of replicas, at most 150000.
        scale "scale" => Scale(i32),
        /// `kubectl apply` of the workload's manifest with these changes.
        apply "apply" => Apply(ApplyDocument),
        /// An edit of the autoscaler with these changes.
        edit_autoscaler "editAutoscaler" => EditAutoscaler(EditDocument),
        /// `kubectl rollout restart`.
        rolling_update "rollingUpdate" => RollingUpdate(Nothing),
        /// The simultaneous failure of this many pods, the oldest first.
        lose_pods "losePods" => LosePods(u32),
        /// The failure of this many nodes, the first ones first.
        lose_nodes "loseNodes" => LoseNodes(u32),
        /// A temporary fault of a metric.
        metric_fault "metricFault" => MetricFault(FaultDocument),
        /// A temporary outage of a metrics API.
        metrics_api_down "metricsApiDown" => MetricsApiDown(ApiDownDocument),
        /// A restart of the controller manager, which loses its state.
        restart_controller "restartController" => RestartController(RestartDocument),
        /// The new maximum number of pods, or none.
        set_quota "setQuota" => SetQuota(Limit<u32>),
    }
}

/// The state after the earlier events, in order of time.
struct Course<'a> {
    setup: &'a SetupDraft,
    options: Options,
    /// The autoscaler after the earlier edits: each edit starts from the previous one.
    autoscaler: HorizontalPodAutoscaler,
    faults: Overlap,
}

impl Course<'_> {
    /// The remaining duration of the run at `at`.
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

/// All events in order of time; simultaneous ones in the order of the document.
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
