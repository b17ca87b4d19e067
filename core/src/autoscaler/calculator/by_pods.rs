//! Replica counts from per-pod samples: utilization and plain averages.
//!
//! Upstream: `replica_calculator.go`, `GetResourceReplicas`, `calcPlainMetricReplicas`.

use std::sync::Arc;

use super::{CalculationError, Context, Proposal, ResourceOf, ceil_to_replicas, float, listed};
use crate::api::{Change, utilization_percent};
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
    ready_usage: i128,
    foreign_usage: i128,
    ready_requests: i128,
    missing_requests: i128,
    unready_requests: i128,
    missing_fallback: i128,
}

/// The request of a pod, and the usage that is assumed if its sample is missing.
#[derive(Clone, Copy, Default)]
struct PodRequest {
    request: i64,
    fallback: i64,
}

/// Groups the pods and sums up usage and, where `request` gives them, requests.
fn sum_up<'a>(
    context: &Context<'a>,
    pods: &'a [PodRecord],
    samples: &PodSamples,
    trust: SampleTrust,
    mut request: impl FnMut(&'a PodRecord) -> PodRequest,
) -> Sums {
    let mut sums = Sums::default();
    let add = |group: &mut u32, count| *group = group.saturating_add(count);
    let times = |value: i64, count: u32| i128::from(value) * i128::from(count);
    for (index, pod) in pods.iter().enumerate() {
        let sample = samples.by_pod.get(index).and_then(Option::as_ref);
        let PodRequest { request, fallback } = request(pod);
        match pods::group(pod, sample, trust, context.config, context.now) {
            PodGroup::Ready => {
                let usage = sample.map_or(0, |sample| sample.milli_value);
                add(&mut sums.groups.ready, pod.count);
                sums.ready_usage += times(usage, pod.count);
                sums.ready_requests += times(request, pod.count);
            }
            PodGroup::Unready => {
                add(&mut sums.groups.unready, pod.count);
                sums.unready_requests += times(request, pod.count);
            }
            PodGroup::Missing => {
                add(&mut sums.groups.missing, pod.count);
                sums.missing_requests += times(request, pod.count);
                sums.missing_fallback += times(fallback, pod.count);
            }
            PodGroup::Ignored => add(&mut sums.groups.ignored, pod.count),
        }
    }
    for sample in &samples.foreign {
        sums.groups.foreign = sums.groups.foreign.saturating_add(1);
        sums.foreign_usage += i128::from(sample.milli_value);
    }
    sums
}

fn no_samples_left() -> Arc<str> {
    "did not receive metrics for targeted pods (pods might be unready)".into()
}

