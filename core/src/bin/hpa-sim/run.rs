//! `hpa-sim run`: an experiment from text to table.

use std::io::{self, Read, Write};
use std::path::Path;

use hpa_core::experiment::{Experiment, Run, presets};
use hpa_core::manifest::Severity;
use hpa_core::time::{Duration, Timestamp};

use crate::cli::{BAD_INPUT, RunArguments};
use crate::problem::Problem;
use crate::style::{Accent, Style};
use crate::table::{self, Lines};
use crate::{chart, style};

/// Runs the command; gives the exit code.
pub(crate) fn run(arguments: &RunArguments) -> u8 {
    let (name, text) = match read(arguments.file.as_deref()) {
        Ok(input) => input,
        Err(message) => return refuse(&message),
    };
    let parsed = Experiment::parse(&text);
    let errors = Style::of(&io::stderr());
    for diagnostic in &parsed.diagnostics {
        // What is shipped is known to be as it is.
        let counts = arguments.file.is_some() && diagnostic.severity != Severity::Info;
        if counts {
            let problem = Problem {
                file: &name,
                text: &text,
                diagnostic,
                style: errors,
            };
            eprintln!("{problem}");
        }
    }
    let Some(experiment) = parsed.experiment else {
        return BAD_INPUT;
    };
    let result = experiment.run();
    let output = match &arguments.explain {
        Some(time) => match Duration::parse(time) {
            Ok(time) => explain(&result, Timestamp(time.0)),
            Err(error) => return refuse(&format!("--explain {time}: {error}")),
        },
        None => show(&experiment, &result, arguments),
    };
    // A reader that has seen enough, such as head, is no error.
    let _ = io::stdout().write_all(output.as_bytes());
    0
}

fn refuse(message: &str) -> u8 {
    let style = Style::of(&io::stderr());
    eprintln!("{}: {message}", style.paint(Accent::Red, "error"));
    BAD_INPUT
}

/// The text of a file or of standard input, with its name; the walkthrough where none is named.
fn read(file: Option<&Path>) -> Result<(String, String), String> {
    let Some(path) = file else {
        return Ok((String::from("php-apache"), presets::PHP_APACHE.to_owned()));
    };
    let mut text = String::new();
    if path == Path::new("-") {
        let read = io::stdin().read_to_string(&mut text);
        read.map_err(|error| format!("standard input: {error}"))?;
        return Ok((String::from("<stdin>"), text));
    }
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    Ok((name, text))
}

/// Table, chart and verdicts.
fn show(experiment: &Experiment, result: &Run, arguments: &RunArguments) -> String {
    let style = style::Style::of(&io::stdout());
    let lines = if arguments.changes {
        Lines::Changes
    } else {
        Lines::All
    };
    let mut output = String::new();
    if !experiment.title.is_empty() {
        output.push_str(&format!(
            "{}\n\n",
            style.paint(Accent::Bold, &experiment.title)
        ));
    }
    output.push_str(&table::render(&result.trace, lines, style));
    if !arguments.no_chart {
        output.push('\n');
        output.push_str(&chart::render(&result.trace, style));
    }
    output
}

/// One sync in words.
fn explain(result: &Run, time: Timestamp) -> String {
    let trace = &result.trace;
    let Some(detail) = trace.sync_at(time).and_then(|index| trace.detail(index)) else {
        return String::from("no sync has been until then\n");
    };
    let mut output = format!("sync at {}\n", Duration(detail.time.0));
    for paragraph in detail.explanation.paragraphs() {
        output.push_str(&format!("\n{}\n", paragraph.title));
        if let Some(formula) = &paragraph.formula {
            output.push_str(&format!("  {formula}\n"));
        }
        output.push_str(&format!("  {}\n", paragraph.text));
    }
    output
}
