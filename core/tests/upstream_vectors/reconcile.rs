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
    AfterFailure, Autoscaler, ControllerConfig, MetricAnswer, Observation, OtherAutoscaler,
    PodRecord, PodShape, Rules, Scale, ScaleError, ScaleWrites, Spec, Status,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::behavior::{events, recommendations};
use crate::fields::{Check, Expected, Setting, decode, int32, millis, same, text};

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    let trace = Trace::new(case);
    Box::new(move |setting, expected| trace.check(setting, expected))
}

/// A trace, decoded.
struct Trace<'a> {
    case: &'a Value,
    stored: HorizontalPodAutoscalerStatus,
    steps: Vec<Step<'a>>,
}

/// What one sync reads, and when.
struct Step<'a> {
    now: Timestamp,
    input: &'a Value,
    spec: Spec,
    observation: Observation,
}

impl<'a> Trace<'a> {
    fn new(case: &'a Value) -> Self {
        let mut hpa: HorizontalPodAutoscaler = decode(&case["hpa"]);
        let mut spec = Spec::from_api(&hpa);
        let initial = case
            .get("initialStatus")
            .unwrap_or(&case["hpaInput"]["status"]);
        let template = &case["podTemplate"];
        let shape = PodShape::new(decode(&template["labels"]), decode(&template["spec"]));
        let shape = Arc::new(shape);
        let mut pods = Vec::new();
        let mut steps = Vec::new();
        for step in case["steps"].as_array().expect("steps") {
            let input = &step["in"];
            if let Some(changed) = input.get("hpaSpec") {
                hpa.spec = decode(changed);
            }
            if let Some(generation) = input.get("generation") {
                hpa.metadata.generation = decode(generation);
            }
            if input.get("hpaSpec").or(input.get("generation")).is_some() {
                spec = Spec::from_api(&hpa);
            }
            if let Some(listed) = input.get("pods") {
                let listed = listed.as_array().expect("pods").iter();
                pods = listed.map(|pod| record(pod, &shape)).collect();
            }
            steps.push(Step {
                now: decode(&step["now"]),
                input,
                observation: observe(input, &spec, &pods),
                spec: spec.clone(),
            });
        }
        Self {
            case,
            stored: decode::<Option<_>>(initial).unwrap_or_default(),
            steps,
        }
    }

    fn check(&self, setting: &Setting, expected: &Expected<'_>) -> Result<(), String> {
        let mut autoscaler = Autoscaler::new(self.config(setting));
        let mut stored = self.stored.clone();
        for (index, step) in self.steps.iter().enumerate() {
            step.check(&mut autoscaler, &mut stored, expected.step(index))
                .map_err(|difference| format!("step {index} at {}: {difference}", step.now))?;
        }
        let Some(last) = expected.last() else {
            return Ok(());
        };
        let histories = autoscaler.histories();
        let now = self.steps.last().expect("a step").now;
        let found = [
            ("recommendations", recommendations(histories, now)),
            (
                "scaleUpEvents",
                self.ages(events(&histories.scale_up_events, now)),
            ),
            (
                "scaleDownEvents",
                self.ages(events(&histories.scale_down_events, now)),
            ),
        ];
        found
            .iter()
            .try_for_each(|(field, found)| same(field, &last[field], found))
    }

    /// Events whose ages are rounded to 100 ms if random pauses preceded them.
    fn ages(&self, mut events: Value) -> Value {
        if self.case["recordScaleCalls"] == true {
            for event in events.as_array_mut().into_iter().flatten() {
                let age = event["ageMs"].as_i64().unwrap_or_default();
                event["ageMs"] = ((age + 50) / 100 * 100).into();
            }
        }
        events
    }

    fn config(&self, setting: &Setting) -> ControllerConfig {
        let config = &self.case["config"];
        let mut settings = setting.config();
        settings.tolerance = config["tolerance"].as_f64().expect("a tolerance");
        settings.downscale_stabilization = millis(config, "downscaleStabilizationWindowMs");
        settings.cpu_initialization_period = millis(config, "cpuInitializationPeriodMs");
        settings.initial_readiness_delay = millis(config, "initialReadinessDelayMs");
        settings
    }
}

