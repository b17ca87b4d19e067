//! One sync from beginning to end, in two phases around the write of the scale.
//!
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `reconcileAutoscaler`.

use std::sync::Arc;

use super::calculator::Context;
use super::config::ControllerConfig;
use super::draft::{Draft, LastSelector};
use super::explanation::{Bound, Branch, Explanation, Tolerances};
use super::histories::Histories;
use super::message::{Event, EventKind, Message, Reason, RescaleReason};
use super::observation::{Observation, Scale, ScaleError};
use super::rate::{self, Range};
use super::spec::Spec;
use super::status::{ConditionStatus, ConditionType, Status};
use super::{proposals, stabilization};
use crate::time::{Duration, Timestamp};

/// The algorithm for one autoscaler, and what it remembers between syncs.
///
/// Each sync is three calls, none of which waits, reads a clock or does anything but compute:
///
/// 1. [`decide`](Self::decide) takes the facts and says whether to rescale. The caller writes
///    [`Decision::rescale`], if there is one, through the scale subresource.
/// 2. [`complete`](Self::complete) takes what came of that write. The caller stores
///    [`Outcome::status`], if there is one.
/// 3. [`Outcome::finish`] takes what came of that write and gives events and error.
///
/// A rescale is remembered, and the status worded, only after the write: upstream does both so.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    config: ControllerConfig,
    histories: Histories,
    explanation: Explanation,
    last_selector: LastSelector,
}

/// The first half of a sync: what is to be done.
#[derive(Debug)]
#[must_use = "a decision must be completed, or its rescale is not remembered"]
pub struct Decision {
    /// The replica count to be written, if it is to change.
    pub rescale: Option<Rescale>,
    stored: Status,
    status: Status,
    events: Vec<Event>,
    current: i32,
    remember: Option<RemainingMemory>,
    scales_to_zero: Option<bool>,
    reference: Arc<str>,
    name: Arc<str>,
    generation: Option<i64>,
    result: Ending,
}

/// The longest policy periods, up and down, by which old scale events are given up.
#[derive(Clone, Copy, Debug)]
struct RemainingMemory {
    up: Duration,
    down: Duration,
}

/// How the sync ends if nothing else fails.
#[derive(Clone, Debug)]
enum Ending {
    /// As it should, with the error of the metrics that failed, if any did.
    Regular(Option<Arc<str>>),
    /// Before the end, with this error; a failed write of the status is then only logged.
    Early {
        error: Arc<str>,
        /// Emitted after the status was written.
        last_event: Option<Event>,
    },
}

/// A change of the replica count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescale {
    /// The count as read.
    pub from: i32,
    /// The count to be written.
    pub to: i32,
    /// Why.
    pub reason: RescaleReason,
}

/// The second half of a sync: what is to be stored.
#[derive(Debug)]
#[must_use = "an outcome must be finished, or its events are lost"]
pub struct Outcome {
    /// The status to be stored, if it differs from the stored one.
    pub status: Option<Status>,
    events: Vec<Event>,
    name: Arc<str>,
    ending: Ending,
}

/// The end of a sync: what is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events in the order in which upstream emits them.
    pub events: Vec<Event>,
    /// The error that the sync ended with.
    pub error: Option<Arc<str>>,
}

