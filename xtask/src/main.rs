//! The build steps of this repository that are written in Rust; `cargo xtask help` lists them.

mod bench;
mod exactness_page;
mod fuzz;
mod krew;
mod site;
mod steps;
mod suites;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Build steps of HPA Playground. The Makefile calls most of them, after scripts/setup.sh.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run `check`, then `test`, and end with the line "N passed, M failed"
    Ci,
    /// Check format, lints, documentation and that the fuzz targets build
    Check,
    /// Run every test: native, in the browser, end to end
    Test,
    /// Build the static site into dist/
    Build,
    /// Finish the site that Trunk has built (Trunk's post_build hook)
    FinishSite,
    /// Replay the recorded cases and write the exactness report
    Exactness {
        /// Folder for the page and its style sheet
        folder: PathBuf,
    },
    /// Print the krew manifest that installs a released hpa-sim as a kubectl plugin
    KrewManifest {
        /// OWNER/NAME on GitHub
        repository: String,
        /// The release's tag
        tag: String,
        /// The release's checksums, as sha256sum prints them
        checksums: PathBuf,
    },
    /// Run all benchmarks, native and in a browser, and print the results with their targets
    Bench,
    /// Run each fuzz target for a while
    Fuzz {
        /// Time for each target in seconds
        #[arg(default_value_t = 60)]
        seconds: u32,
    },
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one task; false where its steps have reported failures already.
fn run(task: Task) -> Result<bool> {
    match task {
        Task::Ci => Ok(suites::ci()),
        Task::Check => Ok(suites::check().report(Some("make check"))),
        Task::Test => Ok(suites::test().report(Some("make test"))),
        Task::Build => site::build(exactness_page::Build::Core).map(|()| true),
        Task::FinishSite => site::finish().map(|()| true),
        Task::Exactness { folder } => {
            exactness_page::write(&folder, exactness_page::Build::Core).map(|()| true)
        }
        Task::KrewManifest {
            repository,
            tag,
            checksums,
        } => krew::print(&repository, &tag, &checksums).map(|()| true),
        Task::Bench => bench::run().map(|()| true),
        Task::Fuzz { seconds } => fuzz::run(seconds).map(|()| true),
    }
}
