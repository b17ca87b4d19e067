//! The closed loop as a whole: the walkthrough, conservation, determinism.

use super::*;

/// The replica counts that follow each other.
fn counts(trace: &Trace) -> Vec<i32> {
    let mut counts = vec![trace.syncs[0].current];
    for sync in trace.syncs.iter().filter(|sync| sync.rescaled()) {
        counts.push(sync.desired);
    }
    counts
}

#[test]
fn the_walkthrough_goes_up_to_seven_and_comes_back_after_the_window() {
    let trace = run(&Setup::default());
    assert_eq!(counts(&trace), [1, 4, 7, 1]);
    let peak = trace
        .syncs
        .iter()
        .position(|sync| sync.desired == 4)
        .expect("scales up");
    let point = trace.points(peak)[0];
    assert_eq!((point.value, point.proposal), (305.0, 7));
    let back = trace
        .syncs
        .iter()
        .find(|sync| sync.desired < sync.current)
        .expect("comes back");
    let last_high = trace
        .syncs
        .iter()
        .rev()
        .find(|sync| sync.proposal == 7)
        .expect("was high");
    assert_eq!(
        back.time - last_high.time,
        crate::time::Duration::from_secs(315)
    );
}

#[test]
fn a_sync_computed_again_is_the_sync_that_was() {
    let trace = run(&Setup::default());
    for (index, sync) in trace.syncs.iter().enumerate() {
        let detail = trace.detail(index).expect("within the run");
        assert_eq!(detail.time, sync.time);
        assert_eq!(detail.explanation.desired, sync.desired);
        assert_eq!(detail.explanation.current, sync.current);
    }
    assert!(trace.detail(trace.syncs.len()).is_none());
}

#[test]
fn nothing_is_lost_and_nothing_made_up() {
    let mut setup = Setup::default();
    setup.load.parts[0].shape = Shape::Spike {
        height: 4000.0,
        at: crate::time::Duration::from_secs(100),
        rise: crate::time::Duration::from_secs(30),
        hold: crate::time::Duration::from_secs(60),
        decay: crate::time::Duration::from_secs(90),
    };
    let totals = run(&setup).totals;
    let out = totals.served + totals.dropped + totals.timed_out + totals.in_system;
    assert!(totals.dropped > 0.0);
    assert!(
        (totals.arrived - out).abs() < 1e-6 * totals.arrived,
        "{totals:?}"
    );
}
