//! A sample of the recorded cases of the real Kubernetes code, replayed in the browser.
#![cfg(target_arch = "wasm32")]

use std::io::Read;

use flate2::read::MultiGzDecoder;
use hpa_core::autoscaler::{Arch, KubernetesVersion};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

#[path = "../../core/tests/upstream_vectors/behavior.rs"]
mod behavior;
#[path = "../../core/tests/upstream_vectors/calculator.rs"]
mod calculator;
#[allow(dead_code, reason = "the browser replays one release only")]
#[path = "../../core/tests/upstream_vectors/fields.rs"]
mod fields;
#[path = "../../core/tests/upstream_vectors/quantity.rs"]
mod quantity;
#[path = "../../core/tests/upstream_vectors/reconcile.rs"]
mod reconcile;
#[path = "../../core/tests/upstream_vectors/validation.rs"]
mod validation;

use fields::{Expected, Setting};

wasm_bindgen_test_configure!(run_in_browser);

/// Natively every case is replayed; here every tenth one, which takes seconds.
const SAMPLE: usize = 10;

/// Replays a sample of one file of base cases, recorded of 1.36 on amd64.
fn replay(file: &str, compressed: &[u8], prepare: fields::Prepare) {
    let mut cases = String::new();
    MultiGzDecoder::new(compressed)
        .read_to_string(&mut cases)
        .expect("gzip");
    let recorded = KubernetesVersion::from_minor(36).expect("it is modelled");
    let mut passed = 0;
    for line in cases.lines().step_by(SAMPLE) {
        let case = serde_json::from_str(line).expect("JSON");
        let setting = Setting::new(&case, recorded, Arch::Amd64);
        let outcome =
            setting.and_then(|setting| prepare(&case)(&setting, &Expected::of_case(&case)));
        if let Err(difference) = outcome {
            panic!("{file}, {}: {difference}", fields::text(&case, "id"));
        }
        passed += 1;
    }
    assert!(passed > 0, "{file} holds no case");
    console_log!("{file}: {passed} passed, 0 failed");
}

macro_rules! replayed {
    ($($file:ident),*) => {
        $(
            #[wasm_bindgen_test]
            fn $file() {
                const CASES: &[u8] = include_bytes!(concat!(
                    "../../core/tests/vectors/", stringify!($file), ".jsonl.gz"
                ));
                replay(stringify!($file), CASES, $file::prepare);
            }
        )*
    };
}

replayed!(quantity, validation, calculator, behavior, reconcile);
