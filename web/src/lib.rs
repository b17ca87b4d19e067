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
pub mod app;
pub mod charts;
pub mod compare;
pub mod computation;
pub mod debounce;
pub mod edit;
pub mod editor;
pub mod files;
pub use hpa_simulation::chart::format;
pub mod gallery;
pub mod goals;
pub mod inspector;
pub mod lazy;
pub mod load;
pub mod model;
pub mod options;
pub mod problems;
pub mod session;
pub mod share;
pub mod shell;
pub mod state;
pub mod transport;

pub use self::app::App;

/// Fetches the parts that the first picture does not need. A part that cannot be fetched now is
/// fetched again when it is needed, and [`lazy::LazyView`] then reports a failure.
pub(crate) async fn preload() {
    let _ = charts::preload().await;
    let _ = inspector::preload().await;
    let _ = compare::preload().await;
    let _ = session::link::preload().await;
    let _ = files::preload().await;
    let _ = share::preload().await;
    let _ = gallery::preload().await;
    let _ = add::preload().await;
    let _ = editor::preload().await;
}
