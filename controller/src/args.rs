//! The command line: flags, their environment variables, and the config file beneath them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, ValueEnum};
use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::manifest::{self, Span};
use hpa_core::time::Duration;

/// Runs the HorizontalPodAutoscaler algorithm against a Kubernetes cluster.
///
/// By default it only watches and tells (shadow): it decides as the cluster's own controller
/// should, writes nothing, and reports where the two disagree.
#[derive(Clone, Debug, Parser)]
#[command(name = "hpa-controller", version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Whether to write scales, statuses and events, or only to tell what would be written
    #[arg(long, default_value = "shadow")]
    pub(crate) mode: Mode,
    /// In active mode: act on every autoscaler, not only on those that carry the annotation
    /// hpa-playground/controller with this controller's name. For clusters whose built-in
    /// controller is switched off
    #[arg(long)]
    pub(crate) all_autoscalers: bool,
    /// This controller's name: the value of the annotation hpa-playground/controller
    #[arg(long, default_value = "hpa-controller")]
    pub(crate) controller_name: String,
    /// A file with values for these flags: apiVersion hpa-playground/v1, kind Controller, and one
    /// `flag: value` a line. The command line and the environment win
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,

    /// The kubeconfig file; default: as kubectl finds it, then the pod's service account
    #[arg(long)]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// Only the autoscalers of this namespace; default: all namespaces
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// Only the autoscalers that this label selector selects
    #[arg(short = 'l', long)]
    pub(crate) selector: Option<String>,

    /// One pass over all autoscalers, as a table; exit status 1 where something needs attention
    #[arg(long, conflicts_with_all = ["mode", "all_autoscalers"])]
    pub(crate) once: bool,
    /// The form of --once
    #[arg(short, long, default_value = "table")]
    pub(crate) output: Output,
    /// A folder or file of changed manifests: decide with them beside the cluster's, and report
    /// the difference
    #[arg(long)]
    pub(crate) what_if: Option<PathBuf>,
    /// A folder into which what is observed is written, one recording for each autoscaler
    #[arg(long)]
    pub(crate) record: Option<PathBuf>,

    /// Address and port of /metrics, /livez and /readyz; empty: none
    #[arg(long, default_value = "0.0.0.0:8080")]
    pub(crate) bind_address: String,
    /// The form of the log
    #[arg(long, default_value = "json")]
    pub(crate) log_format: LogFormat,
    /// The least important messages that are logged
    #[arg(long, default_value = "info")]
    pub(crate) log_level: LogLevel,
    /// Where traces of the syncs go: the address of an OpenTelemetry collector that speaks OTLP
    /// over HTTP, such as http://localhost:4318; default: OTEL_EXPORTER_OTLP_ENDPOINT, or else
    /// there are no traces
    #[arg(long)]
    pub(crate) tracing_endpoint: Option<String>,
    /// How many of a million syncs are traced; default: as OTEL_TRACES_SAMPLER says, or else all
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) tracing_sampling_rate_per_million: Option<u32>,
    /// How long one request may take, its retries included
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) request_timeout: Duration,
    /// Whose rules apply; default: those of the cluster's release
    #[arg(long, value_parser = version)]
    pub(crate) kubernetes_version: Option<KubernetesVersion>,

    #[command(flatten)]
    pub(crate) upstream: Upstream,
}

