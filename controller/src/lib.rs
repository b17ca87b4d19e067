//! The controller: observe (all reads), decide (the core), apply (all writes), complete.
//!
//! `start` reads the command line and wires the parts; `queue` says when each autoscaler is synced;
//! `sync` is one sync. `main.rs` only calls [`main`].

pub(crate) mod apply;
pub(crate) mod args;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod correlate;
pub(crate) mod disagreement;
pub(crate) mod discovery;
pub(crate) mod events;
pub(crate) mod hpas;
pub(crate) mod lease;
pub(crate) mod metrics_api;
pub(crate) mod objects;
pub(crate) mod observe;
pub(crate) mod pace;
pub(crate) mod pods;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod selectors;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod spans;
pub(crate) mod start;
pub(crate) mod sync;
pub(crate) mod telemetry;
pub(crate) mod vitals;
pub(crate) mod watch;
pub(crate) mod whatif;
pub(crate) mod wiring;

/// The program: reads the command line, runs until it is told to end, and gives the exit status.
#[must_use]
pub fn main() -> std::process::ExitCode {
    start::main()
}
