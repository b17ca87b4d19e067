//! From one metric to one replica count.
//!
//! Upstream: `pkg/controller/podautoscaler/replica_calculator.go`. Float arithmetic, truncations
//! and the order of the checks are upstream's; casts out of range saturate, as upstream does on
//! every platform since its change 141397.

use std::sync::Arc;

use super::config::ControllerConfig;
use super::explanation::{
    Calculation, MissingFill, PodsCalculation, PodsMeasure, PodsRule, Tolerances, TotalCalculation,
    TotalMeasure, TotalRule, Usage,
};
use super::observation::{ExternalSamples, ObjectSample, PodRecord, PodSamples, PodShape};
use super::pods::{self, PodGroup, PodGroups, SampleTrust};
use super::spec::SelectorText;
use super::status::ReadingValue;
use crate::api::{CrossVersionObjectReference, MetricIdentifier};
use crate::time::Timestamp;

/// A metric's proposal with the value to report and how both came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// Proposed replicas.
    pub replicas: i32,
    /// The value as the status reports it.
    pub reading: ReadingValue,
    /// When it was measured; `None` is Go's zero time.
    pub timestamp: Option<Timestamp>,
    /// How it was computed.
    pub calculation: Calculation,
}

/// Why a metric gives no proposal.
///
/// Upstream returns a value and a time beside some of its errors; nothing reads them, and they are
/// kept here so that the recorded cases can be compared to the last field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalculationError {
    /// Upstream's text.
    pub text: Arc<str>,
    /// The usage that was computed before the error, in thousandths.
    pub usage: i64,
    /// The time of the samples, where they had been read.
    pub timestamp: Option<Timestamp>,
}

impl From<String> for CalculationError {
    fn from(text: String) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<Arc<str>> for CalculationError {
    fn from(text: Arc<str>) -> Self {
        Self {
            text,
            usage: 0,
            timestamp: None,
        }
    }
}

/// What every calculation needs besides the metric's values.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The controller's settings.
    pub config: &'a ControllerConfig,
    /// The tolerances in force.
    pub tolerances: Tolerances,
    /// `scale.spec.replicas`.
    pub current_replicas: i32,
    /// `scale.status.replicas`.
    pub status_replicas: i32,
    /// The pods, or the lister's error.
    pub pods: Result<&'a [PodRecord], &'a Arc<str>>,
    /// The time of the sync.
    pub now: Timestamp,
}

/// Which resource of which part of each pod a resource metric measures.
#[derive(Clone, Copy, Debug)]
pub struct ResourceOf<'a> {
    /// The resource's name.
    pub resource: &'a str,
    /// One container's name; `None` means the whole pod.
    pub container: Option<&'a str>,
}

impl ResourceOf<'_> {
    fn trust(self) -> SampleTrust {
        if self.resource == "cpu" {
            SampleTrust::AfterInitialization
        } else {
            SampleTrust::Always
        }
    }
}

/// Whether a usage ratio is close enough to 1 to leave the count alone. NaN never is.
///
/// Upstream: `Tolerances.isWithin`; up to 1.32 `math.Abs(1.0-usageRatio) <= tolerance`.
#[must_use]
pub fn is_within(ratio: f64, tolerances: Tolerances, config: &ControllerConfig) -> bool {
    if config.version.has_symmetric_tolerance() {
        (1.0 - ratio).abs() <= tolerances.scale_up
    } else {
        (1.0 - tolerances.scale_down) <= ratio && ratio <= (1.0 + tolerances.scale_up)
    }
}

/// Rounds up and casts; out of range saturates, NaN becomes 0.
#[expect(clippy::cast_possible_truncation, reason = "saturation is the rule")]
pub(super) fn ceil_to_replicas(exact: f64) -> i32 {
    exact.ceil() as i32
}

/// A count or value as upstream converts it for a float formula, rounding past 2^53.
#[expect(clippy::cast_precision_loss, reason = "upstream rounds the same way")]
pub(super) const fn float(integer: i64) -> f64 {
    integer as f64
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
    let times = |value: i64, count: u32| value.wrapping_mul(i64::from(count));
    for (index, pod) in pods.iter().enumerate() {
        let sample = samples.by_pod.get(index).and_then(Option::as_ref);
        let request = request(pod);
        match pods::group(pod, sample, trust, context.config, context.now) {
            PodGroup::Ready => {
                let usage = sample.map_or(0, |sample| sample.milli_value);
                sums.groups.ready += pod.count;
                sums.ready_usage = sums.ready_usage.wrapping_add(times(usage, pod.count));
                sums.ready_requests = sums.ready_requests.wrapping_add(times(request, pod.count));
            }
            PodGroup::Unready => {
                sums.groups.unready += pod.count;
                sums.unready_requests = sums
                    .unready_requests
                    .wrapping_add(times(request, pod.count));
            }
            PodGroup::Missing => {
                let fallback = request.wrapping_mul(target_percent.max(100)) / 100;
                sums.groups.missing += pod.count;
                sums.missing_requests = sums
                    .missing_requests
                    .wrapping_add(times(request, pod.count));
                sums.missing_fallback = sums
                    .missing_fallback
                    .wrapping_add(times(fallback, pod.count));
            }
            PodGroup::Ignored => sums.groups.ignored += pod.count,
        }
    }
    for sample in &samples.foreign {
        sums.groups.foreign = sums.groups.foreign.saturating_add(1);
        sums.foreign_usage = sums.foreign_usage.wrapping_add(sample.milli_value);
    }
    sums
}

