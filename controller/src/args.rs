//! The command line: its flags and their environment variables.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, ValueEnum};
use hpa_core::api::GateError;
use hpa_core::autoscaler::{ControllerConfig, FeatureGate, KubernetesVersion};
use hpa_core::time::{SignedDuration, TimeError};

/// Runs the HorizontalPodAutoscaler algorithm against a Kubernetes cluster.
///
/// By default it runs in shadow mode: it decides as the cluster's own controller should, writes
/// nothing, and reports where the two disagree.
// The text above is the program's help. For the library: values come from [`Args::read`].
#[derive(Clone, Debug, Parser)]
#[command(name = "hpa-controller", version, after_help = AFTER_HELP)]
pub struct Args {
    /// Write scales, statuses and events (active), or only report what would be written (shadow)
    #[arg(long, default_value = "shadow")]
    pub(crate) mode: Mode,
    /// In active mode, act on every autoscaler, not only on those whose annotation
    /// hpa-playground/controller names this controller. For clusters whose built-in controller is
    /// disabled
    #[arg(long)]
    pub(crate) all_autoscalers: bool,
    /// This controller's name, as in the annotation hpa-playground/controller
    #[arg(long, default_value = "hpa-controller")]
    pub(crate) controller_name: String,
    /// YAML file with values for these flags: apiVersion hpa-playground/v1, kind Controller, and
    /// one `flag: value` per line. Flags and environment variables take precedence
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,

    /// Kubeconfig file [default: the one kubectl uses, or the pod's service account]
    #[arg(long)]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig file
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// Only the autoscalers in this namespace [default: all namespaces]
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// Only the autoscalers that match this label selector
    #[arg(short = 'l', long)]
    pub(crate) selector: Option<String>,

    /// Sync every autoscaler once, print a table and exit, with status 1 if something needs
    /// attention
    #[arg(long, conflicts_with_all = ["mode", "all_autoscalers"])]
    pub(crate) once: bool,
    /// Output format of --once
    #[arg(short, long, default_value = "table")]
    pub(crate) output: Output,
    /// File or directory of changed manifests: also decide with these and report the difference
    #[arg(long)]
    pub(crate) what_if: Option<PathBuf>,
    /// Directory for recordings of what is observed, one file per autoscaler
    #[arg(long)]
    pub(crate) record: Option<PathBuf>,

    /// Address and port to serve /metrics, /livez and /readyz on; empty to disable
    #[arg(long, default_value = "0.0.0.0:8080")]
    pub(crate) bind_address: String,
    /// Log format
    #[arg(long, default_value = "json")]
    pub(crate) log_format: LogFormat,
    /// Minimum log level
    #[arg(long, default_value = "info")]
    pub(crate) log_level: LogLevel,
    /// Address of an OpenTelemetry collector (OTLP over HTTP) to send traces to, such as
    /// http://localhost:4318 [default: OTEL_EXPORTER_OTLP_ENDPOINT; without it, tracing is off]
    #[arg(long)]
    pub(crate) tracing_endpoint: Option<String>,
    /// Number of syncs to trace, per million [default: as OTEL_TRACES_SAMPLER says, or all]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) tracing_sampling_rate_per_million: Option<u32>,
    /// Timeout of one request, retries included
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) request_timeout: SignedDuration,
    /// Kubernetes release whose rules apply [default: the cluster's]
    #[arg(long, value_parser = version)]
    pub(crate) kubernetes_version: Option<KubernetesVersion>,

    #[command(flatten)]
    pub(crate) upstream: Upstream,
}

/// Flags of kube-controller-manager, under the same names and with the same defaults.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of kube-controller-manager")]
pub(crate) struct Upstream {
    /// Time between two syncs of one autoscaler
    #[arg(long, default_value = "15s", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_sync_period: SignedDuration,
    /// Scale-down stabilization window if the behavior sets none
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_downscale_stabilization: SignedDuration,
    /// How far the usage ratio may deviate from 1 without a rescale
    #[arg(
        long,
        default_value = "0.1",
        value_parser = tolerance
    )]
    pub(crate) horizontal_pod_autoscaler_tolerance: f64,
    /// How long after its start a pod's CPU samples may be skipped
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_cpu_initialization_period: SignedDuration,
    /// A pod that became unready within this time of its start counts as never having been ready
    #[arg(long, default_value = "30s", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_initial_readiness_delay: SignedDuration,
    /// Number of autoscalers to sync concurrently
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) concurrent_horizontal_pod_autoscaler_syncs: u32,
    /// Feature gates, such as HPAScaleToZero=true [default: those of the release]
    #[arg(
        long,
        value_delimiter = ',',
        value_parser = gate
    )]
    pub(crate) feature_gates: Vec<Gate>,
    /// In active mode, act only while holding a Lease, so that several replicas can run
    #[arg(long, default_value = "true", action = clap::ArgAction::Set)]
    pub(crate) leader_elect: bool,
    /// How long the other candidates wait after the last renewal before they take over the Lease
    #[arg(long, default_value = "15s", value_parser = duration)]
    pub(crate) leader_elect_lease_duration: SignedDuration,
    /// How long the leader keeps acting after its last renewal
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) leader_elect_renew_deadline: SignedDuration,
    /// Time between two attempts to acquire or renew the Lease
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub(crate) leader_elect_retry_period: SignedDuration,
    /// Name of the Lease
    #[arg(long, default_value = "hpa-controller")]
    pub(crate) leader_elect_resource_name: String,
    /// Namespace of the Lease [default: the pod's, or the kubeconfig's]
    #[arg(long)]
    pub(crate) leader_elect_resource_namespace: Option<String>,
}

