//! Test: printing an autoscaler and parsing it again changes nothing, whatever is in it.
//!
//! Here, and not among the integration tests, because its literals have to name every field.

use std::collections::BTreeMap;

use crate::api::hpa::{
    Behavior, ContainerResourceMetricSource, CrossVersionObjectReference, ExternalMetricSource,
    HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec,
    MetricTarget, ObjectMetricSource, PodsMetricSource, ResourceMetricSource, ScalingPolicy,
    ScalingRules,
};
use crate::api::pod::{Container, PodSpec, Probe, ResourceRequirements};
use crate::api::workload::{
    DeploymentStrategy, IntOrPercent, PodTemplate, RollingUpdate, ScaleTargetKind, Workload,
    WorkloadSpec,
};
use crate::api::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use crate::manifest::{decode, default_hpa, print, print_hpa, read};
use crate::quantity::Quantity;
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;

/// Texts that YAML would take for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        prop::sample::select(vec![
            "", "1", "1e3", "true", "null", "~", "yes", "- a", "a: b", "#", "'", "\"", " x ", "\n",
            "a\nb\n", "0x1F", "1.5", "<<", "*a", "&a", "!t", "é", "\t", "---", "...", "\u{1}",
            ".inf",
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
    ]
}

fn quantity() -> impl Strategy<Value = Quantity> {
    "[+-]?[0-9]{1,6}(\\.[0-9]{1,4})?(n|u|m|k|M|G|Ki|Mi|e3|E-2)?"
        .prop_filter_map("a quantity", |text| Quantity::parse(&text).ok())
}

fn labels() -> impl Strategy<Value = crate::api::Labels> {
    btree_map(text(), text(), 0..3)
}

fn metric() -> impl Strategy<Value = MetricSpec> {
    let selector = (labels(), vec((text(), text(), vec(text(), 0..2)), 0..2)).prop_map(
        |(match_labels, expressions)| LabelSelector {
            match_labels,
            match_expressions: expressions
                .into_iter()
                .map(|(key, operator, values)| LabelSelectorRequirement {
                    key,
                    operator,
                    values,
                })
                .collect(),
        },
    );
    let target = (text(), of(quantity()), of(quantity()), of(any::<i32>())).prop_map(
        |(r#type, value, average_value, average_utilization)| MetricTarget {
            r#type,
            value,
            average_value,
            average_utilization,
        },
    );
    let identifier =
        (text(), of(selector)).prop_map(|(name, selector)| MetricIdentifier { name, selector });
    (0..5_usize, text(), text(), identifier, target).prop_map(
        |(kind, r#type, name, metric, target)| {
            let described_object = CrossVersionObjectReference {
                kind: name.clone(),
                name: name.clone(),
                api_version: name.clone(),
            };
            let mut spec = MetricSpec {
                r#type,
                ..MetricSpec::default()
            };
            match kind {
                0 => {
                    spec.object = Some(ObjectMetricSource {
                        described_object,
                        target,
                        metric,
                    });
                }
                1 => spec.pods = Some(PodsMetricSource { metric, target }),
                2 => spec.resource = Some(ResourceMetricSource { name, target }),
                3 => {
                    spec.container_resource = Some(ContainerResourceMetricSource {
                        container: name.clone(),
                        name,
                        target,
                    });
                }
                _ => spec.external = Some(ExternalMetricSource { metric, target }),
            }
            spec
        },
    )
}

fn rules() -> impl Strategy<Value = ScalingRules> {
    let policy =
        (text(), any::<i32>(), any::<i32>()).prop_map(|(r#type, value, period_seconds)| {
            ScalingPolicy {
                r#type,
                value,
                period_seconds,
            }
        });
    // An empty list of policies is valid nowhere and prints like an absent one.
    (
        of(any::<i32>()),
        of(text()),
        of(vec(policy, 1..3)),
        of(quantity()),
    )
        .prop_map(
            |(window, select_policy, policies, tolerance)| ScalingRules {
                stabilization_window_seconds: window,
                select_policy,
                policies,
                tolerance,
            },
        )
}

