//! Experiments, links and imported series from anywhere: nothing that is read panics.

use hpa_core::manifest::Severity;
use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::MAX_PODS;
use hpa_simulation::experiment::{Experiment, import, link, presets};
use proptest::prelude::*;
use test_support::{autoscaler, check_each, deployment, shipped_experiment};

fn with(document: &str) -> String {
    format!(
        "{}---\n{}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{document}",
        autoscaler("  maxReplicas: 12\n"),
        deployment("  replicas: 3\n")
    )
}

#[track_caller]
fn errors(text: &str) -> Vec<String> {
    let diagnostics = Experiment::parse(text).diagnostics.into_iter();
    diagnostics
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.message)
        .collect()
}

/// The document is refused, with this message.
#[track_caller]
fn refused(document: &str, message: &str) {
    let found = errors(&with(document));
    assert!(
        found.iter().any(|text| text == message),
        "{message}: {found:?}"
    );
}

#[track_caller]
fn accepted(text: &str) -> Experiment {
    assert_eq!(errors(text), [""; 0]);
    Experiment::parse(text).experiment.expect("no errors")
}

#[test]
fn node_and_pod_counts_are_limited() {
    refused(
        "nodes: {count: 4294967295}",
        "4294967295 is not between 0 and 10000",
    );
    refused(
        "nodes: {autoscaler: {maxNodes: 10001}}",
        "10001 is not between 0 and 10000",
    );
    refused(
        "nodes: {podsPerNode: 150001}",
        "150001 is not between 0 and 150000",
    );
    refused(
        "workload: {concurrency: 4294967295}",
        "4294967295 is not between 0 and 1000000",
    );
    refused(
        "timeline: [{scale: 2000000000}]",
        "2000000000 is not between 0 and 150000",
    );
    refused("timeline: [{scale: -1}]", "-1 is not between 0 and 150000");
    refused(
        "timeline: [{apply: {replicas: 150001}}]",
        "150001 is not between 0 and 150000",
    );
    refused(
        "timeline: [{editAutoscaler: {minReplicas: 150001, maxReplicas: 2147483647}}]",
        "150001 is not between 0 and 150000",
    );
    check_each(
        [
            ("replicas: 3", "replicas: 2000000000"),
            (
                "maxReplicas: 12",
                "minReplicas: 2000000000\n  maxReplicas: 2000000000",
            ),
        ],
        |(from, to)| {
            let text = with("").replace(from, to);
            assert_eq!(errors(&text), ["at most 150000 pods are simulated"]);
        },
    );
}

#[test]
fn list_lengths_are_limited() {
    let list = |name: &str, item: &str, count: usize| {
        format!("{name}: [{}]", format!("{item}, ").repeat(count))
    };
    let too_many = |count, most| format!("{count} items, but at most {most} are allowed");
    refused(
        &list("timeline", "{scale: 1}", 1_001),
        &too_many(1_001, 1_000),
    );
    refused(&list("goals", "{rescales: 1}", 201), &too_many(201, 200));
    refused(
        &list("load", "{constant: 1}", 1_001),
        &too_many(1_001, 1_000),
    );
    refused(
        &list("metrics", "{name: a}", 1_001),
        &too_many(1_001, 1_000),
    );
    let fault = list("timeline", "{metricFault: {share: 0.5}}", 65);
    refused(&fault, "at most 64 concurrent faults are allowed");
    let passing: Vec<String> = (0..200)
        .map(|at| format!("{{at: {at}s, metricFault: {{duration: 60s}}}}"))
        .collect();
    accepted(&with(&format!("timeline: [{}]", passing.join(", "))));
    // Each event keeps the manifests as they are from then on.
    let labels: Vec<String> = (0..3_000).map(|label| format!("l{label}: a")).collect();
    let labels = format!("app: web, {}", labels.join(", "));
    let text = with(&list("timeline", "{rollingUpdate: {}}", 1_000));
    let text = text.replace("labels: {app: web}", &format!("labels: {{{labels}}}"));
    let found = errors(&text).remove(0);
    assert!(
        found.starts_with("1000 events are too many for manifests with 30"),
        "{found}"
    );
    // An edit stays in all that come after it.
    let policy = "{type: Pods, value: 1, periodSeconds: 60}";
    let edit = format!(
        "{{editAutoscaler: {{behavior: {{scaleUp: {{{}}}}}}}}}, ",
        list("policies", policy, 999)
    );
    let found = errors(&with(&format!(
        "timeline: [{edit}{}]",
        "{editAutoscaler: {}}, ".repeat(900)
    )));
    assert!(
        found[0].starts_with("901 events are too many for manifests with 49"),
        "{found:?}"
    );
    // Fields of any name.
    let flags: Vec<String> = (0..3_000).map(|flag| format!("f{flag}: 1")).collect();
    assert_eq!(
        errors(&with(&format!("controller: {{{}}}", flags.join(", ")))).len(),
        1_000
    );
    // A few characters for a hundred thousand points.
    refused(
        &list("load", "{series: {promtool: 1+0x99998}}", 5),
        "the series have more than 400000 values in total",
    );
}

