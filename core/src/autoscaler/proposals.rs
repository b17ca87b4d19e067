//! Computes the metrics' proposals and chooses the largest.
//!
//! Upstream: `horizontal.go`, `computeReplicasForMetrics`, `computeReplicasForMetric`,
//! `computeStatusForObjectMetric` and its siblings, `validateAndParseSelector`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::calculator::{self, CalculationError, Context, Proposal, ResourceOf};
use super::config::ControllerConfig;
use super::draft::{Draft, Facts, LastSelector};
use super::explanation::{Calculation, Combination, Explanation, MetricStep};
use super::message::{Event, Message, Reason};
use super::observation::{MetricAnswer, PodSamples};
use super::spec::{Metric, MetricIdentity, Spec, Target};
use super::status::{ConditionStatus, ConditionType, MetricReading};
use crate::api::{Change, FeatureGate, Rules, Selector};

/// The combined result of all metrics.
pub(super) struct Computed {
    /// The largest proposal and the name of its metric; an error if there is no usable one.
    pub(super) proposal: Result<(i32, Arc<str>), ()>,
    /// The error of failed metrics, even if there is a proposal.
    pub(super) error: Option<Arc<str>>,
}

/// Why one metric failed.
struct Failure {
    reason: Reason,
    /// The text of its event and condition.
    text: Arc<str>,
    /// The text of the returned error.
    returned: Arc<str>,
}

/// Evaluates every metric and chooses the largest proposal.
pub(super) fn compute(
    facts: Facts<'_>,
    context: &Context<'_>,
    last_selector: &mut LastSelector,
    draft: &mut Draft,
    explanation: &mut Explanation,
) -> Computed {
    let Facts {
        spec,
        scale,
        observation,
    } = facts;
    if let Err(error) = check_selector(facts, context.config, last_selector, draft) {
        draft.status.current_metrics.clear();
        return Computed {
            proposal: Err(()),
            error: Some(error),
        };
    }
    let mut best = 0;
    let mut winner = None;
    let mut first_failure: Option<(Reason, Arc<str>, Arc<str>)> = None;
    let mut failed = 0;
    draft.status.current_metrics.clear();
    for (index, metric) in spec.metrics.iter().enumerate() {
        let answer = observation
            .metrics
            .get(index)
            .unwrap_or(&MetricAnswer::NotRead);
        match propose(spec, metric, context, answer) {
            Ok(proposal) => {
                draft.status.current_metrics.push(MetricReading::Read {
                    identity: Arc::clone(&metric.identity),
                    value: proposal.reading,
                });
                explanation.metrics.push(MetricStep {
                    name: Arc::clone(&metric.name),
                    identity: Arc::clone(&metric.identity),
                    proposal: Ok(proposal.replicas),
                    calculation: proposal.calculation,
                });
                // A tie keeps the earlier metric; a best of 0 is always replaced.
                if best == 0 || proposal.replicas > best {
                    best = proposal.replicas;
                    winner = Some(index);
                }
            }
            Err(Failure {
                reason,
                text,
                returned,
            }) => {
                failed += 1;
                draft.status.current_metrics.push(MetricReading::Failed);
                draft.events.push(Event::warning(
                    reason.clone(),
                    Message::Text(Arc::clone(&text)),
                ));
                explanation.metrics.push(MetricStep {
                    name: Arc::clone(&metric.name),
                    identity: Arc::clone(&metric.identity),
                    proposal: Err((reason.clone(), Arc::clone(&text))),
                    calculation: Calculation::None,
                });
                first_failure.get_or_insert((reason, text, returned));
            }
        }
    }
    explanation.combination = Some(Combination {
        proposal: best,
        winner,
        failed,
    });
    let error = first_failure.as_ref().map(|(_, _, returned)| {
        let total = spec.metrics.len();
        format!("invalid metrics ({failed} invalid out of {total}), first error is: {returned}")
            .into()
    });
    if let Some((reason, text, _)) = first_failure
        && (failed == spec.metrics.len() || best < scale.spec_replicas)
    {
        // A failed metric might have proposed more: no scale-down.
        let message = Message::InvalidMetric(text);
        draft.set(
            ConditionType::ScalingActive,
            ConditionStatus::False,
            reason,
            message,
        );
        return Computed {
            proposal: Err(()),
            error,
        };
    }
    let name = winner.map_or_else(|| "".into(), |index| Arc::clone(&spec.metrics[index].name));
    draft.set(
        ConditionType::ScalingActive,
        ConditionStatus::True,
        Reason::ValidMetricFound,
        Message::ValidMetric(Arc::clone(&name)),
    );
    Computed {
        proposal: Ok((best, name)),
        error,
    }
}