fn hpa() -> impl Strategy<Value = HorizontalPodAutoscaler> {
    let behavior = (of(rules()), of(rules())).prop_map(|(scale_up, scale_down)| Behavior {
        scale_up,
        scale_down,
    });
    let spec = (
        text(),
        of(any::<i32>()),
        any::<i32>(),
        vec(metric(), 0..3),
        of(behavior),
    );
    (text(), labels(), labels(), spec).prop_map(
        |(name, labels, annotations, (target, min_replicas, max_replicas, metrics, behavior))| {
            HorizontalPodAutoscaler {
                metadata: ObjectMeta {
                    namespace: name.clone(),
                    name,
                    labels,
                    annotations,
                    ..ObjectMeta::default()
                },
                spec: HorizontalPodAutoscalerSpec {
                    scale_target_ref: CrossVersionObjectReference {
                        kind: target.clone(),
                        name: target.clone(),
                        api_version: target,
                    },
                    min_replicas,
                    max_replicas,
                    metrics,
                    behavior,
                },
                status: None,
            }
        },
    )
}

#[track_caller]
fn check(hpa: &HorizontalPodAutoscaler) {
    let text = print_hpa(hpa);
    let (documents, unreadable) = read(&text);
    let unreadable: Vec<_> = unreadable
        .iter()
        .filter(|problem| problem.code != "yaml-boolean")
        .collect();
    assert!(unreadable.is_empty(), "{unreadable:?}\n{text}");
    let (back, problems) = decode::<HorizontalPodAutoscaler>(&documents[0]);
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    assert_eq!(&back, hpa, "\n{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parse_undoes_print(mut hpa in hpa()) {
        check(&hpa);
        default_hpa(&mut hpa);
        check(&hpa);
    }
}

/// Every field of a workload that prints is also read; a list of fields that forgot one would
/// drop it silently.
#[test]
fn a_workload_keeps_all_of_its_fields() {
    let quantities = || BTreeMap::from([("cpu".to_owned(), Quantity::default())]);
    let resources = ResourceRequirements {
        requests: quantities(),
        limits: quantities(),
    };
    let probe = Some(Probe {
        initial_delay_seconds: Some(1),
        period_seconds: Some(2),
        success_threshold: Some(3),
        failure_threshold: Some(4),
    });
    let container = Container {
        name: "app".to_owned(),
        resources: resources.clone(),
        restart_policy: Some("Always".to_owned()),
        readiness_probe: probe.clone(),
        startup_probe: probe,
    };
    let metadata = ObjectMeta {
        name: "web".to_owned(),
        generate_name: "web-".to_owned(),
        namespace: "prod".to_owned(),
        generation: 3,
        labels: BTreeMap::from([("app".to_owned(), "web".to_owned())]),
        annotations: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
    };
    let workload = Workload {
        kind: ScaleTargetKind::DEPLOYMENT,
        metadata: metadata.clone(),
        spec: WorkloadSpec {
            replicas: Some(2),
            selector: LabelSelector {
                match_labels: metadata.labels.clone(),
                match_expressions: vec![LabelSelectorRequirement {
                    key: "a".to_owned(),
                    operator: "In".to_owned(),
                    values: vec!["b".to_owned()],
                }],
            },
            template: PodTemplate {
                metadata,
                spec: PodSpec {
                    containers: vec![container.clone()],
                    init_containers: vec![container],
                    resources: Some(resources),
                    overhead: quantities(),
                    termination_grace_period_seconds: Some(5),
                },
            },
            strategy: Some(DeploymentStrategy {
                r#type: "RollingUpdate".to_owned(),
                rolling_update: Some(RollingUpdate {
                    max_surge: Some(IntOrPercent::Int(1)),
                    max_unavailable: Some(IntOrPercent::Percent("25%".to_owned())),
                }),
            }),
        },
    };
    let text = format!("apiVersion: apps/v1\n{}", print(&workload));
    let (documents, _) = read(&text);
    let (back, problems) = decode::<Workload>(&documents[0]);
    assert_eq!(problems, [], "{text}");
    assert_eq!(back, workload, "{text}");
}
