//! The drawing on a button.

use leptos::prelude::*;

/// An icon, in the color of the text around it.
#[component]
pub fn Icon(
    /// Its outline on a square of 16 by 16, as SVG path data.
    #[prop(into)]
    path: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <svg aria-hidden="true" viewBox="0 0 16 16">
            <path d=move || path.get()></path>
        </svg>
    }
}
