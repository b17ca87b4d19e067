//! Replicas from one sample per pod: utilization and plain averages.
//!
//! Upstream: `replica_calculator.go`, `GetResourceReplicas`, `calcPlainMetricReplicas`.

use std::sync::Arc;

use super::{
    CalculationError, Context, Proposal, ResourceOf, ceil_to_replicas, float, is_within, listed,
};
use crate::autoscaler::explanation::{
    Calculation, MissingFill, PodsCalculation, PodsMeasure, PodsRule, Usage,
};
use crate::autoscaler::observation::{PodRecord, PodSamples, PodShape};
use crate::autoscaler::pods::{self, PodGroup, PodGroups, SampleTrust};
use crate::autoscaler::status::ReadingValue;

impl ResourceOf<'_> {
    fn trust(self) -> SampleTrust {
        if self.resource == "cpu" {
            SampleTrust::AfterInitialization
        } else {
            SampleTrust::Always
        }
    }
}

/// Sums over the pods of one metric, by group.
#[derive(Default)]
struct Sums {
    groups: PodGroups,
    ready_usage: i64,
    foreign_usage: i64,
    ready_requests: i64,
    missing_requests: i64,
    unready_requests: i64,
    missing_fallback: i64,
}

/// Groups the pods and sums up usage and, where `request` gives them, requests.
fn sum_up<'a>(
    context: &Context<'a>,
    pods: &'a [PodRecord],
    samples: &PodSamples,
    trust: SampleTrust,
    target_percent: i64,
    mut request: impl FnMut(&'a PodRecord) -> i64,
) -> Sums {
    let mut sums = Sums::default();
    let add = |group: &mut u32, count| *group = group.saturating_add(count);
    let times = |value: i64, count: u32| value.wrapping_mul(i64::from(count));
    for (index, pod) in pods.iter().enumerate() {
        let sample = samples.by_pod.get(index).and_then(Option::as_ref);
        let request = request(pod);
        match pods::group(pod, sample, trust, context.config, context.now) {
            PodGroup::Ready => {
                let usage = sample.map_or(0, |sample| sample.milli_value);
                add(&mut sums.groups.ready, pod.count);
                sums.ready_usage = sums.ready_usage.wrapping_add(times(usage, pod.count));
                sums.ready_requests = sums.ready_requests.wrapping_add(times(request, pod.count));
            }
            PodGroup::Unready => {
                add(&mut sums.groups.unready, pod.count);
                sums.unready_requests = sums
                    .unready_requests
                    .wrapping_add(times(request, pod.count));
            }
            PodGroup::Missing => {
                let fallback = request.wrapping_mul(target_percent.max(100)) / 100;
                add(&mut sums.groups.missing, pod.count);
                sums.missing_requests = sums
                    .missing_requests
                    .wrapping_add(times(request, pod.count));
                sums.missing_fallback = sums
                    .missing_fallback
                    .wrapping_add(times(fallback, pod.count));
            }
            PodGroup::Ignored => add(&mut sums.groups.ignored, pod.count),
        }
    }
    for sample in &samples.foreign {
        sums.groups.foreign = sums.groups.foreign.saturating_add(1);
        sums.foreign_usage = sums.foreign_usage.wrapping_add(sample.milli_value);
    }
    sums
}

fn no_samples_left() -> Arc<str> {
    "did not receive metrics for targeted pods (pods might be unready)".into()
}

