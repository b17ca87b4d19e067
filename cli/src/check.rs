//! `hpa-sim check`: the goals of many experiments, on all cores.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hpa_core::manifest::Severity;
use hpa_simulation::experiment::{Experiment, Verdict};
use serde_json::json;

use crate::cli::{BAD_INPUT, CheckOutput, FOUND, OK};
use crate::input::{self, Input};
use crate::output::{self, counted};
use crate::style::Style;

/// What came of one file: its verdicts, or why it does not run.
type Checked = Result<Vec<Verdict>, String>;

pub(crate) fn check(files: &[PathBuf], form: CheckOutput) -> Result<u8, String> {
    let inputs = input::read_all(files)?;
    let results = check_all(&inputs);
    let report = match form {
        CheckOutput::Text => text(&results),
        CheckOutput::Json => json(&results),
        CheckOutput::Junit => junit(&results),
    };
    input::print(&report)?;
    let bad = results.iter().any(|(_, result)| result.is_err());
    let mut verdicts = results
        .iter()
        .flat_map(|(_, result)| result.iter().flatten())
        .peekable();
    if !bad && verdicts.peek().is_none() {
        return Err(String::from(
            "error: no file has goals, so nothing was checked; \
             give an experiment some: goals: [{replicasAtMost: 10}]",
        ));
    }
    Ok(if bad {
        BAD_INPUT
    } else if verdicts.all(Verdict::as_expected) {
        OK
    } else {
        FOUND
    })
}

/// Checks each file, as many at once as there are cores.
fn check_all(inputs: &[Input]) -> Vec<(&str, Checked)> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || {
        while let Some((index, input)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            inputs.get(index).map(|input| (index, input))
        } {
            let result = check_one(input);
            if let Ok(mut done) = done.lock() {
                done.push((index, result));
                input::progress(done.len(), inputs.len());
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..cores.min(inputs.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter()
        .map(|(index, result)| (inputs[index].name.as_str(), result))
        .collect()
}

fn check_one(input: &Input) -> Checked {
    let parsed = Experiment::parse(&input.text);
    match parsed.experiment {
        Some(experiment) => Ok(experiment.run().verdicts),
        None => Err(parsed
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| input::problem(diagnostic, input, Style::Plain))
            .collect()),
    }
}

fn text(results: &[(&str, Checked)]) -> String {
    let mut out = String::new();
    let (mut goals, mut failed, mut unread) = (0, 0, 0);
    for (name, result) in results {
        let _ = writeln!(out, "{name}");
        match result {
            Err(error) => {
                unread += 1;
                out.push_str(error);
            }
            Ok(verdicts) if verdicts.is_empty() => out.push_str("  it has no goals\n"),
            Ok(verdicts) => {
                for verdict in verdicts {
                    goals += 1;
                    failed += usize::from(!verdict.as_expected());
                    let _ = writeln!(out, "  {}", output::goal_line(verdict));
                    if let (false, Some(hint)) = (verdict.as_expected(), &verdict.goal.hint) {
                        let _ = writeln!(out, "        hint: {hint}");
                    }
                }
            }
        }
    }
    let _ = writeln!(
        out,
        "\n{}, {}: {failed} failed, {} cannot be run",
        counted(results.len(), "experiment"),
        counted(goals, "goal"),
        counted(unread, "experiment"),
    );
    out
}

fn json(results: &[(&str, Checked)]) -> String {
    let experiments: Vec<_> = results
        .iter()
        .map(|(name, result)| match result {
            Ok(verdicts) => json!({"file": name, "goals": verdicts}),
            Err(error) => json!({"file": name, "error": error}),
        })
        .collect();
    output::pretty(&json!({"experiments": experiments}))
}

fn junit(results: &[(&str, Checked)]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (name, result) in results {
        let (tests, failures, errors) = match result {
            Ok(verdicts) => {
                let failed = verdicts.iter().filter(|verdict| !verdict.as_expected());
                (verdicts.len(), failed.count(), 0)
            }
            Err(_) => (1, 0, 1),
        };
        let name = escape(name);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
        );
        match result {
            Ok(verdicts) => {
                for verdict in verdicts {
                    let goal = escape(&verdict.goal.name);
                    let _ = write!(out, "    <testcase classname=\"{name}\" name=\"{goal}\"");
                    if verdict.as_expected() {
                        out.push_str("/>\n");
                    } else {
                        let message = escape(&output::goal_line(verdict));
                        let _ = writeln!(
                            out,
                            ">\n      <failure message=\"{message}\"/>\n    </testcase>"
                        );
                    }
                }
            }
            Err(error) => {
                let error = escape(error);
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"{name}\" name=\"runs\">\n      <error>{error}</error>\n    </testcase>"
                );
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// A text for XML; control characters, which XML cannot hold, become blanks.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
