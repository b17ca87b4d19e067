//! A run that is cut into slices of any size is the run in one go, bit by bit.

use std::fs;
use std::path::Path;

use hpa_simulation::cluster::{Progress, Work};
use hpa_simulation::experiment::{Execution, Experiment, Run};
use proptest::prelude::*;

/// Each shipped experiment with its file name.
fn shipped() -> Vec<(String, Experiment)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut all: Vec<_> = fs::read_dir(folder)
        .expect("experiments")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "yaml"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a text");
            let name = path.file_name().expect("a name").to_string_lossy();
            let parsed = Experiment::parse(&text);
            (name.into_owned(), parsed.experiment.expect("an experiment"))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!all.is_empty());
    all
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
