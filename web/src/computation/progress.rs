//! Shows that a computation goes on, and lets the person stop it.

use leptos::prelude::*;

use super::Activity;
use crate::state::Playground;

/// A line that appears while the run of the text takes longer than a moment.
#[component]
pub fn ComputationProgress() -> impl IntoView {
    let computation = expect_context::<Playground>().computation;
    let activity = computation.activity;
    let running = Memo::new(move |_| matches!(activity.get(), Some(Activity::Running(_))));
    let stopped = Memo::new(move |_| activity.get() == Some(Activity::Stopped));
    let fraction = move || match activity.get() {
        Some(Activity::Running(fraction)) => fraction,
        Some(Activity::Stopped) | None => 0.0,
    };
    view! {
        <Show when=move || running.get()>
            <div class="computation" data-testid="computation">
                <p role="status">"Computing the run of this text …"</p>
                <progress aria-label="Computed part of the run" prop:value=fraction></progress>
                <button
                    type="button"
                    class="text-button"
                    data-testid="stop-run"
                    on:click=move |_| computation.stop()
                >
                    "Stop"
                </button>
            </div>
        </Show>
        <Show when=move || stopped.get()>
            <div class="computation" data-testid="computation">
                <p role="status">"Stopped. The charts show the last complete run."</p>
                <button
                    type="button"
                    class="text-button"
                    data-testid="resume-run"
                    on:click=move |_| computation.resume()
                >
                    "Continue"
                </button>
            </div>
        </Show>
    }
}
