//! The controller against a fake API server, on a paused clock.

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
mod module_order;
mod pace;
mod recorded_queue;
mod recorded_reconciles;
mod recording;
mod scheduling;
mod shadow_mode;
mod telemetry;
mod trace_settings;
mod watches;
