//! Why the next scale-up and the next scale-down are blocked, and the earliest time of each.

use crate::cluster::SyncDetail;
use hpa_core::autoscaler::explanation::{
    Branch, Calculation, Direction, Explanation, MetricStep, PodsRule, TotalRule,
};
use hpa_core::autoscaler::spec::{Behavior, ScalingRules, SelectPolicy};
use hpa_core::autoscaler::{ControllerConfig, earliest_change};
use hpa_core::time::Timestamp;

/// The blocker of each direction, right after one sync.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Blockers {
    /// The blocker of a scale-up.
    pub up: Blocker,
    /// The blocker of a scale-down.
    pub down: Blocker,
}

/// Why a change in one direction is blocked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Blocker {
    /// The blocking rule.
    pub cause: Cause,
    /// The explanation.
    pub text: String,
    /// The first sync that makes the change if the metrics keep asking for it and syncs keep their
    /// period; `None` if that depends on the metrics or on an edit.
    pub earliest: Option<Timestamp>,
}

/// A rule that blocks a change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "camelCase")]
#[non_exhaustive]
pub enum Cause {
    /// None: the sync made this change.
    Nothing,
    /// The scale target has no replicas, or its scale cannot be read.
    Inactive,
    /// `minReplicas` or `maxReplicas`.
    Limit,
    /// All metrics failed, or one did and a scale-down needs all of them.
    FailedMetric,
    /// The metrics ask for the current count, or for a change in the other direction.
    Demand,
    /// The ratio is within tolerance.
    Tolerance,
    /// The ratio asks for a change of less than a whole pod.
    Rounding,
    /// The assumptions for pods that are unready or lack a sample cancel the change.
    Filling,
    /// An earlier recommendation within the stabilization window.
    Window,
    /// The scaling policies, or the fixed rate limit without behavior.
    Policy,
    /// `selectPolicy: Disabled`.
    Disabled,
}

impl Cause {
    /// Its stable name in data formats.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Blockers {
    /// The blockers after the sync of `detail`.
    #[must_use]
    pub fn of(detail: &SyncDetail, config: &ControllerConfig) -> Self {
        let side = |direction| Side {
            direction,
            detail,
            config,
        };
        Self {
            up: side(Direction::Up).blocker(),
            down: side(Direction::Down).blocker(),
        }
    }
}

/// One direction, after one sync.
struct Side<'a> {
    direction: Direction,
    detail: &'a SyncDetail,
    config: &'a ControllerConfig,
}

impl Blocker {
    fn new(cause: Cause, text: impl Into<String>) -> Self {
        Self {
            cause,
            text: text.into(),
            earliest: None,
        }
    }
}

