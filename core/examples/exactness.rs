//! Writes the page that says how exact the model is: from what the replay of the recorded cases
//! printed, read from standard input, and from `UPSTREAM.md`. `scripts/exactness.sh` runs both.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use hpa_core::autoscaler::KubernetesVersion;
use pulldown_cmark::{Options, Parser, html};

const UPSTREAM: &str = include_str!("../UPSTREAM.md");

/// What the cases of a file compare, in the order of the page.
const KINDS: &[(&str, &str)] = &[
    (
        "calculator",
        "metrics and pods to a proposal: replicas, utilization, usage, error",
    ),
    (
        "calculator-saturating",
        "the same where a float does not fit an integer",
    ),
    (
        "behavior",
        "a proposal to the desired replicas: windows, policies, limits, histories",
    ),
    (
        "behavior-saturating",
        "the same where a float does not fit an integer",
    ),
    (
        "reconcile",
        "whole traces of syncs: writes, status, conditions, events, histories",
    ),
    ("quantity", "quantities: parsing, printing, values"),
    (
        "validation",
        "manifests: defaults, and each error with its field and text",
    ),
];

/// The result of one file of cases.
struct Replay<'a> {
    file: &'a str,
    passed: u64,
    failed: u64,
}

fn main() -> ExitCode {
    let mut printed = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut printed) {
        return refuse(&error.to_string());
    }
    let replays: Vec<Replay<'_>> = printed.lines().filter_map(replay).collect();
    if let Some((missing, _)) = KINDS
        .iter()
        .find(|(kind, _)| !replays.iter().any(|replay| replay.file == *kind))
    {
        return refuse(&format!("standard input holds no result of {missing}"));
    }
    match std::io::stdout().write_all(page(&replays).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error.to_string()),
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("exactness: error: {why}");
    ExitCode::FAILURE
}

/// A line such as `quantity: 2500 passed, 0 failed`.
fn replay(line: &str) -> Option<Replay<'_>> {
    let (file, counts) = line.split_once(": ")?;
    let (passed, failed) = counts.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Replay {
        file,
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

fn page(replays: &[Replay<'_>]) -> String {
    let mut rows = String::new();
    for (kind, meaning) in KINDS {
        for replay in replays.iter().filter(|replay| replay.file == *kind) {
            row(&mut rows, kind, meaning, replay.passed, replay.failed);
        }
    }
    let passed = replays.iter().map(|replay| replay.passed).sum();
    let failed = replays.iter().map(|replay| replay.failed).sum();
    row(&mut rows, "all", "", passed, failed);
    let mut notes = String::new();
    // The heading is the page's own.
    let text = UPSTREAM.split_once('\n').map_or(UPSTREAM, |(_, rest)| rest);
    html::push_html(&mut notes, Parser::new_ext(text, Options::ENABLE_TABLES));
    let version = KubernetesVersion::PROVEN;
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'self'">
<meta name="description" content="What HPA Playground models, and how many recorded cases of the real controller it reproduces.">
<title>How exact is HPA Playground?</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="exactness.css">
</head>
<body>
<main>
<p><a href="./">HPA Playground</a></p>
<h1>How exact is it?</h1>
<p>Unless an experiment names another version, the autoscaler of Kubernetes {version} is modelled. The cases below
were recorded by running that release's own code; when this page was built, all of them were replayed, and everything
that they hold was compared.</p>
<table data-testid="replays">
<thead><tr><th scope="col">Cases</th><th scope="col">Equal</th><th scope="col">Different</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
{notes}</main>
</body>
</html>
"#
    )
}

fn row(out: &mut String, kind: &str, meaning: &str, passed: u64, failed: u64) {
    let (passed, failed) = (grouped(passed), grouped(failed));
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">{kind}<small>{meaning}</small></th><td>{passed}</td><td>{failed}</td></tr>"
    );
}

/// A count with a comma before each three digits.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