const AFTER_HELP: &str = "\
Every flag can also be set by an environment variable (HPA_CONTROLLER_LOG_LEVEL for --log-level) and \
in the --config file.

Exit status: 0 on success; 1 if --once found something that needs attention; 2 if an argument or file \
is invalid, or the cluster cannot be reached.";

/// Whether the controller writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Only read and report.
    Shadow,
    /// Write scales, statuses and events.
    Active,
}

impl Mode {
    /// The name in logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Active => "active",
        }
    }
}

/// The output format of `--once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// A table.
    Table,
    /// One JSON object per line.
    Json,
}

/// The log format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The minimum log level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// The controller cannot work.
    Error,
    /// Something needs attention.
    Warn,
    /// One line per sync.
    Info,
    /// The full explanation of each sync.
    Debug,
}

/// A feature gate's name and whether it is on.
pub(crate) type Gate = (FeatureGate, bool);

/// The names of the feature gates, for messages.
fn known_gates() -> String {
    let names: Vec<&str> = FeatureGate::all().map(FeatureGate::name).collect();
    names.join(", ")
}

/// Why the value of a flag is invalid.
#[derive(Debug, thiserror::Error)]
enum InvalidValue {
    #[error(transparent)]
    SignedDuration(#[from] TimeError),
    #[error("must be greater than zero")]
    NotPositive,
    #[error("must be a number, zero or greater")]
    Tolerance,
    #[error("{}", KubernetesVersion::supported())]
    Release,
    #[error("must be NAME=true or NAME=false")]
    GateSyntax,
    #[error("unrecognized feature gate: {name} (known are {})", known_gates())]
    UnknownGate { name: String },
}

/// Why a release does not start with the feature gates that were given.
#[derive(Debug, thiserror::Error)]
#[error("--feature-gates: {error} (Kubernetes {version})")]
pub(crate) struct GateRefused {
    version: KubernetesVersion,
    error: GateError,
}

fn duration(text: &str) -> Result<SignedDuration, InvalidValue> {
    let duration = SignedDuration::parse(text)?;
    if duration > SignedDuration::ZERO {
        Ok(duration)
    } else {
        Err(InvalidValue::NotPositive)
    }
}

fn tolerance(text: &str) -> Result<f64, InvalidValue> {
    let parsed = text.parse().ok();
    parsed
        .filter(|tolerance| (0.0..1e9).contains(tolerance))
        .ok_or(InvalidValue::Tolerance)
}

fn version(text: &str) -> Result<KubernetesVersion, InvalidValue> {
    KubernetesVersion::parse(text).ok_or(InvalidValue::Release)
}

fn gate(text: &str) -> Result<Gate, InvalidValue> {
    let (name, value) = text.split_once('=').ok_or(InvalidValue::GateSyntax)?;
    let on = value.parse().map_err(|_| InvalidValue::GateSyntax)?;
    let gate = FeatureGate::parse(name).ok_or_else(|| InvalidValue::UnknownGate {
        name: name.to_owned(),
    })?;
    Ok((gate, on))
}

/// The command; every flag has an environment variable named after it.
pub(crate) fn command() -> clap::Command {
    Args::command().mut_args(|arg| {
        let Some(flag) = arg.get_long() else {
            return arg;
        };
        let name = flag.to_uppercase().replace('-', "_");
        arg.env(format!("HPA_CONTROLLER_{name}"))
    })
}

impl Args {
    /// The algorithm's settings for a cluster of that release.
    ///
    /// # Errors
    /// If the release does not take one of the feature gates.
    pub(crate) fn controller_config(
        &self,
        cluster: KubernetesVersion,
    ) -> Result<ControllerConfig, GateRefused> {
        let upstream = &self.upstream;
        let version = self.kubernetes_version.unwrap_or(cluster);
        let mut config = ControllerConfig::of_version(version);
        config.sync_period = upstream.horizontal_pod_autoscaler_sync_period;
        config.downscale_stabilization = upstream.horizontal_pod_autoscaler_downscale_stabilization;
        config.tolerance = upstream.horizontal_pod_autoscaler_tolerance;
        config.cpu_initialization_period =
            upstream.horizontal_pod_autoscaler_cpu_initialization_period;
        config.initial_readiness_delay = upstream.horizontal_pod_autoscaler_initial_readiness_delay;
        config.concurrent_syncs = upstream.concurrent_horizontal_pod_autoscaler_syncs;
        for &(gate, on) in &upstream.feature_gates {
            let set = config.gates.set_in(version, gate.name(), on);
            set.map_err(|error| GateRefused { version, error })?;
        }
        Ok(config)
    }
}
