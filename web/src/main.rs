//! Mounts the page into the document's body.

use std::time::Duration;

use hpa_web::options::{Options, Pace};
use hpa_web::session::link::{self, Link};
use leptos::prelude::{document, request_animation_frame, set_timeout};

fn main() {
    hpa_web::shell::crash::watch();
    wasm_bindgen_futures::spawn_local(async {
        // Without a link there is nothing to wait for.
        let link = link::in_address().await;
        // Starts with the second frame, when the content of index.html is on screen: there is
        // something to read at once, however long the rest takes.
        request_animation_frame(|| {
            request_animation_frame(|| set_timeout(|| mount(link), Duration::ZERO));
        });
    });
}

fn mount(link: Option<Link>) {
    let options = Options {
        pace: Pace::InTurn,
        link,
        ..Options::default()
    };
    leptos::mount::mount_to_body(move || leptos::view! { <hpa_web::App options /> });
    // The text that was shown while the page was loading.
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
}
