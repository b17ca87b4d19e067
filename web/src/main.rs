//! Mounts the page into the document's body.

use hpa_web::options::Options;
use hpa_web::steps::Pace;
use leptos::prelude::document;

fn main() {
    hpa_web::broken::watch();
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
