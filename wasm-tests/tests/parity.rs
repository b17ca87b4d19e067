//! The hash of the whole trace of every shipped experiment, in the browser.
#![cfg(target_arch = "wasm32")]

use hpa_simulation::experiment::{Experiment, MODEL_VERSION};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const EXPERIMENTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/experiments.rs"));

/// What `simulation/tests/parity.rs` finds natively.
const NATIVE: &str = include_str!("../../simulation/tests/parity.txt");

#[wasm_bindgen_test]
fn the_browser_gives_the_same_bits() {
    let line = |(name, text): &(&str, &str)| {
        let experiment = Experiment::parse(text).experiment.expect("an experiment");
        format!("{name} {:016x}\n", experiment.run().trace.hash())
    };
    let hashes: String = EXPERIMENTS.iter().map(line).collect();
    assert_eq!(NATIVE, format!("model version {MODEL_VERSION}\n{hashes}"));
}
