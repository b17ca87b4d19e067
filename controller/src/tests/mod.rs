//! The controller, part by part and whole, against a fake API server over real HTTP on loopback.

mod active_mode;
mod arguments;
mod deploy_manifests;
mod e2e;
mod events;
mod faults;
mod harness;
mod health;
mod leader_election;
mod load;
mod metric_sources;
mod recorded_reconciles;
mod recording;
mod scheduling;
mod shadow_mode;
mod trace_settings;
mod watches;
