//! Broken and doubtful manifests, and every problem that is reported of them: where, and of what kind.

use hpa_core::api::{FeatureGate, FeatureGates};
use hpa_core::manifest::{Options, Parsed, Severity, Source, parse, render};
use test_support::{autoscaler, check_each, deployment};

fn diagnose(text: &str) -> (Parsed, Vec<String>) {
    let parsed = parse(text, &Options::default());
    let found = parsed
        .diagnostics
        .iter()
        .map(|problem| {
            let start = problem.span.start;
            let severity = match problem.severity {
                Severity::Error => "E",
                Severity::Warning => "W",
                Severity::Info => "I",
            };
            format!(
                "{severity} {}:{} {}",
                start.line, start.column, problem.code
            )
        })
        .collect();
    (parsed, found)
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (parsed, found) = diagnose(text);
    let rendered: String = parsed
        .diagnostics
        .iter()
        .map(|problem| render(problem, &[Source::new("manifest.yaml", text)]).to_string())
        .collect();
    assert_eq!(found, expected, "\n{rendered}");
}

/// Applies the fix of the one problem with this code; the result has that problem no more.
#[track_caller]
fn check_fix(text: &str, code: &str, expected: &str) {
    let (parsed, _) = diagnose(text);
    let problem = parsed
        .diagnostics
        .iter()
        .find(|problem| problem.code == code);
    let fix = problem.and_then(|problem| problem.fix.clone()).expect(code);
    let fixed = fix.apply(text).expect("the same text");
    assert!(fixed.contains(expected), "{fixed}");
    assert!(
        !diagnose(&fixed).1.iter().any(|found| found.ends_with(code)),
        "{fixed}"
    );
}

fn with_deployment(spec: &str) -> String {
    format!("{}---\n{}", autoscaler(spec), deployment(""))
}

#[test]
fn a_valid_pair_has_no_problem() {
    check(&with_deployment("  maxReplicas: 5\n"), &[]);
}

#[test]
fn every_problem_at_once() {
    check(
        &autoscaler(
            "  minReplcas: 2
  maxReplicas: \"10\"
  metrics:
  - type: resource
    resource:
      name: cpu
      target: {type: Utilization, averageUtilization: abc}
  - type: Pods
    pods: {metric: {name: a/b}, target: {type: AverageValue, averageValue: 1.5x}}
",
        ),
        &[
            "I 5:65 target-not-found",
            "W 6:3 unknown-field",
            "E 7:16 wrong-type",
            "E 9:11 unsupported",
            "E 12:55 wrong-type",
            "E 14:27 invalid",
            "E 14:76 invalid-quantity",
        ],
    );
}

#[test]
fn consequential_problems_are_not_reported() {
    // Neither "maxReplicas is required" nor "averageUtilization is required".
    check(
        &with_deployment(
            "  maxReplicas: [1]\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1.5}}}]\n",
        ),
        &["E 6:3 wrong-type", "E 7:100 wrong-type"],
    );
}

#[test]
fn validation_errors_point_at_their_field_or_its_nearest_parent() {
    check(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: Web_1}\nspec:\n  maxReplicas: 0\n",
        &[
            "E 3:18 invalid",
            "E 4:1 required",
            "E 4:1 required",
            "E 4:1 invalid",
            "E 5:16 required",
            "E 5:16 invalid",
        ],
    );
    check(
        &with_deployment(
            "  maxReplicas: 3\n  behavior:\n    scaleDown:\n      policies:\n      - {type: Pods, value: 0}\n",
        ),
        &["E 10:10 invalid", "E 10:29 invalid"],
    );
}

