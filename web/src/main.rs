//! Mounts the page into the document's body.

fn main() {
    leptos::mount::mount_to_body(hpa_web::App);
}
