//! The sync, in two phases around the write of the scale.
//!
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `reconcileAutoscaler`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::calculator::Context;
use super::config::ControllerConfig;
use super::draft::{Draft, Facts, LastSelector};
use super::explanation::{Branch, Explanation};
use super::histories::Histories;
use super::message::{Event, EventKind, Message, Reason, RescaleReason};
use super::normalize::Normalizer;
use super::observation::{Observation, ScaleError};
use super::proposals;
use super::scale_to_zero::{self, ConditionRule};
use super::spec::Spec;
use super::status::{ConditionStatus, ConditionType, Status};
use crate::api::{Change, FeatureGate};
use crate::time::{SignedDuration, Timestamp};

/// The algorithm for one autoscaler, with its state between syncs.
///
/// Each sync is three calls of pure computation:
///
/// 1. [`decide`](Self::decide) takes the observation and decides whether to rescale. The caller writes
///    [`Decision::rescale`], if there is one, through the scale subresource.
/// 2. [`complete`](Self::complete) takes the result of that write. The caller stores
///    [`Outcome::status`], if there is one.
/// 3. [`Outcome::finish`] takes the result of that write and returns events and error.
///
/// As in upstream, a rescale is recorded and the status set only after the write.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    config: ControllerConfig,
    histories: Histories,
    explanation: Explanation,
    last_selector: LastSelector,
}

/// The result of the first half of a sync.
#[derive(Debug)]
#[must_use = "a decision must be completed, or its rescale is not remembered"]
pub struct Decision<'a> {
    /// The new replica count to write, if any.
    pub rescale: Option<Rescale>,
    stored: &'a Status,
    status: Status,
    events: Vec<Event>,
    current: i32,
    remember: Option<RemainingMemory>,
    scaled_to_zero: ConditionRule,
    reference: Arc<str>,
    name: Arc<str>,
    result: Ending,
}

/// The longest policy periods of scale-up and scale-down, after which scale events expire.
#[derive(Clone, Copy, Debug)]
struct RemainingMemory {
    up: SignedDuration,
    down: SignedDuration,
}

/// How the sync ends if no write fails.
#[derive(Clone, Debug)]
enum Ending {
    /// Regularly, with the error of failed metrics, if any.
    Regular(Option<Arc<str>>),
    /// Early, with this error; a failed write of the status is then only logged.
    Early {
        error: Arc<str>,
        /// Emitted after the write of the status.
        last_event: Option<Event>,
    },
}

/// A rescale.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rescale {
    /// The current count.
    pub from: i32,
    /// The new count.
    pub to: i32,
    /// The cause.
    pub reason: RescaleReason,
}

/// The result of the second half of a sync.
#[derive(Debug)]
#[must_use = "an outcome must be finished, or its events are lost"]
pub struct Outcome {
    /// The status to store, if it differs from the stored one.
    pub status: Option<Status>,
    events: Vec<Event>,
    name: Arc<str>,
    ending: Ending,
}

/// The end of a sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Events in upstream's order.
    pub events: Vec<Event>,
    /// The error that the sync ended with.
    pub error: Option<Arc<str>>,
}

impl Autoscaler {
    /// An autoscaler without state, as after a restart of the controller.
    #[must_use]
    pub fn new(config: ControllerConfig) -> Self {
        Self {
            config,
            histories: Histories::default(),
            explanation: Explanation::default(),
            last_selector: LastSelector::default(),
        }
    }

