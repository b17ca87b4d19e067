//! From the command line to a running controller, and its orderly end.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::KubernetesVersion;
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::api_objects::Key;
use super::args::{Args, LogFormat, LogLevel, Output};
use super::backoff::Pace;
use super::client::Client;
use super::clock::{Clock, std_duration};
use super::controller::{Controller, Settings, writes};
use super::discovery::{Discovery, LIFETIMES};
use super::health::Vitals;
use super::leader_election::Candidate;
use super::observe::lock;
use super::recording::Recorder;
use super::spans::{self, Collector, Exporter};
use super::sync::{State, Summary, sync};
use super::telemetry::Telemetry;
use super::what_if::WhatIf;
use super::{http_server, report, sync_queue};

/// All is well.
const OK: u8 = 0;
/// `--once` found something that needs attention.
const FOUND: u8 = 1;
/// The input cannot be read, or the cluster not be reached.
const BAD_INPUT: u8 = 2;
/// How long the end waits for events that are on their way.
const PATIENCE: Duration = Duration::from_secs(5);

/// The program.
pub(crate) fn main() -> ExitCode {
    let args = match Args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    // One thread: what there is to do is waiting, and a second one would cost more than it gives.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(traced(&args)),
        Err(error) => Err(error.to_string()),
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        eprintln!("hpa-controller: {error}");
        BAD_INPUT
    }))
}

/// Runs with log and traces until a signal says so.
async fn traced(args: &Args) -> Result<u8, String> {
    let collector = Collector::find(args, |name| std::env::var(name).ok())?;
    let exporter = match &collector {
        Some(collector) => Some(Exporter::begin(collector, Handle::current())?),
        None => None,
    };
    log_to_stderr(args, exporter.as_ref());
    let result = run(args, stop_signal()).await;
    if let Some(exporter) = exporter {
        exporter.end().await;
    }
    result
}

fn log_to_stderr(args: &Args, exporter: Option<&Exporter>) {
    let level = match args.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let level = if args.once { LevelFilter::ERROR } else { level };
    // Spans are for the collector: the log says what a sync came to in one line.
    let messages = Targets::new()
        .with_default(level)
        .with_target(spans::TARGET, LevelFilter::OFF)
        // Each error comes back to us, who say what it means.
        .with_target("kube_client", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match args.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = exporter.map(Exporter::layer);
    // An error means that a log is set up already, which is as good.
    let _ = tracing_subscriber::registry()
        .with(traces)
        .with(lines.with_filter(messages))
        .try_init();
}

/// Runs until `stop` is true; the exit status.
///
/// # Errors
/// What is wrong with the arguments or the files that they name, or why the cluster cannot be
/// reached.
pub(crate) async fn run(args: &Args, stop: watch::Receiver<bool>) -> Result<u8, String> {
    let upstream = &args.upstream;
    if upstream.leader_elect_renew_deadline >= upstream.leader_elect_lease_duration {
        return Err(String::from(
            "--leader-elect-renew-deadline must be less than --leader-elect-lease-duration",
        ));
    }
    let kube = configuration(args).await?;
    let lease_namespace = upstream
        .leader_elect_resource_namespace
        .clone()
        .unwrap_or_else(|| kube.default_namespace.clone());
    let telemetry = Arc::new(Telemetry::default());
    let timeout = std_duration(args.request_timeout);
    let client =
        Client::new(kube, timeout, Arc::clone(&telemetry)).map_err(|error| error.to_string())?;
    let clock = Clock::system();
    let config = args.controller_config(cluster_version(args, &client).await?);
    let what_if = match &args.what_if {
        Some(path) => WhatIf::read(path, &config)?,
        None => WhatIf::default(),
    };
    let recorder = match &args.record {
        Some(folder) => Some(Arc::new(Recorder::new(folder, config.clone())?)),
        None => None,
    };
    let vitals = Arc::new(Vitals::new(clock.clone(), timeout, Pace::default()));
    let settings = || Settings {
        what_if: what_if.clone(),
        recorder: recorder.clone(),
        ..Settings::new(args, config.clone(), clock.clone(), Arc::clone(&vitals))
    };
    if args.once {
        let (_, permit) = watch::channel(false);
        let controller = Controller::begin(client, telemetry, permit, settings());
        return once(controller, args.output, timeout).await;
    }
    let (ready, is_ready) = watch::channel(false);
    if !args.bind_address.is_empty() {
        let listener = http_server::bind(&args.bind_address).await?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "listening");
        }
        let pages = http_server::Pages {
            telemetry: Arc::clone(&telemetry),
            ready: is_ready,
            vitals: Arc::clone(&vitals),
        };
        tokio::spawn(http_server::serve(listener, pages));
    }
    let version = config.version;
    tracing::info!(mode = args.mode.as_str(), %version, "started");
    let (permit, permitted) = watch::channel(writes(args.mode) && !upstream.leader_elect);
    if !writes(args.mode) || !upstream.leader_elect {
        let controller = Controller::begin(client, telemetry, permitted, settings());
        work(controller, &ready, stop).await;
        drop(permit);
        return Ok(OK);
    }
    let candidate = Candidate {
        client: client.clone(),
        clock: clock.clone(),
        telemetry: Arc::clone(&telemetry),
        namespace: lease_namespace,
        name: upstream.leader_elect_resource_name.clone(),
        identity: identity(&clock),
        duration: std_duration(upstream.leader_elect_lease_duration),
        deadline: std_duration(upstream.leader_elect_renew_deadline),
        retry: std_duration(upstream.leader_elect_retry_period),
    };
    // One that waits for the Lease is ready for it; unready, it would hold up every rollout.
    ready.send_replace(true);
    lead(&candidate, &permit, stop, |stop| {
        let controller = Controller::begin(
            client.clone(),
            Arc::clone(&telemetry),
            permitted.clone(),
            settings(),
        );
        work(controller, &ready, stop)
    })
    .await;
    Ok(OK)
}

