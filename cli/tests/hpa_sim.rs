//! hpa-sim as a pipeline sees it: exit codes, forms of output, problems with their places.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

struct Outcome {
    code: i32,
    out: String,
    err: String,
}

fn sim_with(arguments: &[&str], input: &str) -> Outcome {
    // Read when it runs: a compiler started through a shell script does not see a variable with a
    // hyphen in its name.
    let binary = std::env::var_os("CARGO_BIN_EXE_hpa-sim").expect("cargo sets it");
    let mut child = Command::new(binary)
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulation/experiments"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[track_caller]
fn sim(arguments: &[&str], code: i32) -> String {
    let outcome = sim_with(arguments, "");
    assert_eq!(outcome.code, code, "{}{}", outcome.out, outcome.err);
    outcome.out
}

/// The text has all of these parts.
#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn run_has_a_table_a_chart_and_data() {
    let table = sim(&["run"], 0);
    has(
        &table,
        &[
            "CURRENT",
            "305%/50%",
            "ok    7 replicas within two minutes: met, 45 s",
            "pod hours",
        ],
    );
    let json: serde_json::Value =
        serde_json::from_str(&sim(&["run", "php-apache.yaml", "-o", "json"], 0)).unwrap();
    assert_eq!(json["syncs"][5]["desired"], 4);
    assert_eq!(json["goals"][0]["outcome"], "met");
    assert!(
        json["events"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("New size: 4; reason: ")
    );
    let lines = sim(&["run", "php-apache.yaml", "-o", "jsonl"], 0);
    assert_eq!(lines.lines().count(), 119);
    let csv = sim(&["run", "php-apache.yaml", "-o", "csv"], 0);
    has(
        &csv,
        &["seconds,spec_replicas,", "\n90,1,1,1,7,7,4,", ",305,50,7\n"],
    );
    has(
        &sim(&["run", "php-apache.yaml", "-o", "yaml"], 0),
        &["title: php-apache", "seconds: 90.0"],
    );
}

#[test]
fn charts_are_drawn_as_the_page_draws_them() {
    let replicas = sim(&["run", "--output", "svg", "--chart", "replicas"], 0);
    let reviewed = include_str!("../../simulation/tests/charts/php-apache-replicas.svg");
    assert!(replicas == reviewed, "{replicas}");
    let all = sim(&["run", "--output", "svg"], 0);
    let title = "<title>Load, cpu, Replicas, ";
    has(&all, &[title, "</svg>\n</svg>\n"]);
    let some = sim(&["run", "-o", "svg", "--chart", "pods,load"], 0);
    has(&some, &["<title>Load, Pods</title>"]);
    sim(&["run", "--output", "svg", "--chart", "nothing"], 2);
    let outcome = sim_with(&["run", "--chart", "pods"], "");
    assert_eq!(outcome.code, 2);
    has(&outcome.err, &["--chart needs --output svg"]);
}

#[test]
fn another_duration_keeps_the_goals_that_it_can_judge() {
    let check = |duration: &str, code: i32, syncs: usize, left_out: &[&str]| {
        let outcome = sim_with(&["run", "--duration", duration, "-o", "jsonl"], "");
        assert_eq!(outcome.code, code, "{}{}", outcome.out, outcome.err);
        assert_eq!(outcome.out.lines().count(), syncs, "{duration}");
        assert_eq!(
            outcome.err.lines().count(),
            left_out.len(),
            "{}",
            outcome.err
        );
        has(&outcome.err, left_out);
    };
    check(
        "1m",
        0,
        3,
        &[
            "not judged, as the run ends at 1m0s: 4 replicas within a minute",
            ": 7 replicas within two minutes",
            ": Not below 7",
            ": Back at 1",
        ],
    );
    // What may be reached later is not judged; what was not kept until then is.
    check("5m", 0, 19, &[": Back at 1"]);
    check("30m", 0, 119, &[]);
    check("1h", 0, 239, &[]);
    let outcome = sim_with(&["run", "--duration", "0s"], "");
    assert_eq!(outcome.code, 2);
    has(
        &outcome.err,
        &["the duration must be between 1s and 744h0m0s"],
    );
}

#[test]
fn explain_shows_each_step_and_what_is_in_the_way() {
    let text = sim(&["run", "--explain", "1m40s"], 0);
    has(
        &text,
        &[
            "at 1m30s",
            "305",
            "SucceededRescale",
            "next scale-up:",
            "next scale-down: minReplicas is 1",
        ],
    );
    let text = sim(&["run", "--explain", "12m"], 0);
    has(&text, &["(earliest: 16m30s)"]);
    assert_eq!(sim_with(&["run", "--explain", "5s"], "").code, 2);
}

#[test]
fn check_says_which_goal_failed() {
    has(
        &sim(&["check", "."], 0),
        &["60 experiments", " 0 failed, 0 experiments invalid"],
    );
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulation/experiments/php-apache.yaml"),
    )
    .unwrap();
    let worse = text.replace("maxReplicas: 10", "maxReplicas: 5");
    let outcome = sim_with(&["check", "-"], &worse);
    assert_eq!(outcome.code, 1);
    has(
        &outcome.out,
        &["FAIL  7 replicas within two minutes: violated, never"],
    );
    let junit = sim_with(&["check", "-", "-o", "junit"], &worse).out;
    has(
        &junit,
        &[
            "<testsuite name=\"&lt;stdin&gt;\" tests=\"5\" failures=\"2\" errors=\"0\">",
            "<failure message=",
        ],
    );
    let json = sim_with(&["check", "-", "-o", "json"], &worse).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["experiments"][0]["goals"][1]["asExpected"], false);
    let outcome = sim_with(&["check", "-"], "kind: [");
    assert_eq!(outcome.code, 2);
    has(&outcome.out, &["error[yaml-syntax]", " --> <stdin>:1:8\n"]);
    let json = sim_with(&["check", "-", "-o", "json"], "kind: [").out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let diagnostic = &json["experiments"][0]["diagnostics"][0];
    assert_eq!(diagnostic["span"]["start"]["column"], 8);
    let outcome = sim_with(&["check", "no-such-file"], "");
    assert_eq!(outcome.code, 2);
    has(&outcome.err, &["error: no-such-file: No such file"]);
    let without_goals = worse.split("goals:").next().unwrap();
    let outcome = sim_with(&["check", "-"], without_goals);
    assert_eq!(outcome.code, 2, "{}", outcome.out);
    has(&outcome.err, &["no goals found, so nothing was checked"]);
}

