//! The HorizontalPodAutoscaler algorithm against a real cluster: `hpa-controller` as a library.
//!
//! The program observes the cluster (all reads), decides (`hpa_core`), applies the decision (all
//! writes), and completes it: upstream remembers a scale event and writes its status only once it
//! knows whether the write succeeded.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use hpa_controller::Args;
//!
//! let args = Args::read(["hpa-controller", "--namespace", "shop"].map(Into::into))?;
//! let (stop, stopped) = tokio::sync::watch::channel(false);
//! tokio::spawn(async move {
//!     let _ = tokio::signal::ctrl_c().await;
//!     stop.send_replace(true);
//! });
//! let status = hpa_controller::run(&args, stopped).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Order of the modules
//!
//! Each module uses only modules above it; a test checks that.
//!
//! | modules | contents |
//! |---|---|
//! | `mutex`, `clock`, `backoff`, `args` | helpers, time, the command line |
//! | `file_problems`, `config_file` | problems of files; the `--config` file |
//! | `api_objects` | the API's objects, reduced to the fields that are read |
//! | `disagreement`, `telemetry`, `spans` | comparing two controllers; Prometheus metrics; traces |
//! | `client`, `write_permit`, `health` | requests; whether this process may write; `/livez` |
//! | `watch`, `hpa_store`, `pod_store` | list and watch; the objects that they keep |
//! | `response_cache`, `discovery`, `metrics_api`, `selector_index` | reads on demand |
//! | `observe`, `apply` | the reads and the writes of one sync |
//! | `event_correlator`, `events` | event correlation; writing events |
//! | `recording`, `authority`, `what_if` | recordings; which autoscalers we act on; changed manifests |
//! | `sync` | one sync |
//! | `schedule`, `decision_log`, `once`, `sync_queue` | when syncs happen; the log line; `--once`; running the syncs |
//! | `leader_election`, `http_server`, `otlp_exporter`, `logging` | the process around them |
//! | `controller`, `cluster` | assembling the parts; connecting to the cluster |
//! | `error`, `run` | errors and exit statuses; from arguments to shutdown |

#![deny(missing_docs)]

mod api_objects;
mod apply;
mod args;
mod authority;
mod backoff;
mod client;
mod clock;
mod cluster;
mod config_file;
mod controller;
mod decision_log;
mod disagreement;
mod discovery;
mod error;
mod event_correlator;
mod events;
mod file_problems;
mod health;
mod hpa_store;
mod http_server;
mod leader_election;
mod logging;
mod metrics_api;
mod mutex;
mod observe;
mod once;
mod otlp_exporter;
mod pod_store;
mod recording;
mod response_cache;
mod run;
mod schedule;
mod selector_index;
mod spans;
mod sync;
mod sync_queue;
mod telemetry;
#[cfg(test)]
mod tests;
mod watch;
mod what_if;
mod write_permit;

pub use args::Args;
pub use error::{Error, ExitStatus};
pub use run::{run, run_until_signal};
