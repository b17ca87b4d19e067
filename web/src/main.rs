//! Mounts the page into the document's body.

use leptos::prelude::document;

fn main() {
    hpa_web::broken::watch();
    leptos::mount::mount_to_body(|| leptos::view! { <hpa_web::App /> });
    // What a person read while this was on its way.
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
}