#[test]
fn the_cost_of_a_run_is_limited() {
    #[track_caller]
    fn too_long(document: &str) {
        let found = errors(&with(&format!("duration: 744h\n{document}")));
        let first = found
            .first()
            .is_some_and(|text| text.starts_with("the run would take about"));
        assert!(first, "{found:?}");
    }
    let list = |item: &str, count: usize| format!("[{}]", format!("{item}, ").repeat(count));
    let external =
        "{type: External, external: {metric: {name: m}, target: {type: Value, value: 1}}}";
    let metrics = list(external, 900);
    too_long(&format!(
        "timeline: [{{editAutoscaler: {{metrics: {metrics}}}}}]"
    ));
    too_long("pipelines: {resource: {interval: 1s}, custom: {interval: 1s}}");
    too_long(&format!("load: {}", list("{noise: {deviation: 1}}", 900)));
    too_long("load: [{points: {values: [{at: 1ms, rate: 1}, {at: 2ms}], repeat: 1s}}]");
    too_long("metrics: [{name: a, pipeline: {interval: 1s}}, {name: b, pipeline: {interval: 1s}}]");
    accepted(&with("duration: 744h\ncontroller: {sync-period: 1s}"));
    accepted(&with(
        "duration: 744h\nload: [{noise: {deviation: 1}}, {wave: {mean: 5}}]",
    ));
    refused(
        &format!(
            "timeline: [{{editAutoscaler: {{metrics: {}}}}}]",
            list(external, 1_001)
        ),
        "1003 metrics, series, policies and containers in total: at most 1000 are supported",
    );
}

#[test]
fn an_unreached_maximum_costs_nothing() {
    let text = with("").replace("maxReplicas: 12", "maxReplicas: 2147483647");
    let run = accepted(&text).run();
    assert_eq!(run.trace.stopped, None);
}

#[test]
fn more_pods_than_a_cluster_runs_are_not_created() {
    let document =
        "workload: {unevenness: 1}\nload: [{constant: 1e12}]\nstartup: {startTimeDeviation: 0.1}";
    let text = with(document)
        .replace("maxReplicas: 12", "maxReplicas: 2147483647")
        .replace("replicas: 3", "replicas: 150000");
    let mut experiment = accepted(&text);
    let left_out = experiment.set_duration(SignedDuration::from_secs(60));
    assert_eq!(left_out, Ok(Vec::new()));
    let trace = experiment.run().trace;
    assert_eq!(trace.stopped, None);
    assert_eq!(
        trace.pods.iter().map(|pods| pods.count).sum::<u32>(),
        MAX_PODS
    );
}

#[test]
fn a_run_with_too_many_cohorts_stops_early() {
    let document = "workload: {unevenness: 1}\nnodes: {count: 5000, podsPerNode: 30}\ngoals: [{rescales: 1000}, {expect: violated, rescales: 0}]";
    let experiment = accepted(&with(document).replace("replicas: 3", "replicas: 150000"));
    let run = experiment.run();
    let stopped = run.trace.stopped.expect("it stops");
    assert!(!run.as_expected());
    assert!(
        run.verdicts
            .iter()
            .all(|verdict| verdict.violation == Some(stopped))
    );
    let last = run
        .trace
        .events
        .last()
        .map(|event| event.event.reason.as_str().to_owned());
    assert_eq!(last.as_deref(), Some("SimulationStopped"));
}

