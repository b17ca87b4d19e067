//! Generates the exactness page: the results of replaying the recorded cases, and `core/UPSTREAM.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use pulldown_cmark::{Options, Parser, html};

use crate::tools;

/// The kinds of cases and what they compare, in the order of the page.
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

/// The build of the core that replays the cases.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// Only the core: the fastest clean build.
    Core,
    /// The whole workspace: nothing to compile after its tests.
    Workspace,
}

/// The result of one file of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Replay {
    passed: u64,
    failed: u64,
}

/// Replays the recorded cases and writes the page, with its style sheet, into a folder.
///
/// # Errors
/// If a case differs, a file of cases was not replayed, or the folder cannot be written.
pub(crate) fn write(folder: &Path, build: Build) -> Result<()> {
    let upstream = tools::read(&tools::root().join("core/UPSTREAM.md"))?;
    let page = page(&replays(&replay(build)?)?, &upstream)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    tools::write(&folder.join("exactness.html"), page)?;
    let sheet = tools::read(&tools::root().join("web/static/exactness.css"))?;
    tools::write(&folder.join("exactness.css"), sheet)
}

/// The output of the replay.
fn replay(build: Build) -> Result<String> {
    let package = match build {
        Build::Core => "--package hpa-core",
        Build::Workspace => "--workspace",
    };
    let output = tools::cargo(&format!("test {package} --test upstream_vectors"))
        .output()
        .context("cannot start cargo")?;
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stdout);
        bail!("the replay of the recorded cases failed:\n{printed}{report}");
    }
    Ok(printed)
}

/// The results of all files, in the order of [`KINDS`].
fn replays(printed: &str) -> Result<Vec<Replay>> {
    let find = |kind| {
        printed
            .lines()
            .find_map(|line| result(line, kind))
            .with_context(|| format!("no result of the cases of {kind}"))
    };
    KINDS.iter().map(|(kind, _)| find(kind)).collect()
}

/// A line such as `quantity: 2500 passed, 0 failed`.
fn result(line: &str, kind: &str) -> Option<Replay> {
    let counts = line.strip_prefix(kind)?.strip_prefix(": ")?;
    let (passed, failed) = counts.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Replay {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

fn page(replays: &[Replay], upstream: &str) -> Result<String> {
    let mut rows = String::new();
    let mut all = Replay::default();
    for ((kind, meaning), replay) in KINDS.iter().zip(replays) {
        row(&mut rows, kind, meaning, *replay);
        all.passed += replay.passed;
        all.failed += replay.failed;
    }
    row(&mut rows, "all", "", all);
    let version = upstream
        .split_once("Kubernetes **v")
        .and_then(|(_, rest)| rest.split_once("**"))
        .map(|(version, _)| version)
        .context("core/UPSTREAM.md does not say which Kubernetes is modeled")?;
    let mut notes = String::new();
    // The heading is the page's own.
    let text = upstream.split_once('\n').map_or(upstream, |(_, rest)| rest);
    html::push_html(&mut notes, Parser::new_ext(text, Options::ENABLE_TABLES));
    Ok(format!(
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
<p>Unless an experiment names another version, the autoscaler of Kubernetes {version} is modeled. The cases below
were recorded by running that release's own code. When this page was built, all of them were replayed, and every
value in them was compared.</p>
<table data-testid="replays">
<thead><tr><th scope="col">Cases</th><th scope="col">Equal</th><th scope="col">Different</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
{notes}</main>
</body>
</html>
"#
    ))
}

fn row(out: &mut String, kind: &str, meaning: &str, replay: Replay) {
    let (passed, failed) = (grouped(replay.passed), grouped(replay.failed));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn printed() -> String {
        let line = |(kind, _): &(&str, &str)| format!("{kind}: 1200 passed, 0 failed\n");
        format!(
            "   Compiling\n{}",
            KINDS.iter().map(line).collect::<String>()
        )
    }

    #[test]
    fn a_missing_replay_is_an_error() {
        assert_eq!(replays(&printed()).expect("all").len(), KINDS.len());
        for (kind, _) in KINDS {
            let without = printed().replace(&format!("\n{kind}: "), "\n");
            let error = replays(&without).expect_err(kind).to_string();
            assert!(error.ends_with(kind), "{error}");
        }
    }

    #[test]
    fn the_page_has_counts_version_and_notes() {
        let upstream = "# Upstream\n\nThe model is Kubernetes **v1.36.2** (x).\n\n## Deviations\n";
        let page = page(&replays(&printed()).expect("all"), upstream).expect("a page");
        for part in [
            "<td>1,200</td><td>0</td>",
            "<th scope=\"row\">all<small></small></th><td>8,400</td>",
            "the autoscaler of Kubernetes 1.36.2 is modeled",
            "<h2>Deviations</h2>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(
            !page.contains("<h1>Upstream"),
            "the heading is the page's own"
        );
    }

    #[test]
    fn counts_are_grouped() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }
}
