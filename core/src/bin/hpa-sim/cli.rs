//! The command line: what can be asked for, and the exit codes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::run;

/// Simulates Kubernetes' HorizontalPodAutoscaler.
#[derive(Debug, Parser)]
#[command(name = "hpa-sim", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an experiment and show what happens, one line a sync.
    Run(RunArguments),
}

/// What `run` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArguments {
    /// The experiment: manifests and, if you like, a document of kind Experiment. `-` reads
    /// standard input. Default: the php-apache walkthrough of the Kubernetes documentation.
    pub(crate) file: Option<PathBuf>,
    /// Show only syncs that differ from the one before.
    #[arg(long)]
    pub(crate) changes: bool,
    /// Do not draw the chart.
    #[arg(long)]
    pub(crate) no_chart: bool,
    /// Explain the last sync at or before this time, such as 1m30s, instead of the table.
    #[arg(long, value_name = "TIME")]
    pub(crate) explain: Option<String>,
}

/// Bad input, as all commands say it.
pub(crate) const BAD_INPUT: u8 = 2;

/// Runs the command. 0 is success, 2 is bad input.
pub(crate) fn main() -> ExitCode {
    let Command::Run(arguments) = Arguments::parse().command;
    ExitCode::from(run::run(&arguments))
}
