//! The page: offers `App`, mounted by `main.rs`, by the tests and by whoever embeds it.
#![expect(
    clippy::must_use_candidate,
    reason = "components are called by the view macro"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "[s] and [px] are units, and no links"
)]

pub mod broken;
pub mod chart;
pub mod clipboard;
pub mod compare;
pub mod dialog;
pub mod edit;
pub mod editor;
pub mod files;
pub mod format;
pub mod gallery;
pub mod goals;
pub mod hand;
pub mod history;
pub mod inspector;
pub mod load;
pub mod model;
pub mod persist;
pub mod playback;
pub mod problems;
pub mod recent;
pub mod session;
pub mod share;
pub mod state;
pub mod tabs;
pub mod thumbnail;
pub mod timeline;
pub mod toolbar;
pub mod tour;
pub mod transport;

use leptos::prelude::*;

use self::chart::Charts;
use self::editor::Editor;
use self::files::Files;
use self::gallery::{FixLine, Gallery};
use self::inspector::Inspector;
use self::problems::Problems;
use self::session::Session;
use self::share::Share;
use self::state::{Panel, Playground};
use self::tabs::Tabs;
use self::toolbar::{Doors, NoticeLine, Toolbar};
use self::tour::Tour;
use self::transport::Transport;

/// The whole playground.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::begin();
    let Session { state, place, .. } = session;
    let doors = Doors::closed();
    let touring = RwSignal::new(session.first);
    files::accept_drops(session, doors.files);
    let marks = Signal::derive(move || state.read.with(|read| problems::marks(&read.diagnostics)));
    let panel = move || match state.panel.get() {
        Panel::Manifests => "manifests",
        Panel::Charts => "charts",
        Panel::Why => "why",
    };
    view! {
        <div class="app" data-panel=panel>
            <header class="bar">
                <h1>"HPA Playground"</h1>
                <p class="bar-subject" data-testid="subject">{move || subject(state)}</p>
                <Toolbar session=session doors=doors />
            </header>
            <NoticeLine session=session />
            <Tour shown=touring />
            <Tabs state=state />
            <main class="panels">
                <section class="panel panel-manifests" id="panel-manifests" aria-labelledby="heading-manifests">
                    <h2 id="heading-manifests">"Manifests"</h2>
                    <Editor label="Manifests" text=state.text marks=marks place=place described_by="problems-summary" />
                    <FixLine session=session />
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
            <Gallery session=session open=doors.gallery />
            <Files session=session open=doors.files />
            <Share session=session open=doors.share />
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
