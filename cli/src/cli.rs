//! The commands and their options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::MAX_DURATION;
use hpa_simulation::experiment::upgrade::Releases;

use crate::{check, compare, import, input, lint, overrides, run, upgrade};

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Success.
    Ok = 0,
    /// A goal failed, runs differ, or a manifest has problems.
    Found = 1,
    /// The input cannot be read, or there is nothing to check.
    BadInput = 2,
}

const AFTER_HELP: &str = "\
FILE is a manifest or an experiment in YAML or JSON, a folder (its *.yaml and *.yml files and those of \
the folders in it), or - for standard input.

Exit status: 0 on success; 1 if a goal failed, runs or releases differ or a manifest has problems; 2 if \
the input cannot be read, or if there is nothing to check in it.";

#[derive(Debug, Parser)]
#[command(version, about = "Simulate Kubernetes HorizontalPodAutoscalers: what would this manifest do?", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one experiment, which may consist of several files
    Run {
        /// Manifests and at most one experiment document; default: the php-apache walkthrough
        files: Vec<PathBuf>,
        #[command(flatten)]
        options: run::Options,
    },
    /// Check the goals of experiments; each file is a separate experiment
    Check {
        /// Experiments, or folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Output format
        #[arg(short, long, default_value = "text")]
        output: CheckOutput,
    },
    /// Compare the runs of two experiments: where they diverge, and why
    Compare {
        /// The first experiment
        first: PathBuf,
        /// The second experiment
        second: PathBuf,
        /// Output format
        #[arg(short, long, default_value = "text")]
        output: CompareOutput,
    },
    /// Say what another Kubernetes release changes for the autoscalers of manifests and experiments
    ///
    /// For each autoscaler: what the API server will refuse, warn of, default or drop; what its status
    /// will look like; and, by running both releases, the first sync at which the replica counts
    /// differ, with the rule.
    Upgrade {
        /// Manifests and experiments, or folders of them; an experiment without an autoscaler applies to
        /// all manifests
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The release that runs now
        #[arg(long, value_name = "RELEASE", value_parser = overrides::release)]
        from: KubernetesVersion,
        /// The release that will run
        #[arg(long, value_name = "RELEASE", value_parser = overrides::release)]
        to: KubernetesVersion,
        /// Output format
        #[arg(short, long, default_value = "text")]
        output: UpgradeOutput,
    },
    /// Report problems in manifests and experiments
    Lint {
        /// Manifests, or folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Output format
        #[arg(short, long, default_value = "text")]
        output: LintOutput,
    },
    /// Print autoscalers as the API server would store them
    Defaults {
        /// Manifests, or folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Convert a recorded series to the load of an experiment
    Import {
        /// A query_range response, CSV, or promtool's series notation
        file: PathBuf,
        #[command(flatten)]
        options: import::Options,
    },
    /// Print the JSON Schema of the experiment document
    Schema,
    /// Print a shell completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// The output formats of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckOutput {
    /// Human-readable text
    Text,
    /// One JSON document
    Json,
    /// JUnit XML, for CI systems
    Junit,
}

/// The output formats of `compare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareOutput {
    /// Human-readable text
    Text,
    /// One JSON document
    Json,
}

/// The output formats of `upgrade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UpgradeOutput {
    /// Human-readable text
    Text,
    /// One JSON document
    Json,
    /// Markdown, for a pull request or an issue
    Markdown,
    /// JUnit XML, for CI systems
    Junit,
}

/// The output formats of `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintOutput {
    /// Human-readable text in the style of compilers
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Reads the duration of a run.
pub(crate) fn run_duration(text: &str) -> anyhow::Result<SignedDuration> {
    let shortest = SignedDuration::from_secs(1);
    let duration = SignedDuration::parse(text)?;
    anyhow::ensure!(
        (shortest..=MAX_DURATION).contains(&duration),
        "the duration must be between {shortest} and {MAX_DURATION}"
    );
    Ok(duration)
}

/// The name in usage texts: kubectl starts plugins under their file names.
fn program(argument: Option<&OsString>) -> &'static str {
    let plugin = argument
        .map(PathBuf::from)
        .and_then(|path| Some(path.file_stem()?.to_str()?.starts_with("kubectl-")))
        .unwrap_or(false);
    if plugin { "kubectl hpa_sim" } else { "hpa-sim" }
}

pub(crate) fn main() -> ExitCode {
    let name = program(std::env::args_os().next().as_ref());
    let command = Cli::command().name("hpa-sim").bin_name(name);
    let matches = command.get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let status = dispatch(cli.command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Status::BadInput
    });
    ExitCode::from(status as u8)
}

fn dispatch(command: Command) -> anyhow::Result<Status> {
    match command {
        Command::Run { files, options } => run::run(&files, &options),
        Command::Check { files, output } => check::check(&files, output),
        Command::Compare {
            first,
            second,
            output,
        } => compare::compare(&first, &second, output),
        Command::Upgrade {
            files,
            from,
            to,
            output,
        } => upgrade::upgrade(&files, Releases { from, to }, output),
        Command::Lint { files, output } => lint::lint(&files, output),
        Command::Defaults { files } => lint::defaults(&files),
        Command::Import { file, options } => import::import(&file, &options),
        Command::Schema => input::print(hpa_simulation::experiment::SCHEMA),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "hpa-sim", &mut script);
            input::print(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command().name("hpa-sim")).render(&mut page)?;
            input::print(&String::from_utf8_lossy(&page))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn kubectl_shows_its_own_name() {
        let name = |text: &str| program(Some(&OsString::from(text)));
        assert_eq!(name("/usr/bin/kubectl-hpa_sim"), "kubectl hpa_sim");
        assert_eq!(name("target/hpa-sim"), "hpa-sim");
    }
}