/// Replicas by utilization, in percent of the request, of whole pods or of one container.
///
/// Upstream: `GetResourceReplicas`.
///
/// # Errors
/// Upstream's text if metrics, pods or requests are missing.
pub fn resource_replicas(
    context: &Context<'_>,
    of: ResourceOf<'_>,
    target: i32,
    samples: Result<&PodSamples, &Arc<str>>,
) -> Result<Proposal, CalculationError> {
    let samples = samples.map_err(|error| resource_error(of, error))?;
    let pods = listed(context)?;
    // Pods of one template share their shape, whose request is computed once.
    let mut last: Option<(&Arc<PodShape>, PodRequest)> = None;
    let mut lacking = None;
    let sums = sum_up(context, pods, samples, of.trust(), |pod| {
        if let Some((shape, request)) = last
            && Arc::ptr_eq(shape, &pod.shape)
        {
            return request;
        }
        match pods::request(&pod.shape.spec, of.resource, of.container, context.config) {
            Ok(request) => {
                let percent = i64::from(target.max(100));
                let fallback = request.wrapping_mul(percent) / 100;
                let request = PodRequest { request, fallback };
                last = Some((&pod.shape, request));
                request
            }
            Err(error) => {
                lacking.get_or_insert((error, pod));
                PodRequest::default()
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
    // Samples of unknown pods have no request: they count as pods, but not in the ratio.
    let samples_left = i64::from(sums.groups.ready) + i64::from(sums.groups.foreign);
    let sum_of = if context.config.rules.has(Change::ExactUtilizationTotals) {
        Sum::Exact
    } else {
        Sum::Wrapping
    };
    let ready = Totals {
        usage: sums.ready_usage,
        requests: sums.ready_requests,
        count: samples_left,
    };
    let first = utilization(ready, target, sum_of)?;
    let reading = ReadingValue::Utilization {
        // The value was an int32 before it became a `Usage`.
        percent: i32::try_from(first.value).unwrap_or_default(),
        average_milli: sum_of.average(sums.ready_usage, sums.groups.ready.max(1)),
    };
    let measure = PodsMeasure::Utilization { target };
    let (replicas, calculation) = decide(context, measure, &sums.groups, first, |fill| {
        let (total, requests) = match fill.missing {
            MissingFill::None => (0, 0),
            MissingFill::Full => (sums.missing_fallback, sums.missing_requests),
            MissingFill::Zero => (0, sums.missing_requests),
        };
        let requests = if fill.unready {
            requests + sums.unready_requests
        } else {
            requests
        };
        let filled = Totals {
            usage: sums.ready_usage + total,
            requests: sums.ready_requests + requests,
            count: fill.count(&sums.groups),
        };
        utilization(filled, target, sum_of)
    })?;
    Ok(Proposal {
        replicas,
        reading,
        timestamp: samples.timestamp,
        calculation: Calculation::Pods(calculation),
    })
}

/// Replicas by the plain average of a resource, of whole pods or of one container.
///
/// Upstream: `GetRawResourceReplicas`.
///
/// # Errors
/// Upstream's text if metrics or pods are missing.
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
/// Upstream's text if metrics or pods are missing.
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
    let sums = sum_up(context, pods, samples, trust, |_| PodRequest::default());
    if sums.groups.ready == 0 && sums.groups.foreign == 0 {
        return Err(failed(no_samples_left()));
    }
    let count = i64::from(sums.groups.ready) + i64::from(sums.groups.foreign);
    let total = wrapped(sums.ready_usage + sums.foreign_usage);
    let first = average(total, count, target);
    let reading = ReadingValue::AverageValue(first.value);
    let measure = PodsMeasure::Average { target };
    let (replicas, calculation) = decide(context, measure, &sums.groups, first, |fill| {
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
    Ok(Proposal {
        replicas,
        reading,
        timestamp: samples.timestamp,
        calculation: Calculation::Pods(calculation),
    })
}

/// The sums that a utilization is computed from.
#[derive(Clone, Copy)]
struct Totals {
    usage: i128,
    requests: i128,
    count: i64,
}

/// How sums are used that do not fit 64 bits.
#[derive(Clone, Copy)]
enum Sum {
    /// Sums and products wrap around.
    Wrapping,
    /// Only the utilization is cut, to 32 bits.
    Exact,
}

impl Sum {
    fn average(self, usage: i128, count: u32) -> i64 {
        match self {
            Self::Wrapping => wrapped(usage) / i64::from(count),
            // An average of 64-bit values fits.
            Self::Exact => wrapped(usage / i128::from(count)),
        }
    }

    /// The utilization in percent; `None` without requests.
    fn percent(self, usage: i128, requests: i128) -> Option<i32> {
        match self {
            Self::Wrapping => utilization_percent(wrapped(usage), wrapped(requests)),
            Self::Exact => {
                let percent = (usage * 100).checked_div(requests)?;
                let bounded = percent.clamp(i32::MIN.into(), i32::MAX.into());
                i32::try_from(bounded).ok()
            }
        }
    }
}

/// The low 64 bits, as sums of 64-bit integers wrap around.
#[expect(clippy::cast_possible_truncation, reason = "that is what it does")]
const fn wrapped(sum: i128) -> i64 {
    sum as i64
}

/// Upstream: `metrics/utilization.go`, `GetResourceUtilizationRatio`.
fn utilization(totals: Totals, target: i32, sum_of: Sum) -> Result<Usage, Arc<str>> {
    let Totals {
        usage,
        requests,
        count,
    } = totals;
    let percent = sum_of
        .percent(usage, requests)
        .ok_or_else(|| Arc::from("no metrics returned matched known pods"))?;
    let ratio = f64::from(percent) / f64::from(target);
    Ok(Usage {
        total: wrapped(usage),
        requests: wrapped(requests),
        count,
        value: percent.into(),
        ratio,
    })
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

/// The samples that are assumed for the second ratio.
#[derive(Clone, Copy)]
struct Fill {
    missing: MissingFill,
    unready: bool,
}

impl Fill {
    /// The number of samples, including assumed ones and those of unknown pods.
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

/// The common part of utilization and plain averages.
///
/// Upstream: the second halves of `GetResourceReplicas` and `calcPlainMetricReplicas`.
fn decide(
    context: &Context<'_>,
    measure: PodsMeasure,
    groups: &PodGroups,
    first: Usage,
    again: impl FnOnce(Fill) -> Result<Usage, Arc<str>>,
) -> Result<(i32, PodsCalculation), Arc<str>> {
    let current = context.current_replicas;
    let calculation = |rule, fill: Fill, second| PodsCalculation {
        measure,
        groups: *groups,
        first,
        tolerances: context.tolerances,
        missing_filled: fill.missing,
        unready_filled: fill.unready,
        second,
        rule,
    };
    let scale_up_with_unready = groups.unready > 0 && first.ratio > 1.0;
    let nothing = Fill {
        missing: MissingFill::None,
        unready: false,
    };
    if !scale_up_with_unready && groups.missing == 0 {
        // No guard against the opposite direction: with few ready pods, the count may fall although the
        // ratio is above 1.
        let (replicas, rule) = if context.tolerates(first.ratio) {
            (current, PodsRule::WithinTolerance)
        } else {
            (
                ceil_to_replicas(
                    first.ratio * f64::from(groups.ready),
                    context.config.casts(),
                ),
                PodsRule::ReadyTimesRatio,
            )
        };
        return Ok((replicas, calculation(rule, nothing, None)));
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
    let product = ceil_to_replicas(new * float(fill.count(groups)), context.config.casts());
    let (replicas, rule) = if context.tolerates(new) {
        (current, PodsRule::WithinToleranceAfterFill)
    } else {
        guard_direction(current, old, new, product)
    };
    Ok((replicas, calculation(rule, fill, Some(second))))
}

/// Assumed samples must neither reverse the direction nor move the count against the second ratio.
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