#[test]
fn extreme_times_are_harmless() {
    let probe = "{periodSeconds: 2147483647, successThreshold: 2147483647, initialDelaySeconds: 2147483647}";
    let text = with("timeline: [{at: 1m, scale: 9}, {at: 2m, rollingUpdate: {}}]");
    let text = text.replace(
        "{name: app,",
        &format!("{{name: app, readinessProbe: {probe},"),
    );
    let surge = "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1000%}}\n  selector";
    let text = text.replace("  selector", surge);
    assert_eq!(accepted(&text).run().trace.stopped, None);
    let text = text.replace("1000%", "2147483647");
    assert_eq!(accepted(&text).run().trace.stopped, None);
    refused(
        "load: [{wave: {mean: 1, form: square, period: 1s, phase: 2000000h}}]",
        "2000000h0m0s is not between -8784h0m0s and 8784h0m0s",
    );
    // Breaks whose sums are not exact.
    let points = "load: [{points: {values: [{at: 3ms, rate: 1}, {at: 7ms}], interpolation: hold, repeat: 1001ms}}]";
    assert_eq!(accepted(&with(points)).run().trace.stopped, None);
}

/// Usual numbers, and the largest, the smallest and none of their kind.
fn number() -> impl Strategy<Value = &'static str> {
    let extreme = prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "3",
        "0.5",
        "4294967295",
        "2147483647",
        "-2147483648",
        "9223372036854775807",
        "1e400",
        "-1e308",
        "1e-308",
        ".nan",
        ".inf",
        "1e15",
        "10000",
        "150000",
        "150001",
        "100m",
        "100000%",
        "none",
        "1Ei",
    ]);
    prop_oneof![3 => prop::sample::select(vec!["0", "1", "3", "25"]), 1 => extreme]
}

/// The same for times.
fn time() -> impl Strategy<Value = &'static str> {
    let extreme = prop::sample::select(vec![
        "0s",
        "1ms",
        "1s",
        "7s",
        "1m",
        "24h",
        "744h",
        "2562047h",
        "-1ms",
        "-2562047h",
        "none",
    ]);
    prop_oneof![3 => prop::sample::select(vec!["1s", "7s", "1m", "20m"]), 1 => extreme]
}

/// A line of the experiment document with extreme values.
fn setting() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "nodes: {count: N, podsPerNode: N, quota: N}",
        "nodes: {count: N, podsPerNode: 3, autoscaler: {maxNodes: N, delay: T}}",
        "workload: {concurrency: N, serviceTime: T, unevenness: 1}",
        "workload: {cpuPerRequest: N, idleCpu: N, cpuLimit: N, memory: N, memoryLeakPerHour: N}",
        "workload: {queue: {length: N, timeout: T}}",
        "workload: {queue: {kind: workQueue}, serviceTimes: deterministic, serviceTime: T}",
        "startup: {schedulingDelay: T, startTime: T, startTimeDeviation: N, drain: T, initialAge: T}",
        "startup: {readyAfter: T, cpuBurst: N, cpuBurstDuration: T, crash: {after: T, deviation: N, times: N}}",
        "pipelines: {resource: {interval: T, window: T, lag: T, phase: T}}",
        "timeline: [{scale: N}, {at: 30s, losePods: N}, {at: 40s, loseNodes: N}, {at: 50s, rollingUpdate: {}}]",
        "timeline: [{at: T, apply: {replicas: N}}, {setQuota: N}, {at: 9s, restartController: {downtime: T}}]",
        "timeline: [{metricFault: {kind: factor, factor: N, share: N, duration: T}}, {editAutoscaler: {minReplicas: N, maxReplicas: N}}]",
        "load: [{constant: N}, {step: {rate: N, from: T, until: T}}, {ramp: {endRate: N, from: T}}]",
        "load: [{wave: {mean: N, amplitude: N, period: T, phase: T}}, {spike: {height: N, rise: T, hold: T, decay: T}}]",
        "load: [{noise: {deviation: N, correlation: T}}, {points: {values: [{rate: N}, {at: T, rate: N}], repeat: T}}]",
        "load: [{series: {promtool: 'N 1+1x9', interval: T, factor: N, repeat: T}}]",
        "load: [{series: {csv: 'N,1', column: N, factor: N}}]",
        "controller: {sync-period: T, tolerance: N, downscale-stabilization: T}",
        "sync: {phase: T, jitter: T, duration: T}",
        "goals: [{from: T, until: T, lostRequests: N}, {reaches: {replicas: N, within: T}}, {rescales: N}]",
        "pricePerPodHour: N",
        "duration: T",
        "seed: N",
    ]);
    let values = (
        proptest::collection::vec(number(), 8),
        proptest::collection::vec(time(), 8),
    );
    (lines, values).prop_map(|(line, (numbers, times))| {
        let (mut numbers, mut times) = (numbers.into_iter(), times.into_iter());
        let mut text = String::new();
        for part in line
            .split_inclusive(" N")
            .flat_map(|part| part.split_inclusive(" T"))
        {
            let end = part.len().saturating_sub(1);
            match &part[end..] {
                "N" => text = text + &part[..end] + numbers.next().unwrap_or("1"),
                "T" => text = text + &part[..end] + times.next().unwrap_or("1s"),
                _ => text += part,
            }
        }
        text.replace("'N", &format!("'{}", numbers.next().unwrap_or("1")))
    })
}