impl Autoscaler {
    /// An autoscaler that remembers nothing, as after a restart of the controller.
    #[must_use]
    pub fn new(config: ControllerConfig) -> Self {
        Self {
            config,
            histories: Histories::default(),
            explanation: Explanation::default(),
            last_selector: LastSelector::default(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// What is remembered.
    #[must_use]
    pub const fn histories(&self) -> &Histories {
        &self.histories
    }

    /// Why the last decision came out as it did; overwritten by the next one.
    #[must_use]
    pub const fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// Decides one sync: `spec` is the autoscaler's, `stored` its status as last read.
    pub fn decide(
        &mut self,
        spec: &Spec,
        stored: &Status,
        observation: &Observation,
        now: Timestamp,
    ) -> Decision {
        self.explanation.start(spec, now);
        let generation = self
            .config
            .version
            .reports_observed_generation()
            .then_some(spec.generation);
        let mut draft = Draft {
            status: stored.clone(),
            events: Vec::new(),
            now,
            generation,
            last_selector: &mut self.last_selector,
        };
        if generation.is_some() {
            draft.status.observed_generation = generation;
        }
        let scale = match &observation.scale {
            Ok(scale) => scale,
            Err(error) => return without_scale(spec, stored, draft, error),
        };
        draft.set(
            ConditionType::AbleToScale,
            ConditionStatus::True,
            Reason::SucceededGetScale,
            Message::GotScale,
        );
        let current = scale.spec_replicas;
        self.histories.record_initial(current, now);
        self.explanation.current = current;

        let zero = ZeroScale::new(&self.config, spec, stored);
        let mut metrics_error = None;
        let branch = branch(spec, current, &zero);
        self.explanation.branch = branch;
        let (desired, reason) = match branch {
            Branch::AboveMaximum => (spec.max_replicas, RescaleReason::AboveMaximum),
            Branch::BelowMinimum => (spec.min_replicas, RescaleReason::BelowMinimum),
            Branch::Disabled => {
                draft.set(
                    ConditionType::ScalingActive,
                    ConditionStatus::False,
                    Reason::ScalingDisabled,
                    Message::Disabled,
                );
                if !zero.gate {
                    draft.status.conditions.remove(&ConditionType::ScaledToZero);
                }
                (0, RescaleReason::None)
            }
            Branch::NoScale | Branch::Metrics | Branch::NoMetrics => {
                let context = Context {
                    config: &self.config,
                    tolerances: tolerances(&self.config, spec),
                    current_replicas: current,
                    status_replicas: scale.status_replicas,
                    pods: observation.pods.as_deref(),
                    now,
                };
                let computed = proposals::compute(
                    spec,
                    scale,
                    &context,
                    observation,
                    &mut draft,
                    &mut self.explanation,
                );
                let Ok((proposal, metric)) = computed.proposal else {
                    self.explanation.branch = Branch::NoMetrics;
                    self.explanation.desired = current;
                    return without_metrics(spec, stored, draft, current, computed.error);
                };
                metrics_error = computed.error;
                // Never below zero, whatever the arithmetic gave.
                let (recommended, name) = if proposal > 0 {
                    (proposal, Some(metric))
                } else {
                    (0, None)
                };
                let mut reason = match recommended.cmp(&current) {
                    std::cmp::Ordering::Greater => {
                        RescaleReason::AboveTarget(name.unwrap_or_default())
                    }
                    std::cmp::Ordering::Less => RescaleReason::AllBelowTarget,
                    std::cmp::Ordering::Equal => RescaleReason::None,
                };
                let mut desired = normalize(
                    spec,
                    &self.config,
                    &mut self.histories,
                    &mut self.explanation,
                    &mut draft,
                    recommended,
                );
                if zero.wakes(spec, current) && desired < spec.min_replicas {
                    desired = spec.min_replicas;
                    if reason == RescaleReason::None {
                        reason = RescaleReason::BelowMinimum;
                    }
                }
                (desired, reason)
            }
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
            stored: stored.clone(),
            status: draft.status,
            events: draft.events,
            current,
            remember: spec.behavior.as_ref().map(|behavior| RemainingMemory {
                up: behavior.scale_up.longest_period(),
                down: behavior.scale_down.longest_period(),
            }),
            scales_to_zero: zero.gate.then_some(
                current > 0
                    && desired == 0
                    && spec.min_replicas == 0
                    && spec.has_object_or_external_metric(),
            ),
            reference: Arc::clone(&spec.reference),
            name: Arc::clone(&spec.name),
            generation,
            result: Ending::Regular(metrics_error),
        }
    }

    /// Completes a sync: `written` says what came of writing the rescale, and is not looked at
    /// where there was none to write.
    pub fn complete(
        &mut self,
        decision: Decision,
        written: Result<(), Arc<str>>,
        now: Timestamp,
    ) -> Outcome {
        let mut draft = Draft {
            status: decision.status,
            events: decision.events,
            now,
            generation: decision.generation,
            last_selector: &mut self.last_selector,
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
                set_scaled_to_zero(&mut draft, decision.scales_to_zero);
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
            status: (!draft.status.is_same(&decision.stored)).then_some(draft.status),
            events: draft.events,
            name: decision.name,
            ending,
        }
    }
}

impl Outcome {
    /// Ends a sync: `written` says what came of storing the status, and is not looked at where
    /// there was none to store.
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

/// What the rules of scaling to zero look at.
struct ZeroScale {
    gate: bool,
    scaled_to_zero: bool,
    can_wake: bool,
}

impl ZeroScale {
    fn new(config: &ControllerConfig, spec: &Spec, stored: &Status) -> Self {
        let gate = config.gates.hpa_scale_to_zero;
        let scaled_to_zero = gate && stored.conditions.is_true(&ConditionType::ScaledToZero);
        let can_wake = scaled_to_zero && spec.has_object_or_external_metric();
        Self {
            gate,
            scaled_to_zero,
            can_wake,
        }
    }

    /// Whether a target without replicas is to get at least the minimum back.
    fn wakes(&self, spec: &Spec, current: i32) -> bool {
        current == 0 && spec.min_replicas != 0 && self.scaled_to_zero
    }
}

fn branch(spec: &Spec, current: i32, zero: &ZeroScale) -> Branch {
    if current == 0 {
        if zero.wakes(spec, current) || zero.can_wake {
            Branch::Metrics
        } else {
            Branch::Disabled
        }
    } else if current > spec.max_replicas {
        Branch::AboveMaximum
    } else if current < spec.min_replicas {
        Branch::BelowMinimum
    } else {
        Branch::Metrics
    }
}

/// Upstream: `tolerancesForHpa`.
fn tolerances(config: &ControllerConfig, spec: &Spec) -> Tolerances {
    let own = spec
        .behavior
        .as_ref()
        .filter(|_| config.gates.hpa_configurable_tolerance);
    let or_global = |own: Option<f64>| own.unwrap_or(config.tolerance);
    Tolerances {
        scale_down: or_global(own.and_then(|behavior| behavior.scale_down.tolerance)),
        scale_up: or_global(own.and_then(|behavior| behavior.scale_up.tolerance)),
    }
}

/// Upstream: `normalizeDesiredReplicas`, `normalizeDesiredReplicasWithBehaviors`.
fn normalize(
    spec: &Spec,
    config: &ControllerConfig,
    histories: &mut Histories,
    explanation: &mut Explanation,
    draft: &mut Draft<'_>,
    recommended: i32,
) -> i32 {
    let now = draft.now;
    let current = explanation.current;
    let range = Range {
        current,
        minimum: spec.min_replicas,
        maximum: spec.max_replicas,
    };
    let (stabilized, rated) = match &spec.behavior {
        None => {
            let stabilized = stabilization::without_behavior(histories, recommended, config, now);
            (
                stabilized,
                rate::without_behavior(stabilized.stabilized, range),
            )
        }
        Some(behavior) => {
            let stabilized = stabilization::with_behavior(
                histories,
                recommended,
                current,
                behavior,
                config,
                now,
            );
            let rated = rate::with_behavior(
                stabilized.stabilized,
                range,
                behavior,
                histories,
                now,
                &mut explanation.policies,
            );
            (stabilized, rated)
        }
    };
    let (reason, message) = stabilization::condition(&stabilized, current);
    draft.set(
        ConditionType::AbleToScale,
        ConditionStatus::True,
        reason,
        message,
    );
    let (reason, message) = rate::condition(rated.bound);
    let limited = if rated.bound == Bound::None {
        ConditionStatus::False
    } else {
        ConditionStatus::True
    };
    draft.set(ConditionType::ScalingLimited, limited, reason, message);
    explanation.stabilization = Some(stabilized);
    explanation.rate = Some(rated);
    rated.result
}

/// Upstream: `setScaledToZeroCondition`; `None` where the gate is off.
fn set_scaled_to_zero(draft: &mut Draft<'_>, scales_to_zero: Option<bool>) {
    let (status, reason, message) = match scales_to_zero {
        None => return draft.status.conditions.remove(&ConditionType::ScaledToZero),
        Some(true) => (
            ConditionStatus::True,
            Reason::ScaledToZero,
            Message::ScaledToZero,
        ),
        Some(false) => (
            ConditionStatus::False,
            Reason::NotScaledToZero,
            Message::NotScaledToZero,
        ),
    };
    draft.set(ConditionType::ScaledToZero, status, reason, message);
}

/// A sync that ends because the scale could not be read: everything else stays as it was.
fn without_scale(
    spec: &Spec,
    stored: &Status,
    mut draft: Draft<'_>,
    error: &ScaleError,
) -> Decision {
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
    early(spec, stored, draft, 0, returned.into(), None)
}

/// A sync that ends because no metric gave a usable proposal.
fn without_metrics(
    spec: &Spec,
    stored: &Status,
    mut draft: Draft<'_>,
    current: i32,
    error: Option<Arc<str>>,
) -> Decision {
    let error = error.unwrap_or_default();
    draft.status.current_replicas = current;
    let returned = format!(
        "failed to compute desired number of replicas based on listed metrics for {}: {error}",
        spec.reference
    );
    let event = Event::warning(Reason::FailedComputeMetricsReplicas, Message::Text(error));
    early(spec, stored, draft, current, returned.into(), Some(event))
}

fn early(
    spec: &Spec,
    stored: &Status,
    draft: Draft<'_>,
    current: i32,
    error: Arc<str>,
    last_event: Option<Event>,
) -> Decision {
    Decision {
        rescale: None,
        stored: stored.clone(),
        status: draft.status,
        events: draft.events,
        current,
        remember: None,
        scales_to_zero: None,
        reference: Arc::clone(&spec.reference),
        name: Arc::clone(&spec.name),
        generation: draft.generation,
        result: Ending::Early { error, last_event },
    }
}

impl Scale {
    /// A scale of `replicas` that are all there.
    #[must_use]
    pub fn settled(replicas: i32, selector: impl Into<Arc<str>>) -> Self {
        Self {
            spec_replicas: replicas,
            status_replicas: replicas,
            selector: selector.into(),
        }
    }
}
