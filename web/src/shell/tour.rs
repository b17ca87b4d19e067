//! The tour of the first visit: four things to try, one at a time, above the page without covering it.

use leptos::prelude::*;

use crate::dom::{El, button, el, html};

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
#[must_use]
pub fn tour(shown: RwSignal<bool>) -> El {
    el("div", "").part(move || shown.get().then(|| steps(shown)))
}

fn steps(shown: RwSignal<bool>) -> El {
    let step = RwSignal::new(0_usize);
    let last = move || step.get() + 1 == STEPS.len();
    let next = move || {
        if untrack(last) {
            shown.set(false);
        } else {
            step.update(|step| *step += 1);
        }
    };
    let tour = html(
        r#"<aside class="tour" aria-label="Tour" data-testid="tour">
            <p class="tour-text" aria-live="polite"><strong></strong> <span></span> <span class="quiet"></span></p>
        </aside>"#,
    );
    tour.find("strong")
        .says(move || STEPS[step.get()].0.to_owned());
    tour.find("span")
        .says(move || STEPS[step.get()].1.to_owned());
    tour.find(".quiet")
        .says(move || format!("{} of {}", step.get() + 1, STEPS.len()));
    tour.child(
        button("text-button", "", next)
            .id("tour-next")
            .says(move || if last() { "Done" } else { "Next" }.to_owned()),
    )
    .child(button("text-button", "Skip", move || shown.set(false)).id("tour-skip"))
}
