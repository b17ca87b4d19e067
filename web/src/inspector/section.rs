//! A section of the inspector that can be collapsed.

use leptos::prelude::*;

/// A collapsible section; the content of a collapsed one is not computed.
#[component]
pub(super) fn Section(
    /// The `data-testid` of its content.
    name: &'static str,
    /// Its heading.
    title: &'static str,
    /// Whether it is initially open.
    #[prop(optional)]
    open: bool,
    /// A remark at the right of the heading.
    #[prop(optional, into)]
    note: Option<Signal<String>>,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(open);
    let mark = move || if open.get() { "▾" } else { "▸" };
    let note = note.map(|note| view! { <span class="section-note">{note}</span> });
    view! {
        <div class="section">
            <h3>
                <button
                    type="button"
                    class="section-head"
                    data-testid=format!("open-{name}")
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <span class="section-mark" aria-hidden="true">
                        {mark}
                    </span>
                    <span>{title}</span>
                    {note}
                </button>
            </h3>
            <Show when=move || open.get()>
                <div class="section-body" data-testid=name>
                    {children()}
                </div>
            </Show>
        </div>
    }
}