    /// Takes over the state of another instance.
    ///
    /// Upstream does not persist its histories and starts without them after a restart. Callers that
    /// persist [`Self::histories`] can restore them.
    #[must_use]
    pub fn with_histories(self, histories: Histories) -> Self {
        Self { histories, ..self }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// The state between syncs.
    #[must_use]
    pub const fn histories(&self) -> &Histories {
        &self.histories
    }

    /// The explanation of the last decision; overwritten by the next one.
    #[must_use]
    pub const fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// Records a rescale by another controller that follows the same rules.
    ///
    /// An observer of another controller calls this so that both have the same state for the next
    /// decision. Without behavior there is nothing to record.
    pub fn remember_rescale(&mut self, spec: &Spec, from: i32, to: i32, at: Timestamp) {
        if let Some(behavior) = &spec.behavior {
            let rules = if to > from {
                &behavior.scale_up
            } else {
                &behavior.scale_down
            };
            self.histories
                .store_scale_event(from, to, rules.longest_period(), at);
        }
    }

    /// Shifts all recorded times by `step` after the clock was set, so that windows and periods still
    /// measure elapsed time.
    ///
    /// Upstream: Go compares times by their monotonic clock reading.
    pub fn clock_was_set(&mut self, step: SignedDuration) {
        self.histories.shift(step);
    }

    /// Decides one sync; `stored` is the autoscaler's last read status.
    pub fn decide<'a>(
        &mut self,
        spec: &Spec,
        stored: &'a Status,
        observation: &Observation,
        now: Timestamp,
    ) -> Decision<'a> {
        self.explanation.start(spec, now);
        let mut draft = Draft {
            status: stored.clone(),
            events: Vec::new(),
            now,
        };
        let scale = match &observation.scale {
            Ok(scale) => scale,
            Err(error) => return without_scale(spec, stored, draft, error),
        };
        draft.status.observed_generation = self.observed_generation(spec);
        draft.set(
            ConditionType::AbleToScale,
            ConditionStatus::True,
            Reason::SucceededGetScale,
            Message::GotScale,
        );
        let current = scale.spec_replicas;
        self.histories.record_initial(current, now);
        self.explanation.current = current;

