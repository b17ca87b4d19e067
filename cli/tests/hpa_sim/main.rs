//! hpa-sim as a pipeline sees it: exit codes, forms of output, problems with their places.
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod upgrade;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::{Expect, expect, expect_file};
use test_support::{check_each, experiments_folder, shipped_experiment};

#[derive(Debug)]
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
        .current_dir(experiments_folder())
        // The width of help texts.
        .env_remove("COLUMNS")
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
    let missing: Vec<_> = parts.iter().filter(|part| !text.contains(**part)).collect();
    assert!(missing.is_empty(), "no {missing:?} in:\n{text}");
}

#[test]
fn run_has_a_table_a_chart_and_data() {
    expect_file!["run.txt"].assert_eq(&sim(&["run"], 0));
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
fn flags_outrank_the_files() {
    let tolerant =
        test_support::autoscaler("  maxReplicas: 3\n  behavior: {scaleUp: {tolerance: 0}}\n");
    for (release, dropped) in [("1.34", true), ("1.35", false)] {
        let run = sim_with(&["run", "-", "--kubernetes-version", release], &tolerant);
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(run.err.contains("tolerance"), dropped, "{}", run.err);
    }
    let same = sim(&["run", "--autoscaler", "default/php-apache"], 0);
    expect_file!["run.txt"].assert_eq(&same);
    for (arguments, hint) in [
        (
            ["run", "--autoscaler", "shop/web"],
            "there is default/php-apache",
        ),
        (
            ["run", "--kubernetes-version", "1.26"],
            "supported are 1.27 to",
        ),
    ] {
        let outcome = sim_with(&arguments, "");
        assert_eq!((outcome.code, &*outcome.out), (2, ""));
        has(&outcome.err, &[hint]);
    }
}

#[test]
fn charts_are_drawn_as_the_page_draws_them() {
    let replicas = sim(&["run", "--output", "svg", "--chart", "replicas"], 0);
    expect_file!["../../../simulation/tests/charts/php-apache-replicas.svg"].assert_eq(&replicas);
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
    expect![[r#"
        sync 5 at 1m30s

        cpu resource utilization (percentage of request): 7
            611m used ÷ 200m requested = 305.5 %, truncated to 305 %; 305 % ÷ 50 % = 6.1
            6.1 × 1 ready pod = 6.1, rounded up: 7
          1 pod is counted. The ratio is outside tolerance (0.9 to 1.1).

        Stabilization: 7
          No recommendation in the last 5 min was higher: 7 stays.

        Policies and limits: 4
            max(2 × 1, 4) = 4
          7 is too large a change: without behavior, a sync at most doubles the count, or raises it to 4: here to 4.
          Without this rule: 7.

        Desired replicas: 4
          The count changes from 1 to 4.

        conditions
          AbleToScale=True  SucceededRescale: the HPA controller was able to update the target scale to 4
          ScalingActive=True  ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
          ScalingLimited=True  ScaleUpLimit: the desired replica count is increasing faster than the maximum scale rate
          ScaledToZero=False  NotScaledToZero: the HPA controller did not scale the workload to zero

        next scale-up:   this sync scales to 4 (earliest: 1m30s)
        next scale-down: minReplicas is 1
    "#]].assert_eq(&sim(&["run", "--explain", "1m40s"], 0));
    expect![[r#"
        sync 47 at 12m0s

        cpu resource utilization (percentage of request): 0
            7m used ÷ 1400m requested = 0.5 %, truncated to 0 %; 0 % ÷ 50 % = 0
            0 × 7 ready pods = 0
          7 pods are counted. The ratio is outside tolerance (0.9 to 1.1).

        Stabilization: 7
          The highest recommendation in the last 5 min is 7, made 45 s ago: it holds the count until it leaves the window.
          Without this rule: 1.

        Policies and limits: 7
          The count stays: no limit applies.

        Desired replicas: 7
          The count stays 7.

        conditions
          AbleToScale=True  ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation
          ScalingActive=True  ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
          ScalingLimited=False  DesiredWithinRange: the desired count is within the acceptable range
          ScaledToZero=False  NotScaledToZero: the HPA controller did not scale the workload to zero

        next scale-up:   cpu resource utilization (percentage of request): proposes 0, at a ratio of 0.000
        next scale-down: the metrics propose 0, but 7 was recommended 45 s ago, within the stabilization window of 5 min (earliest: 16m30s)
    "#]].assert_eq(&sim(&["run", "--explain", "12m"], 0));
    assert_eq!(sim_with(&["run", "--explain", "5s"], "").code, 2);
}

#[test]
fn check_says_which_goal_failed() {
    has(
        &sim(&["check", "."], 0),
        &["60 experiments", " 0 failed, 0 experiments invalid"],
    );
    let text = shipped_experiment("php-apache");
    let worse = text.replace("maxReplicas: 10", "maxReplicas: 5");
    let outcome = sim_with(&["check", "-"], &worse);
    assert_eq!(outcome.code, 1);
    expect![[r#"
        <stdin>
          ok    4 replicas within a minute: met, 30 s
          FAIL  7 replicas within two minutes: violated, never, first at 3m0s
          ok    Never more than 7: met, 5 replicas
          FAIL  Not below 7 in the five minutes after the load: violated, 5 replicas, first at 3m0s
          ok    Back at 1 within six and a half minutes of the end of the load: met, 5 min 30 s

        1 experiment, 5 goals: 2 failed, 0 experiments invalid
    "#]]
    .assert_eq(&outcome.out);
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
    expect![[r#"
        warning[replicas-beside-autoscaler]: spec.replicas is set although the autoscaler php-apache manages it: each apply of this manifest resets it
          --> php-apache.yaml:13:3
           |
        13 |   replicas: 1
           |   ^^^^^^^^^^^
           = help: remove it; if the manifest was applied before, first transfer ownership of the field, or the count briefly drops to 1

        warning[target-not-found]: Deployment a is not in this text
         --> <stdin>:5:44
          |
        5 |   scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}
          |                                            ^
          = help: compare the name with the workload's metadata.name

        error[required]: spec.maxReplicas: Required value: must be set and greater than 0
         --> <stdin>:6:16
          |
        6 |   maxReplicas: 0
          |                ^
          = help: maxReplicas has no default

        error[invalid]: spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`
         --> <stdin>:6:16
          |
        6 |   maxReplicas: 0
          |                ^
          = help: minReplicas is 1 where it is absent

        2 errors: the experiment cannot run
    "#]].assert_eq(&outcome.err);
    // A conflict names both files.
    let second = "apiVersion: hpa-playground/v1\nkind: Experiment\n";
    let outcome = sim_with(&["run", "php-apache.yaml", "-"], second);
    assert_eq!(outcome.code, 2);
    expect![[r#"
        warning[replicas-beside-autoscaler]: spec.replicas is set although the autoscaler php-apache manages it: each apply of this manifest resets it
          --> php-apache.yaml:13:3
           |
        13 |   replicas: 1
           |   ^^^^^^^^^^^
           = help: remove it; if the manifest was applied before, first transfer ownership of the field, or the count briefly drops to 1

        error[invalid-experiment]: only one Experiment document is allowed
         --> <stdin>:2:7
          |
        2 | kind: Experiment
          |       ^^^^^^^^^^
        note: the first one is here
          --> php-apache.yaml:53:7
           |
        53 | kind: Experiment
           |       ^^^^^^^^^^

        1 error: the experiment cannot run
    "#]].assert_eq(&outcome.err);
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
    expect![[r#"
        info[target-not-found]: Deployment a is not in this text
         --> <stdin>:5:44
          |
        5 |   scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}
          |                                            ^
          = help: add its manifest to check its requests, labels and probes

        error[required]: spec.maxReplicas: Required value: must be set and greater than 0
         --> <stdin>:6:16
          |
        6 |   maxReplicas: 0
          |                ^
          = help: maxReplicas has no default

        error[invalid]: spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`
         --> <stdin>:6:16
          |
        6 |   maxReplicas: 0
          |                ^
          = help: minReplicas is 1 where it is absent

        1 file: 2 errors, 0 warnings, 1 note
    "#]].assert_eq(&lint.out);
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
    expect![[r#"
        the runs do not diverge

        pod hours                         1.996 h      1.996 h
        over-provisioned pod hours         0.55 h       0.55 h
        unmet demand                          0 s          0 s
        requests                            36600        36600
        lost requests                           0            0
        latency, median                   0.035 s      0.035 s
        latency, 95th percentile           0.15 s       0.15 s
        latency, 99th percentile           0.23 s       0.23 s
        longest 95th percentile            0.15 s       0.15 s
        fewest replicas                         1            1
        mean replicas                       3.975        3.975
        most replicas                           7            7
        rescales up                             2            2
        rescales down                           1            1
        direction changes                       1            1
        longest scale-up                     15 s         15 s
        longest scale-down                  300 s        300 s
        limited by tolerance                  0 s          0 s
        limited by window                   375 s        375 s
        limited by policy                    15 s         15 s
        limited by minReplicas              810 s        810 s
        limited by maxReplicas                0 s          0 s
        limited by quota                      0 s          0 s
        limited by missing metrics            0 s          0 s
    "#]]
    .assert_eq(&same);
}

#[test]
fn compare_shows_what_an_edit_changes() {
    let walkthrough = shipped_experiment("php-apache");
    let compare = |from: &str, to: &str, expected: Expect| {
        let changed = walkthrough.replace(from, to);
        let outcome = sim_with(&["compare", "php-apache.yaml", "-"], &changed);
        assert_eq!(outcome.code, 1, "{}", outcome.out);
        expected.assert_eq(&outcome.out);
    };
    compare(
        "averageUtilization: 50",
        "averageUtilization: 200",
        expect![[r#"
            the runs diverge at 1m30s: 4 and 2 replicas
            first difference: proposal of metric 1: cpu resource utilization (percentage of request) proposes 7 in the first run, cpu resource utilization (percentage of request) proposes 2 in the second

            pod hours                         1.996 h      0.751 h  *
            over-provisioned pod hours         0.55 h      0.092 h  *
            unmet demand                          0 s          0 s
            requests                            36600        36600
            lost requests                           0            0
            latency, median                   0.035 s      0.035 s
            latency, 95th percentile           0.15 s       0.15 s
            latency, 99th percentile           0.23 s       0.23 s
            longest 95th percentile            0.15 s       0.15 s
            fewest replicas                         1            1
            mean replicas                       3.975          1.5  *
            most replicas                           7            2  *
            rescales up                             2            1  *
            rescales down                           1            1
            direction changes                       1            1
            longest scale-up                     15 s          0 s  *
            longest scale-down                  300 s        300 s
            limited by tolerance                  0 s         15 s  *
            limited by window                   375 s        375 s
            limited by policy                    15 s          0 s  *
            limited by minReplicas              810 s        810 s
            limited by maxReplicas                0 s          0 s
            limited by quota                      0 s          0 s
            limited by missing metrics            0 s          0 s
        "#]],
    );
    compare(
        "maxReplicas: 10",
        "maxReplicas: 5",
        expect![[r#"
            the runs diverge at 1m45s: 7 and 5 replicas
            first difference: scaling policies and limits: 7 (within all limits) in the first run, 5 (limited by maxReplicas) in the second

            pod hours                         1.996 h      1.501 h  *
            over-provisioned pod hours         0.55 h      0.367 h  *
            unmet demand                          0 s          0 s
            requests                            36600        36600
            lost requests                           0            0
            latency, median                   0.035 s      0.035 s
            latency, 95th percentile           0.15 s       0.15 s
            latency, 99th percentile           0.23 s       0.23 s
            longest 95th percentile            0.15 s       0.15 s
            fewest replicas                         1            1
            mean replicas                       3.975        2.992  *
            most replicas                           7            5  *
            rescales up                             2            2
            rescales down                           1            1
            direction changes                       1            1
            longest scale-up                     15 s         15 s
            longest scale-down                  300 s        300 s
            limited by tolerance                  0 s         15 s  *
            limited by window                   375 s        405 s  *
            limited by policy                    15 s         15 s
            limited by minReplicas              810 s        810 s
            limited by maxReplicas                0 s        885 s  *
            limited by quota                      0 s          0 s
            limited by missing metrics            0 s          0 s
        "#]],
    );
}

#[test]
fn compare_says_that_one_run_continues() {
    let files = ["compare", "php-apache.yaml", "myth-seven-at-once.yaml"];
    expect![[r#"
        the runs diverge at 9m45s: 7 and 7 replicas
        first difference: sync time: only one run continues after this sync

        pod hours                         1.996 h      1.004 h  *
        over-provisioned pod hours         0.55 h          0 h  *
        unmet demand                          0 s          0 s
        requests                            36600        32940  *
        lost requests                           0            0
        latency, median                   0.035 s      0.035 s
        latency, 95th percentile           0.15 s       0.15 s
        latency, 99th percentile           0.23 s       0.23 s
        longest 95th percentile            0.15 s       0.15 s
        fewest replicas                         1            1
        mean replicas                       3.975        6.025  *
        most replicas                           7            7
        rescales up                             2            2
        rescales down                           1            0  *
        direction changes                       1            0  *
        longest scale-up                     15 s         15 s
        longest scale-down                  300 s          0 s  *
        limited by tolerance                  0 s          0 s
        limited by window                   375 s         75 s  *
        limited by policy                    15 s         15 s
        limited by minReplicas              810 s          0 s  *
        limited by maxReplicas                0 s          0 s
        limited by quota                      0 s          0 s
        limited by missing metrics            0 s          0 s
    "#]]
    .assert_eq(&sim(&files, 1));
}

#[test]
fn help_is_as_reviewed() {
    expect_file!["help.txt"].assert_eq(&sim(&["--help"], 0));
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
    let manifest = shipped_experiment("php-apache");
    let manifests = manifest
        .split("---\napiVersion: hpa-playground")
        .next()
        .unwrap();
    let long = sim_with(&["import", "-", "--interval", "1s"], "0+1x50000");
    check_each([imported, long], |imported| {
        let together = sim_with(&["run", "-"], &format!("{manifests}---\n{}", imported.out));
        assert_eq!(together.code, 0, "{}{}", together.out, together.err);
    });
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
    check_each(commands, |command| {
        let words = command.split(['>', '|']).next().unwrap_or_default();
        let words: Vec<&str> = words
            .split_whitespace()
            .map(|word| if word == "hpa" { "." } else { word })
            .collect();
        // 1 is a finding; 2 is a command that hpa-sim does not know.
        let outcome = sim_with(&words, "");
        assert!(outcome.code < 2, "{command}: {}", outcome.err);
        seen += 1;
    });
    assert_eq!(seen, 2);
}
