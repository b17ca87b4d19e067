//! Tests of parsing experiments: assumptions, errors and their positions.

use super::*;
use hpa_core::api::Change;
use hpa_core::autoscaler::Arch;
use hpa_core::manifest::render;
use hpa_core::time::SignedDuration;
use test_support::{autoscaler, check_each};

fn hpa() -> String {
    autoscaler("  minReplicas: 2\n  maxReplicas: 12\n")
}

fn with(document: &str) -> String {
    format!(
        "{}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{document}",
        hpa()
    )
}

/// Asserts that the document is refused with these messages on these lines.
#[track_caller]
fn refused(document: &str, expected: &[(usize, &str)]) {
    let text = with(document);
    let parsed = Experiment::parse(&text);
    let found: Vec<_> = parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| {
            let hint = diagnostic.hint.as_deref().map(|hint| format!(" ({hint})"));
            let message = format!("{}{}", diagnostic.message, hint.unwrap_or_default());
            (diagnostic.span.start.line.saturating_sub(10), message)
        })
        .collect();
    let found: Vec<_> = found.iter().map(|(line, text)| (*line, &**text)).collect();
    assert_eq!(found, expected);
    assert!(parsed.experiment.is_none());
}

#[track_caller]
fn accepted(text: &str) -> Experiment {
    let parsed = Experiment::parse(text);
    let rendered: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| render(diagnostic, &[Source::from(text)]).to_string())
        .collect();
    parsed
        .experiment
        .unwrap_or_else(|| panic!("{}", rendered.join("\n")))
}

#[test]
fn an_autoscaler_alone_runs_with_assumptions() {
    let parsed = Experiment::parse(&hpa());
    let found: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.severity, diagnostic.code))
        .filter(|(severity, _)| *severity == Severity::Info)
        .collect();
    assert!(
        found.contains(&(Severity::Info, "assumed-workload")),
        "{found:?}"
    );
    assert!(
        found.contains(&(Severity::Info, "assumed-load")),
        "{found:?}"
    );
    let experiment = parsed.experiment.expect("it runs");
    assert_eq!(experiment.setup.workload.metadata.name, "web");
    assert_eq!(experiment.setup.duration, SignedDuration::from_secs(1800));
}

#[test]
fn an_assumed_workload_has_each_container_once() {
    let metric = |resource: &str, container: &str| {
        format!(
            "  - {{type: ContainerResource, containerResource: {{name: {resource}, container: {container}, target: {{type: Utilization, averageUtilization: 50}}}}}}\n"
        )
    };
    let metrics = [("cpu", "app"), ("cpu", "sidecar"), ("memory", "app")];
    let metrics = metrics.map(|(resource, container)| metric(resource, container));
    let setup = accepted(&format!("{}  metrics:\n{}", hpa(), metrics.concat())).setup;
    let containers = setup.workload.spec.template.spec.containers.iter();
    let names: Vec<_> = containers.map(|container| &*container.name).collect();
    assert_eq!(names, ["app", "sidecar"]);
}

#[test]
fn settings_arrive() {
    let setup = accepted(&with(
        "kubernetesVersion: 1.32
duration: 1h
seed: 7
controller: {--horizontal-pod-autoscaler-sync-period: 30s, tolerance: 0.2}
featureGates: {HPAScaleToZero: true}
sync: {jitter: 500ms}
load:
- constant: 1k
- wave: {mean: 10, form: day}
- series: {promtool: 0+10x6, interval: 15s, factor: 2}
workload: {cpuPerRequest: 25m, cpuLimit: none, memory: 1Gi, queue: {length: none, timeout: 5s}}
startup: {startTime: 30s, crash: {times: 3}}
nodes: {podsPerNode: 10, autoscaler: {}, quota: none}
pipelines: {resource: {interval: 60s}}
timeline:
- {at: 10m, editAutoscaler: {maxReplicas: 20}}
- {at: 5m, name: rollout, rollingUpdate: {}}
goals:
- reaches: {replicas: 4, within: 90s, after: rollout}
",
    ))
    .setup;
    assert_eq!(setup.controller.version.to_string(), "1.32");
    assert_eq!(setup.controller.sync_period, SignedDuration::from_secs(30));
    assert_eq!(setup.load.parts.len(), 3);
    assert_eq!(setup.timeline[0].at, SignedDuration::from_secs(300));
    assert_eq!(setup.nodes.pods_per_node, Some(10));
    assert!((setup.model.cpu_per_request - 0.025).abs() < 1e-12);
}