#[test]
fn version_one_is_converted() {
    let text = "apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  targetCPUUtilizationPercentage: 50
";
    check(&format!("{text}---\n{}", deployment("")), &[]);
    let (parsed, _) = diagnose(text);
    let target = parsed.autoscalers().next().and_then(|hpa| {
        let source = hpa.spec.metrics.first()?.resource.as_ref()?;
        source.target.average_utilization
    });
    assert_eq!(target, Some(50));
    let annotated = |text: &str, key: &str, value: &str| {
        let annotation = format!("autoscaling.alpha.kubernetes.io/{key}: '{value}'");
        let metadata = format!("web, annotations: {{{annotation}}}}}\nspec");
        text.replace("web}\nspec", &metadata) + "---\n" + &deployment("")
    };
    // What the annotation holds comes first, and its problems are shown there.
    let metric = r#"[{"type": "Resource", "resource": {"name": "memory"}}]"#;
    check(
        &annotated(&text.replace("50", "0"), "metrics", metric),
        &["E 3:78 required", "E 7:35 invalid"],
    );
    check(
        &annotated(text, "behavior", r#"{"scaleUp": {"selectPolicy": "Mux"}}"#),
        &["E 3:79 unsupported"],
    );
    // What does not fit is ignored, as by the API server.
    for (key, value) in [("metrics", "{}"), ("metrics", "[{]"), ("conditions", "[]")] {
        let (_, seen) = diagnose(&annotated(text, key, value));
        let warned = |problem: &String| problem.ends_with("alpha-annotation");
        assert!(seen.iter().any(warned), "{key}: {value}: {seen:?}");
    }
}

#[test]
fn other_versions_and_kinds_are_named() {
    check_each(
        [
            (
                "autoscaling/v2beta2",
                "HorizontalPodAutoscaler",
                "E 1:13 no-such-version",
            ),
            (
                "autoscaling/v2beta1",
                "HorizontalPodAutoscaler",
                "E 1:13 no-such-version",
            ),
            ("extensions/v1beta1", "Deployment", "E 1:13 no-such-version"),
            ("apps/v1", "Deploymnet", "E 2:7 no-such-kind"),
            ("v1", "Service", "I 2:7 not-modelled"),
        ],
        |(version, kind, expected)| {
            check(
                &format!("apiVersion: {version}\nkind: {kind}\n"),
                &[expected],
            );
        },
    );
    check("apiVersion: hpa-playground/v1\nkind: Experiment\n", &[]);
    check("kind: A\n", &["E 1:1 missing-api-version"]);
    check("apiVersion: v1\n", &["E 1:1 missing-kind"]);
    check("just text\n", &["E 1:1 not-an-object"]);
    check_fix(
        "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n",
        "no-such-version",
        "apiVersion: autoscaling/v2\n",
    );
}

#[test]
fn invalid_yaml() {
    check("apiVersion: v1\nkind: [A\n", &["E 3:1 yaml-syntax"]);
    check("spec:\n\tmaxReplicas: 1\n", &["E 2:1 yaml-tab"]);
    check("a: *nowhere\n", &["E 1:4 yaml-alias"]);
    check("a: &a [*a]\n", &["E 1:8 yaml-alias"]);
    // One broken document leaves the others alone.
    check(
        "a: [\n---\napiVersion: v1\nkind: Service\n",
        &["E 2:1 yaml-syntax", "I 4:7 not-modelled"],
    );
}

#[test]
fn duplicate_keys_are_reported_and_the_rest_is_read() {
    check(
        &with_deployment("  maxReplicas: 3\n  maxReplicas: 4\n  minReplicas: 0\n"),
        &["E 7:3 duplicate-key", "E 8:16 forbidden"],
    );
    let doubled = with_deployment("  maxReplicas: 3\n  maxReplicas: 4\n");
    let (parsed, _) = diagnose(&doubled);
    assert_eq!(
        (parsed.autoscalers().count(), parsed.workloads().count()),
        (0, 1)
    );
}

#[test]
fn server_side_fields_are_accepted_silently() {
    let text = with_deployment(
        "  maxReplicas: 5
status:
  currentReplicas: 1
  desiredReplicas: 1
  currentMetrics: null
  conditions:
  - {type: AbleToScale, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: ReadyForNewScale, message: recommended size matches current size}
",
    )
    .replace(
        "metadata: {name: web}\nspec:\n  scale",
        "metadata:\n  name: web\n  creationTimestamp: null\n  uid: 7c\n  resourceVersion: '12'\n  generation: 1\n  managedFields:\n  - {manager: kubectl, operation: Update, apiVersion: autoscaling/v2, fieldsV1: {f:spec: {f:maxReplicas: {}}}}\nspec:\n  scale",
    );
    check(&text, &[]);
}

#[test]
fn target_types_that_do_not_match_their_fields() {
    let metric =
        |source: &str| with_deployment(&format!("  maxReplicas: 3\n  metrics:\n  - {source}\n"));
    check(
        &metric(
            "{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageUtilization: 50}}}",
        ),
        &["W 8:59 target-type-mismatch"],
    );
    check(
        &metric(
            "{type: External, external: {metric: {name: q}, target: {type: Value, averageValue: 5}}}",
        ),
        &["W 8:67 target-type-mismatch"],
    );
    check(
        &metric(
            "{type: Object, object: {describedObject: {kind: Service, name: s}, metric: {name: q}, target: {type: Utilization, value: 5}}}",
        ),
        &["W 8:106 target-type-mismatch"],
    );
    check(
        &metric(
            "{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 5, averageUtilization: 5}}}",
        ),
        &["W 8:110 ignored-field"],
    );
    check(
        &metric(
            "{type: Pods, pods: {metric: {name: q, selector: {matchExpressions: [{key: a, operator: Is}]}}, target: {type: AverageValue, averageValue: 5}}}",
        ),
        &["W 8:43 invalid-metric-selector"],
    );
    check_fix(
        &metric(
            "{type: Resource, resource: {name: cpu, target: {type: Value, averageUtilization: 50}}}",
        ),
        "target-type-mismatch",
        "target: {type: Utilization,",
    );
}

#[test]
fn requests_that_utilization_needs() {
    let text = with_deployment("  maxReplicas: 3\n");
    check(
        &text.replace("requests: {cpu: 100m}", "requests: {memory: 1Gi}"),
        &["W 17:21 missing-request"],
    );
    let sidecar = "      initContainers: [{name: setup}, {name: proxy, restartPolicy: Always}]\n";
    check(&(text.clone() + sidecar), &["W 18:40 missing-request"]);
    check(
        &(text.clone() + sidecar + "      resources: {requests: {cpu: 1}}\n"),
        &[],
    );
    // Any request of the whole pod makes the sum of its containers do, where the gate is on.
    let whole = text.clone() + sidecar + "      resources: {requests: {memory: 1Gi}}\n";
    check(&whole, &[]);
    check(
        &whole.replace("requests: {cpu: 100m}", "requests: {memory: 1Gi}"),
        &["W 19:7 missing-request"],
    );
    let other = text.clone() + sidecar + "      resources: {requests: {ephemeral-storage: 1Gi}}\n";
    check(&other, &["W 18:40 missing-request"]);
    let gates = FeatureGates::default().with(FeatureGate::PodLevelResources, false);
    let without = Options::default().with_gates(gates);
    let codes = |text: &str| -> Vec<_> {
        let problems = parse(text, &without).diagnostics.into_iter();
        problems
            .map(|problem| (problem.span.start.line, problem.code))
            .collect()
    };
    assert_eq!(codes(&whole), [(18, "missing-request")]);
    check(
        &text.replace(
            "requests: {cpu: 100m}",
            "requests: {cpu: 100m}, limits: {cpu: 80m}",
        ),
        &["E 17:33 invalid", "W 17:70 target-above-limit"],
    );
    check(
        &with_deployment(
            "  maxReplicas: 3\n  metrics: [{type: ContainerResource, containerResource: {name: cpu, container: ap, target: {type: Utilization, averageUtilization: 5}}}]\n",
        ),
        &["W 7:81 container-not-found"],
    );
}

#[test]
fn misleading_scaling_rules() {
    check(
        &with_deployment(
            "  maxReplicas: 3
  behavior:
    scaleUp:
      policies: [{type: Pods, value: 1, periodSeconds: 5}]
    scaleDown:
      selectPolicy: Disabled
      policies: [{type: Pods, value: 1, periodSeconds: 60}]
",
        ),
        &[
            "I 9:7 policies-replaced",
            "W 9:56 short-period",
            "I 12:7 ignored-policies",
        ],
    );
    check(
        &with_deployment("  minReplicas: 3\n  maxReplicas: 3\n"),
        &["I 7:16 fixed-size"],
    );
    check(
        &with_deployment("  minReplicas: 0\n  maxReplicas: 3\n"),
        &["E 6:16 forbidden"],
    );
}

#[test]
fn autoscalers_against_workloads() {
    let text = with_deployment("  maxReplicas: 3\n");
    check(
        &text.replace("name: web}\n  max", "name: wbe}\n  max"),
        &["W 5:65 target-not-found"],
    );
    check(
        &text.replace("kind: Deployment, name", "kind: StatefulSet, name"),
        &["W 5:66 target-not-found"],
    );
    check(
        &text.replace(
            "metadata: {name: web}\nspec:\n  selector",
            "metadata: {name: web, namespace: b}\nspec:\n  selector",
        ),
        &["W 5:65 target-not-found"],
    );
    let replicas = text.replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector");
    check(&replicas, &["W 12:3 replicas-beside-autoscaler"]);
    check_fix(&replicas, "replicas-beside-autoscaler", "spec:\n  selector");
    check(
        &(text.clone()
            + "---\n"
            + &autoscaler("  maxReplicas: 4\n").replace("{name: web}", "{name: second}")),
        &["W 23:3 ambiguous-target"],
    );
    check(
        &(text.clone() + "---\n" + &deployment("").replace("{name: web}", "{name: other}")),
        &["W 23:3 overlapping-selectors"],
    );
    check(
        &text.replace("labels: {app: web}", "labels: {app: wbe}"),
        &["E 14:16 invalid"],
    );
}

#[test]
fn probes_count_from_zero_on() {
    let text = with_deployment("  maxReplicas: 3\n");
    let probe = "readinessProbe: {initialDelaySeconds: -1, periodSeconds: 2147483647}, startupProbe: {failureThreshold: -3}, resources";
    check(
        &text.replace("resources", probe),
        &["E 17:59 invalid", "E 17:124 invalid"],
    );
}

/// A problem that is about two objects names the place in both.
#[test]
fn conflicts_name_the_other_place() {
    #[track_caller]
    fn check(text: &str, code: &str, expected: &[(usize, &str)]) {
        let problems = parse(text, &Options::default()).diagnostics;
        let mut found = problems.iter().filter(|problem| problem.code == code);
        let related = &found.next().expect(code).related;
        let related: Vec<_> = related
            .iter()
            .map(|other| (other.span.start.line, &*other.message))
            .collect();
        assert_eq!(related, expected, "{text}");
        assert!(found.next().is_none(), "{code} is said once");
    }
    let named = |name: &str| {
        let text = autoscaler("  maxReplicas: 3\n");
        text.replace("{name: web}\nspec", &format!("{{name: {name}}}\nspec"))
    };
    let rivals = ["a", "b", "c"].map(named).join("---\n");
    let line = |number: usize| {
        let mut lines = rivals.lines().enumerate();
        let mut targets = lines
            .by_ref()
            .filter(|(_, line)| line.contains("scaleTargetRef"));
        targets.nth(number).expect("an autoscaler").0 + 1
    };
    let a = (line(0), "the target of default/a is here");
    let c = (line(2), "the target of default/c is here");
    check(&rivals, "ambiguous-target", &[a, c]);
    let web = deployment("");
    let workloads = [&*web, &web.replace("{name: web}", "{name: other}")].join("---\n");
    let selector = workloads.lines().position(|line| line.contains("selector"));
    let selector = selector.expect("a selector") + 1;
    check(
        &workloads,
        "overlapping-selectors",
        &[(selector, "the selector of web is here")],
    );
}

#[test]
fn competing_autoscalers_are_reported_once() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let problems = parse(text, &Options::default()).diagnostics;
        let found: Vec<_> = problems
            .iter()
            .filter(|problem| problem.code == "ambiguous-target")
            .map(|problem| (problem.span.start.line, &*problem.message))
            .collect();
        let expected: Vec<_> = expected.iter().map(|message| (13, *message)).collect();
        assert_eq!(found, expected);
    }
    let text = |names: &[&str]| {
        let each = names.iter().map(|name| {
            "---\n".to_owned()
                + &autoscaler("  maxReplicas: 3\n")
                    .replace("{name: web}\nspec", &format!("{{name: {name}}}\nspec"))
        });
        each.collect::<String>()
    };
    check(&text(&["a"]), &[]);
    check(
        &text(&["a", "b"]),
        &["pods of Deployment web are controlled by multiple HPAs: [default/a default/b]"],
    );
    check(
        &text(&["a", "b", "c"]),
        &[
            "pods of Deployment web are controlled by multiple HPAs: [default/a default/b default/c]",
        ],
    );
    let many = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    check(
        &text(&many),
        &[
            "pods of Deployment web are controlled by multiple HPAs: [default/a default/b default/c default/d default/e default/f default/g default/h default/i default/j and 2 more]",
        ],
    );
}

#[test]
fn fixes_solve_their_problems() {
    // The API knows its fields in camel case only.
    check_fix(
        &with_deployment("  max_replicas: 3\n"),
        "unknown-field",
        "  maxReplicas: 3\n",
    );
    check_fix(
        &with_deployment("  maxreplicas: 3\n"),
        "unknown-field",
        "  maxReplicas: 3\n",
    );
    check_fix(
        &with_deployment("  maxReplicas: '3'\n"),
        "wrong-type",
        "maxReplicas: 3\n",
    );
    check_fix(
        &with_deployment("  maxReplicas: 3\n  behavior: {scaleUp: {selectPolicy: max}}\n"),
        "unsupported",
        "selectPolicy: Max",
    );
    check_fix(
        &with_deployment("  maxReplicas: 3\n")
            .replace("labels: {app: web}", "labels: {app: web, on: yes}"),
        "yaml-boolean",
        "on: \"yes\"",
    );
}
