//! The timeline from the experiment document.

use super::super::document::ExperimentDocument;
use super::super::document::timeline::{
    ACTIONS, ApiDocument, ApplyDocument, EditDocument, EventDocument, FaultDocument,
    FaultKindDocument,
};
use super::super::document::value::Limit;
use super::Problems;
use crate::cluster::{Action, FaultKind, FaultTarget, MetricsApi, Setup, TimelineEvent, in_order};
use hpa_core::api::HorizontalPodAutoscaler;
use hpa_core::manifest::{self, FieldPath, Options};
use hpa_core::time::Duration;

/// Metric faults at a time: each has a bit of its own, by which pods know what concerns them.
const MAX_FAULTS: usize = 64;

/// All events in order of time; those at the same time in the order of the document.
pub(super) fn events(
    given: &ExperimentDocument,
    setup: &Setup,
    options: Options,
    problems: &mut Problems<'_>,
) -> Vec<TimelineEvent> {
    // Each edit starts from the one before it.
    let mut autoscaler = setup.autoscaler.clone();
    let mut events = Vec::new();
    let mut ends: Vec<Duration> = Vec::new();
    for index in in_order(given.timeline.iter().map(|event| event.at)) {
        let path = FieldPath::new("timeline").index(index);
        let event = &given.timeline[index];
        let at = problems.time(
            &path.child("at"),
            event.at,
            Duration::ZERO,
            super::MAX_DURATION,
        );
        let mut actions = actions(event, setup, at, &path, problems);
        if let Some(edit) = &event.edit_autoscaler {
            apply_edit(edit, &mut autoscaler, options, &path, problems);
            actions.push(Action::EditAutoscaler(Box::new(autoscaler.clone())));
        }
        if let Some(fault) = &event.metric_fault {
            let path = path.child("metricFault");
            let action = metric_fault(fault, setup, at, &path, problems);
            if let Action::MetricFault { duration, .. } = action {
                ends.retain(|end| *end >= at);
                ends.push(Duration(at.0.saturating_add(duration.0.max(1))));
            }
            if ends.len() > MAX_FAULTS {
                problems.error(&path, format!("at most {MAX_FAULTS} faults at a time"));
            }
            actions.push(action);
        }
        if actions.len() == 1 {
            events.extend(
                actions
                    .into_iter()
                    .map(|action| TimelineEvent { at, action }),
            );
        } else {
            let message = "an event of the timeline has exactly one action";
            problems.not_one(&path, message, &ACTIONS);
        }
    }
    events
}

fn actions(
    event: &EventDocument,
    setup: &Setup,
    at: Duration,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Vec<Action> {
    let rest = Duration((setup.duration.0 - at.0).max(0));
    let mut actions = Vec::new();
    if let Some(replicas) = event.scale {
        actions.push(Action::Scale {
            replicas: problems.replicas(&path.child("scale"), replicas),
        });
    }
    if let Some(apply) = &event.apply {
        let path = path.child("apply").child("replicas");
        let replicas = apply.replicas.map(|count| problems.replicas(&path, count));
        actions.push(apply_workload(apply, replicas, setup));
    }
    if event.rolling_update.is_some() {
        actions.push(Action::RollingUpdate);
    }
    if let Some(count) = event.lose_pods {
        actions.push(Action::LosePods { count });
    }
    if let Some(count) = event.lose_nodes {
        actions.push(Action::LoseNodes { count });
    }
    if let Some(down) = &event.metrics_api_down {
        actions.push(Action::MetricsApiDown {
            api: match down.api {
                ApiDocument::All => MetricsApi::All,
                ApiDocument::Resource => MetricsApi::Resource,
                ApiDocument::Custom => MetricsApi::Custom,
                ApiDocument::External => MetricsApi::External,
            },
            duration: down.duration.unwrap_or(rest),
        });
    }
    if let Some(restart) = &event.restart_controller {
        actions.push(Action::RestartController {
            downtime: restart.downtime.unwrap_or(Duration::from_secs(15)),
        });
    }
    if let Some(limit) = event.set_quota {
        actions.push(Action::SetQuota {
            pods: Limit::value(limit),
        });
    }
    actions
}

fn apply_workload(apply: &ApplyDocument, replicas: Option<i32>, setup: &Setup) -> Action {
    let mut workload = setup.workload.clone();
    workload.spec.replicas = replicas;
    if let (Some(resources), Some(container)) = (
        &apply.resources,
        workload.spec.template.spec.containers.first_mut(),
    ) {
        container.resources = resources.clone();
    }
    Action::ApplyWorkload(Box::new(workload))
}

fn apply_edit(
    edit: &EditDocument,
    autoscaler: &mut HorizontalPodAutoscaler,
    options: Options,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) {
    let spec = &mut autoscaler.spec;
    if let Some(minimum) = edit.min_replicas {
        let place = path.child("editAutoscaler").child("minReplicas");
        // Below zero is for validation to refuse.
        spec.min_replicas = Some(minimum.min(problems.replicas(&place, minimum.max(0))));
    }
    if let Some(maximum) = edit.max_replicas {
        spec.max_replicas = maximum;
    }
    if let Some(metrics) = &edit.metrics {
        spec.metrics.clone_from(metrics);
    }
    if let Some(behavior) = &edit.behavior {
        spec.behavior = Some(behavior.clone());
    }
    autoscaler.metadata.generation += 1;
    manifest::default_hpa(autoscaler);
    manifest::drop_disabled_fields(autoscaler, &options.validation);
    for error in manifest::validate_hpa(autoscaler, &options.validation) {
        let mut place = path.child("editAutoscaler");
        // The edit stands for the spec: `spec.behavior` is its `behavior`.
        place.0.extend(error.field.0.iter().skip(1).cloned());
        problems.error(&place, error.to_string());
    }
}

fn metric_fault(
    fault: &FaultDocument,
    setup: &Setup,
    at: Duration,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Action {
    let share = fault.share.map_or(1.0, |share| share.0);
    Action::MetricFault {
        target: fault
            .metric
            .as_ref()
            .map_or(FaultTarget::All, |name| FaultTarget::Named(name.clone())),
        fault: match fault.kind {
            FaultKindDocument::Missing => FaultKind::Missing,
            FaultKindDocument::Zero => FaultKind::Zero,
            FaultKindDocument::Stale => FaultKind::Stale,
            FaultKindDocument::Error => {
                FaultKind::Error(fault.message.clone().unwrap_or_else(|| {
                    String::from("the server is currently unable to handle the request")
                }))
            }
            FaultKindDocument::Factor => FaultKind::Factor(fault.factor.map_or(2.0, |factor| {
                problems.within(&path.child("factor"), factor.0, -1e15, 1e15)
            })),
        },
        share: problems.within(&path.child("share"), share, 0.0, 1.0),
        duration: fault
            .duration
            .unwrap_or(Duration((setup.duration.0 - at.0).max(0))),
    }
}
