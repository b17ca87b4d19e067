//! Why not? What stands in the way of the next scale-up and scale-down, and until when at least.

use crate::cluster::{SyncDetail, Trace};
use hpa_core::autoscaler::explanation::{
    Branch, Calculation, Direction, Explanation, MetricStep, PodsRule, TotalRule,
};
use hpa_core::autoscaler::spec::{Behavior, Policy, PolicyKind, ScalingRules, SelectPolicy};
use hpa_core::autoscaler::{Histories, ScaleEvent, Spec};
use hpa_core::time::{Duration, Timestamp};

/// What stands in the way in both directions, right after one sync.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyNot {
    /// In the way of more replicas.
    pub up: Obstacle,
    /// In the way of fewer replicas.
    pub down: Obstacle,
}

/// What stands in the way of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Obstacle {
    /// The rule.
    pub by: Blocker,
    /// It in words.
    pub text: String,
    /// The first sync at which the change could happen if the metrics stay as they are;
    /// `None` where that depends on the metrics or on an edit.
    pub earliest: Option<Timestamp>,
}

/// The rule that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// Nothing: the sync made this change.
    Nothing,
    /// The target has no replicas, or its scale cannot be read.
    Inactive,
    /// `minReplicas` or `maxReplicas`.
    Limit,
    /// The metrics failed, or one of them did and a scale-down needs all.
    FailedMetric,
    /// The metrics ask for the present count, or for a change the other way.
    Demand,
    /// The ratio is within tolerance.
    Tolerance,
    /// The ratio asks for a change, but not for a whole pod.
    Rounding,
    /// Pods without a sample, or unready ones, were counted so that nothing changes.
    Filling,
    /// A recommendation within the stabilization window.
    Window,
    /// The scaling policies, or the fixed rate without behavior.
    Policy,
    /// `selectPolicy: Disabled`.
    Disabled,
}

impl Blocker {
    /// One word, as data formats name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Inactive => "inactive",
            Self::Limit => "limit",
            Self::FailedMetric => "failedMetric",
            Self::Demand => "demand",
            Self::Tolerance => "tolerance",
            Self::Rounding => "rounding",
            Self::Filling => "filling",
            Self::Window => "window",
            Self::Policy => "policy",
            Self::Disabled => "disabled",
        }
    }
}

impl WhyNot {
    /// What stands in the way at `time`: as of the last sync at or before it.
    #[must_use]
    pub fn at(trace: &Trace, time: Timestamp) -> Option<Self> {
        let index = trace.sync_at(time)?;
        let detail = trace.detail(index)?;
        Some(Self::of(&detail, trace.setup.controller.sync_period))
    }

    /// What stands in the way after the sync of `detail`.
    #[must_use]
    pub fn of(detail: &SyncDetail, sync_period: Duration) -> Self {
        let side = |direction| Side {
            direction,
            explanation: &detail.explanation,
            histories: &detail.histories,
            spec: &detail.spec,
            sync_period,
        };
        Self {
            up: side(Direction::Up).obstacle(),
            down: side(Direction::Down).obstacle(),
        }
    }
}

struct Side<'a> {
    direction: Direction,
    explanation: &'a Explanation,
    histories: &'a Histories,
    spec: &'a Spec,
    sync_period: Duration,
}

fn obstacle(by: Blocker, text: impl Into<String>) -> Obstacle {
    Obstacle {
        by,
        text: text.into(),
        earliest: None,
    }
}