/// Replicas by utilization: percent of request, of whole pods or of one container.
///
/// Upstream: `GetResourceReplicas`.
///
/// # Errors
/// Upstream's text where metrics, pods or requests are missing.
pub fn resource_replicas(
    context: &Context<'_>,
    of: ResourceOf<'_>,
    target: i32,
    samples: Result<&PodSamples, &Arc<str>>,
) -> Result<Proposal, CalculationError> {
    let samples = samples.map_err(|error| resource_error(of, error))?;
    let pods = listed(context)?;
    // Pods of one template share their shape: its request is looked up once.
    let mut last: Option<(&Arc<PodShape>, i64)> = None;
    let mut lacking = None;
    let sums = sum_up(context, pods, samples, of.trust(), target.into(), |pod| {
        if let Some((shape, request)) = last
            && Arc::ptr_eq(shape, &pod.shape)
        {
            return request;
        }
        match pods::request(&pod.shape.spec, of.resource, of.container, context.config) {
            Ok(request) => {
                last = Some((&pod.shape, request));
                request
            }
            Err(error) => {
                lacking.get_or_insert((error, pod));
                0
            }
        }
    });
    if sums.groups.ready == 0 && sums.groups.foreign == 0 {
        return Err(no_samples_left().into());
    }
    if let Some((error, pod)) = lacking {
        return Err(error
            .text(of.resource, of.container.unwrap_or_default(), &pod.name)
            .into());
    }
    // Foreign samples have no request, so that they are no part of the ratio, yet of the count.
    let samples_left = i64::from(sums.groups.ready) + i64::from(sums.groups.foreign);
    let first = utilization(sums.ready_usage, sums.ready_requests, samples_left, target)?;
    let reading = ReadingValue::Utilization {
        percent: truncate_to_i32(first.value),
        average_milli: sums.ready_usage / i64::from(sums.groups.ready.max(1)),
    };
    let decided = decide(context, &sums, first, |fill| {
        let (total, requests) = match fill.missing {
            MissingFill::None => (0, 0),
            MissingFill::Full => (sums.missing_fallback, sums.missing_requests),
            MissingFill::Zero => (0, sums.missing_requests),
        };
        let requests = if fill.unready {
            requests.wrapping_add(sums.unready_requests)
        } else {
            requests
        };
        utilization(
            sums.ready_usage.wrapping_add(total),
            sums.ready_requests.wrapping_add(requests),
            fill.count(&sums.groups),
            target,
        )
    })?;
    Ok(decided.proposal(
        context,
        PodsMeasure::Utilization { target },
        &sums,
        first,
        reading,
        samples,
    ))
}

/// Replicas by the plain average of a resource, of whole pods or of one container.
///
/// Upstream: `GetRawResourceReplicas`.
///
/// # Errors
/// Upstream's text where metrics or pods are missing.
pub fn raw_resource_replicas(
    context: &Context<'_>,
    of: ResourceOf<'_>,
    target: i64,
    samples: Result<&PodSamples, &Arc<str>>,
) -> Result<Proposal, CalculationError> {
    let samples = samples.map_err(|error| resource_error(of, error))?;
    plain_replicas(context, of.trust(), target, samples)
}

/// Replicas by the plain average of a metric that each pod has.
///
/// Upstream: `GetMetricReplicas`.
///
/// # Errors
/// Upstream's text where metrics or pods are missing.
pub fn pods_metric_replicas(
    context: &Context<'_>,
    metric: &str,
    target: i64,
    samples: Result<&PodSamples, &Arc<str>>,
) -> Result<Proposal, CalculationError> {
    let samples = samples.map_err(|error| -> CalculationError {
        format!("unable to get metric {metric}: {error}").into()
    })?;
    plain_replicas(context, SampleTrust::Always, target, samples)
}

fn resource_error(of: ResourceOf<'_>, error: &str) -> CalculationError {
    format!(
        "unable to get metrics for resource {}: {error}",
        of.resource
    )
    .into()
}

/// Upstream: `calcPlainMetricReplicas`.
fn plain_replicas(
    context: &Context<'_>,
    trust: SampleTrust,
    target: i64,
    samples: &PodSamples,
) -> Result<Proposal, CalculationError> {
    let timestamp = samples.timestamp;
    let failed = |text| CalculationError {
        text,
        usage: 0,
        timestamp,
    };
    let pods = listed(context).map_err(failed)?;
    let sums = sum_up(context, pods, samples, trust, 100, |_| 0);
    if sums.groups.ready == 0 && sums.groups.foreign == 0 {
        return Err(failed(no_samples_left()));
    }
    let count = i64::from(sums.groups.ready) + i64::from(sums.groups.foreign);
    let total = sums.ready_usage.wrapping_add(sums.foreign_usage);
    let first = average(total, count, target);
    let reading = ReadingValue::AverageValue(first.value);
    let decided = decide(context, &sums, first, |fill| {
        let filled = match fill.missing {
            MissingFill::Full => target.wrapping_mul(sums.groups.missing.into()),
            MissingFill::None | MissingFill::Zero => 0,
        };
        Ok(average(
            total.wrapping_add(filled),
            fill.count(&sums.groups),
            target,
        ))
    })?;
    Ok(decided.proposal(
        context,
        PodsMeasure::Average { target },
        &sums,
        first,
        reading,
        samples,
    ))
}

/// Upstream: `metrics/utilization.go`, `GetResourceUtilizationRatio`.
fn utilization(total: i64, requests: i64, count: i64, target: i32) -> Result<Usage, Arc<str>> {
    if requests == 0 {
        return Err("no metrics returned matched known pods".into());
    }
    // Whole percents: the ratio is as coarse as that.
    let percent = truncate_to_i32(total.wrapping_mul(100).wrapping_div(requests));
    let ratio = f64::from(percent) / f64::from(target);
    Ok(Usage {
        total,
        requests,
        count,
        value: percent.into(),
        ratio,
    })
}

