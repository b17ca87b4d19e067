//! Runs the program: from parsed arguments to an orderly shutdown.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::args::Args;
use crate::backoff::random;
use crate::clock::{Clock, std_duration};
use crate::cluster::Cluster;
use crate::controller::{Controller, Settings, writes};
use crate::error::{Error, ErrorKind, ExitStatus};
use crate::health::Health;
use crate::leader_election::{Candidate, Timing, lead};
use crate::logging;
use crate::once::once;
use crate::otlp_exporter::{Collector, Exporter};
use crate::recording::Recorder;
use crate::what_if::WhatIf;
use crate::{http_server, sync_queue};

/// How long a shutdown waits for pending events.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Sets up log and traces, and runs the controller until SIGTERM or SIGINT.
///
/// # Errors
/// As [`run`]; also if traces are asked for and cannot be exported.
pub async fn run_until_signal(args: &Args) -> Result<ExitStatus, Error> {
    let collector = Collector::find(args, |name| std::env::var(name).ok());
    let exporter = match collector.map_err(ErrorKind::from)? {
        Some(collector) => {
            let exporter = Exporter::start(&collector, Handle::current());
            Some(exporter.map_err(ErrorKind::from)?)
        }
        None => None,
    };
    logging::init(args, exporter.as_ref());
    let result = run(args, stop_signal()).await;
    if let Some(exporter) = exporter {
        exporter.shut_down().await;
    }
    result
}

/// Runs the controller until `stop` becomes true, or once with `--once`.
///
/// Must be called within a Tokio runtime; a current-thread runtime suffices. Log and traces are up to
/// the caller.
///
/// # Errors
/// If the arguments or the files that they name are invalid, or the cluster cannot be reached.
pub async fn run(args: &Args, stop: watch::Receiver<bool>) -> Result<ExitStatus, Error> {
    Ok(try_run(args, stop).await?)
}

async fn try_run(args: &Args, stop: watch::Receiver<bool>) -> Result<ExitStatus, ErrorKind> {
    let upstream = &args.upstream;
    if upstream.leader_elect_renew_deadline >= upstream.leader_elect_lease_duration {
        return Err(ErrorKind::RenewDeadline);
    }
    let cluster = Cluster::connect(args).await?;
    let config = args.controller_config(cluster.version)?;
    let what_if = match &args.what_if {
        Some(path) => WhatIf::read(path, &config)?,
        None => WhatIf::default(),
    };
    let recorder = match &args.record {
        Some(directory) => Some(Arc::new(Recorder::new(directory, config.clone())?)),
        None => None,
    };
    let clock = Clock::system();
    let health = Arc::new(Health::new(clock.clone(), cluster.client.timeout()));
    let start = |permit| {
        let settings = Settings {
            what_if: what_if.clone(),
            recorder: recorder.clone(),
            ..Settings::new(args, config.clone(), clock.clone(), Arc::clone(&health))
        };
        Controller::start(&cluster.client, &cluster.telemetry, permit, settings)
    };
    if args.once {
        let (_, permit) = watch::channel(false);
        let mut controller = start(permit);
        let timeout = cluster.client.timeout();
        tokio::time::timeout(timeout, controller.listed())
            .await
            .map_err(|_| ErrorKind::NotListed(timeout))?;
        return Ok(if once(&controller.context, args.output).await {
            ExitStatus::NeedsAttention
        } else {
            ExitStatus::Success
        });
    }
    let (ready, is_ready) = watch::channel(false);
    if !args.bind_address.is_empty() {
        let listener = http_server::bind(&args.bind_address).await?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "listening");
        }
        let pages = http_server::Pages {
            telemetry: Arc::clone(&cluster.telemetry),
            ready: is_ready,
            health: Arc::clone(&health),
        };
        tokio::spawn(http_server::serve(listener, pages));
    }
    let version = config.version;
    tracing::info!(mode = args.mode.as_str(), %version, "started");
    let elects = writes(args.mode) && upstream.leader_elect;
    let (permit, permitted) = watch::channel(writes(args.mode) && !elects);
    if elects {
        // A candidate that waits for the Lease is ready; otherwise it would block every rollout.
        ready.send_replace(true);
        let candidate = candidate(args, &cluster, clock.clone());
        lead(&candidate, &permit, stop, |stop| {
            work(start(permitted.clone()), &ready, stop)
        })
        .await;
    } else {
        work(start(permitted), &ready, stop).await;
    }
    Ok(ExitStatus::Success)
}

/// Syncs until `stop` becomes true.
async fn work(
    mut controller: Controller,
    ready: &watch::Sender<bool>,
    stop: watch::Receiver<bool>,
) {
    let mut stop_early = stop.clone();
    tokio::select! {
        _ = stop_early.wait_for(|stop| *stop) => {}
        () = controller.listed() => {
            ready.send_replace(true);
            let context = Arc::clone(&controller.context);
            sync_queue::run(context, Arc::clone(&controller.hpas_changed), stop).await;
        }
    }
    controller.shut_down(SHUTDOWN_TIMEOUT).await;
}

/// This process as a candidate in the leader election.
fn candidate(args: &Args, cluster: &Cluster, clock: Clock) -> Candidate {
    let upstream = &args.upstream;
    let namespace = &upstream.leader_elect_resource_namespace;
    Candidate {
        client: cluster.client.clone(),
        telemetry: Arc::clone(&cluster.telemetry),
        namespace: namespace
            .clone()
            .unwrap_or_else(|| cluster.default_namespace.clone()),
        name: upstream.leader_elect_resource_name.clone(),
        identity: identity(&clock),
        clock,
        timing: Timing {
            lease_duration: std_duration(upstream.leader_elect_lease_duration),
            renew_deadline: std_duration(upstream.leader_elect_renew_deadline),
            retry_period: std_duration(upstream.leader_elect_retry_period),
        },
    }
}

/// An identity that no other candidate has. Upstream: host name and a random number.
fn identity(clock: &Clock) -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| String::from("hpa-controller"));
    let now = clock.now().0;
    let suffix = random().to_bits() >> 12;
    format!("{host}_{now:x}{suffix:x}")
}

/// Becomes true on the first SIGTERM or SIGINT; a second SIGINT ends the process at once.
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
        for is_second in [false, true] {
            tokio::select! {
                () = &mut terminate, if !is_second => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            if is_second {
                std::process::exit(130);
            }
            stop.send_replace(true);
        }
    });
    stopped
}
