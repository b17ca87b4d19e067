//! Runs every benchmark, native and in a browser, and prints the results beside their targets.

mod aims;
mod table;
mod upstream;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use walkdir::WalkDir;

use crate::tools;

/// Measured values by their names.
type Values = BTreeMap<String, Measured>;

/// A measured value, in the unit of its target.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Measured {
    median: f64,
    /// On shared cores, the best run shows the cost of the code itself.
    best: Option<f64>,
    /// A target that the measurement itself states.
    aim: Option<f64>,
}

impl Measured {
    fn once(median: f64) -> Self {
        Self {
            median,
            best: None,
            aim: None,
        }
    }
}

/// Benchmarks whose results criterion stores.
const CRITERION: &[&str] = &[
    "bench -p hpa-core --bench decide",
    "bench -p hpa-simulation --bench simulation",
];
/// Benchmarks that print lines such as `memory of 7 days: 12.5 MB`.
const PRINTING: &[&str] = &[
    "bench -p hpa-simulation --bench memory",
    "bench -p hpa-sim --bench check",
    "bench -p hpa-controller --bench controller",
];

/// Measures everything and prints the table.
///
/// # Errors
/// If something does not build or run.
pub(crate) fn run() -> Result<()> {
    for arguments in CRITERION {
        tools::succeed(&mut tools::cargo(arguments))?;
    }
    let mut values = criterion(&tools::target_dir().join("criterion"))?;
    values.extend(upstream::measure()?);
    for arguments in PRINTING {
        let printed = tools::output(&mut tools::cargo(arguments))?;
        print!("{printed}");
        values.extend(printed.lines().filter_map(printed_value));
    }
    tools::succeed(tools::command("trunk").args(["--quiet", "build", "--release"]))?;
    let mut package = tools::command("wasm-pack");
    package.args(["--quiet", "build", "npm", "--target", "web"]);
    tools::succeed(&mut package)?;
    let in_browser = tools::output(tools::command("node").arg("e2e/bench.mjs"))?;
    let in_browser: Values =
        serde_json::from_str(&in_browser).context("e2e/bench.mjs printed no JSON of values")?;
    values.extend(in_browser);
    println!(
        "\nMedians unless the name says otherwise.\n{}",
        table::table(aims::AIMS, &values)
    );
    Ok(())
}

/// A line such as `memory of 7 days: 12.5 MB`.
fn printed_value(line: &str) -> Option<(String, Measured)> {
    let (name, value) = line.rsplit_once(": ")?;
    let (number, unit) = value.split_once(' ')?;
    let known = matches!(unit, "MB" | "ms");
    let number = number.parse().ok().filter(|_| known)?;
    Some((name.to_owned(), Measured::once(number)))
}

/// Criterion's benchmarks by their full names \[ms\].
fn criterion(folder: &Path) -> Result<Values> {
    #[derive(Deserialize)]
    struct Benchmark {
        full_id: String,
    }
    #[derive(Deserialize)]
    struct Sample {
        times: Vec<f64>,
        iters: Vec<f64>,
    }
    #[derive(Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    #[derive(Deserialize)]
    struct Estimate {
        point_estimate: f64,
    }
    const NANOSECONDS: f64 = 1e6;

    let mut values = Values::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if !entry.path().ends_with("new/benchmark.json") {
            continue;
        }
        let read = |name: &str| {
            let path = entry.path().with_file_name(name);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let Benchmark { full_id } = serde_json::from_slice(&read("benchmark.json")?)?;
        let sample: Sample = serde_json::from_slice(&read("sample.json")?)?;
        let estimates: Estimates = serde_json::from_slice(&read("estimates.json")?)?;
        let each = sample.times.iter().zip(&sample.iters);
        let best = each
            .map(|(time, runs)| time / runs)
            .fold(f64::INFINITY, f64::min);
        let measured = Measured {
            median: estimates.median.point_estimate / NANOSECONDS,
            best: Some(best / NANOSECONDS),
            aim: None,
        };
        values.insert(full_id, measured);
    }
    ensure!(!values.is_empty(), "{} holds no results", folder.display());
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_lines_are_values() {
        let value = |line| printed_value(line).map(|(name, measured)| (name, measured.median));
        let named = |name: &str, value| Some((name.to_owned(), value));
        assert_eq!(
            value("memory of 7 days, 4 metrics: 12.5 MB"),
            named("memory of 7 days, 4 metrics", 12.5)
        );
        assert_eq!(value("a: b: 3 ms"), named("a: b", 3.0));
        for line in [
            "",
            "Finished: soon",
            "a: 3 s",
            "a: x ms",
            "decide/10 time: [1 ms 2 ms 3 ms]",
        ] {
            assert_eq!(value(line), None, "{line}");
        }
    }

    #[test]
    fn the_results_of_criterion_are_read() {
        let folder = tools::target_dir().join("xtask-criterion-sample");
        let at = folder.join("decide/10/new");
        fs::create_dir_all(&at).expect("a folder");
        for (name, text) in [
            ("benchmark.json", r#"{"full_id": "decide/10", "other": 1}"#),
            ("sample.json", r#"{"times": [4e6, 9e6], "iters": [2, 3]}"#),
            ("estimates.json", r#"{"median": {"point_estimate": 2.5e6}}"#),
        ] {
            fs::write(at.join(name), text).expect("a file");
        }
        let values = criterion(&folder).expect("values");
        fs::remove_dir_all(&folder).expect("removed");
        let measured = Measured {
            median: 2.5,
            best: Some(2.0),
            aim: None,
        };
        assert_eq!(values, Values::from([("decide/10".to_owned(), measured)]));
    }
}
