//! The mounted page, driven through the document as a person would.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::document;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_page_mounts_under_its_name() {
    leptos::mount::mount_to_body(hpa_web::App);
    let heading = document().query_selector("h1").ok().flatten();
    assert_eq!(
        heading.and_then(|heading| heading.text_content()),
        Some("HPA Playground".to_owned())
    );
}