/// Checks that the scale has a valid selector whose pods no other autoscaler controls.
fn check_selector(
    facts: Facts<'_>,
    config: &ControllerConfig,
    last_selector: &mut LastSelector,
    draft: &mut Draft,
) -> Result<(), Arc<str>> {
    let Facts {
        spec,
        scale,
        observation,
    } = facts;
    let rules = config.rules;
    if scale.selector.is_empty() {
        let error: Arc<str> = "selector is required".into();
        refuse(
            draft,
            Reason::SelectorRequired,
            Arc::clone(&error),
            Reason::InvalidSelector,
            Message::MissingSelector,
        );
        return Err(error);
    }
    if let Err(error) = last_selector.check(&scale.selector, rules) {
        let error: Arc<str> = format!(
            "couldn't convert selector into a corresponding internal selector object: {error}"
        )
        .into();
        let message = Message::Text(Arc::clone(&error));
        refuse(
            draft,
            Reason::InvalidSelector,
            Arc::clone(&error),
            Reason::InvalidSelector,
            message,
        );
        return Err(error);
    }
    if observation.deleted && rules.has(Change::DeletedDuringSync) {
        let (namespace, name) = (&spec.namespace, &spec.name);
        return Err(format!("HPA {namespace}/{name} was deleted during reconciliation").into());
    }
    let pods = observation.pods.as_ref().map_err(Arc::clone)?;
    let mut keys = BTreeSet::new();
    for other in &observation.other_autoscalers {
        let namespace = other.key.split_once('/').map(|(namespace, _)| namespace);
        let mut labels = pods.iter().map(|pod| &pod.shape.labels);
        if namespace == Some(&*spec.namespace)
            && labels.any(|labels| other.selector.matches(labels))
        {
            keys.insert(&*other.key);
        }
    }
    if keys.is_empty() {
        return Ok(());
    }
    let own = format!("{}/{}", spec.namespace, spec.name);
    keys.insert(&own);
    // Upstream lists them in random map order.
    let most = if config.gates.is_on(FeatureGate::HpaOptimizedSelectorStore) {
        2
    } else {
        usize::MAX
    };
    let keys: Vec<&str> = keys.into_iter().take(most).collect();
    let (selector, keys) = (&scale.selector, keys.join(" "));
    let error: Arc<str> = if rules.has(Change::AmbiguousSelectorWords) {
        format!("pods by selector {selector} are controlled by more than one HPA (e.g. [{keys}])")
    } else {
        format!("pods by selector {selector} are controlled by multiple HPAs: [{keys}]")
    }
    .into();
    let message = Message::Text(Arc::clone(&error));
    refuse(
        draft,
        Reason::AmbiguousSelector,
        Arc::clone(&error),
        Reason::AmbiguousSelector,
        message,
    );
    Err(error)
}

/// Reports an unusable selector.
fn refuse(draft: &mut Draft, event: Reason, text: Arc<str>, condition: Reason, message: Message) {
    draft
        .events
        .push(Event::warning(event, Message::Text(text)));
    draft.set(
        ConditionType::ScalingActive,
        ConditionStatus::False,
        condition,
        message,
    );
}