/// The pods that a pod-based metric is computed over.
fn listed<'a>(context: &Context<'a>) -> Result<&'a [PodRecord], Arc<str>> {
    match context.pods {
        Err(error) => {
            Err(format!("unable to get pods while calculating replica count: {error}").into())
        }
        Ok([]) => Err("no pods returned by selector while calculating replica count".into()),
        Ok(pods) => Ok(pods),
    }
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
    let text = if config.version.has_mended_object_error() {
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
                ceil_to_replicas(first.ratio * f64::from(groups.ready)),
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
    let product = ceil_to_replicas(new * float(fill.count(groups)));
    let (replicas, rule) = if is_within(new, context.tolerances, context.config) {
        (current, PodsRule::WithinToleranceAfterFill)
    } else if (old < 1.0 && new > 1.0) || (old > 1.0 && new < 1.0) {
        (current, PodsRule::DirectionReversed)
    } else if (new < 1.0 && product > current) || (new > 1.0 && product < current) {
        (current, PodsRule::ProductAgainstRatio)
    } else {
        (product, PodsRule::SamplesTimesRatio)
    };
    Ok(Decided {
        replicas,
        rule,
        fill,
        second: Some(second),
    })
}

/// Replicas by one value against a whole target.
///
/// Upstream: `getUsageRatioReplicaCount`.
fn value_replicas(
    context: &Context<'_>,
    usage: i64,
    target: i64,
) -> Result<Proposal, CalculationError> {
    let ratio = float(usage) / float(target);
    // Upstream counts the pods only where it needs them; the explanation shows them anyway.
    let ready = context.pods.ok().map(pods::ready_count);
    let (replicas, rule) = if context.current_replicas == 0 {
        (ceil_to_replicas(ratio), TotalRule::RatioFromZero)
    } else if is_within(ratio, context.tolerances, context.config) {
        (context.current_replicas, TotalRule::WithinTolerance)
    } else {
        let none = "no pods returned by selector while calculating replica count";
        let ready = match (context.pods, ready) {
            (Err(error), _) => return Err(ready_error(error, usage)),
            (Ok([]), _) | (Ok(_), None) => return Err(ready_error(none, usage)),
            (Ok(_), Some(ready)) => ready,
        };
        (
            ceil_to_replicas(ratio * float(ready)),
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

/// Replicas by one value against a target per pod, of which `status.replicas` are counted.
fn average_value_replicas(
    context: &Context<'_>,
    usage: i64,
    target: i64,
    timestamp: Option<Timestamp>,
) -> Proposal {
    let status_replicas = context.status_replicas;
    let ratio = float(usage) / (float(target) * f64::from(status_replicas));
    // Within tolerance the proposal is status.replicas, even where it differs from spec.replicas.
    let (replicas, rule) = if is_within(ratio, context.tolerances, context.config) {
        (status_replicas, TotalRule::WithinTolerance)
    } else {
        (
            ceil_to_replicas(float(usage) / float(target)),
            TotalRule::UsageOverTarget,
        )
    };
    #[expect(clippy::cast_possible_truncation, reason = "saturation is the rule")]
    let average = (float(usage) / f64::from(status_replicas)).ceil() as i64;
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
/// Where there are no pods to count.
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
    average_value_replicas(context, sample.milli_value, target, Some(sample.timestamp))
}

/// Replicas by an external metric against a whole target.
///
/// Upstream: `GetExternalMetricReplicas`.
///
/// # Errors
/// Where there are no pods to count.
pub fn external_replicas(
    context: &Context<'_>,
    target: i64,
    samples: &ExternalSamples,
) -> Result<Proposal, CalculationError> {
    let mut usage = 0_i64;
    for &value in &samples.milli_values {
        // Only the upper end is guarded.
        usage = if value > 0 && usage > i64::MAX - value {
            i64::MAX
        } else {
            usage.wrapping_add(value)
        };
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
    let mut usage = 0_i64;
    for &value in &samples.milli_values {
        usage = usage.wrapping_add(value);
        if usage < 0 {
            // A negative sum is taken for an overflow, even where a value is just negative.
            usage = i64::MAX;
            break;
        }
    }
    average_value_replicas(context, usage, target, samples.timestamp)
}
