//! The memory of a week's run.
//!
//! Prints a line, `name: value unit`, which `e2e/bench.mjs` puts into its table.

mod setups;

use hpa_simulation::cluster::run;

/// The most memory that is allocated at one time in the course of a run, the trace included \[MB\].
#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn memory() -> f64 {
    let week = setups::week();
    let mut syncs = 0;
    let allocations = allocation_counter::measure(|| syncs = run(&week).trace.syncs.len());
    assert_eq!(syncs, 7 * 24 * 240 - 1);
    allocations.bytes_max as f64 / 1e6
}

fn main() {
    println!("memory of 7 days, 4 metrics: {:.1} MB", memory());
}