/// Works while we hold the Lease, again and again, until `stop`.
pub(crate) async fn lead<W>(
    candidate: &Candidate,
    permit: &watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
    work: impl Fn(watch::Receiver<bool>) -> W,
) where
    W: Future<Output = ()>,
{
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = candidate.acquire() => {}
        }
        tracing::info!(
            identity = candidate.identity,
            "holds the Lease; histories begin empty, as after a restart"
        );
        let (end, ended) = watch::channel(false);
        let (done, is_done) = watch::channel(false);
        let holding = async {
            candidate.hold(permit, is_done.clone()).await;
            end.send_replace(true);
        };
        let working = async {
            work(ended).await;
            done.send_replace(true);
        };
        // The Lease is held until what is under way has been written.
        let stopping = async {
            let mut over = is_done.clone();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => drop(end.send_replace(true)),
                _ = over.wait_for(|over| *over) => {}
            }
        };
        let ((), (), ()) = tokio::join!(holding, working, stopping);
        permit.send_replace(false);
        if *stop.borrow() {
            candidate.release().await;
            return;
        }
    }
}

/// Syncs until `stop`.
async fn work(
    mut controller: Controller,
    ready: &watch::Sender<bool>,
    stop: watch::Receiver<bool>,
) {
    let mut before = stop.clone();
    tokio::select! {
        _ = before.wait_for(|stop| *stop) => {}
        () = controller.ready() => {
            ready.send_replace(true);
            let context = Arc::clone(&controller.context);
            sync_queue::run(context, Arc::clone(&controller.changed), stop).await;
        }
    }
    controller.end(PATIENCE).await;
}

/// One pass over all autoscalers, as a table; the exit status.
async fn once(mut controller: Controller, output: Output, timeout: Duration) -> Result<u8, String> {
    if tokio::time::timeout(timeout, controller.ready())
        .await
        .is_err()
    {
        return Err(format!(
            "autoscalers and pods could not be listed within {} s",
            timeout.as_secs()
        ));
    }
    let context = &controller.context;
    let mut summaries: Vec<Summary> = Vec::new();
    for key in selected(&controller) {
        let mut state = State::new(&context.config);
        let Some(summary) = sync(context, &key, &mut state).await else {
            continue;
        };
        if output == Output::Json {
            println!("{}", report::json(&summary, state.autoscaler.explanation()));
        }
        summaries.push(summary);
    }
    if output == Output::Table {
        print!("{}", report::table(&summaries));
    }
    Ok(if summaries.iter().any(report::needs_attention) {
        FOUND
    } else {
        OK
    })
}

/// The autoscalers that `--once` shows: all, or those for which there is a changed manifest.
fn selected(controller: &Controller) -> Vec<Key> {
    let context = &controller.context;
    let changed: Vec<&Key> = context.what_if.keys().collect();
    let mut keys = lock(&context.hpas).keys();
    keys.retain(|key| changed.is_empty() || changed.contains(&key));
    keys
}

/// Where the cluster is, and who we are to it.
async fn configuration(args: &Args) -> Result<kube::Config, String> {
    let options = KubeConfigOptions {
        context: args.context.clone(),
        ..Default::default()
    };
    match &args.kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path).map_err(|error| error.to_string())?;
            kube::Config::from_custom_kubeconfig(file, &options)
                .await
                .map_err(|error| error.to_string())
        }
        None if args.context.is_some() => kube::Config::from_kubeconfig(&options)
            .await
            .map_err(|error| error.to_string()),
        None => kube::Config::infer()
            .await
            .map_err(|error| error.to_string()),
    }
}

/// The release whose rules apply: the cluster's, or the nearest one that is modelled.
async fn cluster_version(args: &Args, client: &Client) -> Result<KubernetesVersion, String> {
    if let Some(version) = args.kubernetes_version {
        return Ok(version);
    }
    let discovery = Discovery::new(client.clone(), LIFETIMES);
    let text = discovery
        .server_version()
        .await
        .map_err(|error| error.to_string())?;
    // A distribution may add to the patch number: v1.36.2+k3s1.
    let number = text.split(['+', '-']).next().unwrap_or_default();
    Ok(KubernetesVersion::parse(number).unwrap_or_else(|| {
        let minor = number
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse::<u32>().ok());
        let nearest = match minor {
            Some(minor) if minor > u32::from(KubernetesVersion::NEWEST.minor()) => {
                KubernetesVersion::NEWEST
            }
            Some(_) => KubernetesVersion::OLDEST,
            None => KubernetesVersion::PROVEN,
        };
        tracing::warn!(cluster = text, rules = %nearest, "this release is not modelled");
        nearest
    }))
}

/// A name that no other candidate has. Upstream: host name and a random number.
fn identity(clock: &Clock) -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| String::from("hpa-controller"));
    let now = clock.now().0;
    let chance = super::backoff::random().to_bits();
    format!("{host}_{:x}{:x}", now, chance >> 12)
}

/// Becomes true with the first SIGTERM or SIGINT; a second one ends the process at once.
fn stop_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => drop(terminate.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::pin!(terminate);
        for last in [false, true] {
            tokio::select! {
                () = &mut terminate, if !last => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            if last {
                std::process::exit(130);
            }
            stop.send_replace(true);
        }
    });
    stopped
}
