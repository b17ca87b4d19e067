//! One sync of one autoscaler: observe, decide, apply, complete.
//!
//! Upstream: `horizontal.go`, `reconcileAutoscaler`, around the algorithm itself.

use std::sync::{Arc, Mutex};

use hpa_core::autoscaler::explanation::Branch;
use hpa_core::autoscaler::{
    Autoscaler, ConditionType, ControllerConfig, Decision, Event, Observation, Reason, Report,
    Rescale, ScaleError, Status, longest_memory,
};
use hpa_core::time::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::api_objects::Key;
use crate::apply;
use crate::authority::{Authority, Role};
use crate::client::{Client, Failure};
use crate::clock::{Clock, Reading};
use crate::disagreement::{Comparison, Disagreement, DisagreementTracker};
use crate::events::Events;
use crate::health::Health;
use crate::hpa_store::{Hpa, HpaStore};
use crate::mutex::lock;
use crate::observe::{Observed, Observer, ScaleHandle, Snapshot, metric_type};
use crate::recording::{RecordedSync, Recorder};
use crate::spans;
use crate::telemetry::{Action, ErrorKind, Telemetry};
use crate::what_if::{Alternative, WhatIf};
use crate::write_permit::WritePermit;

/// The shared context of all syncs.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: ControllerConfig,
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    pub(crate) observer: Observer,
    pub(crate) hpas: Arc<Mutex<HpaStore>>,
    pub(crate) events: Events,
    pub(crate) permit: WritePermit,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) clock: Clock,
    pub(crate) what_if: WhatIf,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) health: Arc<Health>,
}

/// The state of one autoscaler between its syncs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) autoscaler: Autoscaler,
    uid: Arc<str>,
    last: Option<LastSync>,
    role: Role,
    disagreement: DisagreementTracker,
    alternative: Option<Alternative>,
}

/// The previous sync.
#[derive(Clone, Copy, Debug)]
struct LastSync {
    at: Reading,
    replicas: Option<i32>,
    last_scale_time: Option<Timestamp>,
    unexplained: Option<Unexplained>,
}

/// A change of the replica count for which no status has been seen yet: the scale may have been read
/// between another controller's two writes.
#[derive(Clone, Copy, Debug)]
struct Unexplained {
    from: i32,
    /// The sync before the one that saw it.
    after: Timestamp,
    /// How many syncs have seen it.
    syncs: u32,
}

/// After that many syncs without a new `lastScaleTime`, someone else has set the count.
const UNEXPLAINED_SYNCS: u32 = 2;

/// The outcome of one sync.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) key: Key,
    /// Kind and name of the scale target.
    pub(crate) target: String,
    pub(crate) role: Role,
    /// `spec.replicas` of the target; `None` if it could not be read.
    pub(crate) current: Option<i32>,
    /// Our desired replicas; `None` if the scale could not be read.
    pub(crate) desired: Option<i32>,
    /// `status.desiredReplicas` before the sync.
    pub(crate) theirs: i32,
    /// `status.currentReplicas` before the sync.
    pub(crate) reported: i32,
    pub(crate) rescale: Option<Rescale>,
    /// `None` where this controller acts.
    pub(crate) disagreement: Option<Disagreement>,
    /// The desired replicas under a changed manifest.
    pub(crate) what_if: Option<i32>,
    pub(crate) status: Status,
    pub(crate) events: Vec<Event>,
    pub(crate) error: Option<Arc<str>>,
}

impl State {
    /// The state of an autoscaler that is seen for the first time.
    pub(crate) fn new(config: &ControllerConfig) -> Self {
        Self {
            autoscaler: Autoscaler::new(config.clone()),
            uid: Arc::default(),
            last: None,
            role: Role::Shadow,
            disagreement: DisagreementTracker::default(),
            alternative: None,
        }
    }
}

/// Syncs one autoscaler; `None` if it does not exist, or was deleted during the sync.
pub(crate) async fn sync(context: &Context, key: &Key, state: &mut State) -> Option<Summary> {
    let span = spans::sync(key);
    let summary = steps(context, key, state).instrument(span.clone()).await;
    if let Some(summary) = &summary {
        span.record("hpa.role", summary.role.as_str());
        span.record("hpa.current_replicas", summary.current);
        span.record("hpa.desired_replicas", summary.desired);
        if let Some(error) = &summary.error {
            spans::failed(&span, error);
        }
    }
    summary
}

