//! A simple reference model of the algorithm for the small cluster of these tests.
//!
//! It has no reused buffers, explanations or messages: each function computes a step from the complete
//! log.

use std::cmp::Ordering;

use hpa_core::autoscaler::spec::{Behavior, PolicyKind, ScalingRules, SelectPolicy};
use hpa_core::time::{SignedDuration, Timestamp};

use super::operations::{Cpu, Measured};

/// What really happened, kept whole.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) recommendations: Vec<(i32, Timestamp)>,
    pub(crate) rescales: Vec<(i32, Timestamp)>,
}

impl Log {
    /// The net change of the rescales within `period`.
    fn changed(&self, period: SignedDuration, now: Timestamp) -> i32 {
        let recent = self
            .rescales
            .iter()
            .filter(|(_, time)| *time > now - period);
        recent.map(|(change, _)| change).sum()
    }

    pub(crate) fn within(
        &self,
        window: SignedDuration,
        now: Timestamp,
        edge: Edge,
    ) -> impl Iterator<Item = i32> {
        let start = now - window;
        self.recommendations
            .iter()
            .filter(move |(_, time)| *time > start || (edge == Edge::Counts && *time == start))
            .map(|(replicas, _)| *replicas)
    }
}

/// Whether what happened exactly at the start of a window is within it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Counts,
    IsOut,
}

/// Up or down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// What one metric proposes; `None` where it fails.
pub(crate) fn proposal(measured: &Measured, current: i32) -> Option<i32> {
    match *measured {
        Measured::Failed => None,
        Measured::Cpu(cpu) => of_cpu(cpu, current),
        // A target of 5 for each pod.
        Measured::Queue(milli) => {
            let length = float(milli);
            Some(if tolerated(length / (5000.0 * f64::from(current))) {
                current
            } else {
                rounded_up(length / 5000.0)
            })
        }
    }
}

/// 50 % of a request of 500m.
fn of_cpu(cpu: Cpu, current: i32) -> Option<i32> {
    let Cpu {
        ready,
        unready,
        missing,
        usage,
    } = cpu;
    if ready == 0 {
        return None;
    }
    let ratio = |total: i64, pods: i64| float(total * 100 / (pods * 500)) / 50.0;
    let first = ratio(ready * usage, ready);
    let idle = if first > 1.0 { unready } else { 0 };
    if idle == 0 && missing == 0 {
        let scaled = rounded_up(first * float(ready));
        return Some(if tolerated(first) { current } else { scaled });
    }
    let (mut total, mut pods) = (ready * usage, ready + idle);
    if first < 1.0 {
        total += missing * 500;
    }
    if (first - 1.0).abs() > 0.0 {
        pods += missing;
    }
    let second = ratio(total, pods);
    let scaled = rounded_up(second * float(pods));
    let turned = (first < 1.0 && second > 1.0) || (first > 1.0 && second < 1.0);
    let against = (second < 1.0 && scaled > current) || (second > 1.0 && scaled < current);
    Some(if tolerated(second) || turned || against {
        current
    } else {
        scaled
    })
}

fn tolerated(ratio: f64) -> bool {
    (1.0 - 0.1..=1.0 + 0.1).contains(&ratio)
}

/// The largest proposal; `None` where nothing may be decided.
pub(crate) fn recommendation(proposals: &[Option<i32>], current: i32) -> Option<i32> {
    let largest = proposals.iter().flatten().copied().max()?;
    let failed = proposals.contains(&None);
    (!failed || largest >= current).then_some(largest)
}

/// What the windows make of it.
pub(crate) fn stabilized(
    recommended: i32,
    current: i32,
    windows: (Option<SignedDuration>, SignedDuration),
    log: &Log,
    now: Timestamp,
) -> i32 {
    let (up, down) = windows;
    let Some(up) = up else {
        let past = log.within(down, now, Edge::Counts);
        return past.fold(recommended, i32::max);
    };
    let lowest = log.within(up, now, Edge::IsOut).fold(recommended, i32::min);
    let highest = log
        .within(down, now, Edge::IsOut)
        .fold(recommended, i32::max);
    if current < lowest {
        lowest
    } else if current > highest {
        highest
    } else {
        current
    }
}

/// What happened until now.
#[derive(Clone, Copy)]
pub(crate) struct Past<'a> {
    pub(crate) log: &'a Log,
    pub(crate) now: Timestamp,
}

/// What rates and limits make of it.
pub(crate) fn limited(
    wanted: i32,
    current: i32,
    range: (i32, i32),
    behavior: Option<&Behavior>,
    past: Past<'_>,
) -> i32 {
    let (least, most) = range;
    let Some(behavior) = behavior else {
        let fastest = (2 * current).max(4);
        return wanted.min(most.min(fastest)).max(least);
    };
    let fastest = |rules, direction| limit(rules, direction, current, past);
    match wanted.cmp(&current) {
        Ordering::Greater => {
            let fastest = fastest(&behavior.scale_up, Direction::Up);
            wanted.min(fastest.max(current)).min(most)
        }
        Ordering::Less => {
            let fastest = fastest(&behavior.scale_down, Direction::Down);
            wanted.max(fastest.min(current)).max(least)
        }
        Ordering::Equal => current,
    }
}

fn limit(rules: &ScalingRules, direction: Direction, current: i32, past: Past<'_>) -> i32 {
    let sign = if direction == Direction::Up { 1 } else { -1 };
    let changes = rules.policies.iter().map(|policy| {
        let start = current - past.log.changed(policy.period, past.now);
        let exact = match policy.kind {
            PolicyKind::Pods => f64::from(start + sign * policy.value),
            PolicyKind::Percent => {
                f64::from(start) * (1.0 + f64::from(sign) * (f64::from(policy.value) / 100.0))
            }
        };
        let limit = if direction == Direction::Up {
            rounded_up(exact)
        } else {
            truncated(exact)
        };
        sign * limit
    });
    let chosen = match rules.select_policy {
        SelectPolicy::Disabled => return current,
        SelectPolicy::Max => changes.max(),
        SelectPolicy::Min => changes.min(),
    };
    sign * chosen.expect("a policy")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers of this test are small"
)]
fn float(integer: i64) -> f64 {
    integer as f64
}

fn rounded_up(exact: f64) -> i32 {
    truncated(exact.ceil())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the counts of this test are small"
)]
fn truncated(exact: f64) -> i32 {
    exact as i32
}