/// One metric's proposal.
fn propose(
    spec: &Spec,
    metric: &Metric,
    context: &Context<'_>,
    answer: &MetricAnswer,
) -> Result<Proposal, Failure> {
    match &*metric.identity {
        MetricIdentity::Resource { resource } => {
            let of = ResourceOf {
                resource,
                container: None,
            };
            resource_proposal(context, of, metric.target, answer).map_err(|text| Failure {
                reason: Reason::FailedGetResourceMetric,
                returned: format!("failed to get {resource} resource metric value: {text}").into(),
                text,
            })
        }
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => {
            let of = ResourceOf {
                resource,
                container: Some(container),
            };
            resource_proposal(context, of, metric.target, answer).map_err(|text| Failure {
                reason: Reason::FailedGetContainerResourceMetric,
                returned: format!("failed to get {container} container metric value: {text}")
                    .into(),
                text,
            })
        }
        MetricIdentity::Pods { metric: identifier } => {
            pods_proposal(context, metric, &identifier.name, answer).map_err(|text| Failure {
                reason: Reason::FailedGetPodsMetric,
                returned: format!("failed to get pods metric value: {text}").into(),
                text,
            })
        }
        MetricIdentity::Object { .. } => object_proposal(spec, context, metric, answer),
        MetricIdentity::External { .. } => external_proposal(spec, context, metric, answer),
        MetricIdentity::Unknown { source_type } => {
            let text: Arc<str> = format!("unknown metric source type \"{source_type}\"").into();
            Err(Failure {
                reason: Reason::InvalidMetricSourceType,
                returned: Arc::clone(&text),
                text,
            })
        }
    }
}

/// What is wrong with a metric's selector, in the words of the release.
fn selector_error(identity: &MetricIdentity, rules: Rules) -> String {
    let metric = match identity {
        MetricIdentity::Pods { metric }
        | MetricIdentity::Object { metric, .. }
        | MetricIdentity::External { metric } => metric,
        MetricIdentity::Resource { .. }
        | MetricIdentity::ContainerResource { .. }
        | MetricIdentity::Unknown { .. } => return String::new(),
    };
    let parsed = (metric.selector.as_ref())
        .map(|selector| Selector::from_label_selector_by(selector, rules));
    match parsed {
        Some(Err(error)) => error.to_string(),
        Some(Ok(_)) | None => String::new(),
    }
}

const NOT_READ: &str = "the metric was not read";

fn samples(answer: &MetricAnswer) -> Result<&PodSamples, Arc<str>> {
    match answer {
        MetricAnswer::Pods(Ok(samples)) => Ok(samples),
        MetricAnswer::Pods(Err(error)) => Err(Arc::clone(error)),
        MetricAnswer::NotRead | MetricAnswer::Object(_) | MetricAnswer::External(_) => {
            Err(NOT_READ.into())
        }
    }
}

/// Upstream: `computeStatusForResourceMetricGeneric`.
fn resource_proposal(
    context: &Context<'_>,
    of: ResourceOf<'_>,
    target: Target,
    answer: &MetricAnswer,
) -> Result<Proposal, Arc<str>> {
    let samples = samples(answer);
    let (what, proposal) = match target {
        Target::AverageValue(target) => (
            "usage",
            calculator::raw_resource_replicas(context, of, target, samples.as_ref().copied()),
        ),
        Target::Utilization(target) => (
            "utilization",
            calculator::resource_replicas(context, of, target, samples.as_ref().copied()),
        ),
        Target::Value(_) | Target::Missing => {
            return Err("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set".into());
        }
    };
    proposal.map_err(|error| format!("failed to get {} {what}: {}", of.resource, error.text).into())
}

/// Upstream: `computeStatusForPodsMetric`.
fn pods_proposal(
    context: &Context<'_>,
    metric: &Metric,
    name: &str,
    answer: &MetricAnswer,
) -> Result<Proposal, Arc<str>> {
    if metric.selector.is_err() {
        return Err(selector_error(&metric.identity, context.config.rules).into());
    }
    // Validation requires an average value; without one upstream would not get here.
    let Target::AverageValue(target) = metric.target else {
        return Err("invalid pods metric source: no average value target was set".into());
    };
    let samples = samples(answer);
    calculator::pods_metric_replicas(context, name, target, samples.as_ref().copied())
        .map_err(|error| error.text)
}