#[test]
fn problems_are_shown_in_their_file() {
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}\n  maxReplicas: 0\n";
    let outcome = sim_with(&["run", "php-apache.yaml", "-"], hpa);
    assert_eq!(outcome.code, 2);
    has(
        &outcome.err,
        &["--> <stdin>:6:16", "6 |   maxReplicas: 0", "^"],
    );
    has(&outcome.err, &["errors: the experiment cannot run\n"]);
    // A conflict names both files.
    let second = "apiVersion: hpa-playground/v1\nkind: Experiment\n";
    let outcome = sim_with(&["run", "php-apache.yaml", "-"], second);
    assert_eq!(outcome.code, 2);
    has(
        &outcome.err,
        &[
            "only one Experiment document is allowed\n --> <stdin>:2:7\n  |\n2 | kind: Experiment\n",
            "note: the first one is here\n  --> php-apache.yaml:",
        ],
    );
    let twice = format!("{second}---\n{second}");
    let sarif = sim_with(&["lint", "-", "-o", "sarif"], &twice).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let related: Vec<_> = results
        .iter()
        .filter_map(|result| result.get("relatedLocations"))
        .map(|places| &places[0]["physicalLocation"]["region"]["startLine"])
        .collect();
    assert_eq!(related, [2]);
    let lint = sim_with(&["lint", "-"], hpa);
    assert_eq!(lint.code, 1);
    has(
        &lint.out,
        &["error[", "1 file: 2 errors, 0 warnings, 1 note"],
    );
    let sarif = sim_with(&["lint", "-", "-o", "sarif"], hpa).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][1];
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["region"]["startLine"],
        6
    );
    let json = sim_with(&["lint", "-", "-o", "json"], hpa).out;
    has(&json, &["\"path\": \"spec.maxReplicas\""]);
}