impl Side<'_> {
    /// Whether going from the current count to `to` is a change in this direction.
    fn is_change(&self, to: i32) -> bool {
        match self.direction {
            Direction::Up => to > self.explanation.current,
            Direction::Down => to < self.explanation.current,
        }
    }

    fn obstacle(&self) -> Obstacle {
        let explanation = self.explanation;
        if self.is_change(explanation.desired) {
            let text = format!("this sync goes to {}", explanation.desired);
            return Obstacle {
                earliest: Some(explanation.now),
                ..obstacle(Blocker::Nothing, text)
            };
        }
        match explanation.branch {
            Branch::NoScale => {
                return obstacle(Blocker::Inactive, "the scale of the target cannot be read");
            }
            Branch::Disabled => {
                return obstacle(
                    Blocker::Inactive,
                    "the target has no replicas: scaling is disabled",
                );
            }
            Branch::NoMetrics => return self.failed(),
            Branch::AboveMaximum | Branch::BelowMinimum => {
                return obstacle(
                    Blocker::Limit,
                    "the count is being brought back into its limits",
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
            return obstacle(Blocker::Limit, format!("{name} is {limit}"));
        }
        let proposal = explanation
            .combination
            .map_or(explanation.current, |combination| combination.proposal);
        if !self.is_change(proposal) {
            return self.metrics();
        }
        if let Some(stabilization) = explanation.stabilization
            && !self.is_change(stabilization.stabilized)
        {
            return self.window(proposal);
        }
        self.rate()
    }

    /// No change comes of the metrics.
    fn metrics(&self) -> Obstacle {
        let explanation = self.explanation;
        // Upward every metric counts; downward the one that asks for the most holds the count.
        let winner = explanation
            .combination
            .and_then(|combination| combination.winner);
        let Some(step) = winner.and_then(|winner| explanation.metrics.get(winner)) else {
            return self.failed();
        };
        let (by, why) = kept_by(step, explanation.current, self.direction);
        obstacle(by, format!("{}: {why}", step.name))
    }

    fn failed(&self) -> Obstacle {
        let failed = self.explanation.metrics.iter().find_map(|metric| {
            let (_, error) = metric.proposal.as_ref().err()?;
            Some(format!("{}: {error}", metric.name))
        });
        let text = failed.unwrap_or_else(|| String::from("no metric gave a proposal"));
        obstacle(Blocker::FailedMetric, text)
    }

    /// A recommendation of the past holds the count.
    fn window(&self, proposal: i32) -> Obstacle {
        let Some(step) = self.explanation.stabilization else {
            return self.rate();
        };
        let (window, past) = match self.direction {
            Direction::Up => (step.up_window.unwrap_or_default(), step.lowest_past),
            Direction::Down => (step.down_window, step.highest_past),
        };
        // Every recommendation that leaves no change has to leave the window.
        let last = self
            .histories
            .recommendations
            .iter()
            .filter(|past| !self.is_change(past.replicas) && past.time < self.explanation.now)
            .map(|past| past.time)
            .max();
        let held = past.map_or_else(String::new, |past| {
            format!(", by {} from {}", past.replicas, Duration(past.time.0))
        });
        Obstacle {
            // Without behavior the window's first moment still counts.
            earliest: last.map(|last| {
                let edge = if step.up_window.is_none() {
                    Duration(1)
                } else {
                    Duration::ZERO
                };
                self.next_sync(last + window + edge)
            }),
            ..obstacle(
                Blocker::Window,
                format!(
                    "the metrics propose {proposal}; the window of {window} holds the count{held}"
                ),
            )
        }
    }

    /// Rates hold the count.
    fn rate(&self) -> Obstacle {
        let Some(behavior) = &self.spec.behavior else {
            // The fixed rate always leaves room for more, and none holds a scale-down.
            return obstacle(Blocker::Policy, "the fixed rate holds the count");
        };
        let rules = self.rules(behavior);
        if rules.select_policy == SelectPolicy::Disabled {
            return obstacle(Blocker::Disabled, "selectPolicy is Disabled");
        }
        let limit = match (self.explanation.rate, self.direction) {
            (Some(rate), Direction::Up) => Some(rate.scale_up_limit),
            (Some(rate), Direction::Down) => rate.scale_down_limit,
            (None, _) => None,
        };
        let limit = limit.unwrap_or(self.explanation.current);
        Obstacle {
            earliest: self.policy_frees(rules),
            ..obstacle(
                Blocker::Policy,
                format!(
                    "the policies allow {limit} until earlier changes are out of their periods"
                ),
            )
        }
    }

    const fn rules<'a>(&self, behavior: &'a Behavior) -> &'a ScalingRules {
        match self.direction {
            Direction::Up => &behavior.scale_up,
            Direction::Down => &behavior.scale_down,
        }
    }

    /// The first sync at which the policies leave room, if nothing else changes.
    fn policy_frees(&self, rules: &ScalingRules) -> Option<Timestamp> {
        let now = self.explanation.now;
        let events = self
            .histories
            .scale_up_events
            .iter()
            .chain(&self.histories.scale_down_events);
        events
            .flat_map(|event| {
                rules
                    .policies
                    .iter()
                    .map(|policy| event.time + policy.period)
            })
            .filter(|moment| *moment > now)
            .map(|moment| self.next_sync(moment))
            .filter(|&moment| {
                let mut allows = rules
                    .policies
                    .iter()
                    .map(|policy| self.is_change(self.limit(*policy, moment)));
                match rules.select_policy {
                    SelectPolicy::Min => allows.all(|allows| allows),
                    _ => allows.any(|allows| allows),
                }
            })
            .min()
    }

    /// A policy's limit at another time; it only has to be on the right side of the count.
    fn limit(&self, policy: Policy, at: Timestamp) -> i32 {
        let changed = |events: &[ScaleEvent]| {
            let cutoff = at - policy.period;
            let within = events.iter().filter(|event| event.time > cutoff);
            within.fold(0_i32, |sum, event| sum.saturating_add(event.replica_change))
        };
        let start = self
            .explanation
            .current
            .saturating_sub(changed(&self.histories.scale_up_events))
            .saturating_add(changed(&self.histories.scale_down_events));
        let step = match policy.kind {
            PolicyKind::Pods => policy.value,
            // Any percentage of a pod is a pod.
            PolicyKind::Percent => (i64::from(start.max(0)) * i64::from(policy.value) / 100)
                .max(1)
                .try_into()
                .unwrap_or(i32::MAX),
        };
        match self.direction {
            Direction::Up => start.saturating_add(step),
            Direction::Down => start.saturating_sub(step),
        }
    }

    /// The first sync at or after `moment`, counted on from this one.
    fn next_sync(&self, moment: Timestamp) -> Timestamp {
        let period = self.sync_period.0.max(1);
        let now = self.explanation.now.0;
        let ahead = moment.0.saturating_sub(now).max(1);
        Timestamp(
            now.saturating_add((ahead.saturating_add(period - 1) / period).saturating_mul(period)),
        )
    }
}

