//! One sync of one autoscaler: observe, decide, apply, complete.
//!
//! Upstream: `horizontal.go`, `reconcileAutoscaler`, around the algorithm itself.

use std::sync::{Arc, Mutex};

use hpa_core::autoscaler::explanation::Branch;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, Decision, Event, Observation, Report, Rescale, ScaleError, Status,
};
use hpa_core::time::{Duration, Timestamp};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::api_objects::Key;
use super::apply::{self, Permit};
use super::args::Mode;
use super::client::{Client, Failure};
use super::clock::{Clock, Reading};
use super::disagreement::{Disagreement, Standing};
use super::events::Events;
use super::health::Vitals;
use super::hpa_store::{Hpa, Hpas};
use super::observe::{Observed, Observer, lock, metric_type};
use super::recording::{Recorder, Seen};
use super::spans;
use super::telemetry::{Action, ErrorKind, Telemetry};
use super::what_if::{Alternative, WhatIf};

/// How many statuses of another writer, within how many sync periods, make a fight.
const FIGHT: usize = 3;
const FIGHT_PERIODS: i64 = 4;
/// How many quiet sync periods end it.
const TRUCE_PERIODS: i64 = 20;

/// What every sync needs.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: ControllerConfig,
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    pub(crate) observer: Observer,
    pub(crate) hpas: Arc<Mutex<Hpas>>,
    pub(crate) events: Events,
    pub(crate) permit: Permit,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) clock: Clock,
    pub(crate) what_if: WhatIf,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) vitals: Arc<Vitals>,
}

/// On which autoscalers this controller may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) mode: Mode,
    pub(crate) scope: Scope,
}

/// Which autoscalers an active controller acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those whose annotation names it.
    Named(Arc<str>),
    /// All.
    All,
}

/// What is remembered of one autoscaler between its syncs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) autoscaler: Autoscaler,
    uid: Arc<str>,
    last: Option<Last>,
    role: Role,
    pub(crate) standing: Standing,
    pub(crate) alternative: Option<Alternative>,
}

/// The sync before.
#[derive(Clone, Copy, Debug)]
struct Last {
    at: Reading,
    replicas: Option<i32>,
    scaled: Option<Timestamp>,
}

/// What this controller is to an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It tells what it would do.
    Shadow,
    /// It acts.
    Active,
    /// It would act, but another one does, last seen at this time.
    Contested(Duration),
}

impl Role {
    /// The word for logs and traces.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Active => "active",
            Self::Contested(_) => "contested",
        }
    }
}

/// What one sync came to.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) key: Key,
    pub(crate) target: String,
    pub(crate) role: Role,
    pub(crate) current: Option<i32>,
    pub(crate) desired: Option<i32>,
    pub(crate) theirs: i32,
    pub(crate) rescale: Option<Rescale>,
    pub(crate) disagreement: Option<Disagreement>,
    /// Desired replicas with a changed manifest.
    pub(crate) what_if: Option<i32>,
    pub(crate) status: Status,
    pub(crate) events: Vec<Event>,
    pub(crate) error: Option<Arc<str>>,
}

impl State {
    /// What is known of an autoscaler that is seen for the first time: nothing.
    pub(crate) fn new(config: &ControllerConfig) -> Self {
        Self {
            autoscaler: Autoscaler::new(config.clone()),
            uid: Arc::default(),
            last: None,
            role: Role::Shadow,
            standing: Standing::default(),
            alternative: None,
        }
    }
}

