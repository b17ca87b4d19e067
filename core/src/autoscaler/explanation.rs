//! The explanation of one sync: every step with its inputs, as plain data.
//!
//! `narrative` gives the text form.

use std::fmt;
use std::sync::Arc;

use super::calculator;
use super::histories::Recommendation;
use super::message::Reason;
use super::pods::PodGroups;
use super::rate::ReplicaRange;
use super::spec::{MetricIdentity, Policy, SelectPolicy, Spec};
use super::tolerance::Tolerances;
use crate::time::{SignedDuration, Timestamp};

/// Everything that led from the metrics to the desired replicas of one sync.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The time of the sync.
    pub now: Timestamp,
    /// `scale.spec.replicas` at the start of the sync.
    pub current: i32,
    /// Lower limit.
    pub minimum: i32,
    /// Upper limit.
    pub maximum: i32,
    /// The branch of the algorithm.
    pub branch: Branch,
    /// One entry for each metric of the spec; empty if metrics were not evaluated.
    pub metrics: Vec<MetricStep>,
    /// The choice between the metrics' proposals.
    pub combination: Option<Combination>,
    /// The stabilization step.
    pub stabilization: Option<Stabilization>,
    /// The scaling policies and limits step.
    pub rate: Option<Rate>,
    /// Each policy's limit, in the order of the behavior, scale-up first.
    pub policies: Vec<PolicyLimit>,
    /// The result.
    pub desired: i32,
}

impl Explanation {
    /// The current replicas and the limits.
    pub(super) const fn range(&self) -> ReplicaRange {
        ReplicaRange {
            current: self.current,
            minimum: self.minimum,
            maximum: self.maximum,
        }
    }

    /// Resets the explanation for the next sync, reusing its allocations.
    pub(super) fn start(&mut self, spec: &Spec, now: Timestamp) {
        self.metrics.clear();
        self.policies.clear();
        let metrics = std::mem::take(&mut self.metrics);
        let policies = std::mem::take(&mut self.policies);
        *self = Self {
            now,
            minimum: spec.min_replicas,
            maximum: spec.max_replicas,
            metrics,
            policies,
            ..Self::default()
        };
    }
}

/// The branch of the algorithm that a sync took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Branch {
    /// The scale could not be read: no decision.
    #[default]
    NoScale,
    /// The target has no replicas, and scaling from zero does not apply.
    Disabled,
    /// More replicas than `maxReplicas`: set to it directly, without metrics, windows or policies.
    AboveMaximum,
    /// Fewer replicas than `minReplicas`: set to it directly, without metrics, windows or policies.
    BelowMinimum,
    /// The metrics decided.
    Metrics,
    /// No metric was usable: nothing changes.
    NoMetrics,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScale => "scale not readable",
            Self::Disabled => "scaling disabled",
            Self::AboveMaximum => "above maxReplicas",
            Self::BelowMinimum => "below minReplicas",
            Self::Metrics => "decided by metrics",
            Self::NoMetrics => "no usable metric",
        })
    }
}

/// One metric's proposal and its calculation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MetricStep {
    /// The metric's name in messages.
    pub name: Arc<str>,
    /// The metric's source.
    pub identity: Arc<MetricIdentity>,
    /// The proposal, or the error's text and the reason of its event.
    pub proposal: Result<i32, (Reason, Arc<str>)>,
    /// The calculation of the proposal.
    pub calculation: Calculation,
}

/// The calculation of a metric's proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Calculation {
    /// None: the metric failed before.
    #[default]
    None,
    /// From one sample per pod.
    Pods(PodsCalculation),
    /// From one value for all pods.
    Total(TotalCalculation),
}

/// A proposal computed from one sample per pod.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PodsCalculation {
    /// Utilization or plain average.
    pub measure: PodsMeasure,
    /// How the pods were grouped.
    pub groups: PodGroups,
    /// Usage over target of the ready pods with samples, before any assumptions.
    pub first: Usage,
    /// The tolerances in force.
    pub tolerances: Tolerances,
    /// The usage assumed for missing samples.
    pub missing_filled: MissingFill,
    /// Whether unready pods were assumed to use nothing.
    pub unready_filled: bool,
    /// The ratio including assumed samples, if there are any.
    pub second: Option<Usage>,
    /// The rule that decided.
    pub rule: PodsRule,
}

/// The unit of a pod-based metric's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodsMeasure {
    /// Percent of the request.
    Utilization {
        /// The target in percent.
        target: i32,
    },
    /// Plain values in thousandths.
    Average {
        /// The target in thousandths.
        target: i64,
    },
}

/// Usage against target over a number of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// Sum of the samples in thousandths.
    pub total: i64,
    /// Sum of the requests in thousandths; 0 for plain averages.
    pub requests: i64,
    /// Number of samples, including assumed ones and those of unknown pods.
    pub count: i64,
    /// Truncated: percent of request, or average in thousandths.
    pub value: i64,
    /// `value` over the target.
    pub ratio: f64,
}

/// The usage assumed for missing samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingFill {
    /// None: no samples are missing, or the ratio is exactly 1.
    #[default]
    None,
    /// The ratio is below 1: each is assumed to use its target, or its whole request if that is more.
    Full,
    /// The ratio is above 1: each is assumed to use nothing.
    Zero,
}