/// Why a metric proposes no change in this direction.
fn kept_by(step: &MetricStep, current: i32, direction: Direction) -> (Blocker, String) {
    let proposal = match &step.proposal {
        Ok(proposal) => *proposal,
        Err((_, error)) => return (Blocker::FailedMetric, error.to_string()),
    };
    let (rule, ratio, exact) = match &step.calculation {
        Calculation::Pods(pods) => {
            let by = match pods.rule {
                PodsRule::WithinTolerance => Blocker::Tolerance,
                PodsRule::WithinToleranceAfterFill
                | PodsRule::DirectionReversed
                | PodsRule::ProductAgainstRatio => Blocker::Filling,
                PodsRule::ReadyTimesRatio | PodsRule::SamplesTimesRatio => Blocker::Demand,
            };
            (by, pods.first.ratio, Some(pods.exact()))
        }
        Calculation::Total(total) => {
            let by = match total.rule {
                TotalRule::WithinTolerance => Blocker::Tolerance,
                _ => Blocker::Demand,
            };
            (by, total.ratio, total.exact())
        }
        Calculation::None => return (Blocker::Demand, format!("it proposes {proposal}")),
    };
    let wanted = match direction {
        Direction::Up => ratio > 1.0,
        Direction::Down => ratio < 1.0,
    };
    match rule {
        Blocker::Tolerance => (rule, format!("the ratio {ratio:.3} is within tolerance")),
        Blocker::Filling => (
            rule,
            format!(
                "at a ratio of {ratio:.3}, counting in missing and unready pods keeps the count"
            ),
        ),
        _ if wanted && proposal == current => (
            Blocker::Rounding,
            format!(
                "{:.2} pods, rounded up, are {proposal}",
                exact.unwrap_or(f64::from(proposal))
            ),
        ),
        _ => (
            Blocker::Demand,
            format!("it proposes {proposal}, at a ratio of {ratio:.3}"),
        ),
    }
}