#[test]
fn compare_names_the_step() {
    let same = sim(&["compare", "php-apache.yaml", "php-apache.yaml"], 0);
    has(&same, &["the runs do not diverge"]);
    let walkthrough = include_str!("../../simulation/experiments/php-apache.yaml");
    let compare = |from: &str, to: &str, parts: &[&str]| {
        let changed = walkthrough.replace(from, to);
        let outcome = sim_with(&["compare", "php-apache.yaml", "-"], &changed);
        assert_eq!(outcome.code, 1, "{}", outcome.out);
        has(&outcome.out, parts);
    };
    compare(
        "averageUtilization: 50",
        "averageUtilization: 200",
        &[
            "the runs diverge at 1m30s: 4 and 2 replicas",
            "first difference: proposal of metric 1: ",
        ],
    );
    compare(
        "maxReplicas: 10",
        "maxReplicas: 5",
        &[
            "the runs diverge at 1m45s: 7 and 5 replicas",
            "first difference: scaling policies and limits: \
             7 (within all limits) in the first run, 5 (limited by maxReplicas) in the second",
        ],
    );
    let shorter = sim(
        &["compare", "php-apache.yaml", "myth-seven-at-once.yaml"],
        1,
    );
    has(
        &shorter,
        &[
            "the runs diverge at 9m45s",
            "only one run continues after this sync",
        ],
    );
}

#[test]
fn small_commands() {
    has(
        &sim(&["defaults", "php-apache.yaml"], 0),
        &["minReplicas: 1", "namespace: default"],
    );
    let imported = sim_with(&["import", "-", "--interval", "15s"], "0+10x4");
    assert_eq!(imported.code, 0);
    has(&imported.out, &["duration: 1m0s", "- {at: 15s, rate: 10}"]);
    let wrong = sim_with(&["import", "-", "--factor", "inf"], "1 2");
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    has(&wrong.err, &["--factor inf is not a finite number"]);
    // An imported load and a manifest are an experiment together.
    let manifest = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulation/experiments/php-apache.yaml"),
    )
    .unwrap();
    let manifests = manifest
        .split("---\napiVersion: hpa-playground")
        .next()
        .unwrap();
    let long = sim_with(&["import", "-", "--interval", "1s"], "0+1x50000");
    for imported in [imported, long] {
        let together = sim_with(&["run", "-"], &format!("{manifests}---\n{}", imported.out));
        assert_eq!(together.code, 0, "{}{}", together.out, together.err);
    }
    serde_json::from_str::<serde_json::Value>(&sim(&["schema"], 0)).unwrap();
    has(&sim(&["completions", "bash"], 0), &["complete -F"]);
    has(&sim(&["man"], 0), &[".TH hpa-sim"]);
}

#[test]
fn the_ci_example_names_what_is_there() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = std::fs::read_to_string(package.join("examples/ci/hpa-goals.yaml")).unwrap();
    let action = example
        .split("OWNER/hpa-playground/")
        .nth(1)
        .and_then(|rest| rest.split_once('@'))
        .map(|(path, _)| package.join("..").join(path).join("action.yml"))
        .unwrap();
    let action = std::fs::read_to_string(action).unwrap();
    has(&action, &["--path \"$TOP/cli\""]);
    let commands = example
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- run: hpa-sim "));
    let mut seen = 0;
    for command in commands {
        let words = command.split(['>', '|']).next().unwrap_or_default();
        let words: Vec<&str> = words
            .split_whitespace()
            .map(|word| if word == "hpa" { "." } else { word })
            .collect();
        // 1 is a finding; 2 is a command that hpa-sim does not know.
        let outcome = sim_with(&words, "");
        assert!(outcome.code < 2, "{command}: {}", outcome.err);
        seen += 1;
    }
    assert_eq!(seen, 2);
}