/// Syncs one autoscaler; `None` if it is gone, or went in the middle.
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
    let hpa = lock(&context.hpas).find(key)?;
    let begin = Instant::now();
    if *state.uid != *hpa.uid {
        // Another object of the same name inherits nothing.
        *state = State::new(&context.config);
        state.uid = Arc::clone(&hpa.uid);
    }
    let role = role(context, &hpa, state);
    let Observed {
        observation,
        scale,
        took,
    } = context
        .observer
        .observe(&hpa, &context.config)
        .instrument(spans::observe())
        .await;
    let reading = context.clock.read();
    keep_time(state, reading);
    if !lock(&context.hpas).exists(&hpa) {
        return None;
    }
    let replicas = observation
        .scale
        .as_ref()
        .ok()
        .map(|scale| scale.spec_replicas);
    learn_rescale(state, &hpa, replicas, reading.wall);
    let now = reading.wall;
    let stored = Arc::clone(&hpa.stored);
    let decision = spans::decide().in_scope(|| {
        state
            .autoscaler
            .decide(&hpa.spec, &stored, &observation, now)
    });
    let rescale = decision.rescale.clone();
    let desired = replicas.map(|replicas| rescale.as_ref().map_or(replicas, |rescale| rescale.to));
    if let Some(recorder) = &context.recorder {
        recorder.note(Seen {
            hpa: &hpa,
            observation: &observation,
            desired,
            now,
        });
    }
    let (status, report) = if role == Role::Active {
        let handle = scale.as_ref();
        act(context, &hpa, &mut state.autoscaler, decision, handle).await
    } else {
        tell(&mut state.autoscaler, decision, now)
    };
    state.last = Some(Last {
        at: reading,
        replicas,
        scaled: stored.last_scale_time,
    });
    let what_if = context
        .what_if
        .decide(context, &hpa, state, &observation, now)
        .await;
    let mut summary = Summary {
        key: key.clone(),
        target: format!("{}/{}", hpa.target.kind, hpa.target.name),
        role,
        current: replicas,
        desired,
        theirs: stored.desired_replicas,
        rescale,
        disagreement: None,
        what_if,
        status: status.unwrap_or_else(|| (*stored).clone()),
        events: report.events,
        error: report.error,
    };
    if role != Role::Active {
        let found = state
            .standing
            .judge(&summary, &hpa.spec, &context.config, reading);
        summary.disagreement = Some(found);
    }
    let times = Times {
        sync: begin.elapsed(),
        metrics: took,
    };
    measure(context, &summary, &observation, &times, state);
    Some(summary)
}

/// Whether to act on this autoscaler now.
fn role(context: &Context, hpa: &Hpa, state: &mut State) -> Role {
    let Authority { mode, scope } = &context.authority;
    let named = match scope {
        Scope::All => true,
        Scope::Named(name) => hpa.managed_by.as_ref() == Some(name),
    };
    let next = if *mode == Mode::Shadow || !named {
        Role::Shadow
    } else {
        let mut hpas = lock(&context.hpas);
        if state.role == Role::Shadow {
            // What others wrote before was their right.
            hpas.forget_writers(&hpa.key);
        }
        let period = context.config.sync_period.0;
        let within = |periods: i64| hpas.foreign_writes(&hpa.key, Duration(period * periods));
        let now = context.clock.read().monotonic;
        match state.role {
            Role::Contested(_) if within(1) > 0 => Role::Contested(now),
            Role::Contested(seen) if now.0 - seen.0 < period * TRUCE_PERIODS => {
                Role::Contested(seen)
            }
            Role::Active if within(FIGHT_PERIODS) >= FIGHT => Role::Contested(now),
            _ => Role::Active,
        }
    };
    let is_new = matches!((state.role, next), (Role::Active, Role::Contested(_)));
    if is_new {
        let message = String::from(
            "another controller keeps writing the status of this autoscaler; hpa-controller does not act on it until that ends",
        );
        tracing::warn!(hpa = %hpa.key, "{message}");
        context.events.warn(hpa, "ConflictingController", message);
    }
    state.role = next;
    next
}

/// Moves what is remembered when the clock was set.
fn keep_time(state: &mut State, now: Reading) {
    let step = state
        .last
        .map_or(Duration::ZERO, |last| now.step_since(last.at));
    if step != Duration::ZERO {
        tracing::warn!(by = %step, "the clock was set; histories move with it");
        state.autoscaler.clock_was_set(step);
        if let Some(alternative) = &mut state.alternative {
            alternative.autoscaler.clock_was_set(step);
        }
    }
}