#[test]
fn the_program_of_the_control_plane_is_chosen() {
    let controller = |text: &str| accepted(&with(text)).setup.controller.clone();
    assert_eq!(controller("duration: 1h\n").arch, Arch::Amd64);
    assert_eq!(controller("arch: arm64\n").arch, Arch::Arm64);
    let next = controller("kubernetesVersion: next\n");
    assert_eq!(next.version.to_string(), "next");
    assert!(next.rules.has(Change::OverheadExcluded));
    let switched = controller(
        "kubernetesVersion: next\nnext: {overheadExcluded: false, exactUtilizationTotals: true}\n",
    );
    assert!(!switched.rules.has(Change::OverheadExcluded));
    assert!(switched.rules.has(Change::ExactUtilizationTotals));
}

#[test]
fn what_a_release_does_not_take_is_refused_in_its_words() {
    refused(
        "kubernetesVersion: '1.36'\nfeatureGates: {HPAGeneration: true}\n",
        &[(
            2,
            "unrecognized feature gate: HPAGeneration (1.36 has HPAScaleToZero, HPAConfigurableTolerance, PodLevelResources, DeclarativeValidationBeta)",
        )],
    );
    refused(
        "kubernetesVersion: '1.37'\nfeatureGates: {HPAConfigurableTolerance: false}\n",
        &[(
            2,
            "cannot set feature gate HPAConfigurableTolerance to false, feature is locked to true (leave it out)",
        )],
    );
    refused(
        "kubernetesVersion: '1.38'\n",
        &[(
            1,
            "unknown version \"1.38\": supported are 1.27 to 1.37, and `next` for what is merged for 1.38 or proposed (quote it: unquoted, 1.30 is the number 1.3)",
        )],
    );
    refused(
        "next: {saturatingCasts: true}\n",
        &[(
            1,
            "Kubernetes 1.37 is released (switches need kubernetesVersion: next)",
        )],
    );
}

#[test]
fn a_goal_counts_from_where_its_part_of_the_load_begins() {
    #[track_caller]
    fn check(part: &str, after: &str, expected: i64) {
        let goal = format!("goals: [{{reaches: {{replicas: 4, after: {after}}}}}]");
        let goals = accepted(&with(&format!("load: [{{{part}}}]\n{goal}\n"))).goals;
        assert_eq!(goals[0].part.from, SignedDuration::from_secs(expected));
    }
    check("name: a, constant: 5", "a", 0);
    check("name: a, step: {rate: 5, from: 90s}", "a", 90);
    check("step: {rate: 5, from: 90s}", "step", 90);
    check(
        "name: a, points: {interpolation: hold, values: [{rate: 0}, {at: 1m, rate: 61}, {at: 5m, rate: 30}]}",
        "a",
        60,
    );
    check(
        "name: a, points: {values: [{rate: 0}, {at: 1m, rate: 0}, {at: 2m, rate: 9}]}",
        "a",
        60,
    );
    check(
        "name: a, series: {promtool: 0x3 5x9, interval: 15s, interpolation: hold}",
        "a",
        60,
    );
    check("name: a, constant: 5", "2m", 120);
}

#[test]
fn problems_have_positions() {
    refused(
        "durration: 5m\n",
        &[(1, "unknown field \"durration\" (did you mean `duration`?)")],
    );
    refused(
        "load: [{step: {rate: 1, form: 2m}}]\n",
        &[(
            1,
            "unknown field \"load[0].step.form\" (did you mean `from`?)",
        )],
    );
    refused(
        "duration: 5 minutes\n",
        &[(
            1,
            "time: unknown unit \" minutes\" in duration \"5 minutes\"",
        )],
    );
    refused(
        "kubernetesVersion: 1.9\n",
        &[(
            1,
            "unknown version \"1.9\": supported are 1.27 to 1.37, and `next` for what is merged for 1.38 or proposed (quote it: unquoted, 1.30 is the number 1.3)",
        )],
    );
    refused(
        "controller:\n  sync-perod: 5s\n",
        &[(
            2,
            "unknown flag \"sync-perod\" (known are sync-period, downscale-stabilization, tolerance, cpu-initialization-period, initial-readiness-delay, concurrent-horizontal-pod-autoscaler-syncs)",
        )],
    );
    refused(
        "load:\n- {}\n",
        &[(
            2,
            "a part of the load has exactly one shape (constant, step, ramp, wave, spike, noise, points or series)",
        )],
    );
    refused(
        "timeline:\n- at: 1m\n  editAutoscaler:\n    maxReplicas: 1\n",
        &[(
            4,
            "spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`",
        )],
    );
    refused(
        "autoscaler: api\n",
        &[(1, "no autoscaler is named \"api\" (there is default/web)")],
    );
    refused(
        "goals:\n- returnsTo: {replicas: 1, after: nothing}\n",
        &[(
            2,
            "\"nothing\" is neither a time nor a name (a time such as 5m, or the name of a timeline event or of a part of the load)",
        )],
    );
    refused(
        "workload: {containers: [{name: x}]}\n",
        &[(1, "no container is named \"x\"")],
    );
}

