//! `hpa-sim`: runs experiments from the command line; `cli` defines its commands.

mod chart;
mod check;
mod cli;
mod compare;
mod explain;
mod import;
mod input;
mod lint;
mod output;
mod overrides;
mod reason;
mod run;
mod style;
mod table;
mod upgrade;
mod xml;

fn main() -> std::process::ExitCode {
    cli::main()
}
