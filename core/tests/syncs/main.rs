//! Properties of sequences of syncs, compared with a simple reference model that keeps all history.

mod operations;
mod retelling;
#[path = "../testing/mod.rs"]
mod testing;

use hpa_core::autoscaler::explanation::{Bound, Branch};
use hpa_core::autoscaler::{Autoscaler, ControllerConfig, Explanation, Report, Status};
use hpa_core::time::SignedDuration;
use operations::{Operation, World};
use proptest::prelude::*;
use retelling::{Edge, Log, Past};

const DOWNSCALE_STABILIZATION: SignedDuration = SignedDuration::from_secs(120);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn syncs_keep_their_promises(
        mut world in operations::world(),
        steps in proptest::collection::vec(operations::operation(), 1..60),
    ) {
        let mut config = ControllerConfig::default();
        config.downscale_stabilization = DOWNSCALE_STABILIZATION;
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
            // The histories are all that an autoscaler remembers.
            let mut second =
                Autoscaler::new(first.config().clone()).with_histories(first.histories().clone());
            let (mut other_world, mut other_stored) = (world.clone(), stored.clone());
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

/// Every count is the one that the retelling comes to.
fn check(
    world: &World,
    log: &Log,
    before: i32,
    explanation: &Explanation,
    report: &Report,
) -> Result<(), TestCaseError> {
    prop_assert!(!explanation.to_string().is_empty());
    if !world.scale_is_readable() {
        prop_assert_eq!(explanation.branch, Branch::NoScale);
        prop_assert!(report.error.is_some());
        prop_assert_eq!(world.replicas(), before);
        return Ok(());
    }
    let spec = world.spec();
    let (least, most) = (spec.min_replicas, spec.max_replicas);
    let (branch, desired) = if before == 0 {
        (Branch::Disabled, 0)
    } else if before > most {
        (Branch::AboveMaximum, most)
    } else if before < least {
        (Branch::BelowMinimum, least)
    } else {
        let measured = world.measured(before);
        let proposals: Vec<_> = measured
            .iter()
            .map(|measured| retelling::proposal(measured, before))
            .collect();
        let steps = explanation.metrics.iter();
        let found: Vec<_> = steps.map(|step| step.proposal.clone().ok()).collect();
        prop_assert_eq!(&found, &proposals, "{:?}", measured);
        match retelling::recommendation(&proposals, before) {
            None => (Branch::NoMetrics, before),
            Some(recommended) => {
                let desired = decided(world, log, before, recommended, explanation)?;
                (Branch::Metrics, desired)
            }
        }
    };
    prop_assert_eq!((explanation.branch, explanation.desired), (branch, desired));
    Ok(())
}

/// From a recommendation to the desired replicas, and what the explanation says on the way.
fn decided(
    world: &World,
    log: &Log,
    before: i32,
    recommended: i32,
    explanation: &Explanation,
) -> Result<i32, TestCaseError> {
    let (spec, now) = (world.spec(), world.now());
    let step = explanation.stabilization.expect("metrics were looked at");
    let behavior = spec.behavior.as_ref();
    // The windows are those of the behavior; without one, only that of the flag.
    let windows = behavior.map_or((None, DOWNSCALE_STABILIZATION), |behavior| {
        let up = behavior.scale_up.stabilization_window;
        let down = behavior.scale_down.stabilization_window;
        (
            Some(up.unwrap_or_default()),
            down.unwrap_or(DOWNSCALE_STABILIZATION),
        )
    });
    let (edge, (up, down)) = (
        if windows.0.is_some() {
            Edge::IsOut
        } else {
            Edge::Counts
        },
        windows,
    );
    let past = log.within(down, now, edge).max();
    prop_assert_eq!(step.highest_past.map(|past| past.replicas), past);
    if let Some(up) = up {
        let past = log.within(up, now, edge).min();
        prop_assert_eq!(step.lowest_past.map(|past| past.replicas), past);
    }
    let stabilized = retelling::stabilized(recommended, before, windows, log, now);
    prop_assert_eq!(
        (step.recommended, step.stabilized),
        (recommended, stabilized)
    );
    let range = (spec.min_replicas, spec.max_replicas);
    let desired = retelling::limited(stabilized, before, range, behavior, Past { log, now });
    prop_assert!(
        range.0 <= desired && desired <= range.1,
        "{} is outside {:?}",
        desired,
        range
    );
    let rate = explanation.rate.expect("metrics were looked at");
    prop_assert_eq!((rate.wanted, rate.result), (stabilized, desired));
    prop_assert_eq!(rate.bound == Bound::None, stabilized == desired);
    Ok(desired)
}

fn remember(log: &mut Log, explanation: &Explanation, before: i32, world: &World) {
    if let Some(step) = explanation.stabilization {
        log.recommendations.push((step.recommended, world.now()));
    }
    if world.replicas() != before && world.spec().behavior.is_some() {
        log.rescales.push((world.replicas() - before, world.now()));
    }
}
