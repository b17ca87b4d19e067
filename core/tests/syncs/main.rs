//! Properties of sequences of syncs, each against a plain retelling that never forgets anything.

mod operations;

use hpa_core::autoscaler::explanation::{Bound, Branch, Direction};
use hpa_core::autoscaler::spec::{PolicyKind, ScalingRules, SelectPolicy};
use hpa_core::autoscaler::{Autoscaler, ControllerConfig, Explanation, Report, Status};
use hpa_core::time::{Duration, Timestamp};
use operations::{Operation, World};
use proptest::prelude::*;

/// What really happened, kept whole.
#[derive(Default)]
struct Log {
    recommendations: Vec<(i32, Timestamp)>,
    rescales: Vec<(i32, Timestamp)>,
}

impl Log {
    /// The net change of the rescales within `period`.
    fn changed(&self, period: Duration, now: Timestamp) -> i32 {
        let recent = self
            .rescales
            .iter()
            .filter(|(_, time)| *time > now - period);
        recent.map(|(change, _)| change).sum()
    }

    fn within(&self, window: Duration, now: Timestamp, edge: Edge) -> impl Iterator<Item = i32> {
        let start = now - window;
        self.recommendations
            .iter()
            .filter(move |(_, time)| *time > start || (edge == Edge::Counts && *time == start))
            .map(|(replicas, _)| *replicas)
    }
}

/// Whether what happened exactly at the start of a window is within it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Counts,
    IsOut,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn syncs_keep_their_promises(
        mut world in operations::world(),
        steps in proptest::collection::vec(operations::operation(), 1..60),
    ) {
        let config = ControllerConfig {
            downscale_stabilization: Duration::from_secs(120),
            ..ControllerConfig::default()
        };
        let mut autoscaler = Autoscaler::new(config);
        let mut stored = Status::default();
        let mut log = Log::default();
        for step in steps {
            world.apply(&step);
            if step == Operation::Restart {
                autoscaler = Autoscaler::new(autoscaler.config().clone());
                log = Log::default();
            }
            if log.recommendations.is_empty() && world.scale_is_readable() {
                log.recommendations.push((world.replicas(), world.now()));
            }
            let before = world.replicas();
            let report = sync(&mut autoscaler, &mut world, &mut stored);
            check(&world, &log, before, autoscaler.explanation(), &report)?;
            remember(&mut log, autoscaler.explanation(), before, &world);
        }
    }

    #[test]
    fn a_sync_is_a_function_of_its_inputs(
        mut world in operations::world(),
        steps in proptest::collection::vec(operations::operation(), 1..20),
    ) {
        let mut first = Autoscaler::new(ControllerConfig::default());
        let mut stored = Status::default();
        for step in steps {
            world.apply(&step);
            let (mut second, mut other_world, mut other_stored) =
                (first.clone(), world.clone(), stored.clone());
            let one = sync(&mut first, &mut world, &mut stored);
            let other = sync(&mut second, &mut other_world, &mut other_stored);
            prop_assert_eq!(one, other);
            prop_assert_eq!(first.histories(), second.histories());
            prop_assert!(stored.is_same(&other_stored));
        }
    }
}

/// One sync, with the writes that the world allows.
fn sync(autoscaler: &mut Autoscaler, world: &mut World, stored: &mut Status) -> Report {
    let now = world.now();
    let spec = world.spec();
    let decision = autoscaler.decide(&spec, stored, &world.observation(), now);
    let written = match &decision.rescale {
        Some(rescale) => world.write_scale(rescale),
        None => Ok(()),
    };
    let outcome = autoscaler.complete(decision, written, now);
    if let Some(status) = &outcome.status {
        *stored = status.clone().as_stored();
    }
    outcome.finish(Ok(()))
}

