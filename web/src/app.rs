//! The playground as a component: its header, panels, transport and dialogs.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::add::Additions;
use crate::charts::Charts;
use crate::computation::ComputationProgress;
use crate::editor::Editor;
use crate::files::Files;
use crate::gallery::{FixLine, Gallery};
use crate::inspector::Inspector;
use crate::options::{Options, Theme};
use crate::problems::Problems;
use crate::session::Session;
use crate::share::Share;
use crate::shell::dialog::Dialogs;
use crate::shell::notice::NoticeBar;
use crate::shell::stages::{self, Stage};
use crate::shell::tabs::Tabs;
use crate::shell::toolbar::Toolbar;
use crate::shell::tour::Tour;
use crate::state::{Panel, Playground};
use crate::transport::Transport;
use crate::{files, problems};

/// The playground. It provides [`Session`], [`Playground`] and [`Dialogs`] as contexts.
#[component]
pub fn App(
    /// Its options; the default shows everything.
    #[prop(optional)]
    options: Options,
) -> impl IntoView {
    let (session, content) = Session::begin(&options);
    let state = session.state;
    let dialogs = Dialogs::default();
    provide_context(session);
    provide_context(state);
    provide_context(dialogs);
    files::accept_drops(session, dialogs.files);
    files::accept_pastes(session);
    let marks = Memo::new(move |_| state.read.with(|read| problems::marks(&read.diagnostics)));
    set_scheme(options.theme);
    let stage = stages::advance(options.pace, move |stage| match stage {
        Stage::Run => state.begin(),
        Stage::View => session.settle(&content),
        Stage::Dialogs => spawn_local(crate::preload()),
        _ => {}
    });
    let from = move |first: Stage| move || stage.get() >= first;
    let hidden = |panel| !options.shows(panel);
    let [no_manifests, no_charts, no_why] = Panel::ALL.map(hidden);
    let columns = options.columns();
    let touring = RwSignal::new(session.first);
    view! {
        <div class="app" data-panel=move || state.panel.get().name()>
            <header class="bar">
                <h1>"HPA Playground"</h1>
                <p class="bar-subject" data-testid="subject">
                    <Show when=from(Stage::View)>{move || subject(state)}</Show>
                </p>
                <Toolbar />
            </header>
            <NoticeBar />
            <Tour open=touring />
            <Tabs options />
            // web/static/boot.js and the tests wait until the page is not busy.
            <main
                class="panels"
                aria-busy=move || (stage.get() < Stage::Dialogs).then_some("true")
                style:grid-template-columns=columns
            >
                <section
                    class="panel panel-manifests"
                    id="panel-manifests"
                    aria-labelledby="heading-manifests"
                    hidden=no_manifests
                >
                    <h2 id="heading-manifests">"Manifests"</h2>
                    <Show when=from(Stage::Manifests)>
                        <Editor marks />
                        <FixLine />
                        <Problems />
                    </Show>
                </section>
                <section
                    class="panel panel-charts"
                    id="panel-charts"
                    aria-labelledby="heading-charts"
                    hidden=no_charts
                    aria-busy=move || state.computation.busy.get().to_string()
                >
                    <h2 id="heading-charts">"Charts"</h2>
                    <Show when=from(Stage::Charts)>
                        <ComputationProgress />
                        <Charts />
                    </Show>
                </section>
                <section
                    class="panel panel-why"
                    id="panel-why"
                    aria-labelledby="heading-why"
                    tabindex="0"
                    hidden=no_why
                >
                    <h2 id="heading-why">"Why"</h2>
                    <Show when=from(Stage::Why)>
                        <Inspector />
                    </Show>
                </section>
            </main>
            <Show when=from(Stage::Transport)>
                <Transport />
            </Show>
            <Show when=from(Stage::Dialogs)>
                <Gallery open=dialogs.gallery />
                <Files open=dialogs.files />
                <Share open=dialogs.share />
                <Additions open=dialogs.add />
            </Show>
        </div>
    }
}

/// Makes the whole document light or dark, so that its background and scroll bars are too.
fn set_scheme(theme: Theme) {
    let scheme = match theme {
        Theme::System => return,
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let root = document().document_element();
    if let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        let _ = root.style().set_property("color-scheme", scheme);
    }
}

/// What is scaled, on one line.
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