/// Flags of kube-controller-manager under their own names, with its defaults.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "As kube-controller-manager")]
pub(crate) struct Upstream {
    /// Time between two syncs of one autoscaler
    #[arg(long, default_value = "15s", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_sync_period: Duration,
    /// Window for scaling down where the behavior gives none
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_downscale_stabilization: Duration,
    /// How far the usage ratio may be from 1 without a change
    #[arg(
        long,
        default_value = "0.1",
        value_parser = tolerance
    )]
    pub(crate) horizontal_pod_autoscaler_tolerance: f64,
    /// How long after its start a pod's CPU samples are looked at with suspicion
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_cpu_initialization_period: Duration,
    /// A pod that turned unready within this time of its start counts as never having been ready
    #[arg(long, default_value = "30s", value_parser = duration)]
    pub(crate) horizontal_pod_autoscaler_initial_readiness_delay: Duration,
    /// How many autoscalers are synced side by side
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) concurrent_horizontal_pod_autoscaler_syncs: u32,
    /// Feature gates, such as HPAScaleToZero=true; default: as the release sets them
    #[arg(
        long,
        value_delimiter = ',',
        value_parser = gate
    )]
    pub(crate) feature_gates: Vec<Gate>,
    /// In active mode: whether to act only while holding a Lease, so that several may run
    #[arg(long, default_value = "true", action = clap::ArgAction::Set)]
    pub(crate) leader_elect: bool,
    /// How long others wait after the last renewal before they take a Lease over
    #[arg(long, default_value = "15s", value_parser = duration)]
    pub(crate) leader_elect_lease_duration: Duration,
    /// How long after the last renewal the holder goes on acting
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) leader_elect_renew_deadline: Duration,
    /// Time between two attempts to get or renew the Lease
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub(crate) leader_elect_retry_period: Duration,
    /// The Lease's name
    #[arg(long, default_value = "hpa-controller")]
    pub(crate) leader_elect_resource_name: String,
    /// The Lease's namespace; default: the pod's, or else the kubeconfig's
    #[arg(long)]
    pub(crate) leader_elect_resource_namespace: Option<String>,
}

const AFTER_HELP: &str = "\
Each flag can also be set by environment, as HPA_CONTROLLER_ and its name in capitals, and in the \
file of --config.

Exit status: 0 if all is well; 1 if --once found something that needs attention; 2 if arguments or \
files cannot be read, or the cluster cannot be reached.";

/// Whether the controller writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// It only reads and tells.
    Shadow,
    /// It writes scales, statuses and events.
    Active,
}

impl Mode {
    /// The word for the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Active => "active",
        }
    }
}

/// The form of `--once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Columns for people.
    Table,
    /// One JSON object a line.
    Json,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The least important messages that are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// What keeps the controller from its work.
    Error,
    /// What needs attention.
    Warn,
    /// One line for each sync.
    Info,
    /// With the whole explanation of each sync.
    Debug,
}

/// A feature gate's name and whether it is on.
pub(crate) type Gate = (String, bool);

fn duration(text: &str) -> Result<Duration, String> {
    let duration = Duration::parse(text).map_err(|error| error.0)?;
    if duration > Duration::ZERO {
        Ok(duration)
    } else {
        Err(String::from("must be greater than zero"))
    }
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(tolerance) if (0.0..1e9).contains(&tolerance) => Ok(tolerance),
        _ => Err(String::from("must be a number, zero or greater")),
    }
}

fn version(text: &str) -> Result<KubernetesVersion, String> {
    KubernetesVersion::parse(text).ok_or_else(|| {
        let (oldest, newest) = (KubernetesVersion::OLDEST, KubernetesVersion::NEWEST);
        format!("must be a release from {oldest} to {newest}")
    })
}

fn gate(text: &str) -> Result<Gate, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("must be NAME=true or NAME=false")?;
    let on = value
        .parse()
        .map_err(|_| format!("{name} must be true or false"))?;
    // The set of the default release knows every name.
    let mut known = hpa_core::autoscaler::FeatureGates::default();
    known
        .set(name, on)
        .map(|()| (name.to_owned(), on))
        .ok_or_else(|| {
            let names = hpa_core::autoscaler::FeatureGates::NAMES.join(", ");
            format!("{name} is not among the gates that count here: {names}")
        })
}

