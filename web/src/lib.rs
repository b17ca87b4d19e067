//! The page as a component, `App`: mounted by `main.rs`, by the tests and by pages that embed it.
#![expect(clippy::must_use_candidate, reason = "the view macro calls components")]
#![allow(
    clippy::large_types_passed_by_value,
    reason = "the state is a handful of `Copy` handles, small on wasm32"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "[s] and [px] are units, not links"
)]

pub mod add;
pub mod chart;
pub mod clipboard;
pub mod compare;
pub mod crash;
pub mod debounce;
pub mod dialog;
pub mod dom;
pub mod edit;
pub mod editor;
pub mod files;
pub use hpa_simulation::chart::format;
pub mod gallery;
pub mod goals;
pub mod hand;
pub mod history;
pub mod inspector;
pub mod live;
pub mod load;
pub mod model;
pub mod notice;
pub mod options;
pub mod persist;
pub mod playback;
pub mod problems;
pub mod promise;
pub mod recent;
pub mod recorded_series;
pub mod session;
pub mod share;
pub mod state;
pub mod steps;
pub mod tabs;
pub mod thumbnail;
pub mod toolbar;
pub mod tour;
pub mod transport;

use leptos::html::Div;
use leptos::prelude::*;

use self::dom::{El, el, html};
use self::live::{Memo, RwSignal};
use self::options::{Options, Theme};
use self::session::Session;
use self::state::{Panel, Playground};
use self::steps::Steps;
use self::toolbar::Doors;

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
    let doors = Doors::closed();
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
        .child(subject.clone())
        .child(toolbar::toolbar(session, doors));
    let app = el("div", "app")
        .live("data-panel", move || panel().to_owned())
        .child(bar)
        .child(notice::notice(session))
        .child(tour::tour(touring))
        .child(tabs::tabs(state, options))
        .child(panels.clone());
    let mut steps = Steps::default();
    steps.then(move || state.read.with_untracked(|_| ()));
    steps.then(move || state.latest.with_untracked(|_| ()));
    steps.then(move || {
        session.settle(&content);
        subject.says(move || subject_of(state));
    });
    let manifests = panels.find(".panel-manifests");
    steps.then(move || {
        manifests
            .child(editor::editor(state.text, state.access, marks, place))
            .child(gallery::fix_line(session))
            .child(problems::problems(state, place));
    });
    let charts = panels.find(".panel-charts");
    steps.then(move || drop(charts.child(chart::charts(state))));
    let whole = app.clone();
    steps.then(move || {
        whole.child(transport::transport(state, doors.add));
    });
    let why = panels.find(".panel-why");
    steps.then(move || drop(why.child(inspector::inspector(state))));
    let whole = app.clone();
    steps.then(move || {
        whole
            .child(gallery::gallery(session, doors.gallery))
            .child(files::files(session, doors.files))
            .child(share::share(session, doors.share))
            .child(add::additions(session, doors.add));
        let _ = panels.node().remove_attribute("aria-busy");
    });
    steps.take(options.pace);
    app
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