#[test]
fn no_text_panics() {
    check_each(
        [
            "",
            "---",
            "a: b",
            "[",
            "kind: Experiment",
            "apiVersion: hpa-playground/v2\nkind: Experiment",
            "apiVersion: hpa-playground/v1\nkind: Experiment\ntimeline: [{apply: {resources: {request: {}}}}]",
            "apiVersion: hpa-playground/v1\nkind: Lesson\n---\napiVersion: hpa-playground/v1\n",
        ],
        |text| {
            let parsed = Experiment::parse(text);
            assert!(parsed.experiment.is_none(), "{text}");
            assert!(parsed.has_errors(), "{text}");
        },
    );
}

#[test]
fn the_first_preset_is_accepted() {
    let experiment = accepted(presets::PHP_APACHE);
    assert_eq!(experiment.goals.len(), 5);
    assert_eq!(experiment.title, presets::ALL[0].title);
}

#[test]
fn blockers_name_the_rule_and_the_earliest_time() {
    #[track_caller]
    fn check(found: &Blocker, cause: Cause, earliest: Option<i64>) {
        assert_eq!(found.cause, cause, "{}", found.text);
        let seconds = found.earliest.map(|time| time.0 / 1000);
        assert_eq!(seconds, earliest, "{}", found.text);
    }
    let run = accepted(presets::PHP_APACHE).run();
    let at = |seconds: i64| {
        run.blockers(Timestamp(seconds * 1000))
            .expect("an earlier sync")
    };
    assert_eq!(run.blockers(Timestamp(14_000)), None);
    check(&at(30).down, Cause::Limit, None);
    check(&at(30).up, Cause::Demand, None);
    check(&at(90).up, Cause::Nothing, Some(90));
    check(&at(90).down, Cause::Limit, None);
    // The window drains 300 s after the last high recommendation, and the sync after that acts.
    check(&at(720).down, Cause::Window, Some(990));
    assert_eq!(
        run.trace
            .syncs
            .iter()
            .find(|sync| sync.desired < sync.current)
            .map(|sync| sync.time.0),
        Some(990_000)
    );
}

#[test]
fn comparison_finds_the_diverging_step() {
    let text = presets::PHP_APACHE;
    let first = accepted(text).run();
    assert_eq!(first.compare(&accepted(text).run()).divergence, None);
    let default_behavior = text.replace("  minReplicas: 1\n", "  minReplicas: 1\n  behavior: {}\n");
    let found = first
        .compare(&accepted(&default_behavior).run())
        .divergence
        .expect("they diverge");
    assert_eq!(
        (found.time.0, found.desired, found.step),
        (90_000, (4, 5), DivergingStep::Rate)
    );
    let target = text.replace("averageUtilization: 50", "averageUtilization: 200");
    let found = first
        .compare(&accepted(&target).run())
        .divergence
        .expect("they diverge");
    assert_eq!(
        (found.desired, found.step),
        ((4, 2), DivergingStep::Proposal(0))
    );
}

#[test]
fn summary_adds_up() {
    let summary = accepted(presets::PHP_APACHE).run().summary;
    assert_eq!(
        (
            summary.rescales_up,
            summary.rescales_down,
            summary.direction_changes
        ),
        (2, 1, 1)
    );
    assert!(
        (summary.arrived - 61.0 * 600.0).abs() < 1.0,
        "{}",
        summary.arrived
    );
    assert!(
        summary.pod_hours > 1.9 && summary.pod_hours < 2.2,
        "{}",
        summary.pod_hours
    );
    assert!(summary.limited.window > 280.0, "{:?}", summary.limited);
    let [p50, p95, p99] = summary.latency;
    assert!(
        0.0 < p50 && p50 < p95 && p95 < p99 && p99 < 1.0,
        "{:?}",
        summary.latency
    );
    assert!(summary.limited.policy > 0.0 && summary.limited.maximum == 0.0);
}

#[test]
fn summary_follows_edits_of_the_autoscaler() {
    let edited = |edit: &str| {
        let timeline = format!("timeline:\n- {{at: 1m40s, editAutoscaler: {edit}}}\n");
        let text = presets::PHP_APACHE.replace("\nduration:", &format!("\n{timeline}duration:"));
        accepted(&text).run().summary
    };
    // 4 at 1m30s; the rest at the edit, which is seen at once, as far as the maximum lets it.
    check_each(
        [
            ("{maxReplicas: 10}", 7.0, 10.0),
            ("{maxReplicas: 5}", 5.0, 10.0),
        ],
        |(edit, most, longest)| {
            let summary = edited(edit);
            let found = (summary.replicas[2], summary.longest_scale_up);
            assert_eq!(found, (most, longest), "{edit}");
        },
    );
}
