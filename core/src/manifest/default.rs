//! The API server's defaulting, which precedes validation.
//!
//! Upstream: `pkg/apis/autoscaling/v2/defaults.go`, `SetDefaults_HorizontalPodAutoscaler`;
//! `pkg/apis/apps/v1/defaults.go` and `pkg/apis/core/v1/defaults.go`, as far as modelled.

use super::path::FieldPath;
use crate::api::hpa::{
    Behavior, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ScalingPolicy, ScalingRules,
};
use crate::api::pod::{Container, PodSpec, Probe, ResourceRequirements};
use crate::api::workload::{
    DeploymentStrategy, IntOrPercent, RollingUpdate, RolloutBehavior, Workload,
};

/// Target utilization if a manifest names no metric [percent of request].
pub const DEFAULT_CPU_UTILIZATION: i32 = 80;

/// The fields that were filled in, so that a page can mark them.
type Filled = Vec<FieldPath>;

/// Sets `field` if it is absent, and records that.
fn fill<T>(field: &mut Option<T>, value: T, path: &FieldPath, name: &str, filled: &mut Filled) {
    if field.is_none() {
        *field = Some(value);
        filled.push(path.child(name));
    }
}

/// Fills in what `autoscaling/v2` defaults, and returns the fields concerned.
///
/// - `spec.minReplicas`: 1;
/// - `spec.metrics`: CPU at 80 percent of request;
/// - `spec.behavior`, only if it is present: for each direction any absent window
///   (0 s up; down stays absent, the controller's setting applies), `selectPolicy` (`Max`) and
///   `policies` (up: 4 pods and 100 percent in 15 s; down: 100 percent in 15 s).
pub fn default_hpa(hpa: &mut HorizontalPodAutoscaler) -> Vec<FieldPath> {
    let mut filled = Filled::new();
    let spec_path = FieldPath::new("spec");
    let spec = &mut hpa.spec;
    if default_min_replicas(&mut spec.min_replicas) {
        filled.push(spec_path.child("minReplicas"));
    }
    if default_metrics(&mut spec.metrics) {
        filled.push(spec_path.child("metrics"));
    }
    if let Some(behavior) = &mut spec.behavior {
        default_behavior(behavior, &spec_path.child("behavior"), &mut filled);
    }
    filled
}

/// Fills in `minReplicas`, which has the same default in every version of the API.
pub(super) const fn default_min_replicas(min_replicas: &mut Option<i32>) -> bool {
    let absent = min_replicas.is_none();
    if absent {
        *min_replicas = Some(HorizontalPodAutoscalerSpec::DEFAULT_MIN_REPLICAS);
    }
    absent
}

/// Fills in the metric for an autoscaler without one.
pub(super) fn default_metrics(metrics: &mut Vec<MetricSpec>) -> bool {
    let absent = metrics.is_empty();
    if absent {
        let target = MetricTarget::utilization(DEFAULT_CPU_UTILIZATION);
        metrics.push(MetricSpec::resource("cpu", target));
    }
    absent
}

/// A policy that holds where a direction of the behavior names none.
pub(super) struct DefaultPolicy {
    pub(super) r#type: &'static str,
    pub(super) value: i32,
    pub(super) period_seconds: i32,
}

/// The policies for scaling up.
pub(super) const UP_POLICIES: &[DefaultPolicy] = &[
    DefaultPolicy {
        r#type: "Pods",
        value: 4,
        period_seconds: 15,
    },
    DefaultPolicy {
        r#type: "Percent",
        value: 100,
        period_seconds: 15,
    },
];

/// The policies for scaling down.
pub(super) const DOWN_POLICIES: &[DefaultPolicy] = &[DefaultPolicy {
    r#type: "Percent",
    value: 100,
    period_seconds: 15,
}];

impl DefaultPolicy {
    fn to_api(&self) -> ScalingPolicy {
        ScalingPolicy {
            r#type: self.r#type.to_owned(),
            value: self.value,
            period_seconds: self.period_seconds,
        }
    }
}

fn default_behavior(behavior: &mut Behavior, path: &FieldPath, filled: &mut Filled) {
    let directions = [
        ("scaleUp", &mut behavior.scale_up, Some(0), UP_POLICIES),
        ("scaleDown", &mut behavior.scale_down, None, DOWN_POLICIES),
    ];
    for (name, rules, window, policies) in directions {
        let policies = policies.iter().map(DefaultPolicy::to_api).collect();
        let path = path.child(name);
        if rules.is_none() {
            filled.push(path.clone());
        }
        let rules = rules.get_or_insert_with(ScalingRules::default);
        let window_field = &mut rules.stabilization_window_seconds;
        if let Some(window) = window {
            fill(
                window_field,
                window,
                &path,
                "stabilizationWindowSeconds",
                filled,
            );
        }
        let select = "Max".to_owned();
        fill(
            &mut rules.select_policy,
            select,
            &path,
            "selectPolicy",
            filled,
        );
        fill(&mut rules.policies, policies, &path, "policies", filled);
    }
}