        let zero = scale_to_zero::ZeroScale::new(&self.config, spec, stored);
        let branch = scale_to_zero::branch(spec, current, &zero);
        self.explanation.branch = branch;
        let goal = match branch {
            Branch::AboveMaximum => Ok(Goal::clamp(spec.max_replicas, RescaleReason::AboveMaximum)),
            Branch::BelowMinimum => Ok(Goal::clamp(spec.min_replicas, RescaleReason::BelowMinimum)),
            Branch::Disabled => {
                scale_to_zero::disable(&mut draft, &zero);
                Ok(Goal::clamp(0, RescaleReason::None))
            }
            Branch::NoScale | Branch::Metrics | Branch::NoMetrics => {
                let facts = Facts {
                    spec,
                    scale,
                    observation,
                };
                self.by_metrics(facts, &zero, &mut draft)
            }
        };
        let Goal {
            desired,
            reason,
            error,
        } = match goal {
            Ok(goal) => goal,
            Err(error) => return without_metrics(spec, stored, draft, current, error),
        };
        if branch != Branch::Metrics {
            draft.status.current_metrics.clear();
        }
        self.explanation.desired = desired;
        Decision {
            rescale: (desired != current).then_some(Rescale {
                from: current,
                to: desired,
                reason,
            }),
            stored,
            status: draft.status,
            events: draft.events,
            current,
            remember: spec.behavior.as_ref().map(|behavior| RemainingMemory {
                up: behavior.scale_up.longest_period(),
                down: behavior.scale_down.longest_period(),
            }),
            scaled_to_zero: zero.after_rescale(spec, current, desired),
            reference: Arc::clone(&spec.reference),
            name: Arc::clone(&spec.name),
            result: Ending::Regular(error),
        }
    }

    /// The generation that the status describes, if the release writes it.
    fn observed_generation(&self, spec: &Spec) -> Option<i64> {
        let ControllerConfig { rules, gates, .. } = &self.config;
        (rules.has(Change::ObservedGeneration) && gates.is_on(FeatureGate::HpaGeneration))
            .then_some(spec.generation)
    }

    /// Computes the desired replicas from metrics, windows, policies and limits.
    ///
    /// # Errors
    /// The metrics' error if they give no usable result.
    fn by_metrics(
        &mut self,
        facts: Facts<'_>,
        zero: &scale_to_zero::ZeroScale,
        draft: &mut Draft,
    ) -> Result<Goal, Option<Arc<str>>> {
        let Facts {
            spec,
            scale,
            observation,
        } = facts;
        let current = scale.spec_replicas;
        let context = Context {
            config: &self.config,
            tolerances: spec.tolerances(&self.config),
            current_replicas: current,
            status_replicas: scale.status_replicas,
            pods: observation.pods.as_deref(),
            now: draft.now,
        };
        let computed = proposals::compute(
            facts,
            &context,
            &mut self.last_selector,
            draft,
            &mut self.explanation,
        );
        let Ok((proposal, metric)) = computed.proposal else {
            self.explanation.branch = Branch::NoMetrics;
            self.explanation.desired = current;
            return Err(computed.error);
        };
        // Never below zero, whatever the arithmetic result.
        let (recommended, metric) = if proposal > 0 {
            (proposal, metric)
        } else {
            (0, "".into())
        };
        let mut reason = match recommended.cmp(&current) {
            Ordering::Greater => RescaleReason::AboveTarget(metric),
            Ordering::Less => RescaleReason::AllBelowTarget,
            Ordering::Equal => RescaleReason::None,
        };
        let mut desired = self.normalize(spec, draft, recommended);
        if zero.wakes(spec, current) && desired < spec.min_replicas {
            desired = spec.min_replicas;
            if reason == RescaleReason::None {
                reason = RescaleReason::BelowMinimum;
            }
        }
        Ok(Goal {
            desired,
            reason,
            error: computed.error,
        })
    }

    /// Applies windows, policies and limits, and sets their conditions.
    fn normalize(&mut self, spec: &Spec, draft: &mut Draft, recommended: i32) -> i32 {
        let Self {
            config,
            histories,
            explanation,
            ..
        } = self;
        let range = explanation.range();
        let normalizer = Normalizer {
            behavior: spec.behavior.as_ref(),
            range,
            config,
            now: draft.now,
        };
        let (stabilization, rate) =
            normalizer.apply(recommended, histories, &mut explanation.policies);
        let (status, reason, message) = stabilization.condition(range.current);
        draft.set(ConditionType::AbleToScale, status, reason, message);
        let (status, reason, message) = rate.condition();
        draft.set(ConditionType::ScalingLimited, status, reason, message);
        explanation.stabilization = Some(stabilization);
        explanation.rate = Some(rate);
        rate.result
    }

    /// Completes a sync; `written` is the result of writing the rescale, ignored if there was none.
    pub fn complete(
        &mut self,
        decision: Decision<'_>,
        written: Result<(), Arc<str>>,
        now: Timestamp,
    ) -> Outcome {
        let mut draft = Draft {
            status: decision.status,
            events: decision.events,
            now,
        };
        let mut ending = decision.result;
        match (decision.rescale, written) {
            _ if matches!(ending, Ending::Early { .. }) => {}
            (None, _) => {
                draft.status.current_replicas = decision.current;
                draft.status.desired_replicas = decision.current;
            }
            (Some(Rescale { from, to, reason }), Ok(())) => {
                draft.set(
                    ConditionType::AbleToScale,
                    ConditionStatus::True,
                    Reason::SucceededRescale,
                    Message::Rescaled(to),
                );
                draft.events.push(Event {
                    kind: EventKind::Normal,
                    reason: Reason::SuccessfulRescale,
                    message: Message::NewSize(to, reason),
                });
                if let Some(RemainingMemory { up, down }) = decision.remember {
                    let longest_period = if to > from { up } else { down };
                    self.histories
                        .store_scale_event(from, to, longest_period, now);
                }
                scale_to_zero::set_condition(&mut draft, decision.scaled_to_zero);
                draft.status.current_replicas = from;
                draft.status.desired_replicas = to;
                draft.status.last_scale_time = Some(now);
            }
            (Some(Rescale { from, to, reason }), Err(error)) => {
                let message = Message::NewSizeFailed(to, reason, Arc::clone(&error));
                draft
                    .events
                    .push(Event::warning(Reason::FailedRescale, message));
                draft.set(
                    ConditionType::AbleToScale,
                    ConditionStatus::False,
                    Reason::FailedUpdateScale,
                    Message::NotRescaled(Arc::clone(&error)),
                );
                draft.status.current_replicas = from;
                ending = Ending::Early {
                    error: format!("failed to rescale {}: {error}", decision.reference).into(),
                    last_event: None,
                };
            }
        }
        Outcome {
            status: (!draft.status.is_same(decision.stored)).then_some(draft.status),
            events: draft.events,
            name: decision.name,
            ending,
        }
    }
}

