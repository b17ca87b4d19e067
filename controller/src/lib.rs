//! The controller: observe (all reads), decide (the core), apply (all writes), complete.
//!
//! `start` reads the command line and wires the parts; `queue` says when each autoscaler is synced;
//! `sync` is one sync. `main.rs` only calls [`main`].

mod apply;
mod args;
mod client;
mod clock;
mod correlate;
mod disagreement;
mod discovery;
mod events;
mod hpas;
mod lease;
mod metrics_api;
mod objects;
mod observe;
mod pace;
mod pods;
mod queue;
mod record;
mod report;
mod selectors;
mod server;
mod shared;
mod spans;
mod start;
mod sync;
mod telemetry;
#[cfg(test)]
mod tests;
mod vitals;
mod watch;
mod whatif;
mod wiring;

/// The program: reads the command line, runs until it is told to end, and gives the exit status.
#[must_use]
pub fn main() -> std::process::ExitCode {
    start::main()
}
