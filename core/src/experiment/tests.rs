//! Tests of parsing experiments: what is assumed, what is refused, and where.

use super::*;
use crate::manifest::render;
use crate::time::Duration;

const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 12\n";

fn with(document: &str) -> String {
    format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{document}")
}

/// The document is refused with these messages, each on its line.
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
        .map(|diagnostic| render(diagnostic, text, "x.yaml"))
        .collect();
    parsed
        .experiment
        .unwrap_or_else(|| panic!("{}", rendered.join("\n")))
}

#[test]
fn an_autoscaler_alone_runs_and_says_what_is_assumed() {
    let parsed = Experiment::parse(HPA);
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
    assert_eq!(experiment.setup.duration, Duration::from_secs(1800));
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
    assert_eq!(setup.controller.sync_period, Duration::from_secs(30));
    assert_eq!(setup.load.parts.len(), 3);
    assert_eq!(setup.timeline[0].at, Duration::from_secs(300));
    assert_eq!(setup.nodes.pods_per_node, Some(10));
    assert!((setup.model.cpu_per_request - 0.025).abs() < 1e-12);
}

#[test]
fn problems_are_named_at_their_place() {
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
            "unknown version \"1.9\": known are 1.27 to 1.37 (put it in quotes: \"1.30\" without them is the number 1.3)",
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
        &[(1, "there is no autoscaler named \"api\"")],
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
    for text in [
        "",
        "---",
        "a: b",
        "[",
        "kind: Experiment",
        "apiVersion: hpa-playground/v2\nkind: Experiment",
        "apiVersion: hpa-playground/v1\nkind: Lesson\n---\napiVersion: hpa-playground/v1\n",
    ] {
        let parsed = Experiment::parse(text);
        assert!(parsed.experiment.is_none(), "{text}");
        assert!(parsed.has_errors(), "{text}");
    }
}

#[test]
fn the_first_preset_is_accepted() {
    let experiment = accepted(presets::PHP_APACHE);
    assert_eq!(experiment.goals.len(), 5);
    assert_eq!(experiment.title, presets::ALL[0].title);
}