/// Fills in what the model reads of a workload, and returns the fields concerned.
///
/// - `spec.replicas`: 1;
/// - a Deployment's strategy: rolling update with a quarter of surge and unavailability;
/// - grace period 30 s, probe times 0 s delay, 10 s period, 1 success, 3 failures;
/// - a request that is absent beside a limit: the limit, as for the pods created from it.
pub fn default_workload(workload: &mut Workload) -> Vec<FieldPath> {
    let mut filled = Filled::new();
    let path = FieldPath::new("spec");
    let spec = &mut workload.spec;
    fill(&mut spec.replicas, 1, &path, "replicas", &mut filled);
    if workload.kind.behavior() == RolloutBehavior::RollingUpdate {
        fill(
            &mut spec.strategy,
            DeploymentStrategy::default(),
            &path,
            "strategy",
            &mut filled,
        );
        if let Some(strategy) = &mut spec.strategy {
            default_strategy(strategy, &path.child("strategy"), &mut filled);
        }
    }
    let path = path.child("template").child("spec");
    default_pod_spec(&mut spec.template.spec, &path, &mut filled);
    filled
}

fn default_strategy(strategy: &mut DeploymentStrategy, path: &FieldPath, filled: &mut Filled) {
    if strategy.r#type.is_empty() {
        "RollingUpdate".clone_into(&mut strategy.r#type);
        filled.push(path.child("type"));
    }
    if strategy.r#type != "RollingUpdate" {
        return;
    }
    let path = path.child("rollingUpdate");
    let update = strategy
        .rolling_update
        .get_or_insert_with(RollingUpdate::default);
    let quarter = || IntOrPercent::Percent("25%".to_owned());
    fill(&mut update.max_surge, quarter(), &path, "maxSurge", filled);
    fill(
        &mut update.max_unavailable,
        quarter(),
        &path,
        "maxUnavailable",
        filled,
    );
}

fn default_pod_spec(spec: &mut PodSpec, path: &FieldPath, filled: &mut Filled) {
    fill(
        &mut spec.termination_grace_period_seconds,
        30,
        path,
        "terminationGracePeriodSeconds",
        filled,
    );
    for (name, containers) in [
        ("initContainers", &mut spec.init_containers),
        ("containers", &mut spec.containers),
    ] {
        for (index, container) in containers.iter_mut().enumerate() {
            default_container(container, &path.child(name).index(index), filled);
        }
    }
    if let Some(resources) = &mut spec.resources {
        default_requests(resources, &path.child("resources"), filled);
    }
}

fn default_container(container: &mut Container, path: &FieldPath, filled: &mut Filled) {
    default_requests(&mut container.resources, &path.child("resources"), filled);
    for (name, probe) in [
        ("readinessProbe", &mut container.readiness_probe),
        ("startupProbe", &mut container.startup_probe),
    ] {
        let path = path.child(name);
        if let Some(Probe {
            initial_delay_seconds,
            period_seconds,
            success_threshold,
            failure_threshold,
        }) = probe
        {
            fill(
                initial_delay_seconds,
                0,
                &path,
                "initialDelaySeconds",
                filled,
            );
            fill(period_seconds, 10, &path, "periodSeconds", filled);
            fill(success_threshold, 1, &path, "successThreshold", filled);
            fill(failure_threshold, 3, &path, "failureThreshold", filled);
        }
    }
}

fn default_requests(resources: &mut ResourceRequirements, path: &FieldPath, filled: &mut Filled) {
    let ResourceRequirements { requests, limits } = resources;
    for (name, limit) in limits {
        if !requests.contains_key(name) {
            filled.push(path.child("requests").key(name));
            requests.insert(name.clone(), limit.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_fills_in() {
        let mut hpa = HorizontalPodAutoscaler::default();
        hpa.spec.behavior = Some(Behavior {
            scale_up: Some(ScalingRules {
                policies: Some(Vec::new()),
                ..ScalingRules::default()
            }),
            scale_down: None,
        });
        let filled: Vec<String> = default_hpa(&mut hpa)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            filled,
            [
                "spec.minReplicas",
                "spec.metrics",
                "spec.behavior.scaleUp.stabilizationWindowSeconds",
                "spec.behavior.scaleUp.selectPolicy",
                "spec.behavior.scaleDown",
                "spec.behavior.scaleDown.selectPolicy",
                "spec.behavior.scaleDown.policies",
            ]
        );
        assert_eq!(default_hpa(&mut hpa), []);
    }

    #[test]
    fn a_request_defaults_to_its_limit() {
        let mut workload = Workload::default();
        let mut container = Container::default();
        let limit = crate::quantity::Quantity::parse("500m").unwrap_or_default();
        container
            .resources
            .limits
            .insert("cpu".to_owned(), limit.clone());
        workload.spec.template.spec.containers.push(container);
        default_workload(&mut workload);
        let requests = &workload.spec.template.spec.containers[0].resources.requests;
        assert_eq!(requests.get("cpu"), Some(&limit));
    }
}