/// The command, each flag of which has a variable of the environment named after it.
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
    /// Reads the command line, the environment, and the config file that they name.
    ///
    /// # Errors
    /// clap's error, which also carries help and version.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let matches = command().try_get_matches_from(&arguments)?;
        let args = Self::from_arg_matches(&matches)?;
        let Some(path) = &args.config else {
            return Ok(args);
        };
        let fail = |problems: Vec<String>| {
            let path = path.display();
            let lines = problems.iter().map(|problem| format!("{path}{problem}\n"));
            command().error(clap::error::ErrorKind::Io, lines.collect::<String>())
        };
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| fail(vec![format!(": {error}")]))?;
        let mut all = arguments;
        // What the command line gives stands first in line; clap takes no flag twice.
        all.extend(from_file(&text, &matches).map_err(fail)?);
        let matches = command().try_get_matches_from(all)?;
        Self::from_arg_matches(&matches)
    }

    /// The settings of the algorithm, for a cluster of that release.
    pub(crate) fn controller_config(&self, cluster: KubernetesVersion) -> ControllerConfig {
        let upstream = &self.upstream;
        let version = self.kubernetes_version.unwrap_or(cluster);
        let mut config = ControllerConfig {
            sync_period: upstream.horizontal_pod_autoscaler_sync_period,
            downscale_stabilization: upstream.horizontal_pod_autoscaler_downscale_stabilization,
            tolerance: upstream.horizontal_pod_autoscaler_tolerance,
            cpu_initialization_period: upstream.horizontal_pod_autoscaler_cpu_initialization_period,
            initial_readiness_delay: upstream.horizontal_pod_autoscaler_initial_readiness_delay,
            concurrent_syncs: upstream.concurrent_horizontal_pod_autoscaler_syncs,
            ..ControllerConfig::of_version(version)
        };
        for (name, on) in &upstream.feature_gates {
            // The parser let through known names only.
            let _ = config.gates.set(name, *on);
        }
        config
    }
}

/// What a config file is: `apiVersion` and `kind`.
const CONFIG: (&str, &str) = ("hpa-playground/v1", "Controller");

/// The flags of a config file that neither the command line nor the environment gives; or everything
/// that is wrong with it, each with its line.
fn from_file(text: &str, given: &ArgMatches) -> Result<Vec<OsString>, Vec<String>> {
    let (documents, broken) = manifest::read(text);
    let at = |span: Span, problem: &str| format!(", line {}: {problem}", span.start.line);
    let broken = broken.iter();
    let mut problems: Vec<String> = broken
        .map(|problem| at(problem.span, &problem.message))
        .collect();
    let command = command();
    let mut flags = Vec::new();
    for document in documents {
        if (document.api_version.as_str(), document.kind.as_str()) != CONFIG {
            let (api_version, kind) = CONFIG;
            let problem = format!("apiVersion {api_version} and kind {kind} are expected");
            problems.push(at(document.root.span, &problem));
            continue;
        }
        let flags_only =
            |entry: &&manifest::Entry| entry.key != "apiVersion" && entry.key != "kind";
        for entry in document.root.entries().iter().filter(flags_only) {
            match flag(&command, entry, given) {
                Ok(flag) => flags.extend(flag),
                Err(problem) => problems.push(at(entry.key_span, &problem)),
            }
        }
    }
    if problems.is_empty() {
        Ok(flags)
    } else {
        Err(problems)
    }
}

/// The flag that an entry of a config file stands for; none where it is given elsewhere, or off.
fn flag(
    command: &clap::Command,
    entry: &manifest::Entry,
    given: &ArgMatches,
) -> Result<Option<OsString>, String> {
    let name = entry.key.as_str();
    let known = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(name))
        .filter(|argument| argument.get_long() != Some("config"))
        .ok_or_else(|| format!("there is no flag {name}"))?;
    let value = scalar(&entry.value.value)
        .ok_or_else(|| format!("{name}: a text, a number, true or false is expected"))?;
    let is_given = matches!(
        given.value_source(known.get_id().as_str()),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    );
    Ok(if is_given {
        None
    } else if known.get_action().takes_values() {
        Some(format!("--{name}={value}").into())
    } else {
        (value == "true").then(|| format!("--{name}").into())
    })
}

fn scalar(value: &manifest::Value) -> Option<String> {
    match value {
        manifest::Value::String(text) => Some(text.clone()),
        manifest::Value::Bool(value) => Some(value.to_string()),
        manifest::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
