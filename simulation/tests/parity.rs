//! The hash of the whole trace of every shipped experiment, natively.
//!
//! `parity.txt` holds the hashes, and the suite `wasm-tests/tests/parity.rs` compares the browser's
//! with the same file. A change in it is a change of what every run shows, and raises `MODEL_VERSION`,
//! which its first line has.

mod testing;

use expect_test::expect_file;
use hpa_simulation::experiment::MODEL_VERSION;
use test_support::{check_each, shipped_experiments};

#[test]
fn every_shipped_experiment_hashes_as_recorded() {
    let header = format!("model version {MODEL_VERSION}\n");
    let mut hashes = header.clone();
    for shipped in shipped_experiments() {
        let run = testing::experiment(&shipped.name, &shipped.text).run();
        hashes += &format!("{} {:016x}\n", shipped.name, run.trace.hash());
    }
    let recorded = expect_file!["parity.txt"];
    let old = recorded.data();
    // Not accepted by any switch: an old run changes only together with the version.
    if old.starts_with(&header) {
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        check_each(old.lines(), |old| {
            let new = hashes.lines().find(|new| name(new) == name(old));
            assert!(
                new.is_none_or(|new| new == old),
                "{old} is another run now: raise MODEL_VERSION in src/experiment/provenance.rs"
            );
        });
    }
    recorded.assert_eq(&hashes);
}