fn check(
    world: &World,
    log: &Log,
    before: i32,
    explanation: &Explanation,
    report: &Report,
) -> Result<(), TestCaseError> {
    let spec = world.spec();
    let desired = explanation.desired;
    let range = spec.min_replicas..=spec.max_replicas;
    prop_assert!(!explanation.to_string().is_empty());
    match explanation.branch {
        Branch::NoScale => {
            prop_assert!(report.error.is_some());
            prop_assert_eq!(world.replicas(), before);
            return Ok(());
        }
        Branch::NoMetrics => prop_assert_eq!(desired, before),
        Branch::Disabled => prop_assert_eq!((before, desired), (0, 0)),
        Branch::AboveMaximum => prop_assert_eq!(desired, spec.max_replicas),
        Branch::BelowMinimum => prop_assert_eq!(desired, spec.min_replicas),
        Branch::Metrics => {
            prop_assert!(range.contains(&desired), "{desired} is outside {range:?}");
            check_windows(world, log, explanation)?;
            check_rates(world, log, before, explanation)?;
        }
    }
    if explanation
        .metrics
        .iter()
        .any(|metric| metric.proposal.is_err())
        && explanation.branch == Branch::Metrics
    {
        let proposed = explanation
            .combination
            .map_or(0, |combination| combination.proposal);
        prop_assert!(proposed >= before, "a failed metric must hold the count");
    }
    Ok(())
}

/// The windows hold what the whole past says, whichever slots were reused.
fn check_windows(world: &World, log: &Log, explanation: &Explanation) -> Result<(), TestCaseError> {
    let step = explanation.stabilization.expect("metrics were looked at");
    let now = world.now();
    let edge = if world.spec().behavior.is_some() {
        Edge::IsOut
    } else {
        Edge::Counts
    };
    let highest = log.within(step.down_window, now, edge).max();
    prop_assert_eq!(step.highest_past.map(|past| past.replicas), highest);
    if let Some(up_window) = step.up_window {
        let lowest = log.within(up_window, now, edge).min();
        prop_assert_eq!(step.lowest_past.map(|past| past.replicas), lowest);
    }
    Ok(())
}

/// No step goes beyond the policies, computed from all rescales that ever happened.
fn check_rates(
    world: &World,
    log: &Log,
    before: i32,
    explanation: &Explanation,
) -> Result<(), TestCaseError> {
    let Some(behavior) = &world.spec().behavior else {
        prop_assert!(explanation.desired <= (2 * before).max(4).max(world.spec().min_replicas));
        return Ok(());
    };
    let now = world.now();
    if explanation.desired > before {
        let most = limit(&behavior.scale_up, Direction::Up, before, log, now);
        prop_assert!(explanation.desired <= most.max(before));
    } else if explanation.desired < before {
        let least = limit(&behavior.scale_down, Direction::Down, before, log, now);
        prop_assert!(explanation.desired >= least.min(before));
    }
    let rate = explanation.rate.expect("metrics were looked at");
    prop_assert_eq!(rate.bound == Bound::None, rate.result == rate.wanted);
    Ok(())
}

fn limit(
    rules: &ScalingRules,
    direction: Direction,
    before: i32,
    log: &Log,
    now: Timestamp,
) -> i32 {
    let sign = if direction == Direction::Up { 1 } else { -1 };
    let changes = rules.policies.iter().map(|policy| {
        let start = before - log.changed(policy.period, now);
        let exact = match policy.kind {
            PolicyKind::Pods => f64::from(start + sign * policy.value),
            PolicyKind::Percent => {
                f64::from(start) * (1.0 + f64::from(sign) * (f64::from(policy.value) / 100.0))
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the counts of this test are small"
        )]
        let limit = if sign > 0 {
            exact.ceil()
        } else {
            exact.trunc()
        } as i32;
        sign * limit
    });
    let chosen = match rules.select_policy {
        SelectPolicy::Disabled => return before,
        SelectPolicy::Max => changes.max(),
        SelectPolicy::Min => changes.min(),
    };
    sign * chosen.expect("a policy")
}

fn remember(log: &mut Log, explanation: &Explanation, before: i32, world: &World) {
    if let Some(step) = explanation.stabilization {
        log.recommendations.push((step.recommended, world.now()));
    }
    if world.replicas() != before && world.spec().behavior.is_some() {
        log.rescales.push((world.replicas() - before, world.now()));
    }
}
