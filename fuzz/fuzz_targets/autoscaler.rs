//! For any input from a cluster, a sequence of syncs does not panic, stays within the limits, and is
//! deterministic.
#![no_main]

use std::sync::Arc;

use hpa_core::api::{CrossVersionObjectReference, Labels, MetricIdentifier};
use hpa_core::autoscaler::explanation::Branch;
use hpa_core::autoscaler::spec::{
    Behavior, Metric, MetricIdentity, Policy, PolicyKind, ScalingRules, SelectPolicy, Target,
};
use hpa_core::autoscaler::{
    Arch, Autoscaler, ControllerConfig, ExternalSamples, KubernetesVersion, MetricAnswer,
    Observation, PodPhase, PodRecord, PodSamples, PodShape, ReadyCondition, ReadyStatus, Sample,
    Scale, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    minor: u8,
    amd64: bool,
    minimum: u16,
    maximum: i32,
    tolerance: f64,
    behavior: Option<(Rules, Rules)>,
    resource_target: (bool, i32),
    external_target: (bool, i64),
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
struct Rules {
    window: Option<i32>,
    select: u8,
    policies: Vec<(bool, i32, u16)>,
}

#[derive(Arbitrary, Debug)]
struct Step {
    wait: i32,
    replicas: Option<i32>,
    status_replicas: i32,
    pods: Vec<Pod>,
    external: Result<Vec<i64>, ()>,
    written: bool,
}

#[derive(Arbitrary, Debug)]
struct Pod {
    count: u32,
    phase: u8,
    deleting: bool,
    start: Option<i32>,
    ready: Option<(bool, i32)>,
    sample: Option<(i64, i32)>,
}

fn rules(rules: &Rules) -> ScalingRules {
    let policy = |&(pods, value, period): &(bool, _, _)| {
        let kind = if pods {
            PolicyKind::Pods
        } else {
            PolicyKind::Percent
        };
        Policy::new(kind, value, SignedDuration::from_secs(i64::from(period)))
    };
    let mut prepared = ScalingRules::new(rules.policies.iter().map(policy));
    prepared.stabilization_window = rules
        .window
        .map(|window| SignedDuration::from_secs(window.into()));
    prepared.select_policy = match rules.select % 3 {
        0 => SelectPolicy::Max,
        1 => SelectPolicy::Min,
        _ => SelectPolicy::Disabled,
    };
    prepared
}

fn spec(input: &Input) -> Spec {
    let (utilization, resource) = input.resource_target;
    let (average, external) = input.external_target;
    let cpu = Metric::new(
        MetricIdentity::Resource {
            resource: "cpu".into(),
        },
        if utilization {
            Target::Utilization(resource)
        } else {
            Target::AverageValue(resource.into())
        },
    );
    let queue = Metric::new(
        MetricIdentity::External {
            metric: MetricIdentifier::default(),
        },
        if average {
            Target::AverageValue(external)
        } else {
            Target::Value(external)
        },
    );
    let target = CrossVersionObjectReference::new("apps/v1", "Deployment", "web");
    let mut spec = Spec::new("prod", "web", &target, input.maximum)
        .with_generation(1)
        .with_min_replicas(input.minimum.into())
        .with_metric(cpu)
        .with_metric(queue);
    spec.behavior = (input.behavior.as_ref()).map(|(up, down)| Behavior::new(rules(up), rules(down)));
    spec
}

fn observe(step: &Step, replicas: i32, shape: &Arc<PodShape>, now: Timestamp) -> Observation {
    let ago = |seconds: i32| now - SignedDuration::from_secs(seconds.into());
    let record = |pod: &Pod| {
        let mut record = PodRecord::new("web-1", Arc::clone(shape));
        record.count = pod.count;
        record.phase = match pod.phase % 4 {
            0 => PodPhase::Pending,
            1 => PodPhase::Failed,
            2 => PodPhase::Unknown,
            _ => PodPhase::Running,
        };
        record.deleting = pod.deleting;
        record.start_time = pod.start.map(ago);
        record.ready = pod.ready.map(|(ready, since)| {
            let status = if ready {
                ReadyStatus::True
            } else {
                ReadyStatus::False
            };
            ReadyCondition::new(status, ago(since))
        });
        record
    };
    let sample = |pod: &Pod| {
        let window = SignedDuration::from_secs(15);
        (pod.sample).map(|(milli_value, since)| Sample::new(milli_value, ago(since), window))
    };
    let scale = Scale::new(replicas, step.status_replicas, "app=web");
    Observation::new(Ok(scale))
        .with_pods(step.pods.iter().map(record))
        .with_metric(step.pods.iter().map(sample).collect::<PodSamples>())
        .with_metric(MetricAnswer::External(match &step.external {
            Ok(values) => Ok(ExternalSamples::new(values.iter().copied(), now)),
            Err(()) => Err("no metrics returned from external metrics API".into()),
        }))
}

fuzz_target!(|input: Input| {
    let version = KubernetesVersion::from_minor(input.minor).unwrap_or(KubernetesVersion::DEFAULT);
    let mut config = ControllerConfig::of_version(version);
    config.tolerance = input.tolerance;
    if !input.amd64 {
        config.arch = Arch::Arm64;
    }
    let spec = spec(&input);
    let pod = r#"{"containers": [{"name": "app", "resources": {"requests": {"cpu": "200m"}}}]}"#;
    let pod = serde_json::from_str(pod).expect("a pod");
    let shape = Arc::new(PodShape::new(Labels::new(), pod));
    let mut autoscaler = Autoscaler::new(config);
    let mut stored = Status::default();
    let mut replicas = i32::from(input.minimum);
    let mut now = Timestamp(1_700_000_000_000);
    for step in &input.steps {
        now = now + SignedDuration(step.wait.into());
        replicas = step.replicas.unwrap_or(replicas);
        let observation = observe(step, replicas, &shape, now);
        let mut twin = autoscaler.clone();
        let decision = autoscaler.decide(&spec, &stored, &observation, now);
        let again = twin.decide(&spec, &stored, &observation, now);
        assert_eq!(decision.rescale, again.rescale);
        let explanation = autoscaler.explanation();
        assert!(!explanation.to_string().is_empty());
        let range = spec.min_replicas..=spec.max_replicas;
        // With amd64's casts, doubling more than 2^30 replicas gives the smallest integer.
        let exact = !input.amd64 || replicas < 1 << 30;
        if explanation.branch == Branch::Metrics && range.contains(&replicas) && exact {
            assert!(range.contains(&explanation.desired), "{explanation}");
        }
        let written = if step.written {
            Ok(())
        } else {
            Err("conflict".into())
        };
        if let (Some(rescale), Ok(())) = (&decision.rescale, &written) {
            replicas = rescale.to;
        }
        let outcome = autoscaler.complete(decision, written, now);
        if let Some(status) = &outcome.status {
            assert!(!status.is_same(&stored));
            stored = status.clone().as_stored();
        }
        let _ = outcome.finish(Ok(()));
    }
});
