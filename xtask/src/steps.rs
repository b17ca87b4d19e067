//! Runs commands as named steps, continues after failures, and sums up the results of test runners.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// The results of the steps so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    count: Count,
    failed: Vec<&'static str>,
}

/// Tests that passed, that failed, and that could not run on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Steps {
    /// Runs a command, shows what it prints, and counts the tests that it reports.
    pub(crate) fn command(&mut self, name: &'static str, command: Command) {
        self.step(name, || {
            let mut count = Count::default();
            let outcome = shown(command, |line| count.add(Count::of(line)));
            (count, outcome)
        });
    }

    /// Runs a part of this program that reports no tests.
    pub(crate) fn task(&mut self, name: &'static str, task: impl FnOnce() -> Result<()>) {
        self.step(name, || (Count::default(), task()));
    }

    /// Says why a step does not run here, and counts it as skipped.
    pub(crate) fn skip(&mut self, name: &'static str, reason: &str) {
        println!("\n==> {name}\nskipped: {reason}");
        self.count.skipped += 1;
    }

    fn step(&mut self, name: &'static str, step: impl FnOnce() -> (Count, Result<()>)) {
        println!("\n==> {name}");
        let start = Instant::now();
        let (count, outcome) = step();
        if let Err(error) = &outcome {
            println!("{error:#}");
        }
        let count = count.or_one(outcome.is_ok());
        self.count.add(count);
        if count.failed > 0 {
            self.failed.push(name);
        }
        println!("==> {name}: {} s", start.elapsed().as_secs());
    }

    /// Adds the steps of another list.
    pub(crate) fn add(&mut self, other: &Self) {
        self.count.add(other.count);
        self.failed.extend(&other.failed);
    }

    /// Prints the closing lines; true if there were tests and all of them passed.
    pub(crate) fn report(&self, label: Option<&str>) -> bool {
        print!("{}", self.closing(label));
        let Count { passed, failed, .. } = self.count;
        failed == 0 && passed > 0
    }

    fn closing(&self, label: Option<&str>) -> String {
        let mut text = String::from("\n");
        for name in &self.failed {
            let _ = writeln!(text, "FAILED: {name}");
        }
        let label = label.map(|label| format!("{label}: ")).unwrap_or_default();
        let Count {
            passed,
            failed,
            skipped,
        } = self.count;
        let _ = write!(text, "{label}{passed} passed, {failed} failed");
        if skipped > 0 {
            let _ = write!(text, ", {skipped} skipped");
        }
        text.push('\n');
        text
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// The count of a step: one if its command reported no test, or failed without reporting a failure.
    fn or_one(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        if succeeded && self == Self::default() {
            self.passed = 1;
        }
        self
    }

    /// Parses a closing line of cargo test (also in a browser) or of Node's test runner.
    fn of(line: &str) -> Self {
        let line = anstream::adapter::strip_str(line).to_string();
        let mut count = Self::default();
        if let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        {
            for part in counts.split(';') {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => count.passed = number.parse().unwrap_or(0),
                    Some((number, "failed")) => count.failed = number.parse().unwrap_or(0),
                    Some((number, "ignored")) => count.skipped = number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        } else if let Some(counts) = line.strip_prefix("ℹ ").or(line.strip_prefix("# ")) {
            match counts.split_once(' ') {
                Some(("pass", number)) => count.passed = number.parse().unwrap_or(0),
                Some(("fail" | "cancelled", number)) => count.failed = number.parse().unwrap_or(0),
                Some(("skipped", number)) => count.skipped = number.parse().unwrap_or(0),
                _ => {}
            }
        }
        count
    }
}

/// Runs a command and shows what it prints, line by line.
fn shown(mut command: Command, mut each: impl FnMut(&str)) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    drop(command); // it holds the pipe's other end, which would never close
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        each(text.trim_end());
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{program} failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_test_runners_are_counted() {
        let rows = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s",
                [12, 0, 1],
            ),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored",
                [3, 2, 0],
            ),
            (
                "test result: \u{1b}[32mok\u{1b}[m. 5 passed; 0 failed; 0 ignored",
                [5, 0, 0],
            ),
            ("ℹ pass 66", [66, 0, 0]),
            ("ℹ fail 4", [0, 4, 0]),
            ("# cancelled 1", [0, 1, 0]),
            ("ℹ skipped 2", [0, 0, 2]),
            ("ℹ tests 71", [0, 0, 0]),
            ("quantity: 2500 passed, 0 failed", [0, 0, 0]),
            ("skipped: Firefox is not installed", [0, 0, 0]),
            ("test steps::tests::x ... ok", [0, 0, 0]),
        ];
        let bad: Vec<_> = rows
            .into_iter()
            .filter(|&(line, numbers)| Count::of(line) != count(numbers))
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
    }

    fn count([passed, failed, skipped]: [u64; 3]) -> Count {
        Count {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn a_step_without_a_report_counts_as_one() {
        let rows = [
            ([0, 0, 0], true, [1, 0, 0]),
            ([0, 0, 0], false, [0, 1, 0]),
            ([7, 0, 0], false, [7, 1, 0]),
            ([7, 2, 0], false, [7, 2, 0]),
            ([7, 0, 0], true, [7, 0, 0]),
            ([0, 0, 3], true, [0, 0, 3]),
            ([0, 0, 3], false, [0, 1, 3]),
        ];
        for (reported, succeeded, counts) in rows {
            assert_eq!(count(reported).or_one(succeeded), count(counts));
        }
    }

    #[test]
    fn all_steps_run_and_the_closing_line_sums_them() {
        let mut steps = Steps::default();
        steps.task("first", || bail!("no"));
        steps.task("second", || Ok(()));
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            "echo 'test result: ok. 2 passed; 0 failed' >&2; echo '# pass 3'",
        ]);
        steps.command("third", shell);
        steps.command("fourth", Command::new("no-such-program-is-installed"));
        assert_eq!(
            steps.closing(Some("make test")),
            "\nFAILED: first\nFAILED: fourth\nmake test: 6 passed, 2 failed\n"
        );
        let mut both = Steps::default();
        both.add(&steps);
        both.add(&steps);
        assert!(both.closing(None).ends_with("\n12 passed, 4 failed\n"));
        assert!(!both.report(None));
        assert!(!Steps::default().report(None), "no test at all");
    }

    #[test]
    fn what_is_skipped_is_neither_passed_nor_failed() {
        let mut steps = Steps::default();
        steps.skip("first", "there is no browser");
        assert!(!steps.report(None), "nothing ran");
        steps.task("second", || Ok(()));
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo 'ℹ pass 3'; echo 'ℹ skipped 2'"]);
        steps.command("third", shell);
        assert_eq!(
            steps.closing(Some("make test")),
            "\nmake test: 4 passed, 0 failed, 3 skipped\n"
        );
        assert!(steps.report(None));
    }
}