/// The rule that decided a pod-based proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodsRule {
    /// The ratio is within tolerance: keep the current count.
    WithinTolerance,
    /// Ratio times ready pods, rounded up.
    ReadyTimesRatio,
    /// Including assumed samples, the ratio is within tolerance: keep.
    WithinToleranceAfterFill,
    /// Assumed samples reverse the direction: keep.
    DirectionReversed,
    /// Including assumed samples, the result contradicts the ratio's direction: keep.
    ProductAgainstRatio,
    /// The ratio including assumed samples times all samples, rounded up.
    SamplesTimesRatio,
}

/// A proposal computed from one value for all pods.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TotalCalculation {
    /// Value or value per pod.
    pub measure: TotalMeasure,
    /// The value in thousandths.
    pub usage: i64,
    /// The target in thousandths.
    pub target: i64,
    /// Usage over target.
    pub ratio: f64,
    /// The tolerances in force.
    pub tolerances: Tolerances,
    /// The rule that decided.
    pub rule: TotalRule,
}

impl PodsCalculation {
    /// The count from ratio and samples, before rounding up and before any rule keeps the current
    /// one.
    #[must_use]
    pub fn exact(&self) -> f64 {
        match self.second {
            None => self.first.ratio * f64::from(self.groups.ready),
            Some(second) => second.ratio * calculator::float(second.count),
        }
    }
}

impl TotalCalculation {
    /// The count from the value, before rounding up and before any rule keeps the current one; `None`
    /// if pods could not be counted.
    #[must_use]
    pub fn exact(&self) -> Option<f64> {
        match (self.measure, self.rule) {
            (_, TotalRule::RatioFromZero) => Some(self.ratio),
            (TotalMeasure::Value { ready }, _) => ready.map(|n| self.ratio * calculator::float(n)),
            (TotalMeasure::AverageValue { .. }, _) => {
                Some(calculator::float(self.usage) / calculator::float(self.target))
            }
        }
    }
}

/// The target that the value is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalMeasure {
    /// A total target; the ratio is multiplied by the ready pods.
    Value {
        /// Running, ready pods, if pods could be listed.
        ready: Option<i64>,
    },
    /// The target times `status.replicas`.
    AverageValue {
        /// `status.replicas` of the scale.
        status_replicas: i32,
    },
}

/// The rule that decided a proposal from one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalRule {
    /// The ratio is within tolerance: keep.
    WithinTolerance,
    /// Ratio times ready pods, rounded up.
    ReadyTimesRatio,
    /// There are no replicas: the ratio itself, rounded up.
    RatioFromZero,
    /// Value over target, rounded up.
    UsageOverTarget,
}

/// The choice between the metrics' proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Combination {
    /// The largest proposal.
    pub proposal: i32,
    /// The index of the metric with this proposal; `None` if there is none.
    pub winner: Option<usize>,
    /// How many metrics failed.
    pub failed: usize,
}

/// The stabilization step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stabilization {
    /// The recommendation of this sync.
    pub recommended: i32,
    /// Scale-up stabilization window; `None` without behavior.
    pub up_window: Option<SignedDuration>,
    /// Scale-down stabilization window.
    pub down_window: SignedDuration,
    /// The lowest earlier recommendation within the scale-up window.
    pub lowest_past: Option<Recommendation>,
    /// The highest earlier recommendation within the scale-down window.
    pub highest_past: Option<Recommendation>,
    /// The result.
    pub stabilized: i32,
}

/// The scaling policies and limits step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// The count before this step.
    pub wanted: i32,
    /// The highest count that the scale-up policies allow.
    pub scale_up_limit: i32,
    /// The lowest count that the scale-down policies allow; `None` without behavior.
    pub scale_down_limit: Option<i32>,
    /// `selectPolicy` of scale-up and scale-down; `None` without behavior.
    pub select: Option<(SelectPolicy, SelectPolicy)>,
    /// The limit that changed the count.
    pub bound: Bound,
    /// The result.
    pub result: i32,
}

/// The limit that changed the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// None.
    None,
    /// `maxReplicas`.
    Maximum,
    /// `minReplicas`.
    Minimum,
    /// The scale-up policies, or the fixed rate limit without behavior.
    ScaleUpLimit,
    /// The scale-down policies.
    ScaleDownLimit,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "within all limits",
            Self::Maximum => "limited by maxReplicas",
            Self::Minimum => "limited by minReplicas",
            Self::ScaleUpLimit => "limited by the scale-up rate",
            Self::ScaleDownLimit => "limited by the scale-down rate",
        })
    }
}

/// One policy's limit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PolicyLimit {
    /// Up or down.
    pub direction: Direction,
    /// The policy.
    pub policy: Policy,
    /// Replicas added within its period.
    pub added: i32,
    /// Replicas removed within its period.
    pub removed: i32,
    /// Replicas at the start of its period: current − added + removed.
    pub period_start: i32,
    /// The limit before rounding.
    pub exact: f64,
    /// The limit.
    pub limit: i32,
}

/// A direction of scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More replicas.
    Up,
    /// Fewer replicas.
    Down,
}