/// Remembers a rescale that was carried out since the last sync, unless it was by this autoscaler.
fn learn_rescale(state: &mut State, hpa: &Hpa, replicas: Option<i32>, now: Timestamp) {
    let Some((last, replicas)) = state.last.zip(replicas) else {
        return;
    };
    // A count that changed without the other controller's doing is none of its scale events.
    let scaled = hpa.stored.last_scale_time;
    if let Some(from) = last.replicas
        && from != replicas
        && scaled != last.scaled
    {
        let at = scaled.filter(|at| *at >= last.at.wall && *at <= now);
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
}

/// Carries a decision out.
async fn act(
    context: &Context,
    hpa: &Hpa,
    autoscaler: &mut Autoscaler,
    decision: Decision<'_>,
    scale: Option<&super::observe::ScaleHandle>,
) -> (Option<Status>, Report) {
    let Context {
        client,
        permit,
        clock,
        ..
    } = context;
    let written = match (&decision.rescale, scale) {
        (Some(rescale), Some(handle)) => {
            apply::scale(client, permit, handle, rescale.to)
                .instrument(spans::apply(rescale.to))
                .await
        }
        _ => Ok(()),
    };
    if written == Err(Failure::NotAllowed) {
        // Nothing may be told either: whoever leads now tells.
        drop(decision);
        return (None, stopped());
    }
    let completing = async {
        let outcome = autoscaler.complete(decision, apply::text(&written), clock.now());
        let status = outcome.status.clone();
        let stored = match &status {
            Some(status) => apply::status(client, permit, hpa, status).await,
            None => return (None, emit(context, hpa, outcome.finish(Ok(())))),
        };
        let written = match stored {
            Ok(answer) => {
                lock(&context.hpas).wrote(hpa, answer);
                Ok(())
            }
            Err(Failure::NotAllowed) => return (None, stopped()),
            // It was deleted in between: there is nobody to tell.
            Err(failure) if failure.is_not_found() && !lock(&context.hpas).exists(hpa) => {
                return (None, Report::default());
            }
            Err(failure) => Err(failure),
        };
        let report = outcome.finish(apply::text(&written));
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

fn stopped() -> Report {
    Report {
        events: Vec::new(),
        error: Some(Failure::NotAllowed.text()),
    }
}

/// What carrying the decision out would lead to, if it went well.
fn tell(
    autoscaler: &mut Autoscaler,
    decision: Decision<'_>,
    now: Timestamp,
) -> (Option<Status>, Report) {
    let outcome = if decision.rescale.is_some() {
        // The rescale is not ours: it must not be remembered unless the other one does it.
        autoscaler.clone().complete(decision, Ok(()), now)
    } else {
        autoscaler.complete(decision, Ok(()), now)
    };
    let status = outcome.status.clone();
    (status, outcome.finish(Ok(())))
}

/// How long a sync took.
struct Times {
    sync: std::time::Duration,
    /// Reading each metric.
    metrics: Vec<std::time::Duration>,
}

/// Counts and measures the sync as upstream does.
fn measure(
    context: &Context,
    summary: &Summary,
    observation: &Observation,
    times: &Times,
    state: &State,
) {
    let explanation = state.autoscaler.explanation();
    let action = match &summary.rescale {
        Some(rescale) if rescale.to > rescale.from => Action::ScaleUp,
        Some(_) => Action::ScaleDown,
        None => Action::None,
    };
    // Upstream's errSpec: what the person who wrote the object has to mend.
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
    telemetry.reconciled(action, error, times.sync);
    for (index, step) in explanation.metrics.iter().enumerate() {
        let error = match &step.proposal {
            Ok(_) => ErrorKind::None,
            Err(_) => ErrorKind::Internal,
        };
        let proposed = step.proposal.as_ref().ok().zip(summary.current);
        let action = match proposed {
            Some((proposal, current)) if *proposal > current => Action::ScaleUp,
            Some((proposal, current)) if *proposal < current => Action::ScaleDown,
            _ => Action::None,
        };
        let took = times.metrics.get(index).copied().unwrap_or_default();
        telemetry.computed(action, error, metric_type(&step.identity), took);
    }
    let Key { namespace, name } = &summary.key;
    if let Some(desired) = summary.desired {
        telemetry.desired(namespace, name, desired);
        if let Some(what_if) = summary.what_if {
            telemetry.what_if(namespace, name, what_if - desired);
        }
    }
    if let Some(found) = &summary.disagreement {
        telemetry.disagreement(namespace, name, found.difference, found.reason.as_str());
    }
}
