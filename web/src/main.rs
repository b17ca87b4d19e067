//! Mounts the page into the document's body.

fn main() {
    hpa_web::broken::watch();
    leptos::mount::mount_to_body(|| leptos::view! { <hpa_web::App /> });
}
