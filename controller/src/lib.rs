//! The controller: observe (all reads), decide (the core), apply (all writes), complete.
//!
//! `run` reads the command line and wires the parts; `sync_queue` says when each autoscaler is synced;
//! `sync` is one sync. `main.rs` only calls [`main`].

mod api_objects;
mod apply;
mod args;
mod backoff;
mod client;
mod clock;
mod controller;
mod disagreement;
mod discovery;
mod event_correlator;
mod events;
mod health;
mod hpa_store;
mod http_server;
mod leader_election;
mod metrics_api;
mod observe;
mod pod_store;
mod recording;
mod report;
mod response_cache;
mod run;
mod selector_index;
mod spans;
mod sync;
mod sync_queue;
mod telemetry;
#[cfg(test)]
mod tests;
mod watch;
mod what_if;

/// The program: reads the command line, runs until it is told to end, and gives the exit status.
#[must_use]
pub fn main() -> std::process::ExitCode {
    run::main()
}
