//! Mounts the page into the document's body.

use std::time::Duration;

use hpa_web::options::Options;
use hpa_web::steps::Pace;
use leptos::prelude::{document, request_animation_frame, set_timeout};

fn main() {
    hpa_web::crash::watch();
    // Once what stands in index.html is on screen, which is so when the second frame begins: there
    // is something to read at once, however long the rest takes.
    request_animation_frame(|| {
        request_animation_frame(|| set_timeout(mount, Duration::ZERO));
    });
}

fn mount() {
    let options = Options {
        pace: Pace::InTurn,
        ..Options::default()
    };
    leptos::mount::mount_to_body(move || leptos::view! { <hpa_web::App options /> });
    // What a person read while this was on its way.
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
}
