//! Whole traces: one sync after the other, with everything that is written, emitted and returned.

use std::collections::BTreeMap;
use std::sync::Arc;

use hpa_core::api::{self, HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, Selector};
use hpa_core::autoscaler::calculator::ResourceOf;
use hpa_core::autoscaler::metrics_client::{
    NamedSamples, external_samples, object_sample, pods_metric_samples, resource_samples,
};
use hpa_core::autoscaler::spec::MetricIdentity;
use hpa_core::autoscaler::{
    Autoscaler, ControllerConfig, FeatureGate, FeatureGates, FloatCasts, MetricAnswer, Observation,
    OtherAutoscaler, PodRecord, PodShape, Scale, ScaleError, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::behavior::{events, recommendations};
use crate::fields::{decode, int32, millis, same, text};

pub(crate) fn check(case: &Value, casts: FloatCasts) -> Result<(), String> {
    let mut hpa: HorizontalPodAutoscaler = decode(&case["hpa"]);
    let mut spec = Spec::from_api(&hpa);
    let initial = case
        .get("initialStatus")
        .unwrap_or(&case["hpaInput"]["status"]);
    let mut stored: HorizontalPodAutoscalerStatus =
        decode::<Option<_>>(initial).unwrap_or_default();
    let mut autoscaler = Autoscaler::new(config(case, casts));
    let template = &case["podTemplate"];
    let shape = PodShape::new(decode(&template["labels"]), decode(&template["spec"]));
    let shape = Arc::new(shape);
    let mut pods = Vec::new();
    let mut now = decode(&case["start"]);
    for (index, step) in case["steps"].as_array().expect("steps").iter().enumerate() {
        let input = &step["in"];
        now = decode(&step["now"]);
        if let Some(changed) = input.get("hpaSpec") {
            hpa.spec = decode(changed);
            spec = Spec::from_api(&hpa);
        }
        if let Some(listed) = input.get("pods") {
            pods = listed
                .as_array()
                .expect("pods")
                .iter()
                .map(|pod| record(pod, &shape))
                .collect();
        }
        let observation = observe(input, &spec, &pods);
        let moment = Moment {
            observation: &observation,
            now,
            step,
        };
        sync(&mut autoscaler, &spec, &mut stored, &moment)
            .map_err(|difference| format!("step {index} at {now}: {difference}"))?;
    }
    let histories = autoscaler.histories();
    let last = &case["final"];
    same(
        "recommendations",
        &last["recommendations"],
        &recommendations(histories, now),
    )?;
    same(
        "scaleUpEvents",
        &last["scaleUpEvents"],
        &events(&histories.scale_up_events, now),
    )?;
    same(
        "scaleDownEvents",
        &last["scaleDownEvents"],
        &events(&histories.scale_down_events, now),
    )
}

/// The gates as a case records them; those that it leaves out are the release's.
pub(crate) fn feature_gates(recorded: &Value) -> FeatureGates {
    let recorded = recorded.as_object().into_iter().flatten();
    let set = |gates: FeatureGates, (name, on): (&String, &Value)| {
        let gate = FeatureGate::parse(name).expect("a gate of the model");
        gates.with(gate, *on == true)
    };
    recorded.fold(FeatureGates::default(), set)
}

fn config(case: &Value, casts: FloatCasts) -> ControllerConfig {
    let (config, gates) = (&case["config"], &case["gates"]);
    let mut settings = ControllerConfig::default();
    settings.tolerance = config["tolerance"].as_f64().expect("a tolerance");
    settings.downscale_stabilization = millis(config, "downscaleStabilizationWindowMs");
    settings.cpu_initialization_period = millis(config, "cpuInitializationPeriodMs");
    settings.initial_readiness_delay = millis(config, "initialReadinessDelayMs");
    settings.gates = feature_gates(gates);
    settings.casts = casts;
    settings
}

/// What one sync reads, when, and what was recorded of it.
struct Moment<'a> {
    observation: &'a Observation,
    now: Timestamp,
    step: &'a Value,
}