impl Step<'_> {
    /// One sync: everything that it writes, emits and returns, against the recorded step.
    fn check(
        &self,
        autoscaler: &mut Autoscaler,
        stored: &mut HorizontalPodAutoscalerStatus,
        out: &Value,
    ) -> Result<(), String> {
        let rules = autoscaler.config().rules;
        let read = Status::from_api(stored);
        let decision = autoscaler.decide(&self.spec, &read, &self.observation, self.now);
        let rescale = decision.rescale.clone();
        let mut calls = ScaleCalls::new(self.input);
        let written = rescale
            .as_ref()
            .map_or(Ok(()), |rescale| calls.write(rescale.to, rules));
        let scaled_to = rescale
            .filter(|_| written.is_ok())
            .map(|rescale| rescale.to);
        // Pauses of 10 to 11 ms; the least is enough to be later.
        let paused = SignedDuration(ScaleWrites::PAUSE.0 * calls.pauses);
        let outcome = autoscaler.complete(decision, written, self.now + paused);
        let called = outcome.status.is_some();
        let status = outcome.status.as_ref().map(|status| status.to_api(rules));
        let written = match self.input["statusUpdateError"].as_str() {
            Some(error) => Err(Arc::from(error)),
            None => Ok(()),
        };
        let stores = written.is_ok();
        let report = outcome.finish(written);

        same("scaledTo", &out["scaledTo"], &json!(scaled_to))?;
        calls.check(out)?;
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
}

/// The reads and writes of the scale in one step, and the server that answers them.
struct ScaleCalls<'a> {
    input: &'a Value,
    replicas: i64,
    calls: Vec<Value>,
    pauses: i64,
}

impl<'a> ScaleCalls<'a> {
    fn new(input: &'a Value) -> Self {
        let mut calls = Self {
            input,
            replicas: input["scale"]["specReplicas"].as_i64().unwrap_or_default(),
            calls: Vec::new(),
            pauses: 0,
        };
        calls.read();
        calls
    }

    fn read(&mut self) {
        self.calls
            .push(json!({"op": "get", "specReplicas": self.replicas}));
    }

    /// Writes a count, as often as the rules say.
    fn write(&mut self, replicas: i32, rules: Rules) -> Result<(), Arc<str>> {
        let conflicts = self.input["scaleUpdateConflicts"]
            .as_u64()
            .unwrap_or_default();
        let mut writes = ScaleWrites::new(rules);
        for number in 0.. {
            let conflict = number < conflicts;
            let error = if conflict {
                Some(CONFLICT)
            } else {
                self.input["scaleUpdateError"].as_str()
            };
            let mut call = json!({"op": "update", "specReplicas": replicas});
            let Some(error) = error else {
                self.calls.push(call);
                return Ok(());
            };
            call["error"] = if conflict {
                "conflict".into()
            } else {
                error.into()
            };
            self.calls.push(call);
            let next = writes.failed(conflict);
            if next != AfterFailure::GiveUp {
                self.read_again(usize::try_from(number).unwrap_or_default());
            }
            if next != AfterFailure::ReadAndWrite {
                return Err(error.into());
            }
            self.pauses += 1;
        }
        Ok(())
    }

    /// The read after the failed write of that number.
    fn read_again(&mut self, number: usize) {
        let answer = &self.input["scaleRereads"][number];
        if let Some(error) = answer["error"].as_str() {
            self.calls.push(json!({"op": "get", "error": error}));
            return;
        }
        if let Some(replicas) = answer["specReplicas"].as_i64() {
            self.replicas = replicas;
        }
        self.read();
    }

    /// Compares the calls, where they are recorded, and the pauses between writes.
    fn check(&self, out: &Value) -> Result<(), String> {
        if let Some(recorded) = out.get("scaleCalls") {
            same("scaleCalls", recorded, &json!(self.calls))?;
        }
        let pauses = out["retryPauses"].as_i64().unwrap_or_default();
        same("retryPauses", &pauses, &self.pauses)
    }
}

/// What the API server says of a write of the scale that someone else forestalled.
const CONFLICT: &str = "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again";

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
    let observation = Observation::new(scale)
        .with_metrics(metrics)
        .with_other_autoscalers(others)
        .with_pods(pods.clone());
    if input["deletedDuringSync"] == true {
        observation.with_deletion()
    } else {
        observation
    }
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
