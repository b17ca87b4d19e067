//! The wall time of `hpa-sim check` on all shipped experiments.
//!
//! Prints a line, `name: value unit`, which `e2e/bench.mjs` puts into its table.

use std::path::Path;
use std::process::{Command, Stdio};

const RUNS: usize = 5;

/// The median of some runs of the command, its start included \[ms\].
fn check() -> f64 {
    // Read when it runs: a compiler started through a shell script does not see a variable with a
    // hyphen in its name.
    let binary = std::env::var_os("CARGO_BIN_EXE_hpa-sim").expect("cargo sets it");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulation/experiments");
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
    println!("check of all experiments: {:.0} ms", check());
}
