//! A run or a reading that is cut into slices of any size is the one in one go, bit by bit.

mod testing;

use std::fmt::Write as _;

use hpa_core::manifest::Source;
use hpa_simulation::cluster::{Progress, Work};
use hpa_simulation::experiment::{Defaults, Execution, Experiment, Parsed, Provenance, Run};
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

/// Reads in slices whose sizes go round.
fn read_in_slices(sources: &[Source<'_>], sizes: &[u64]) -> Parsed {
    let mut reading = Experiment::read(sources, Defaults::default());
    let mut last = 0.0;
    for size in sizes.iter().cycle() {
        match reading.advance(Work(*size)) {
            Progress::Done => break,
            Progress::Running { fraction } => {
                assert!((last..=1.0).contains(&fraction), "{last} {fraction}");
                last = fraction;
            }
        }
    }
    assert_eq!(reading.advance(Work(1)), Progress::Done);
    reading.finish()
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

/// Pieces of texts: shipped ones aside, those that say something about others.
const PIECES: [&str; 9] = [
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 9\n",
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 0\n  maxReplicas: 9\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: app}]}\n",
    "apiVersion: hpa-playground/v1\nkind: Experiment\nautoscaler: api\nfeatureGates: {HPAScaleToZero: true}\nload:\n- points: {values: [{at: 0s, rate: 5}, {at: 1m, rate: 1e99}]}\n",
    "apiVersion: hpa-playground/v1\nkind: Experiment\nkubernetesVersion: \"1.30\"\nload:\n- series: {promtool: 1+1x9}\n",
    "apiVersion: hpa-playground/v2\nkind: Experimend\n",
    "a: [\n",
    "# only a comment\n",
    "# Made with HPA Playground for Kubernetes 1.33, model version 1\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn slices_of_reading_change_nothing(
        sizes in proptest::collection::vec(prop_oneof![0..300_u64, 0..20_000_u64], 1..9),
        place in any::<prop::sample::Index>(),
        pieces in proptest::collection::vec(
            proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
            1..4,
        ),
    ) {
        let shipped = shipped_experiments();
        let Shipped { name, text } = &shipped[place.index(shipped.len())];
        let source = [Source::from(&**text)];
        prop_assert_eq!(read_in_slices(&source, &sizes), Experiment::parse(text), "{}", name);
        let texts: Vec<String> = pieces
            .iter()
            .map(|pieces| {
                let pieces = pieces.iter();
                let pieces: Vec<&str> = pieces.map(|piece| *piece.get(&PIECES)).collect();
                pieces.join("---\n")
            })
            .collect();
        let sources: Vec<Source<'_>> = texts.iter().map(|text| Source::from(&**text)).collect();
        let whole = Experiment::parse_sources(&sources, Defaults::default());
        prop_assert_eq!(read_in_slices(&sources, &sizes), whole);
    }
}

#[test]
fn every_shipped_text_reads_alike_in_the_smallest_slices() {
    for Shipped { name, text } in shipped_experiments() {
        let sources = [Source::from(&*text)];
        let whole = Experiment::parse(&text);
        assert_eq!(read_in_slices(&sources, &[0]), whole, "{name}");
    }
}

/// The steps of a long text are small, up to the one that decodes the experiment's own document.
#[test]
fn no_step_does_much_of_a_long_text() {
    let mut text = String::new();
    for index in 0..200 {
        writeln!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web{index}}}\nspec:\n  selector: {{matchLabels: {{app: web{index}}}}}\n  template:\n    metadata: {{labels: {{app: web{index}}}}}\n    spec: {{containers: [{{name: app}}]}}"
        )
        .expect("written");
    }
    for index in 0..100 {
        write!(
            text,
            "---\n{}",
            PIECES[0].replace("web", &format!("web{index}"))
        )
        .expect("written");
    }
    let text = Provenance::stamp(&text);
    let mut reading = Experiment::read(&[Source::from(&*text)], Defaults::default());
    let (mut last, mut largest) = (0.0, 0.0_f64);
    while let Progress::Running { fraction } = reading.advance(Work(0)) {
        largest = largest.max(fraction - last);
        last = fraction;
    }
    assert!(last > 0.99, "{last}");
    assert!(largest < 0.02, "{largest}");
}

/// An execution that was never advanced runs when it is finished.
#[test]
fn finish_completes_the_run() {
    let (_, experiment) = shipped().swap_remove(0);
    let mut begun = experiment.start();
    assert!(matches!(begun.advance(Work(0)), Progress::Running { .. }));
    assert_eq!(begun.finish().trace.hash(), experiment.run().trace.hash());
}