/// One sync: everything that it writes, emits and returns, against the recorded step.
fn sync(
    autoscaler: &mut Autoscaler,
    spec: &Spec,
    stored: &mut HorizontalPodAutoscalerStatus,
    moment: &Moment<'_>,
) -> Result<(), String> {
    let &Moment {
        observation,
        now,
        step,
    } = moment;
    let (input, out) = (&step["in"], &step["out"]);
    let failure = |field: &str| {
        input[field]
            .as_str()
            .map_or(Ok(()), |error| Err(Arc::from(error)))
    };

    let read = Status::from_api(stored);
    let decision = autoscaler.decide(spec, &read, observation, now);
    let rescale = decision.rescale.clone();
    let written = failure("scaleUpdateError");
    let scaled_to = rescale
        .filter(|_| written.is_ok())
        .map(|rescale| rescale.to);
    let outcome = autoscaler.complete(decision, written, now);
    let called = outcome.status.is_some();
    let status = outcome.status.as_ref().map(Status::to_api);
    let written = failure("statusUpdateError");
    let stores = written.is_ok();
    let report = outcome.finish(written);

    same("scaledTo", &out["scaledTo"], &json!(scaled_to))?;
    same(
        "statusUpdateCalled",
        &out["statusUpdateCalled"],
        &json!(called),
    )?;
    if let Some(status) = status.filter(|_| stores) {
        same("status", &out["status"], &as_recorded(&status))?;
        *stored = status;
    } else {
        same("status", &None, &out.get("status"))?;
    }
    let emitted: Vec<Value> = report
        .events
        .iter()
        .map(|event| {
            json!({
                "type": event.kind.to_string(),
                "reason": event.reason.as_str(),
                "message": event.message.to_string(),
            })
        })
        .collect();
    let recorded = out
        .get("events")
        .map_or(&[][..], |events| events.as_array().expect("events"));
    same("events", &recorded, &&emitted[..])?;
    same(
        "error",
        &out.get("error").and_then(Value::as_str),
        &report.error.as_deref(),
    )
}

/// A status as the cases record it: JSON, in which a zero count is not printed.
fn as_recorded(status: &HorizontalPodAutoscalerStatus) -> Value {
    let mut json = serde_json::to_value(status).expect("JSON");
    if status.current_replicas == Some(0) {
        json.as_object_mut()
            .expect("an object")
            .remove("currentReplicas");
    }
    json
}

fn record(pod: &Value, shape: &Arc<PodShape>) -> PodRecord {
    let ready = pod["ready"].as_str().map(|status| {
        json!({"type": "Ready", "status": status, "lastTransitionTime": pod["readyTransition"]})
    });
    let pod: api::Pod = decode(&json!({
        "metadata": {"name": pod["name"], "deletionTimestamp": pod["deletionTimestamp"]},
        "status": {
            "phase": pod["phase"],
            "startTime": pod["startTime"],
            "conditions": Vec::from_iter(ready),
        },
    }));
    let mut record = PodRecord::from_api(&pod);
    record.shape = Arc::clone(shape);
    record
}

/// What the controller would have read in this step.
fn observe(input: &Value, spec: &Spec, all_pods: &[PodRecord]) -> Observation {
    let scale = match input["scaleGetError"].as_str() {
        Some(error) => Err(ScaleError::Query(error.into())),
        None => Ok(Scale::new(
            int32(&input["scale"], "specReplicas"),
            int32(&input["scale"], "statusReplicas"),
            text(&input["scale"], "selector"),
        )),
    };
    let selector = Selector::parse(text(&input["scale"], "selector")).unwrap_or_default();
    let pods: Vec<PodRecord> = all_pods
        .iter()
        .filter(|pod| selector.matches(&pod.shape.labels))
        .cloned()
        .collect();
    let metrics = spec
        .metrics
        .iter()
        .map(|metric| answer(&input["metrics"], &metric.identity, &pods));
    let others = input["otherHPASelectors"].as_object().into_iter().flatten();
    let others = others.map(|(key, selector)| {
        let selector = Selector::parse(selector.as_str().expect("a selector"));
        OtherAutoscaler::new(key.as_str(), selector.expect("a selector"))
    });
    Observation::new(scale)
        .with_metrics(metrics)
        .with_other_autoscalers(others)
        .with_pods(pods.clone())
}

