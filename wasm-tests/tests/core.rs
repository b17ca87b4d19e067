//! The core in the browser: the same answers as natively.
#![cfg(target_arch = "wasm32")]

use hpa_core::time::{Duration, Timestamp};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn times_need_64_bits_where_pointers_have_32() {
    let start = Timestamp(1_767_225_600_123);
    assert_eq!(start.truncated_to_second(), Timestamp(1_767_225_600_000));
    assert_eq!(
        start + Duration::from_secs(i64::MAX) - start,
        Duration(i64::MAX - start.0)
    );
    assert_eq!(
        Timestamp(-1).truncated_to_second(),
        Timestamp(-1000),
        "before the epoch too, a second is cut downward"
    );
}
