//! The same decision by upstream's controller: a benchmark of the Go module `conformance/`.

use anyhow::Result;

use super::{Measured, Values};
use crate::tools;

const NANOSECONDS: f64 = 1e6;

/// Measures upstream where Go and the modules of Kubernetes are there already; nothing is
/// downloaded. Without them it says what is missing.
///
/// # Errors
/// If Go cannot be started.
pub(super) fn measure() -> Result<Values> {
    if !tools::has("go") {
        println!("Go is not installed: upstream's decision is not measured.");
        return Ok(Values::new());
    }
    let mut go = tools::command("go");
    go.current_dir(tools::root().join("conformance"))
        .args(["test", "-run", "^$", "-bench", "Decide", "-count", "5", "."])
        .envs([("GOPROXY", "off"), ("GOTOOLCHAIN", "local")]);
    let finished = go.output()?;
    let printed = String::from_utf8_lossy(&finished.stdout);
    print!("{printed}");
    if !finished.status.success() {
        let reason = String::from_utf8_lossy(&finished.stderr);
        println!(
            "Upstream's decision is not measured: {}. `make record` fetches what it needs.",
            reason.lines().last().unwrap_or("go test failed")
        );
        return Ok(Values::new());
    }
    Ok(values(&printed))
}

/// The medians and best of lines such as `BenchmarkDecide/10-2  10000  38012 ns/op` \[ms\].
fn values(printed: &str) -> Values {
    let mut runs = std::collections::BTreeMap::<String, Vec<f64>>::new();
    for line in printed.lines() {
        let mut words = line.split_whitespace();
        let name = words
            .next()
            .and_then(|word| word.strip_prefix("BenchmarkDecide/"));
        let Some(name) = name else { continue };
        let (Some(_), Some(time), Some("ns/op")) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        // Go appends the number of processors if there are several.
        let pods = name.split('-').next().unwrap_or(name);
        if let Ok(time) = time.parse::<f64>() {
            let times = runs
                .entry(format!("decide/{pods} by upstream"))
                .or_default();
            times.push(time / NANOSECONDS);
        }
    }
    let summary = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        Measured {
            median: times[times.len() / 2],
            best: times.first().copied(),
            aim: None,
        }
    };
    runs.into_iter()
        .map(|(name, times)| (name, summary(times)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_go_are_read() {
        let printed = "\
goos: linux
BenchmarkDecide/10-2         \t   10000\t     38000 ns/op
BenchmarkDecide/10-2         \t   10000\t     36000 ns/op
BenchmarkDecide/10-2         \t   10000\t     90000 ns/op
BenchmarkDecide/1000         \t     100\t   1400000 ns/op
BenchmarkOther/10-2          \t     100\t   1 ns/op
BenchmarkDecide/100-2        \t   failed
PASS
";
        let measured = |median, best| Measured {
            median,
            best: Some(best),
            aim: None,
        };
        let expected = [
            ("decide/10 by upstream", measured(0.038, 0.036)),
            ("decide/1000 by upstream", measured(1.4, 1.4)),
        ];
        let expected = expected.map(|(name, measured)| (name.to_owned(), measured));
        assert_eq!(values(printed), Values::from(expected));
    }
}
