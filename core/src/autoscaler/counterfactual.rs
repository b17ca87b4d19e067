//! The results that a sync would have had without one of its rules.

use super::calculator::{ceil_to_replicas, guard_direction};
use super::config::FloatCasts;
use super::explanation::{
    Calculation, Explanation, MetricStep, PodsRule, Rate, Stabilization, TotalRule,
};
use super::rate;
use super::stabilization::stabilize;

impl Explanation {
    /// The desired replicas without tolerance; `None` if no proposal was within tolerance, or the
    /// metrics gave no count.
    #[must_use]
    pub fn without_tolerance(&self) -> Option<i32> {
        let ceil = |exact| ceil_to_replicas(exact, FloatCasts::SATURATING);
        let exact = |metric: &MetricStep| match &metric.calculation {
            Calculation::Pods(pods) => match (pods.rule, pods.second) {
                (PodsRule::WithinTolerance, _) => Some(ceil(pods.exact())),
                (PodsRule::WithinToleranceAfterFill, Some(second)) => {
                    let (old, new) = (pods.first.ratio, second.ratio);
                    Some(guard_direction(self.current, old, new, ceil(pods.exact())).0)
                }
                _ => None,
            },
            Calculation::Total(total) => (total.rule == TotalRule::WithinTolerance)
                .then(|| total.exact().map(ceil))
                .flatten(),
            Calculation::None => None,
        };
        if !self.metrics.iter().any(|metric| exact(metric).is_some()) {
            return None;
        }
        let highest = self
            .metrics
            .iter()
            .filter_map(|metric| exact(metric).or(metric.proposal.as_ref().ok().copied()))
            .max()?;
        self.with_recommendation(highest)
    }

    /// The desired replicas without stabilization windows.
    #[must_use]
    pub fn without_stabilization(&self) -> Option<i32> {
        self.stabilization
            .map(|step| self.with_stabilized(step.recommended))?
    }

    /// The desired replicas without scaling policies.
    #[must_use]
    pub fn without_rates(&self) -> Option<i32> {
        let step = self.stabilization?;
        Some(if step.stabilized == self.current {
            self.woken(step.stabilized)
        } else {
            // max, then min: clamp would panic if the minimum exceeds the maximum.
            step.stabilized.max(self.minimum).min(self.maximum)
        })
    }

    /// The desired replicas without `minReplicas` and `maxReplicas`.
    #[must_use]
    pub fn without_limits(&self) -> Option<i32> {
        let step = self.stabilization?;
        let free = Self {
            current: self.current,
            minimum: 0,
            maximum: i32::MAX,
            ..Self::default()
        };
        self.with_limits_of(step.stabilized, &free)
    }

    /// Applies windows, policies and limits to another recommendation.
    fn with_recommendation(&self, recommended: i32) -> Option<i32> {
        let Stabilization {
            up_window,
            lowest_past,
            highest_past,
            ..
        } = self.stabilization?;
        let current = up_window.map(|_| self.current);
        self.with_stabilized(stabilize(recommended, current, lowest_past, highest_past))
    }

    fn with_stabilized(&self, wanted: i32) -> Option<i32> {
        self.with_limits_of(wanted, self)
    }

    /// Applies policies and the given limits to another count.
    fn with_limits_of(&self, wanted: i32, limits: &Self) -> Option<i32> {
        let Rate {
            scale_up_limit,
            scale_down_limit,
            ..
        } = self.rate?;
        let range = rate::ReplicaRange {
            current: self.current,
            minimum: limits.minimum,
            maximum: limits.maximum,
        };
        let (result, _) = match scale_down_limit {
            Some(scale_down_limit) => {
                rate::bound_with_behavior(wanted, range, scale_up_limit, scale_down_limit)
            }
            None => rate::bound_without_behavior(wanted, range, scale_up_limit),
        };
        Some(limits.woken(result))
    }

    /// At least the minimum if the target had no replicas, regardless of policies and windows.
    const fn woken(&self, replicas: i32) -> i32 {
        if self.current == 0 && replicas < self.minimum {
            self.minimum
        } else {
            replicas
        }
    }
}