impl Outcome {
    /// Ends a sync; `written` is the result of storing the status, ignored if there was none.
    #[must_use]
    pub fn finish(self, written: Result<(), Arc<str>>) -> Report {
        let mut events = self.events;
        let failure = match (self.status, written) {
            (Some(_), Err(error)) => {
                let event = Message::Text(Arc::clone(&error));
                events.push(Event::warning(Reason::FailedUpdateStatus, event));
                Some(format!("failed to update status for {}: {error}", self.name).into())
            }
            _ => None,
        };
        let error = match self.ending {
            Ending::Regular(error) => failure.or(error),
            Ending::Early { error, last_event } => {
                events.extend(last_event);
                Some(error)
            }
        };
        Report { events, error }
    }
}

/// The desired replicas and their cause.
struct Goal {
    desired: i32,
    reason: RescaleReason,
    /// The error of failed metrics if others gave a result.
    error: Option<Arc<str>>,
}

impl Goal {
    /// Desired replicas without evaluating metrics.
    const fn clamp(desired: i32, reason: RescaleReason) -> Self {
        Self {
            desired,
            reason,
            error: None,
        }
    }
}

/// Ends the sync because the scale could not be read; nothing else changes.
fn without_scale<'a>(
    spec: &Spec,
    stored: &'a Status,
    mut draft: Draft,
    error: &ScaleError,
) -> Decision<'a> {
    let (text, returned) = match error {
        ScaleError::InvalidApiVersion(text) => (
            text,
            format!("invalid API version in scale target reference: {text}"),
        ),
        ScaleError::UnknownResource(text) => (
            text,
            format!("unable to determine resource for scale target reference: {text}"),
        ),
        ScaleError::Query(text) => (
            text,
            format!(
                "failed to query scale subresource for {}: {text}",
                spec.reference
            ),
        ),
    };
    draft.events.push(Event::warning(
        Reason::FailedGetScale,
        Message::Text(Arc::clone(text)),
    ));
    draft.set(
        ConditionType::AbleToScale,
        ConditionStatus::False,
        Reason::FailedGetScale,
        Message::NoScale(Arc::clone(text)),
    );
    let ending = Ending::Early {
        error: returned.into(),
        last_event: None,
    };
    early(spec, stored, draft, 0, ending)
}

/// Ends the sync because no metric has a usable proposal.
fn without_metrics<'a>(
    spec: &Spec,
    stored: &'a Status,
    mut draft: Draft,
    current: i32,
    error: Option<Arc<str>>,
) -> Decision<'a> {
    let error = error.unwrap_or_default();
    draft.status.current_replicas = current;
    let returned = format!(
        "failed to compute desired number of replicas based on listed metrics for {}: {error}",
        spec.reference
    );
    let event = Event::warning(Reason::FailedComputeMetricsReplicas, Message::Text(error));
    let ending = Ending::Early {
        error: returned.into(),
        last_event: Some(event),
    };
    early(spec, stored, draft, current, ending)
}

fn early<'a>(
    spec: &Spec,
    stored: &'a Status,
    draft: Draft,
    current: i32,
    ending: Ending,
) -> Decision<'a> {
    Decision {
        rescale: None,
        stored,
        status: draft.status,
        events: draft.events,
        current,
        remember: None,
        scaled_to_zero: ConditionRule::Untouched,
        reference: Arc::clone(&spec.reference),
        name: Arc::clone(&spec.name),
        result: ending,
    }
}

impl Report {
    /// Ends the sync with an error before any decision.
    #[must_use]
    pub const fn failed(error: Arc<str>) -> Self {
        Self {
            events: Vec::new(),
            error: Some(error),
        }
    }
}
