//! The patterns that areas are filled with. They are written as markup, because the same text is
//! part of each saved SVG file.

use hpa_simulation::chart::HATCHES;
use leptos::prelude::*;

/// The patterns of all charts, in an SVG of no size.
#[component]
pub(super) fn Hatches() -> impl IntoView {
    view! {
        <svg class="patterns" aria-hidden="true" width="0" height="0">
            <defs inner_html=HATCHES></defs>
        </svg>
    }
}
