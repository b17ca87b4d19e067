//! `hpa-sim check`: the goals of many experiments, on all cores.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::slice;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::ensure;
use hpa_core::manifest::{Diagnostic, Severity};
use hpa_simulation::experiment::{Experiment, Verdict};
use serde_json::json;

use crate::cli::{CheckOutput, Status};
use crate::input::{self, Input};
use crate::output::{self, counted};
use crate::style::Style;
use crate::xml::escape;

/// The result of one file: its verdicts, or the errors that prevent it from running.
type Checked = Result<Vec<Verdict>, Vec<Diagnostic>>;

/// The result of each file.
type Results<'a> = [(&'a Input, Checked)];

pub(crate) fn check(files: &[PathBuf], form: CheckOutput) -> anyhow::Result<Status> {
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
    ensure!(
        bad || verdicts.peek().is_some(),
        "no goals found, so nothing was checked; \
         give an experiment some: goals: [{{replicasAtMost: 10}}]"
    );
    Ok(if bad {
        Status::BadInput
    } else if verdicts.all(Verdict::as_expected) {
        Status::Ok
    } else {
        Status::Found
    })
}

/// Checks each file, with one thread per core.
fn check_all(inputs: &[Input]) -> Vec<(&Input, Checked)> {
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
        .map(|(index, result)| (&inputs[index], result))
        .collect()
}

fn check_one(input: &Input) -> Checked {
    let parsed = Experiment::parse(input.text());
    let mut problems = parsed.diagnostics;
    problems.retain(|problem| problem.severity == Severity::Error);
    let run = parsed.experiment.map(|experiment| experiment.run());
    run.map(|run| run.verdicts).ok_or(problems)
}

/// The errors of a file, for a report.
fn shown(errors: &[Diagnostic], input: &Input) -> String {
    input::problems(errors, slice::from_ref(input), Style::Plain)
}

fn text(results: &Results<'_>) -> String {
    let mut out = String::new();
    let (mut goals, mut failed, mut unread) = (0, 0, 0);
    for (input, result) in results {
        let _ = writeln!(out, "{}", input.name());
        match result {
            Err(errors) => {
                unread += 1;
                out.push_str(&shown(errors, input));
            }
            Ok(verdicts) if verdicts.is_empty() => out.push_str("  no goals\n"),
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
        "\n{}, {}: {failed} failed, {} invalid",
        counted(results.len(), "experiment"),
        counted(goals, "goal"),
        counted(unread, "experiment"),
    );
    out
}

fn json(results: &Results<'_>) -> String {
    let experiments: Vec<_> = results
        .iter()
        .map(|(input, result)| match result {
            Ok(verdicts) => json!({"file": input.name(), "goals": verdicts}),
            Err(errors) => json!({
                "file": input.name(), "error": shown(errors, input), "diagnostics": errors,
            }),
        })
        .collect();
    output::pretty(&json!({"experiments": experiments}))
}

fn junit(results: &Results<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (input, result) in results {
        let (tests, failures, errors) = match result {
            Ok(verdicts) => {
                let failed = verdicts.iter().filter(|verdict| !verdict.as_expected());
                (verdicts.len(), failed.count(), 0)
            }
            Err(_) => (1, 0, 1),
        };
        let name = escape(input.name());
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
            Err(errors) => {
                let error = escape(&shown(errors, input));
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
