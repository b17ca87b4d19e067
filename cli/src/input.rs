//! Reads files, folders and standard input, and prints problems and output.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use hpa_core::manifest::{Diagnostic, Severity, Source, render};
use hpa_simulation::experiment::{Defaults, Experiment, Overrides, Parsed};

use crate::cli::Status;
use crate::output::counted;
use crate::style::Style;

/// A text with its file name.
pub(crate) type Input = Source<'static>;

/// Reads files, the YAML files of folders in the order of names, and standard input for `-`.
pub(crate) fn read_all(paths: &[PathBuf]) -> anyhow::Result<Vec<Input>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let known = files.len();
            collect(path, &mut files).with_context(|| path.display().to_string())?;
            let path = path.display();
            ensure!(files.len() > known, "{path}: no YAML file found");
            files[known..].sort();
        } else {
            files.push(path.clone());
        }
    }
    files.iter().map(|file| read(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // A symbolic link may lead back up.
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|kind| kind == "yaml" || kind == "yml")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads one file, or standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<Input> {
    let (name, text) = if path.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        (String::from("<stdin>"), read.map(|_| text))
    } else {
        (path.display().to_string(), std::fs::read_to_string(path))
    };
    let text = text.with_context(|| name.clone())?;
    Ok(Source::new(name, text))
}

/// Problems of `inputs` in the style of compilers, each followed by a blank line.
pub(crate) fn problems<'a>(
    found: impl IntoIterator<Item = &'a Diagnostic>,
    inputs: &[Input],
    style: Style,
) -> String {
    let mut out = String::new();
    for problem in found {
        let _ = writeln!(
            out,
            "{}",
            render(problem, inputs).colored(style.has_colors())
        );
    }
    out
}

/// Parses the files as one experiment; `None` if there is an error. Problems and assumptions go
/// to standard error.
pub(crate) fn experiment(inputs: &[Input]) -> Option<Experiment> {
    overridden(inputs, Overrides::default())
}

/// As [`experiment`], with settings that outrank those of the files.
pub(crate) fn overridden(inputs: &[Input], overrides: Overrides) -> Option<Experiment> {
    reported(overrides.parse_sources(inputs, Defaults::default()), inputs)
}

/// The experiment that was parsed from `inputs`. Problems and assumptions go to standard error.
pub(crate) fn reported(parsed: Parsed, inputs: &[Input]) -> Option<Experiment> {
    let style = Style::of(&std::io::stderr());
    eprint!("{}", problems(&parsed.diagnostics, inputs, style));
    if parsed.experiment.is_none() {
        let errors = parsed.diagnostics.iter();
        let errors = errors.filter(|problem| problem.severity == Severity::Error);
        let errors = counted(errors.count(), "error");
        eprintln!("{errors}: the experiment cannot run");
    }
    parsed.experiment
}

/// Prints to standard output; a closed pipe, as with `| head`, is not a failure.
pub(crate) fn print(text: &str) -> anyhow::Result<Status> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output")
        }
        _ => Ok(Status::Ok),
    }
}

/// Shows progress on a terminal, and nothing anywhere else.
pub(crate) fn progress(done: usize, of: usize) {
    let mut err = std::io::stderr();
    if of > 1 && err.is_terminal() {
        let end = if done == of { "\r\x1b[K" } else { "" };
        let _ = write!(err, "\r{done} of {of}{end}");
        let _ = err.flush();
    }
}