/// What the metrics APIs would have answered for one metric of the spec.
fn answer(metrics: &Value, identity: &MetricIdentity, pods: &[PodRecord]) -> MetricAnswer {
    let timestamp: Option<Timestamp> = decode(&metrics["timestamp"]);
    let joined = |samples: Result<NamedSamples, Arc<str>>| {
        MetricAnswer::Pods(samples.map(|samples| samples.join(pods)))
    };
    match identity {
        MetricIdentity::Resource { resource } => {
            joined(resource_answer(metrics, resource, None, pods))
        }
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => joined(resource_answer(metrics, resource, Some(container), pods)),
        MetricIdentity::Pods { .. } => {
            let recorded = &metrics["pods"];
            let items = recorded_items(recorded, |item| {
                let name = item[0].as_str().expect("a name");
                let pod = api::CrossVersionObjectReference::new("v1", "Pod", name);
                api::MetricValue::new(pod, decode(&item[1]), timestamp)
            });
            joined(pods_metric_samples(
                items.as_deref().map_err(|error| *error),
            ))
        }
        MetricIdentity::Object { .. } => {
            let recorded = &metrics["object"];
            let value = match recorded["error"].as_str() {
                Some(error) => Err(error),
                None => Ok(api::MetricValue::new(
                    api::CrossVersionObjectReference::default(),
                    decode(recorded),
                    timestamp,
                )),
            };
            MetricAnswer::Object(object_sample(value.as_ref().map_err(|error| *error)))
        }
        MetricIdentity::External { .. } => {
            let items = recorded_items(&metrics["external"], |item| {
                api::ExternalMetricValue::new("", decode(item), timestamp)
            });
            MetricAnswer::External(external_samples(items.as_deref().map_err(|error| *error)))
        }
        MetricIdentity::Unknown { .. } => MetricAnswer::NotRead,
    }
}

fn recorded_items<T>(recorded: &Value, item: impl Fn(&Value) -> T) -> Result<Vec<T>, &str> {
    match recorded["error"].as_str() {
        Some(error) => Err(error),
        None => Ok(recorded
            .as_array()
            .into_iter()
            .flatten()
            .map(item)
            .collect()),
    }
}

/// The answer of the resource metrics API, which lists only pods that the selector matches.
fn resource_answer(
    metrics: &Value,
    resource: &str,
    container: Option<&str>,
    pods: &[PodRecord],
) -> Result<NamedSamples, Arc<str>> {
    let recorded = &metrics["resource"];
    let window: SignedDuration = metrics.get("window").map_or(SignedDuration::ZERO, decode);
    let of = container.map_or(ResourceOf::pod(resource), |container| {
        ResourceOf::container(resource, container)
    });
    if let Some(error) = recorded["error"].as_str() {
        return resource_samples(Err(error), of);
    }
    let containers = |containers: &Value| -> Vec<api::ContainerMetrics> {
        let containers = containers.as_object().expect("containers");
        let named = |(name, usage): (&String, &Value)| {
            let usage = ["cpu", "memory"]
                .into_iter()
                .zip(usage.as_array().expect("usage"))
                .map(|(resource, usage)| (resource.to_owned(), decode(usage)));
            api::ContainerMetrics::new(name, usage.collect())
        };
        containers.iter().map(named).collect()
    };
    let by_pod: BTreeMap<&str, &Value> = recorded
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, containers)| (name.as_str(), containers))
        .collect();
    let items: Vec<api::PodMetrics> = if pods.is_empty() {
        Vec::new()
    } else {
        by_pod
            .iter()
            .map(|(name, usage)| {
                let timestamp = decode(&metrics["timestamp"]);
                api::PodMetrics::new(*name, timestamp, window, containers(usage))
            })
            .collect()
    };
    resource_samples(Ok(&items), of)
}
