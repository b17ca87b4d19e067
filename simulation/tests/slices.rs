//! A run that is cut into slices of any size is the run in one go, bit by bit.

mod testing;

use hpa_simulation::cluster::{Progress, Work};
use hpa_simulation::experiment::{Execution, Experiment, Run};
use proptest::prelude::*;
use test_support::{Shipped, shipped_experiments};

/// Each shipped experiment with its name.
fn shipped() -> Vec<(String, Experiment)> {
    let shipped = shipped_experiments().into_iter();
    shipped
        .map(|Shipped { name, text }| {
            let experiment = testing::experiment(&name, &text);
            (name, experiment)
        })
        .collect()
}

/// Runs in slices whose sizes go round; gives how often it paused, too.
fn in_slices(mut execution: Execution, sizes: &[u64]) -> (Run, usize) {
    let mut last = 0.0;
    let mut pauses = 0;
    for size in sizes.iter().cycle() {
        match execution.advance(Work(*size)) {
            Progress::Done => break,
            Progress::Running { fraction } => {
                assert!((last..=1.0).contains(&fraction), "{last} {fraction}");
                last = fraction;
                pauses += 1;
            }
        }
    }
    assert_eq!(execution.advance(Work(1)), Progress::Done);
    (execution.finish(), pauses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn slices_change_nothing(
        sizes in proptest::collection::vec(prop_oneof![0..200_u64, 0..100_000_u64], 1..20),
        place in any::<prop::sample::Index>(),
    ) {
        for (name, experiment) in shipped() {
            let whole = experiment.run();
            let (sliced, pauses) = in_slices(experiment.start(), &sizes);
            prop_assert_eq!(sliced.trace.hash(), whole.trace.hash(), "{}", &name);
            prop_assert_eq!(&sliced.verdicts, &whole.verdicts, "{}", &name);
            prop_assert_eq!(&sliced.summary, &whole.summary, "{}", &name);
            prop_assert!(pauses > 0 || sizes[0] > 1_000, "{name}");
            let sync = place.index(whole.trace.syncs.len());
            let details = [&sliced, &whole].map(|run| format!("{:?}", run.replay.detail(sync)));
            prop_assert!(details[0] == details[1], "{name}: sync {sync}");
        }
    }
}

/// An execution that was never advanced runs when it is finished.
#[test]
fn finish_completes_the_run() {
    let (_, experiment) = shipped().swap_remove(0);
    let mut begun = experiment.start();
    assert!(matches!(begun.advance(Work(0)), Progress::Running { .. }));
    assert_eq!(begun.finish().trace.hash(), experiment.run().trace.hash());
}