/// Upstream: `computeStatusForObjectMetric`.
fn object_proposal(
    spec: &Spec,
    context: &Context<'_>,
    metric: &Metric,
    answer: &MetricAnswer,
) -> Result<Proposal, Failure> {
    let MetricIdentity::Object {
        metric: identifier,
        described_object,
    } = &*metric.identity
    else {
        unreachable!("called for object metrics only");
    };
    let fail = |text: Arc<str>, inner: &str| Failure {
        reason: Reason::FailedGetObjectMetric,
        returned: format!("failed to get object metric value: {inner}{text}").into(),
        text,
    };
    if metric.selector.is_err() {
        let error = selector_error(&metric.identity, context.config.rules);
        return Err(fail(error.into(), ""));
    }
    let sample = match answer {
        MetricAnswer::Object(Ok(sample)) => Ok(*sample),
        MetricAnswer::Object(Err(error)) => Err(error.as_ref()),
        MetricAnswer::NotRead | MetricAnswer::Pods(_) | MetricAnswer::External(_) => Err(NOT_READ),
    }
    .map_err(|error| {
        calculator::object_error(
            context.config,
            &spec.namespace,
            &identifier.name,
            described_object,
            error,
        )
    });
    match metric.target {
        Target::Value(target) => sample
            .and_then(|sample| calculator::object_replicas(context, target, sample))
            .map_err(|error| fail(error.text, "")),
        Target::AverageValue(target) => sample
            .map(|sample| calculator::object_per_pod_replicas(context, target, sample))
            .map_err(|error| {
                fail(error.text, &format!("failed to get {} object metric: ", identifier.name))
            }),
        Target::Utilization(_) | Target::Missing => Err(fail(
            "invalid object metric source: neither a value target nor an average value target was set"
                .into(),
            "",
        )),
    }
}

/// Upstream: `computeStatusForExternalMetric`.
fn external_proposal(
    spec: &Spec,
    context: &Context<'_>,
    metric: &Metric,
    answer: &MetricAnswer,
) -> Result<Proposal, Failure> {
    let MetricIdentity::External { metric: identifier } = &*metric.identity else {
        unreachable!("called for external metrics only");
    };
    let name = &identifier.name;
    let fail = |text: Arc<str>, inner: &str| Failure {
        reason: Reason::FailedGetExternalMetric,
        returned: format!("failed to get {name} external metric value: {inner}{text}").into(),
        text,
    };
    let samples = match (&metric.selector, answer) {
        (Err(_), _) => {
            let error = selector_error(&metric.identity, context.config.rules);
            Err(CalculationError::from(error))
        }
        (Ok(_), MetricAnswer::External(Ok(samples))) => Ok(samples),
        (Ok(_), MetricAnswer::External(Err(error))) => Err(calculator::external_error(
            &spec.namespace,
            identifier,
            error,
        )),
        (Ok(_), MetricAnswer::NotRead | MetricAnswer::Pods(_) | MetricAnswer::Object(_)) => Err(
            calculator::external_error(&spec.namespace, identifier, NOT_READ),
        ),
    };
    match metric.target {
        Target::AverageValue(target) => samples
            .map(|samples| calculator::external_per_pod_replicas(context, target, samples))
            .map_err(|error| fail(error.text, &format!("failed to get {name} external metric: "))),
        Target::Value(target) => samples
            .and_then(|samples| calculator::external_replicas(context, target, samples))
            .map_err(|error| fail(error.text, &format!("failed to get external metric {name}: "))),
        Target::Utilization(_) | Target::Missing => Err(fail(
            "invalid external metric source: neither a value target nor an average value target was set"
                .into(),
            "",
        )),
    }
}