impl Side<'_> {
    const fn explanation(&self) -> &Explanation {
        &self.detail.explanation
    }

    /// Whether going from the current count to `to` is a change in this direction.
    fn is_change(&self, to: i32) -> bool {
        match self.direction {
            Direction::Up => to > self.explanation().current,
            Direction::Down => to < self.explanation().current,
        }
    }

    fn blocker(&self) -> Blocker {
        let explanation = self.explanation();
        if self.is_change(explanation.desired) {
            let text = format!("this sync scales to {}", explanation.desired);
            return Blocker {
                earliest: Some(explanation.now),
                ..Blocker::new(Cause::Nothing, text)
            };
        }
        match explanation.branch {
            Branch::NoScale => {
                return Blocker::new(Cause::Inactive, "the scale of the target cannot be read");
            }
            Branch::Disabled => {
                return Blocker::new(
                    Cause::Inactive,
                    "scaling is disabled: the target has no replicas",
                );
            }
            Branch::NoMetrics => return self.failed(),
            Branch::AboveMaximum | Branch::BelowMinimum => {
                return Blocker::new(
                    Cause::Limit,
                    "the replica count was outside minReplicas and maxReplicas, so this sync sets it to the nearer limit",
                );
            }
            Branch::Metrics => {}
        }
        let (at_limit, name, limit) = match self.direction {
            Direction::Up => (
                explanation.current >= explanation.maximum,
                "maxReplicas",
                explanation.maximum,
            ),
            Direction::Down => (
                explanation.current <= explanation.minimum,
                "minReplicas",
                explanation.minimum,
            ),
        };
        if at_limit {
            return Blocker::new(Cause::Limit, format!("{name} is {limit}"));
        }
        let proposal = explanation
            .combination
            .map_or(explanation.current, |combination| combination.proposal);
        if !self.is_change(proposal) {
            return self.metrics();
        }
        let rules = self.detail.spec.behavior.as_ref();
        let rules = rules.map(|behavior| self.rules(behavior));
        if rules.is_some_and(|rules| rules.select_policy == SelectPolicy::Disabled) {
            return Blocker::new(Cause::Disabled, "selectPolicy is Disabled");
        }
        let blocker = match explanation.stabilization {
            Some(step) if !self.is_change(step.stabilized) => self.window(proposal),
            _ => self.rate(),
        };
        Blocker {
            earliest: earliest_change(
                explanation,
                &self.detail.histories,
                &self.detail.spec,
                self.config,
            ),
            ..blocker
        }
    }

    /// The metrics ask for no change.
    fn metrics(&self) -> Blocker {
        let explanation = self.explanation();
        // Any metric can cause a scale-up; the highest proposal decides about a scale-down.
        let winner = explanation
            .combination
            .and_then(|combination| combination.winner);
        let Some(step) = winner.and_then(|winner| explanation.metrics.get(winner)) else {
            return self.failed();
        };
        let (cause, why) = cause_of(step, explanation.current, self.direction);
        Blocker::new(cause, format!("{}: {why}", step.name))
    }

    fn failed(&self) -> Blocker {
        let failed = self.explanation().metrics.iter().find_map(|metric| {
            let (_, error) = metric.proposal.as_ref().err()?;
            Some(format!("{}: {error}", metric.name))
        });
        let text = failed.unwrap_or_else(|| String::from("no metric has a proposal"));
        Blocker::new(Cause::FailedMetric, text)
    }

    /// An earlier recommendation prevents the change.
    fn window(&self, proposal: i32) -> Blocker {
        let Some(step) = self.explanation().stabilization else {
            return self.rate();
        };
        let (window, past) = match self.direction {
            Direction::Up => (step.up_window.unwrap_or_default(), step.lowest_past),
            Direction::Down => (step.down_window, step.highest_past),
        };
        let recommended = past.map_or_else(
            || String::from("earlier recommendations hold the replica count"),
            |past| {
                let ago = (self.detail.time - past.time).in_words();
                format!("{} was recommended {ago} ago", past.replicas)
            },
        );
        Blocker::new(
            Cause::Window,
            format!(
                "the metrics propose {proposal}, but {recommended}, within the stabilization window of {}",
                window.in_words()
            ),
        )
    }

    /// Policies prevent the change.
    fn rate(&self) -> Blocker {
        if self.detail.spec.behavior.is_none() {
            return Blocker::new(
                Cause::Policy,
                "without behavior, a sync at most doubles the count, or raises it to 4",
            );
        }
        let limit = match (self.explanation().rate, self.direction) {
            (Some(rate), Direction::Up) => Some(rate.scale_up_limit),
            (Some(rate), Direction::Down) => rate.scale_down_limit,
            (None, _) => None,
        };
        let limit = limit.unwrap_or(self.explanation().current);
        Blocker::new(
            Cause::Policy,
            format!(
                "the scaling policies allow {limit} until earlier changes are older than their periods"
            ),
        )
    }

    const fn rules<'a>(&self, behavior: &'a Behavior) -> &'a ScalingRules {
        match self.direction {
            Direction::Up => &behavior.scale_up,
            Direction::Down => &behavior.scale_down,
        }
    }
}

/// Why a metric proposes no change in this direction.
fn cause_of(step: &MetricStep, current: i32, direction: Direction) -> (Cause, String) {
    let proposal = match &step.proposal {
        Ok(proposal) => *proposal,
        Err((_, error)) => return (Cause::FailedMetric, error.to_string()),
    };
    let (rule, ratio, exact) = match &step.calculation {
        Calculation::Pods(pods) => {
            let by = match pods.rule {
                PodsRule::WithinTolerance => Cause::Tolerance,
                PodsRule::WithinToleranceAfterFill
                | PodsRule::DirectionReversed
                | PodsRule::ProductAgainstRatio => Cause::Filling,
                PodsRule::ReadyTimesRatio | PodsRule::SamplesTimesRatio => Cause::Demand,
            };
            (by, pods.first.ratio, Some(pods.exact()))
        }
        Calculation::Total(total) => {
            let by = match total.rule {
                TotalRule::WithinTolerance => Cause::Tolerance,
                TotalRule::ReadyTimesRatio
                | TotalRule::RatioFromZero
                | TotalRule::UsageOverTarget => Cause::Demand,
            };
            (by, total.ratio, total.exact())
        }
        Calculation::None => return (Cause::Demand, format!("proposes {proposal}")),
    };
    let wanted = match direction {
        Direction::Up => ratio > 1.0,
        Direction::Down => ratio < 1.0,
    };
    match rule {
        Cause::Tolerance => (rule, format!("the ratio {ratio:.3} is within tolerance")),
        Cause::Filling => (
            rule,
            format!(
                "the ratio is {ratio:.3}, but the assumptions for missing and unready pods cancel the change"
            ),
        ),
        _ if wanted && proposal == current => {
            let exact = exact.unwrap_or(f64::from(proposal));
            (
                Cause::Rounding,
                format!("{exact:.2} pods round up to {proposal}"),
            )
        }
        _ => (
            Cause::Demand,
            format!("proposes {proposal}, at a ratio of {ratio:.3}"),
        ),
    }
}
