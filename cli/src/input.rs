//! Files, folders and standard input; what is printed; and problems as compilers show them.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use hpa_core::manifest::{Diagnostic, Severity};
use hpa_simulation::experiment::Experiment;

use crate::cli::OK;
use crate::output::counted;
use crate::problem::Problem;
use crate::style::Style;

/// A text and where it came from.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Reads each file, each file of a folder in the order of names, and `-` as standard input.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Input>, String> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut files = Vec::new();
            collect(path, &mut files)?;
            files.sort();
            if files.is_empty() {
                return Err(format!(
                    "error: {}: there is no YAML file in it",
                    path.display()
                ));
            }
            for file in files {
                inputs.push(read(&file)?);
            }
        } else {
            inputs.push(read(path)?);
        }
    }
    Ok(inputs)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("error: {}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // A link may lead back up.
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
pub(crate) fn read(path: &Path) -> Result<Input, String> {
    let standard = path.as_os_str() == "-";
    let name = if standard {
        String::from("<stdin>")
    } else {
        path.display().to_string()
    };
    let text = if standard {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    match text {
        Ok(text) => Ok(Input { name, text }),
        Err(error) => Err(format!("error: {name}: {error}")),
    }
}

/// Several files as one text.
pub(crate) fn join(inputs: &[Input]) -> String {
    let mut text = String::new();
    for input in inputs {
        if !text.is_empty() {
            text.push_str("---\n");
        }
        text.push_str(&input.text);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

/// A problem of the joined text, shown in the file that it came from.
pub(crate) fn show(diagnostic: &Diagnostic, inputs: &[Input]) -> String {
    let (mut bytes, mut lines) = (0, 0);
    for (index, input) in inputs.iter().enumerate() {
        let marker = usize::from(index > 0);
        let start = bytes + 4 * marker;
        let newline = usize::from(!input.text.ends_with('\n'));
        let end = start + input.text.len() + newline;
        let last = index + 1 == inputs.len();
        if diagnostic.span.start.byte < end || last {
            let mut own = diagnostic.clone();
            for position in [&mut own.span.start, &mut own.span.end] {
                position.byte = position.byte.saturating_sub(start).min(input.text.len());
                position.line = position.line.saturating_sub(lines + marker).max(1);
            }
            return problem(&own, input, Style::of(&std::io::stderr()));
        }
        bytes = end;
        lines += marker + input.text.lines().count();
    }
    String::new()
}

/// A problem as text, with colors or without.
pub(crate) fn problem(diagnostic: &Diagnostic, input: &Input, style: Style) -> String {
    let (file, text) = (input.name.as_str(), input.text.as_str());
    Problem {
        file,
        text,
        diagnostic,
        style,
    }
    .to_string()
}

/// Reads the files as one experiment. Warnings and assumptions go to standard error; errors are
/// the result.
pub(crate) fn experiment(inputs: &[Input]) -> Result<Experiment, String> {
    let parsed = Experiment::parse(&join(inputs));
    let (mut shown, mut errors) = (String::new(), 0);
    for diagnostic in &parsed.diagnostics {
        errors += usize::from(diagnostic.severity == Severity::Error);
        shown.push_str(&show(diagnostic, inputs));
        shown.push('\n');
    }
    if let Some(experiment) = parsed.experiment {
        eprint!("{shown}");
        return Ok(experiment);
    }
    let problems = counted(errors, "error");
    let _ = writeln!(shown, "{problems}: the experiment does not run");
    Err(shown)
}

/// Prints to standard output; that nobody reads any more, as with `| head`, is no failure.
pub(crate) fn print(text: &str) -> Result<u8, String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("error: standard output: {error}"))
        }
        _ => Ok(OK),
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
