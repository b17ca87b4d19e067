//! The tour of the first visit: four things to try, one at a time, above the page without covering it.

use leptos::prelude::*;

const STEPS: [(&str, &str); 4] = [
    (
        "This is a run",
        "The manifests and the load give these replicas: 1, then 4, then 7. The Why panel shows the arithmetic.",
    ),
    (
        "Look around",
        "Drag across the charts, or press the arrow keys, to step from sync to sync. Space plays the run.",
    ),
    (
        "Change the load",
        "Move the load slider: the load changes at the cursor, and the run follows. Ctrl+Z undoes it.",
    ),
    (
        "Make it yours",
        "Paste your own HorizontalPodAutoscaler and Deployment, or pick an experiment from the gallery. Share makes a link to the whole experiment.",
    ),
];

/// The tour, while it is open.
#[component]
pub fn Tour(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let step = RwSignal::new(0_usize);
    let last = move || step.get() + 1 == STEPS.len();
    let next = move |_| {
        if untrack(last) {
            open.set(false);
        } else {
            step.update(|step| *step += 1);
        }
    };
    view! {
        <Show when=move || open.get()>
            <aside class="tour" aria-label="Tour" data-testid="tour">
                <p class="tour-text" aria-live="polite">
                    <strong>{move || STEPS[step.get()].0}</strong>
                    " "
                    <span>{move || STEPS[step.get()].1}</span>
                    " "
                    <span class="quiet">
                        {move || format!("{} of {}", step.get() + 1, STEPS.len())}
                    </span>
                </p>
                <button
                    type="button"
                    class="text-button"
                    data-testid="tour-next"
                    on:click=next
                >
                    {move || if last() { "Done" } else { "Next" }}
                </button>
                <button
                    type="button"
                    class="text-button"
                    data-testid="tour-skip"
                    on:click=move |_| open.set(false)
                >
                    "Skip"
                </button>
            </aside>
        </Show>
    }
}
