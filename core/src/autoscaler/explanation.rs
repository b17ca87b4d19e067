//! Why one sync came out as it did: every step with its inputs, as plain data.
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
    /// When the sync was.
    pub now: Timestamp,
    /// `scale.spec.replicas` at its start.
    pub current: i32,
    /// Lower limit.
    pub minimum: i32,
    /// Upper limit.
    pub maximum: i32,
    /// Which way through the algorithm was taken.
    pub branch: Branch,
    /// One entry for each metric of the spec; empty where metrics were not looked at.
    pub metrics: Vec<MetricStep>,
    /// How the metrics' proposals became one.
    pub combination: Option<Combination>,
    /// What stabilization did.
    pub stabilization: Option<Stabilization>,
    /// What rates and limits did.
    pub rate: Option<Rate>,
    /// Each policy's limit, in the order of the behavior, scale-up first.
    pub policies: Vec<PolicyLimit>,
    /// The result.
    pub desired: i32,
}

impl Explanation {
    /// Where the autoscaler stands, and between what.
    pub(super) const fn range(&self) -> ReplicaRange {
        ReplicaRange {
            current: self.current,
            minimum: self.minimum,
            maximum: self.maximum,
        }
    }

    /// Forgets the last sync and starts the next; keeps the memory of its lists.
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

/// Which way through the algorithm a sync took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Branch {
    /// The scale could not be read: nothing is decided.
    #[default]
    NoScale,
    /// The target has no replicas and nothing may wake it.
    Disabled,
    /// More replicas than `maxReplicas`: set to it at once, without metrics, windows or policies.
    AboveMaximum,
    /// Fewer replicas than `minReplicas`: set to it at once, without metrics, windows or policies.
    BelowMinimum,
    /// The metrics were looked at and decided.
    Metrics,
    /// The metrics were looked at and gave no usable result: nothing changes.
    NoMetrics,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScale => "the scale not readable",
            Self::Disabled => "scaling disabled",
            Self::AboveMaximum => "above maxReplicas",
            Self::BelowMinimum => "below minReplicas",
            Self::Metrics => "decided by metrics",
            Self::NoMetrics => "no metric usable",
        })
    }
}

/// What one metric asked for, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MetricStep {
    /// The metric as messages name it.
    pub name: Arc<str>,
    /// What it measures.
    pub identity: Arc<MetricIdentity>,
    /// The proposal, or the error's text and the reason of its event.
    pub proposal: Result<i32, (Reason, Arc<str>)>,
    /// How the proposal was computed.
    pub calculation: Calculation,
}

/// How a metric's proposal was computed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Calculation {
    /// Not at all: it failed before.
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
    /// Usage over target at first sight, from the pods that have a sample and are not set aside.
    pub first: Usage,
    /// The tolerances in force.
    pub tolerances: Tolerances,
    /// What took the place of missing samples.
    pub missing_filled: MissingFill,
    /// Whether unready pods were counted as using nothing.
    pub unready_filled: bool,
    /// The ratio after samples were filled in, if any were.
    pub second: Option<Usage>,
    /// The rule that decided.
    pub rule: PodsRule,
}

/// What a pod-based metric measures its target in.
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

/// Usage against target, over some number of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Sum of the samples in thousandths.
    pub total: i64,
    /// Sum of the requests in thousandths; 0 for plain averages.
    pub requests: i64,
    /// Number of samples, foreign and filled ones included.
    pub count: i64,
    /// Truncated: percent of request, or average in thousandths.
    pub value: i64,
    /// `value` over the target.
    pub ratio: f64,
}

/// What took the place of missing samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingFill {
    /// Nothing: none are missing, or the ratio is exactly 1.
    #[default]
    None,
    /// The ratio is below 1: as if each used its target, or its whole request if that is more.
    Full,
    /// The ratio is above 1: as if each used nothing.
    Zero,
}

/// The rule that decided a pod-based proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodsRule {
    /// The ratio is within tolerance: keep the current count.
    WithinTolerance,
    /// Ratio times ready pods, rounded up.
    ReadyTimesRatio,
    /// After filling, the ratio is within tolerance: keep.
    WithinToleranceAfterFill,
    /// Filling turned the direction around: keep.
    DirectionReversed,
    /// After filling, the product goes against the ratio's direction: keep.
    ProductAgainstRatio,
    /// The ratio after filling times all samples, rounded up.
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
    /// The count that ratio and samples give, before rounding up and before any rule keeps the
    /// current one.
    #[must_use]
    pub fn exact(&self) -> f64 {
        match self.second {
            None => self.first.ratio * f64::from(self.groups.ready),
            Some(second) => second.ratio * calculator::float(second.count),
        }
    }
}

impl TotalCalculation {
    /// The count that the value gives, before rounding up and before any rule keeps the current
    /// one; `None` where pods could not be counted.
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

/// What the value is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalMeasure {
    /// The target as it is; the ratio is multiplied with the ready pods.
    Value {
        /// Running, ready pods, where pods could be listed.
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

/// How the metrics' proposals became one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Combination {
    /// The largest proposal.
    pub proposal: i32,
    /// The position of the metric that made it; `None` where no metric did.
    pub winner: Option<usize>,
    /// How many metrics failed.
    pub failed: usize,
}

/// What stabilization did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stabilization {
    /// The recommendation of this sync.
    pub recommended: i32,
    /// Window for scaling up; `None` on the path without behavior, which has none.
    pub up_window: Option<SignedDuration>,
    /// Window for scaling down.
    pub down_window: SignedDuration,
    /// The lowest earlier recommendation within the window for scaling up.
    pub lowest_past: Option<Recommendation>,
    /// The highest earlier recommendation within the window for scaling down.
    pub highest_past: Option<Recommendation>,
    /// The result.
    pub stabilized: i32,
}

/// What rates and limits did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// The count that came in.
    pub wanted: i32,
    /// The most that the rate of scaling up allows.
    pub scale_up_limit: i32,
    /// The least that the rate of scaling down allows; `None` without behavior.
    pub scale_down_limit: Option<i32>,
    /// Which policy counts upward and downward; `None` without behavior.
    pub select: Option<(SelectPolicy, SelectPolicy)>,
    /// What cut the count.
    pub bound: Bound,
    /// The result.
    pub result: i32,
}

/// What cut the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// Nothing.
    None,
    /// `maxReplicas`.
    Maximum,
    /// `minReplicas`.
    Minimum,
    /// The rate of scaling up.
    ScaleUpLimit,
    /// The rate of scaling down.
    ScaleDownLimit,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "within all limits",
            Self::Maximum => "by maxReplicas",
            Self::Minimum => "by minReplicas",
            Self::ScaleUpLimit => "by the rate of scaling up",
            Self::ScaleDownLimit => "by the rate of scaling down",
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
