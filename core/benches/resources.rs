//! The memory of a week's run, and the wall time of `hpa-sim check` on all shipped experiments.
//!
//! Prints a line for each, `name: value unit`, which `e2e/bench.mjs` puts into its table.

mod setups;

use std::path::Path;
use std::process::{Command, Stdio};

use hpa_core::simulation::run;

const RUNS: usize = 5;

/// The most memory that is allocated at one time in the course of a run, the trace included \[MB\].
#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn memory() -> f64 {
    let week = setups::week();
    let mut syncs = 0;
    let allocations = allocation_counter::measure(|| syncs = run(&week).syncs.len());
    assert_eq!(syncs, 7 * 24 * 240 - 1);
    allocations.bytes_max as f64 / 1e6
}

/// The median of some runs of the command, its start included \[ms\].
#[expect(clippy::disallowed_types, reason = "a benchmark measures time")]
fn check() -> f64 {
    // Read when it runs: a compiler started through a shell script does not see a variable with a
    // hyphen in its name.
    let binary = std::env::var_os("CARGO_BIN_EXE_hpa-sim").expect("cargo sets it");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = std::time::Instant::now();
            let status = Command::new(&binary)
                .arg("check")
                .arg(&folder)
                .stdout(Stdio::null())
                .status();
            assert!(status.expect("it starts").success());
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn main() {
    println!("memory of 7 days, 4 metrics: {:.1} MB", memory());
    println!("check of all experiments: {:.0} ms", check());
}