async fn steps(context: &Context, key: &Key, state: &mut State) -> Option<Summary> {
    let hpa = lock(&context.hpas).get(key)?;
    let begin = Instant::now();
    if *state.uid != *hpa.uid {
        // A new object of the same name inherits nothing.
        *state = State::new(&context.config);
        state.uid = Arc::clone(&hpa.uid);
    }
    let role = update_role(context, &hpa, state);
    let Observed {
        observation,
        scale,
        took,
    } = context
        .observer
        .observe(&hpa)
        .instrument(spans::observe())
        .await;
    let reading = context.clock.read();
    adjust_to_clock_step(state, reading);
    if !lock(&context.hpas).exists(&hpa) {
        return None;
    }
    let scale_read = observation.scale.as_ref().ok();
    let replicas = scale_read.map(|scale| scale.spec_replicas);
    let unexplained = remember_foreign_rescale(state, &hpa, replicas, reading.wall);
    let now = reading.wall;
    let stored = Arc::clone(&hpa.stored);
    let decision = spans::decide().in_scope(|| {
        state
            .autoscaler
            .decide(&hpa.spec, &stored, &observation, now)
    });
    let rescale = decision.rescale.clone();
    let desired = replicas.map(|replicas| rescale.as_ref().map_or(replicas, |rescale| rescale.to));
    let snapshot = Snapshot {
        hpa: &hpa,
        observation: &observation,
        now,
    };
    if let Some(recorder) = &context.recorder {
        recorder.record(RecordedSync { snapshot, desired });
    }
    let (status, report) = if role == Role::Active {
        act(
            context,
            &hpa,
            &mut state.autoscaler,
            decision,
            scale.as_ref(),
        )
        .await
    } else {
        dry_run(&mut state.autoscaler, decision, now)
    };
    state.last = Some(LastSync {
        at: reading,
        replicas,
        last_scale_time: stored.last_scale_time,
        unexplained,
    });
    let what_if = context
        .what_if
        .decide(&context.observer, &mut state.alternative, snapshot)
        .await;
    let disagreement = (role != Role::Active).then(|| {
        let stabilization = state.autoscaler.explanation().stabilization;
        let able = stored.conditions.find(&ConditionType::AbleToScale);
        let comparison = Comparison {
            ours: desired.filter(|_| report.error.is_none()),
            recommended: stabilization.map(|step| step.recommended),
            theirs: stored.desired_replicas,
            failed_write: able.is_some_and(|able| able.reason == Reason::FailedUpdateScale),
            memory: longest_memory(hpa.spec.behavior.as_ref(), &context.config),
        };
        state.disagreement.compare(comparison, reading.monotonic)
    });
    let summary = Summary {
        key: key.clone(),
        target: format!("{}/{}", hpa.target.kind, hpa.target.name),
        role,
        current: replicas,
        desired,
        theirs: stored.desired_replicas,
        reported: stored.current_replicas,
        rescale,
        disagreement,
        what_if,
        status: status.unwrap_or_else(|| (*stored).clone()),
        events: report.events,
        error: report.error,
    };
    let durations = Durations {
        sync: begin.elapsed(),
        metrics: took,
    };
    record_metrics(context, &summary, &observation, &durations, state);
    Some(summary)
}

/// Determines the role for this sync and warns when a conflict starts.
fn update_role(context: &Context, hpa: &Hpa, state: &mut State) -> Role {
    let next = context.authority.next_role(
        state.role,
        hpa,
        &mut lock(&context.hpas),
        context.config.sync_period,
    );
    if let (Role::Active, Role::Contested(_)) = (state.role, next) {
        let message = String::from(
            "another controller keeps writing the status of this autoscaler; hpa-controller does not act on it until that ends",
        );
        tracing::warn!(hpa = %hpa.key, "{message}");
        context.events.warn(hpa, "ConflictingController", message);
    }
    state.role = next;
    next
}

/// Shifts the histories when the wall clock was set.
fn adjust_to_clock_step(state: &mut State, now: Reading) {
    let step = state
        .last
        .map_or(SignedDuration::ZERO, |last| now.step_since(last.at));
    if step != SignedDuration::ZERO {
        tracing::warn!(by = %step, "the clock was set; the histories are shifted with it");
        state.autoscaler.clock_was_set(step);
        if let Some(alternative) = &mut state.alternative {
            alternative.autoscaler.clock_was_set(step);
        }
    }
}

/// Remembers a rescale by another controller since the last sync. Returns a change of the count that
/// may yet turn out to be one.
fn remember_foreign_rescale(
    state: &mut State,
    hpa: &Hpa,
    replicas: Option<i32>,
    now: Timestamp,
) -> Option<Unexplained> {
    let last = state.last?;
    let Some((before, replicas)) = last.replicas.zip(replicas) else {
        return last.unexplained;
    };
    let scaled = hpa.stored.last_scale_time;
    if scaled == last.last_scale_time {
        // Someone else set the count, or the status that tells of the rescale has yet to come.
        return if before == replicas {
            last.unexplained
                .filter(|change| change.syncs < UNEXPLAINED_SYNCS)
                .map(|change| Unexplained {
                    syncs: change.syncs + 1,
                    ..change
                })
        } else {
            Some(Unexplained {
                from: before,
                after: last.at.wall,
                syncs: 1,
            })
        };
    }
    let (from, after) = match last.unexplained {
        Some(change) if before == replicas => (change.from, change.after),
        _ => (before, last.at.wall),
    };
    if from != replicas {
        let at = scaled.filter(|at| *at >= after && *at <= now);
        let at = at.unwrap_or(now);
        if state.role != Role::Active {
            state
                .autoscaler
                .remember_rescale(&hpa.spec, from, replicas, at);
        }
        if let Some(Alternative { autoscaler, spec }) = &mut state.alternative {
            autoscaler.remember_rescale(spec, from, replicas, at);
        }
    }
    None
}