/// Where the numbers of a text stand.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match found.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A text with a part cut out and something else in its place still gives an answer, and runs
    /// if it is accepted.
    #[test]
    fn damaged_experiments_are_answered(
        at in 0..presets::PHP_APACHE.len(),
        length in 0..40_usize,
        put in "[-a-z0-9: {}\\[\\],\n]{0,12}",
    ) {
        let text = presets::PHP_APACHE;
        let boundary = |at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let (start, end) = (boundary(at), boundary((at + length).min(text.len())));
        let damaged = format!("{}{put}{}", &text[..start], &text[end..]);
        let parsed = Experiment::parse(&damaged);
        prop_assert_eq!(parsed.experiment.is_none(), parsed.has_errors());
        if let Some(mut experiment) = parsed.experiment {
            let shorter = experiment.setup.duration.min(SignedDuration::from_secs(300));
            experiment.set_duration(shorter).expect("less is valid too");
            let run = experiment.run();
            prop_assert_eq!(run.verdicts.len(), experiment.goals.len());
        }
    }

    /// Numbers of shipped experiments replaced by extreme ones, and extreme settings beside them:
    /// what is accepted runs, and its sums are numbers.
    #[test]
    fn extreme_numbers_are_answered(
        preset in 0..presets::ALL.len(),
        places in proptest::collection::vec((any::<prop::sample::Index>(), number()), 0..4),
        line in setting(),
    ) {
        let mut text = shipped_experiment(presets::ALL[preset].file);
        for (place, value) in places {
            let numbers = numbers(&text);
            let (start, end) = numbers[place.index(numbers.len())];
            text.replace_range(start..end, value);
        }
        let key = line.split(':').next().unwrap_or_default();
        text = if text.contains(&format!("\n{key}:")) {
            with(&line)
        } else {
            text.replacen("kind: Experiment\n", &format!("kind: Experiment\n{line}\n"), 1)
        };
        let parsed = Experiment::parse(&text);
        prop_assert_eq!(parsed.experiment.is_none(), parsed.has_errors());
        if let Some(mut experiment) = parsed.experiment {
            // Accepted sizes may take seconds: here the sums matter, not how long they take.
            let smaller = experiment.setup.with(|draft| {
                draft.duration = draft.duration.min(SignedDuration::from_secs(120));
                draft.nodes.count = draft.nodes.count.min(50);
                draft.model.concurrency = draft.model.concurrency.min(1_000);
            });
            experiment.setup = smaller.expect("less is valid too");
            let totals = experiment.run().trace.totals;
            prop_assert!(totals.arrived.is_finite() && totals.served.is_finite(), "{totals:?}\n{text}");
        }
    }

    /// However much an alias stands for, reading stops before it is written out.
    #[test]
    fn aliases_are_bounded(length in 1..50_000_usize, anchors in 1..90_usize, aliases in 0..10_000_usize) {
        let open: Vec<String> = (0..anchors).map(|level| format!("&a{level} [")).collect();
        let open = open.concat();
        let close = "]".repeat(anchors);
        let (word, again) = ("x".repeat(length), "*a0, ".repeat(aliases));
        let text = format!("kind: A\na: {open}{word}{close}\nb: [{again}]\n");
        let (_, problems) = hpa_core::manifest::read(&text);
        let too_large = problems.iter().any(|problem| problem.code == "yaml-too-large");
        let values = (anchors + 1) * aliases;
        if length * (aliases + 1) > 5 << 20 || length * anchors > 5 << 20 || values > 250_000 {
            prop_assert!(too_large, "{length} {anchors} {aliases}");
        }
        if length * (aliases + anchors) < 1 << 20 && (anchors + 2) * (aliases + anchors) < 100_000 {
            prop_assert!(!too_large, "{length} {anchors} {aliases}: {problems:?}");
        }
    }

    /// What RFC 4180 can write is read again, whatever stands in the other cells.
    #[test]
    fn csv_with_quotes_is_read_as_it_was_written(
        heading in "[a-z,;\"\n {}=]{0,12}",
        other in "[a-z,;\" \n]{0,8}",
        rows in proptest::collection::vec((1..10_000_i64, -1e6..1e6_f64), 1..20),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = format!("time,{},value\r\n", quoted(&heading));
        let mut at = 0;
        let mut expected = Vec::new();
        for (step, value) in rows {
            at += step;
            text += &format!("{at}ms,{},{value}\r\n", quoted(&other));
            expected.push((at, value));
        }
        let first = expected[0].0;
        let expected: Vec<_> = expected.iter().map(|(at, value)| (SignedDuration(at - first), *value)).collect();
        let found = import::csv(&text, 1).map(|import| import.points);
        prop_assert_eq!(found, Ok(expected), "{}", text);
    }

    #[test]
    fn links_open_again(
        text in "\\PC{0,300}",
        pinned in proptest::option::of("\\PC{0,300}"),
        cursor in proptest::option::of(0_u64..1 << 40),
        view in proptest::collection::vec(("[a-b]{1,5}", "\\PC{0,9}"), 0..4),
    ) {
        let content = link::Content::of(text).with_pinned(pinned).with_cursor(cursor).with_view(view);
        prop_assert_eq!(link::decode(&link::encode(&content)), Ok(content));
    }

    #[test]
    fn any_link_is_answered(body in "[-_A-Za-z0-9=.# ]{0,80}") {
        let _ = link::decode(&body);
        let _ = link::decode(&format!("v1.{body}"));
    }

    #[test]
    fn any_series_is_answered(text in "[-+0-9x_eE., ;:TZ\n\"{}\\[\\]a-z]{0,60}") {
        for result in [
            import::prometheus(&text, 0),
            import::csv(&text, 0),
            import::promtool(&text, SignedDuration::from_secs(15)),
        ].into_iter().flatten() {
            prop_assert_eq!(result.points[0].0, SignedDuration::ZERO);
            prop_assert!(result.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}

#[test]
fn huge_numbers_are_refused() {
    let range = "is not between -1000000000000000 and 1000000000000000";
    check_each(
        [
            "load: [{constant: 1e30}]",
            "load: [{step: {rate: 1e30}}]",
            "load: [{ramp: {endRate: 1e30}}]",
            "load: [{wave: {mean: 1e30, amplitude: 1}}]",
            "load: [{wave: {mean: 1, amplitude: 1e30}}]",
            "load: [{spike: {height: 1e30}}]",
            "load: [{noise: {deviation: 1e30}}]",
            "load: [{points: {values: [{rate: 1e30}]}}]",
            "load: [{series: {promtool: '1e30'}}]",
            "load: [{series: {promtool: '1 2', factor: 1e30}}]",
            "load: [{series: {csv: '0,1e300', factor: 1e10}}]",
            "metrics: [{name: a, factor: 1e30}]",
            "timeline: [{metricFault: {kind: factor, factor: 1e30}}]",
        ],
        |document| {
            let found = errors(&with(document));
            assert!(
                found.first().is_some_and(|text| text.ends_with(range)),
                "{document}: {found:?}"
            );
        },
    );
    refused("pricePerPodHour: -1", "-1 is not between 0 and 1000000000");
    refused(
        "workload: {containers: [{name: app, cpu: 1e30}]}",
        "1000000000000000000000000000000 is not between 0 and 1000000",
    );
    refused(
        "workload: {queue: {timeout: -5s}}",
        "-5s is not between 0s and 744h0m0s",
    );
}
