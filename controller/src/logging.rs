//! Sets up the log, and the export of traces beside it.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::{Args, LogFormat, LogLevel};
use crate::otlp_exporter::Exporter;
use crate::spans;

/// Logs to standard error, and exports spans if there is an `exporter`.
pub(crate) fn init(args: &Args, exporter: Option<&Exporter>) {
    let level = match args.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let level = if args.once { LevelFilter::ERROR } else { level };
    let messages = Targets::new()
        .with_default(level)
        // Spans are exported, not logged.
        .with_target(spans::TARGET, LevelFilter::OFF)
        // kube returns every error that it logs, and we report those.
        .with_target("kube_client", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match args.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = exporter.map(Exporter::layer);
    // An error means that a subscriber is already set, which is fine.
    let _ = tracing_subscriber::registry()
        .with(traces)
        .with(lines.with_filter(messages))
        .try_init();
}
