//! Replica counts from one value for all pods: object and external metrics.
//!
//! Upstream: `replica_calculator.go`, `GetObjectMetricReplicas` and its siblings.

use super::{
    CalculationError, Context, Proposal, ceil_to_replicas, ceil_to_replicas_capped, float, listed,
};
use crate::api::{Change, CrossVersionObjectReference, MetricIdentifier};
use crate::autoscaler::config::ControllerConfig;
use crate::autoscaler::explanation::{Calculation, TotalCalculation, TotalMeasure, TotalRule};
use crate::autoscaler::observation::{ExternalSamples, ObjectSample};
use crate::autoscaler::pods;
use crate::autoscaler::spec::SelectorText;
use crate::autoscaler::status::ReadingValue;
use crate::time::Timestamp;

/// The error of an object metric that could not be read.
///
/// Upstream: `GetObjectMetricReplicas`; up to 1.36 the arguments of its text are misplaced.
#[must_use]
pub fn object_error(
    config: &ControllerConfig,
    namespace: &str,
    metric: &str,
    object: &CrossVersionObjectReference,
    error: &str,
) -> CalculationError {
    let CrossVersionObjectReference { kind, name, .. } = object;
    let text = if config.rules.has(Change::ObjectErrorOrder) {
        format!("unable to get metric {metric} on {kind} {namespace}/{name}: {error}")
    } else {
        format!("unable to get metric {metric}: {kind} on {namespace} {name}/{error}")
    };
    text.into()
}

/// The error of an external metric that could not be read.
///
/// Upstream: `GetExternalMetricReplicas`, `GetExternalPerPodMetricReplicas`.
#[must_use]
pub fn external_error(namespace: &str, metric: &MetricIdentifier, error: &str) -> CalculationError {
    let selector = SelectorText(metric);
    let text = format!(
        "unable to get external metric {namespace}/{}/{selector}: {error}",
        metric.name
    );
    text.into()
}

/// Replicas by one value against a whole target.
///
/// Upstream: `getUsageRatioReplicaCount`.
fn value_replicas(
    context: &Context<'_>,
    usage: i64,
    target: i64,
) -> Result<Proposal, CalculationError> {
    let casts = context.config.casts();
    let ratio = float(usage) / float(target);
    // Upstream counts the pods only if it needs them; the explanation always shows them.
    let mut ready = context.pods.ok().map(pods::ready_count);
    let (replicas, rule) = if context.current_replicas == 0 {
        (ceil_to_replicas(ratio, casts), TotalRule::RatioFromZero)
    } else if context.tolerates(ratio) {
        (context.current_replicas, TotalRule::WithinTolerance)
    } else {
        let pods = listed(context).map_err(|error| ready_error(&error, usage))?;
        let ready = *ready.get_or_insert_with(|| pods::ready_count(pods));
        let round = if context.config.rules.has(Change::ValueCountCap) {
            ceil_to_replicas_capped
        } else {
            ceil_to_replicas
        };
        (
            round(ratio * float(ready), casts),
            TotalRule::ReadyTimesRatio,
        )
    };
    Ok(Proposal {
        replicas,
        reading: ReadingValue::Value(usage),
        timestamp: None,
        calculation: Calculation::Total(TotalCalculation {
            measure: TotalMeasure::Value { ready },
            usage,
            target,
            ratio,
            tolerances: context.tolerances,
            rule,
        }),
    })
}

fn ready_error(error: &str, usage: i64) -> CalculationError {
    let text = format!("unable to calculate ready pods: {error}").into();
    CalculationError {
        text,
        usage,
        timestamp: None,
    }
}

/// How overflows are handled: upstream uses some values as they are and caps others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    Ignored,
    Capped,
}

/// Replicas by one value against a target per pod, of which `status.replicas` are counted.
fn average_value_replicas(
    context: &Context<'_>,
    usage: i64,
    target: i64,
    timestamp: Option<Timestamp>,
    overflow: Overflow,
) -> Proposal {
    let casts = context.config.casts();
    let status_replicas = context.status_replicas;
    let ratio = float(usage) / (float(target) * f64::from(status_replicas));
    let round = match overflow {
        Overflow::Ignored => ceil_to_replicas,
        Overflow::Capped => ceil_to_replicas_capped,
    };
    // Within tolerance the proposal is status.replicas, even where it differs from spec.replicas.
    let (replicas, rule) = if context.tolerates(ratio) {
        (status_replicas, TotalRule::WithinTolerance)
    } else {
        (
            round(float(usage) / float(target), casts),
            TotalRule::UsageOverTarget,
        )
    };
    let undivided = status_replicas == 0 && context.config.rules.has(Change::NoDivisionAtZero);
    let average = if undivided {
        usage
    } else if overflow == Overflow::Capped && float(usage) >= -float(i64::MIN) {
        i64::MAX
    } else {
        casts.to_i64((float(usage) / f64::from(status_replicas)).ceil())
    };
    Proposal {
        replicas,
        reading: ReadingValue::AverageValue(average),
        timestamp,
        calculation: Calculation::Total(TotalCalculation {
            measure: TotalMeasure::AverageValue { status_replicas },
            usage,
            target,
            ratio,
            tolerances: context.tolerances,
            rule,
        }),
    }
}

/// Replicas by an object metric against a whole target.
///
/// Upstream: `GetObjectMetricReplicas`.
///
/// # Errors
/// If there are no pods to count.
pub fn object_replicas(
    context: &Context<'_>,
    target: i64,
    sample: ObjectSample,
) -> Result<Proposal, CalculationError> {
    value_replicas(context, sample.milli_value, target)
}

/// Replicas by an object metric against a target per pod.
///
/// Upstream: `GetObjectPerPodMetricReplicas`.
#[must_use]
pub fn object_per_pod_replicas(
    context: &Context<'_>,
    target: i64,
    sample: ObjectSample,
) -> Proposal {
    average_value_replicas(
        context,
        sample.milli_value,
        target,
        Some(sample.timestamp),
        Overflow::Ignored,
    )
}

/// Replicas by an external metric against a whole target.
///
/// Upstream: `GetExternalMetricReplicas`.
///
/// # Errors
/// If there are no pods to count.
pub fn external_replicas(
    context: &Context<'_>,
    target: i64,
    samples: &ExternalSamples,
) -> Result<Proposal, CalculationError> {
    let guarded = context.config.rules.has(Change::ExternalSumGuard);
    let mut usage = 0_i64;
    for &value in &samples.milli_values {
        // Upstream guards only the upper end, and leaves out what comes after it.
        if guarded && value > 0 && usage > i64::MAX - value {
            usage = i64::MAX;
            break;
        }
        usage = usage.wrapping_add(value);
    }
    value_replicas(context, usage, target)
}

/// Replicas by an external metric against a target per pod.
///
/// Upstream: `GetExternalPerPodMetricReplicas`.
#[must_use]
pub fn external_per_pod_replicas(
    context: &Context<'_>,
    target: i64,
    samples: &ExternalSamples,
) -> Proposal {
    let guarded = context.config.rules.has(Change::ExternalAverageGuard);
    let mut usage = 0_i64;
    for &value in &samples.milli_values {
        usage = usage.wrapping_add(value);
        if guarded && usage < 0 {
            // Upstream treats any negative sum as an overflow.
            usage = i64::MAX;
            break;
        }
    }
    let overflow = if guarded {
        Overflow::Capped
    } else {
        Overflow::Ignored
    };
    average_value_replicas(context, usage, target, samples.timestamp, overflow)
}
