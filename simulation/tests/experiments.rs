//! Golden runs: each shipped experiment, one line a sync, against a reviewed text.

mod testing;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;
use hpa_core::autoscaler::explanation::{Bound, Branch};
use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::{SyncRecord, Trace};
use hpa_simulation::experiment::{Run, presets};
use test_support::{check_each, experiments_folder, shipped_experiment, shipped_experiments};

/// What a line says of a sync, apart from its time and the metrics' values.
fn same(a: &SyncRecord, b: &SyncRecord) -> bool {
    let key = |sync: &SyncRecord| {
        (
            sync.current,
            sync.proposal,
            sync.stabilized,
            sync.desired,
            sync.ready,
            sync.branch,
            sync.bound,
        )
    };
    key(a) == key(b)
}

fn line(trace: &Trace, index: usize) -> String {
    let sync = &trace.syncs[index];
    let mut line = format!(
        "{:>3} ready  {:>3} of {:>3}",
        sync.ready, sync.current, sync.status_replicas
    );
    for point in trace.points(index) {
        if point.value.is_nan() {
            line.push_str("  failed");
        } else {
            let _ = write!(line, "  {}/{}", point.value, point.target);
        }
    }
    let _ = write!(
        line,
        "  proposes {}, stabilized {}, desired {}",
        sync.proposal, sync.stabilized, sync.desired
    );
    if sync.branch != Branch::Metrics {
        let _ = write!(line, "  {:?}", sync.branch);
    }
    if sync.bound != Bound::None {
        let _ = write!(line, "  {:?}", sync.bound);
    }
    line
}

fn golden(run: &Run) -> String {
    let trace = &run.trace;
    let mut text = String::new();
    let mut index = 0;
    while index < trace.syncs.len() {
        let first = &trace.syncs[index];
        let end = (index..trace.syncs.len())
            .find(|&next| !same(first, &trace.syncs[next]))
            .unwrap_or(trace.syncs.len());
        let at = SignedDuration(first.time.0).to_string();
        let _ = writeln!(text, "{at:>9}  {}", line(trace, index));
        if end - index > 1 {
            let _ = writeln!(text, "           … {} more like it", end - index - 1);
        }
        index = end;
    }
    for verdict in &run.verdicts {
        let _ = writeln!(
            text,
            "goal {:?}: {} ({})",
            verdict.goal.name,
            verdict.outcome,
            verdict.measured_text()
        );
    }
    text
}

fn complain(file: &str, run: &Run, complaints: &mut Vec<String>) {
    for verdict in run.verdicts.iter().filter(|verdict| !verdict.as_expected()) {
        complaints.push(format!(
            "{file}: {:?} is {} ({})",
            verdict.goal.name,
            verdict.outcome,
            verdict.measured_text()
        ));
    }
}

/// Runs one experiment and its fix.
fn check(file: &str) {
    let text = shipped_experiment(file);
    let experiment = testing::experiment(file, &text);
    let run = experiment.run();
    expect_file![format!("golden/{file}.txt")].assert_eq(&golden(&run));
    let mut complaints = Vec::new();
    complain(file, &run, &mut complaints);
    if let Some(fix) = experiment.fix {
        let name = format!("{file}, fixed");
        match fix.apply(&text) {
            Some(fixed) => {
                let run = testing::experiment(&name, &fixed).run();
                complain(&name, &run, &mut complaints);
            }
            None => complaints.push(format!("{name}: what is to be replaced is not there")),
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn shipped_experiments_run_as_reviewed() {
    check_each(presets::ALL, |preset| check(preset.file));
}

#[test]
fn every_shipped_experiment_is_listed_and_described() {
    let files: Vec<String> = shipped_experiments()
        .into_iter()
        .map(|shipped| shipped.name)
        .collect();
    let mut table: Vec<&str> = presets::ALL.iter().map(|preset| preset.file).collect();
    table.sort_unstable();
    assert_eq!(files, table);
    check_each(presets::ALL, |preset| {
        let text = shipped_experiment(preset.file);
        assert!(
            text.starts_with("# "),
            "{} opens without a comment",
            preset.file
        );
        let experiment = testing::experiment(preset.file, &text);
        assert_eq!(experiment.title, preset.title, "{}", preset.file);
        assert!(!preset.summary.is_empty(), "{}", preset.file);
    });
}

/// What the page's gallery fetches: one line an experiment, its file, title and summary.
#[test]
fn the_published_index_is_the_table() {
    let mut expected = String::new();
    check_each(presets::ALL, |preset| {
        for cell in [preset.file, preset.title, preset.summary] {
            assert!(!cell.contains(['\t', '\n']), "{cell}");
        }
        expected += &format!("{}\t{}\t{}\n", preset.file, preset.title, preset.summary);
    });
    let index = std::fs::read_to_string(experiments_folder().join("index.tsv")).unwrap();
    assert_eq!(index, expected);
}

/// The lines of the tables of a text: the cells of each, without the heads.
fn table_rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

#[test]
fn the_coverage_list_names_every_experiment() {
    let text = std::fs::read_to_string(experiments_folder().join("README.md")).unwrap();
    let named: BTreeSet<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.strip_suffix(".yaml"))
        .collect();
    let shipped: BTreeSet<&str> = presets::ALL.iter().map(|preset| preset.file).collect();
    assert_eq!(named, shipped);
    let mut numbers = Vec::new();
    check_each(table_rows(&text), |row| {
        let last = row[row.len() - 1];
        assert!(
            last.starts_with('`') || last.starts_with("Not shown: "),
            "{row:?}"
        );
        numbers.push(row[0].to_owned());
    });
    let tutorials = [12, 11, 19].into_iter().enumerate();
    let statements = tutorials
        .flat_map(|(tutorial, count)| (1..=count).map(move |at| format!("{tutorial}-{at}")));
    let numbered = |count: usize| (1..=count).map(|number| number.to_string());
    let expected: Vec<String> = numbered(25).chain(statements).chain(numbered(15)).collect();
    assert_eq!(numbers, expected);
}