/// Carries a decision out.
async fn act(
    context: &Context,
    hpa: &Hpa,
    autoscaler: &mut Autoscaler,
    decision: Decision<'_>,
    scale: Option<&ScaleHandle>,
) -> (Option<Status>, Report) {
    let Context {
        client,
        permit,
        clock,
        ..
    } = context;
    let rules = autoscaler.config().rules;
    let written = match (&decision.rescale, scale) {
        (Some(rescale), Some(handle)) => {
            apply::scale(client, permit, handle, rescale.to, rules)
                .instrument(spans::apply(rescale.to))
                .await
        }
        _ => Ok(()),
    };
    if written == Err(Failure::NotAllowed) {
        // No events either: the new leader emits them.
        drop(decision);
        return (None, not_allowed());
    }
    let completing = async {
        let outcome = autoscaler.complete(decision, apply::with_text(&written), clock.now());
        let status = outcome.status.clone();
        let stored = match &status {
            Some(status) => {
                let status = status.to_api(rules);
                apply::status(client, permit, hpa, &status).await
            }
            None => return (None, emit(context, hpa, outcome.finish(Ok(())))),
        };
        let written = match stored {
            Ok(response) => {
                lock(&context.hpas).status_written(hpa, response);
                Ok(())
            }
            Err(Failure::NotAllowed) => return (None, not_allowed()),
            // It was deleted in the meantime: nothing to report.
            Err(failure) if failure.is_not_found() && !lock(&context.hpas).exists(hpa) => {
                return (None, Report::default());
            }
            Err(failure) => Err(failure),
        };
        let report = outcome.finish(apply::with_text(&written));
        (status, emit(context, hpa, report))
    };
    completing.instrument(spans::complete()).await
}

fn emit(context: &Context, hpa: &Hpa, report: Report) -> Report {
    for event in &report.events {
        context.events.emit(hpa, event);
    }
    report
}

fn not_allowed() -> Report {
    Report::failed(Failure::NotAllowed.text())
}

/// The outcome of the decision if its writes succeeded.
fn dry_run(
    autoscaler: &mut Autoscaler,
    decision: Decision<'_>,
    now: Timestamp,
) -> (Option<Status>, Report) {
    let outcome = if decision.rescale.is_some() {
        // Do not remember the rescale, unless the other controller carries it out.
        autoscaler.clone().complete(decision, Ok(()), now)
    } else {
        autoscaler.complete(decision, Ok(()), now)
    };
    let status = outcome.status.clone();
    (status, outcome.finish(Ok(())))
}

/// How long a sync took, and each of its metrics.
struct Durations {
    sync: std::time::Duration,
    metrics: Vec<std::time::Duration>,
}

/// Updates the Prometheus metrics as upstream does.
fn record_metrics(
    context: &Context,
    summary: &Summary,
    observation: &Observation,
    durations: &Durations,
    state: &State,
) {
    let explanation = state.autoscaler.explanation();
    let action = match &summary.rescale {
        Some(rescale) if rescale.to > rescale.from => Action::ScaleUp,
        Some(_) => Action::ScaleDown,
        None => Action::None,
    };
    // Upstream's errSpec: only a change of the object fixes it.
    let is_spec = match &observation.scale {
        Err(ScaleError::Query(_)) => false,
        Err(_) => true,
        Ok(_) => explanation.branch == Branch::NoMetrics && explanation.metrics.is_empty(),
    };
    let error = match &summary.error {
        None => ErrorKind::None,
        Some(_) if is_spec => ErrorKind::Spec,
        Some(_) => ErrorKind::Internal,
    };
    let telemetry = &context.telemetry;
    telemetry.reconciled(action, error, durations.sync);
    for (index, step) in explanation.metrics.iter().enumerate() {
        let error = match &step.proposal {
            Ok(_) => ErrorKind::None,
            Err(_) => ErrorKind::Internal,
        };
        // Like upstream, with the status as it was stored: 0 for a new autoscaler.
        let action = match &step.proposal {
            Ok(proposal) if *proposal > summary.reported => Action::ScaleUp,
            Ok(proposal) if *proposal < summary.reported => Action::ScaleDown,
            Ok(_) | Err(_) => Action::None,
        };
        let took = durations.metrics.get(index).copied().unwrap_or_default();
        telemetry.computed(action, error, metric_type(&step.identity), took);
    }
    if let Some(desired) = summary.desired {
        telemetry.set_desired(&summary.key, desired);
        if let Some(what_if) = summary.what_if {
            telemetry.set_what_if(&summary.key, what_if - desired);
        }
    }
    if let Some(found) = summary.disagreement {
        telemetry.set_disagreement(&summary.key, found);
    }
}
