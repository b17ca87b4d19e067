//! The page: offers `App`, mounted by `main.rs`, by the tests and by whoever embeds it.

use leptos::prelude::*;

/// The whole playground.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <main>
            <h1>"HPA Playground"</h1>
        </main>
    }
}