/// Go's conversion of an int64 to an int32: the low 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "Go truncates the same way")]
const fn truncate_to_i32(value: i64) -> i32 {
    value as i32
}

/// Upstream: `metrics/utilization.go`, `GetMetricUsageRatio`.
fn average(total: i64, count: i64, target: i64) -> Usage {
    let value = total / count;
    Usage {
        total,
        requests: 0,
        count,
        value,
        ratio: float(value) / float(target),
    }
}

/// Which samples are filled in for a second look.
#[derive(Clone, Copy)]
struct Fill {
    missing: MissingFill,
    unready: bool,
}

impl Fill {
    /// The number of samples with the filled ones, foreign ones included.
    fn count(self, groups: &PodGroups) -> i64 {
        let missing = if self.missing == MissingFill::None {
            0
        } else {
            groups.missing
        };
        let unready = if self.unready { groups.unready } else { 0 };
        i64::from(groups.ready)
            + i64::from(groups.foreign)
            + i64::from(missing)
            + i64::from(unready)
    }
}

/// What [`decide`] decided.
struct Decided {
    replicas: i32,
    rule: PodsRule,
    fill: Fill,
    second: Option<Usage>,
}

impl Decided {
    fn proposal(
        self,
        context: &Context<'_>,
        measure: PodsMeasure,
        sums: &Sums,
        first: Usage,
        reading: ReadingValue,
        samples: &PodSamples,
    ) -> Proposal {
        Proposal {
            replicas: self.replicas,
            reading,
            timestamp: samples.timestamp,
            calculation: Calculation::Pods(PodsCalculation {
                measure,
                groups: sums.groups,
                first,
                tolerances: context.tolerances,
                missing_filled: self.fill.missing,
                unready_filled: self.fill.unready,
                second: self.second,
                rule: self.rule,
            }),
        }
    }
}

/// The part that utilization and plain averages share.
///
/// Upstream: the second halves of `GetResourceReplicas` and `calcPlainMetricReplicas`.
fn decide(
    context: &Context<'_>,
    sums: &Sums,
    first: Usage,
    again: impl FnOnce(Fill) -> Result<Usage, Arc<str>>,
) -> Result<Decided, Arc<str>> {
    let current = context.current_replicas;
    let groups = &sums.groups;
    let scale_up_with_unready = groups.unready > 0 && first.ratio > 1.0;
    let nothing = Fill {
        missing: MissingFill::None,
        unready: false,
    };
    if !scale_up_with_unready && groups.missing == 0 {
        // No guard against moving the other way: few ready pods may lower a count although the
        // ratio asks for more.
        let (replicas, rule) = if is_within(first.ratio, context.tolerances, context.config) {
            (current, PodsRule::WithinTolerance)
        } else {
            (
                ceil_to_replicas(first.ratio * f64::from(groups.ready), context.config.casts),
                PodsRule::ReadyTimesRatio,
            )
        };
        return Ok(Decided {
            replicas,
            rule,
            fill: nothing,
            second: None,
        });
    }
    let missing = if groups.missing == 0 {
        MissingFill::None
    } else if first.ratio < 1.0 {
        MissingFill::Full
    } else if first.ratio > 1.0 {
        MissingFill::Zero
    } else {
        MissingFill::None
    };
    let fill = Fill {
        missing,
        unready: scale_up_with_unready,
    };
    let second = again(fill)?;
    let (old, new) = (first.ratio, second.ratio);
    let product = ceil_to_replicas(new * float(fill.count(groups)), context.config.casts);
    let (replicas, rule) = if is_within(new, context.tolerances, context.config) {
        (current, PodsRule::WithinToleranceAfterFill)
    } else {
        guard_direction(current, old, new, product)
    };
    Ok(Decided {
        replicas,
        rule,
        fill,
        second: Some(second),
    })
}

/// What filled samples may not do: turn the direction, or move the count against their own ratio.
pub(in crate::autoscaler) fn guard_direction(
    current: i32,
    old: f64,
    new: f64,
    product: i32,
) -> (i32, PodsRule) {
    if (old < 1.0 && new > 1.0) || (old > 1.0 && new < 1.0) {
        (current, PodsRule::DirectionReversed)
    } else if (new < 1.0 && product > current) || (new > 1.0 && product < current) {
        (current, PodsRule::ProductAgainstRatio)
    } else {
        (product, PodsRule::SamplesTimesRatio)
    }
}
