//! The page as a component, `App`: mounted by `main.rs`, by the tests and by pages that embed it.
#![expect(clippy::must_use_candidate, reason = "the view macro calls components")]
#![allow(
    unreachable_pub,
    reason = "the builder that the component macro makes is always pub"
)]
#![allow(
    clippy::large_types_passed_by_value,
    reason = "the state is a handful of `Copy` handles, small on wasm32"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "[s] and [px] are units, not links"
)]

pub mod add;
pub mod charts;
pub mod compare;
pub mod computation;
pub mod debounce;
pub mod dom;
pub mod edit;
pub mod editor;
pub mod files;
pub use hpa_simulation::chart::format;
pub mod gallery;
pub mod goals;
pub mod inspector;
pub mod lazy;
pub mod load;
pub use load::edits as hand;
pub mod model;
pub mod options;
pub mod problems;
pub mod promise;
pub mod series;
pub mod session;
pub use session::{history, persist, recent};
pub mod share;
pub mod shell;
pub use shell::{clipboard, dialog, notice};
pub mod state;
pub mod transport;

use leptos::html::Div;
use leptos::prelude::*;

use self::computation::ComputationProgress;
use self::dom::{El, el, html, mount_in};
use self::gallery::{FixLine, Gallery};
use self::inspector::Inspector;
use self::options::{Options, Theme};
use self::problems::Problems;
use self::session::Session;
use self::shell::dialog::Dialogs;
use self::shell::notice::NoticeBar;
use self::shell::steps::Steps;
use self::shell::tabs::Tabs;
use self::shell::toolbar::Toolbar;
use self::shell::tour::Tour;
use self::state::{Panel, Playground};
use self::transport::Transport;

/// The playground.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]
#[component]
pub fn App(
    /// Its options; the default shows everything.
    #[prop(optional)]
    options: Options,
) -> impl IntoView {
    let page = page(&options);
    let host = NodeRef::<Div>::new();
    host.on_load(move |host| {
        let _ = host.append_child(page.node());
    });
    view! { <div class="contents" node_ref=host></div> }
}

fn page(options: &Options) -> El {
    let (session, content) = Session::begin(options);
    let Session { state, place, .. } = session;
    provide_context(session);
    provide_context(state);
    let doors = Dialogs::default();
    provide_context(doors);
    let touring = RwSignal::new(session.first);
    files::accept_drops(session, doors.files);
    files::accept_pastes(session);
    let marks = Memo::new(move |_| state.read.with(|read| problems::marks(&read.diagnostics)));
    let panel = move || match state.panel.get() {
        Panel::Manifests => "manifests",
        Panel::Charts => "charts",
        Panel::Why => "why",
    };
    let panels = html(
        r#"<main class="panels" aria-busy="true">
            <section class="panel panel-manifests" id="panel-manifests" aria-labelledby="heading-manifests"><h2 id="heading-manifests">Manifests</h2></section>
            <section class="panel panel-charts" id="panel-charts" aria-labelledby="heading-charts"><h2 id="heading-charts">Charts</h2></section>
            <section class="panel panel-why" id="panel-why" aria-labelledby="heading-why" tabindex="0"><h2 id="heading-why">Why</h2></section>
        </main>"#,
    );
    for (panel, name) in [
        (Panel::Manifests, ".panel-manifests"),
        (Panel::Charts, ".panel-charts"),
        (Panel::Why, ".panel-why"),
    ] {
        if !options.shows(panel) {
            panels.find(name).attr("hidden", "");
        }
    }
    if let Some(columns) = options.columns() {
        panels
            .clone()
            .style("grid-template-columns", move || columns.clone());
    }
    let scheme = match options.theme {
        Theme::System => "",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    if let (Some(root), false) = (document().document_element(), scheme.is_empty()) {
        El::of(root).style("color-scheme", move || scheme.to_owned());
    }
    let subject = el("p", "bar-subject").id("subject");
    let bar = el("header", "bar")
        .child(el("h1", "").text("HPA Playground"))
        .child(subject.clone());
    mount_in(&bar, view! { <Toolbar /> });
    let app = el("div", "app")
        .live("data-panel", move || panel().to_owned())
        .child(bar);
    let tabs = options.clone();
    mount_in(
        &app,
        view! {
            <NoticeBar />
            <Tour open=touring />
            <Tabs options=tabs />
        },
    );
    let app = app.child(panels.clone());
    let mut steps = Steps::default();
    steps.then(move || state.begin());
    steps.then(move || {
        session.settle(&content);
        subject.says(move || subject_of(state));
    });
    let manifests = panels.find(".panel-manifests");
    steps.then(move || {
        let manifests = manifests.child(editor::editor(state.text, state.access, marks, place));
        mount_in(&manifests, view! { <FixLine /> });
        mount_in(&manifests, view! { <Problems /> });
    });
    let charts = panels.find(".panel-charts").live("aria-busy", move || {
        state.computation.busy.get().to_string()
    });
    steps.then(move || {
        mount_in(&charts, view! { <ComputationProgress /> });
        drop(charts.child(charts::charts(state)));
    });
    let whole = app.clone();
    steps.then(move || {
        mount_in(&whole, view! { <Transport /> });
    });
    let why = panels.find(".panel-why");
    steps.then(move || mount_in(&why, view! { <Inspector /> }));
    let whole = app.clone();
    steps.then(move || {
        mount_in(&whole, view! { <Gallery open=doors.gallery /> });
        whole
            .child(files::files(session, doors.files))
            .child(share::share(session, doors.share))
            .child(add::additions(session, doors.add));
        let _ = panels.node().remove_attribute("aria-busy");
    });
    steps.then(|| leptos::task::spawn_local(preload()));
    steps.take(options.pace);
    app
}

/// Fetches the parts that the first picture does not need. A part that cannot be fetched now is
/// fetched again when it is needed, and [`lazy::LazyView`] then reports a failure.
async fn preload() {
    let _ = inspector::preload().await;
    let _ = compare::preload().await;
    let _ = gallery::preload().await;
}

/// What is scaled, on one line.
fn subject_of(state: Playground) -> String {
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
