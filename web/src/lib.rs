//! The page: offers `App`, mounted by `main.rs`, by the tests and by whoever embeds it.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "[s] and [px] are units, and no links"
)]
#![expect(
    clippy::must_use_candidate,
    reason = "components are called by the view macro"
)]

pub mod chart;
pub mod editor;
pub mod format;
pub mod hand;
pub mod inspector;
pub mod load;
pub mod model;
pub mod persist;
pub mod playback;
pub mod problems;
pub mod state;
pub mod tabs;
pub mod transport;

use leptos::prelude::*;

use self::chart::Charts;
use self::editor::{Editor, Place};
use self::inspector::Inspector;
use self::problems::Problems;
use self::state::{Panel, Playground};
use self::tabs::Tabs;
use self::transport::Transport;

/// The whole playground.
#[component]
pub fn App() -> impl IntoView {
    let state = Playground::new(persist::restore().unwrap_or_else(|| model::PHP_APACHE.to_owned()));
    persist::keep(state);
    let place = Place::default();
    let marks = Signal::derive(move || state.read.with(|read| problems::marks(&read.diagnostics)));
    let panel = move || match state.panel.get() {
        Panel::Manifests => "manifests",
        Panel::Charts => "charts",
        Panel::Why => "why",
    };
    let start_over = move |_| {
        state.playing.set(false);
        state.text.set(model::PHP_APACHE.to_owned());
    };
    view! {
        <div class="app" data-panel=panel>
            <header class="bar">
                <h1>"HPA Playground"</h1>
                <p class="bar-subject" data-testid="subject">{move || subject(state)}</p>
                <button type="button" class="text-button" data-testid="start-over" on:click=start_over>"Start over"</button>
            </header>
            <Tabs state=state />
            <main class="panels">
                <section class="panel panel-manifests" id="panel-manifests" aria-labelledby="heading-manifests">
                    <h2 id="heading-manifests">"Manifests"</h2>
                    <Editor label="Manifests" text=state.text marks=marks place=place described_by="problems-summary" />
                    <Problems state=state place=place />
                </section>
                <section class="panel panel-charts" id="panel-charts" aria-labelledby="heading-charts">
                    <h2 id="heading-charts">"What happens"</h2>
                    <Charts state=state />
                </section>
                <section class="panel panel-why" id="panel-why" aria-labelledby="heading-why" tabindex="0">
                    <h2 id="heading-why">"Why"</h2>
                    <Inspector state=state />
                </section>
            </main>
            <Transport state=state />
        </div>
    }
}

/// What is scaled, in one line.
fn subject(state: Playground) -> String {
    state.latest.with(|latest| {
        latest.trace().map_or_else(String::new, |trace| {
            let hpa = &trace.setup.autoscaler;
            let target = &hpa.spec.scale_target_ref;
            let version = &trace.setup.controller.version;
            format!(
                "{}/{} scales {}/{} · Kubernetes {version}",
                hpa.metadata.namespace, hpa.metadata.name, target.kind, target.name
            )
        })
    })
}
