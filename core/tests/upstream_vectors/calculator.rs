//! The replica count that one metric proposes.

use std::sync::Arc;

use hpa_core::api;
use hpa_core::autoscaler::ReadingValue;
use hpa_core::autoscaler::Tolerances;
use hpa_core::autoscaler::calculator::{self, CalculationError, Context, Proposal, ResourceOf};
use hpa_core::autoscaler::metrics_client::{
    NamedSamples, external_samples, object_sample, pods_metric_samples, resource_samples,
};
use hpa_core::autoscaler::{ExternalSamples, ObjectSample, PodRecord, PodSamples};
use hpa_core::time::Timestamp;
use serde_json::Value;

use crate::fields::{Check, Setting, decode, int32, int64, millis, same, text};

/// What a case says, decoded.
struct Case<'a> {
    recorded: &'a Value,
    pods: Vec<PodRecord>,
    lister_error: Option<Arc<str>>,
    now: Timestamp,
    tolerances: Tolerances,
    answer: Answer<'a>,
}

/// What a metrics API answered.
enum Answer<'a> {
    Resource(Result<Vec<api::PodMetrics>, &'a str>),
    Pods(Result<Vec<api::MetricValue>, &'a str>),
    Object(Result<api::MetricValue, &'a str>),
    External(Result<Vec<api::ExternalMetricValue>, &'a str>),
}

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    let decoded = Case::new(case);
    Box::new(move |setting, expected| decoded.check(setting, expected.whole()))
}

impl<'a> Case<'a> {
    fn new(case: &'a Value) -> Self {
        let selector = api::Selector::parse(text(case, "podSelector")).expect("a selector");
        let pods = decode::<Vec<api::Pod>>(&case["pods"]);
        let pods = pods
            .iter()
            .filter(|pod| selector.matches(&pod.metadata.object.labels))
            .map(PodRecord::from_api);
        let answer = if case.get("podMetrics").is_some() {
            Answer::Resource(pod_metrics(case))
        } else if case.get("customPodMetrics").is_some() {
            Answer::Pods(pod_values(case))
        } else if case.get("objectMetric").is_some() {
            Answer::Object(answer(&case["objectMetric"]))
        } else {
            Answer::External(answer(&case["externalMetric"]))
        };
        let tolerances = &case["args"]["tolerances"];
        let tolerance = |side: &str| tolerances[side].as_f64().expect("a tolerance");
        Self {
            recorded: case,
            pods: pods.collect(),
            lister_error: case["podListError"].as_str().map(Arc::from),
            now: decode(&case["now"]),
            tolerances: Tolerances {
                scale_down: tolerance("scaleDown"),
                scale_up: tolerance("scaleUp"),
            },
            answer,
        }
    }

    fn check(&self, setting: &Setting, out: &Value) -> Result<(), String> {
        let (config, args) = (&self.recorded["config"], &self.recorded["args"]);
        let mut settings = setting.config();
        settings.cpu_initialization_period = millis(config, "cpuInitializationPeriodMs");
        settings.initial_readiness_delay = millis(config, "initialReadinessDelayMs");
        let replicas = |field: &str| args.get(field).map_or(0, |_| int32(args, field));
        let context = Context::new(&settings, self.now)
            .with_tolerances(self.tolerances)
            .with_replicas(replicas("currentReplicas"), replicas("statusReplicas"))
            .with_pods(self.lister_error.as_ref().map_or(Ok(&self.pods), Err));
        let of = match (text(args, "resource"), text(args, "container")) {
            (resource, "") => ResourceOf::pod(resource),
            (resource, container) => ResourceOf::container(resource, container),
        };
        if let Answer::Resource(items) = &self.answer {
            let samples = resource_samples(items.as_deref().map_err(|error| *error), of);
            same_samples(self.recorded, &samples)?;
        }
        compare(out, self.propose(&context, of))
    }

    /// Runs the method that the case records.
    fn propose(
        &self,
        context: &Context<'_>,
        of: ResourceOf<'_>,
    ) -> Result<Proposal, CalculationError> {
        let args = &self.recorded["args"];
        let metric = text(args, "metricName");
        match text(self.recorded, "method") {
            "GetResourceReplicas" => {
                let (target, samples) = (int32(args, "targetUtilization"), self.samples(of));
                calculator::resource_replicas(context, of, target, samples.as_ref())
            }
            "GetRawResourceReplicas" => {
                let (target, samples) = (int64(args, "targetUsage"), self.samples(of));
                calculator::raw_resource_replicas(context, of, target, samples.as_ref())
            }
            "GetMetricReplicas" => {
                let (target, samples) = (int64(args, "targetUsage"), self.samples(of));
                calculator::pods_metric_replicas(context, metric, target, samples.as_ref())
            }
            "GetObjectMetricReplicas" => {
                let target = int64(args, "targetUsage");
                calculator::object_replicas(context, target, self.object(context)?)
            }
            "GetObjectPerPodMetricReplicas" => {
                let target = int64(args, "targetAverageUsage");
                let sample = self.object(context)?;
                Ok(calculator::object_per_pod_replicas(context, target, sample))
            }
            "GetExternalMetricReplicas" => {
                let target = int64(args, "targetUsage");
                calculator::external_replicas(context, target, &self.external(context)?)
            }
            "GetExternalPerPodMetricReplicas" => {
                let target = int64(args, "targetUsagePerPod");
                let samples = self.external(context)?;
                Ok(calculator::external_per_pod_replicas(
                    context, target, &samples,
                ))
            }
            method => panic!("unknown method {method}"),
        }
    }

    /// The samples of a metric that each pod has.
    fn samples(&self, of: ResourceOf<'_>) -> Result<PodSamples, Arc<str>> {
        let samples = match &self.answer {
            Answer::Resource(items) => resource_samples(items.as_deref().map_err(|e| *e), of),
            Answer::Pods(items) => pods_metric_samples(items.as_deref().map_err(|e| *e)),
            Answer::Object(_) | Answer::External(_) => panic!("no samples of pods"),
        };
        // If the pods cannot be listed, their samples do not matter.
        let pods = self.lister_error.as_ref().map_or(&*self.pods, |_| &[]);
        samples.map(|samples| samples.join(pods))
    }

    fn object(&self, context: &Context<'_>) -> Result<ObjectSample, CalculationError> {
        let args = &self.recorded["args"];
        let Answer::Object(value) = &self.answer else {
            panic!("no metric of an object");
        };
        object_sample(value.as_ref().map_err(|error| *error)).map_err(|error| {
            let object: api::CrossVersionObjectReference = decode(&args["objectRef"]);
            calculator::object_error(
                context.config,
                text(args, "namespace"),
                text(args, "metricName"),
                &object,
                &error,
            )
        })
    }

    fn external(&self, context: &Context<'_>) -> Result<ExternalSamples, CalculationError> {
        let args = &self.recorded["args"];
        let selector = decode(&args["metricSelector"]);
        let identifier = api::MetricIdentifier::new(text(args, "metricName"), selector);
        if let Some(selector) = &identifier.selector {
            api::Selector::from_label_selector_by(selector, context.config.rules)
                .map_err(|error| error.to_string())?;
        }
        let Answer::External(items) = &self.answer else {
            panic!("no external metric");
        };
        external_samples(items.as_deref().map_err(|error| *error)).map_err(|error| {
            calculator::external_error(text(args, "namespace"), &identifier, &error)
        })
    }
}

fn compare(out: &Value, got: Result<Proposal, CalculationError>) -> Result<(), String> {
    let error = out["error"].as_str();
    match got {
        Err(CalculationError {
            text,
            usage,
            timestamp,
            ..
        }) => {
            same("error", &error, &Some(&*text))?;
            let recorded = out.get("usage").map_or(0, |_| int64(out, "usage"));
            same("usage", &recorded, &usage)?;
            same(
                "timestamp",
                &decode::<Option<Timestamp>>(&out["timestamp"]),
                &timestamp,
            )
        }
        Ok(proposal) => {
            same("error", &error, &None)?;
            same("replicas", &int32(out, "replicas"), &proposal.replicas)?;
            same(
                "timestamp",
                &decode::<Option<Timestamp>>(&out["timestamp"]),
                &proposal.timestamp,
            )?;
            match proposal.reading {
                ReadingValue::Utilization {
                    percent,
                    average_milli,
                } => {
                    same("utilization", &int32(out, "utilization"), &percent)?;
                    same(
                        "rawUtilization",
                        &int64(out, "rawUtilization"),
                        &average_milli,
                    )
                }
                ReadingValue::AverageValue(value) | ReadingValue::Value(value) => {
                    same("usage", &int64(out, "usage"), &value)
                }
            }
        }
    }
}

/// What a metrics API answered: items (or one object), or an error.
fn answer<T: serde::de::DeserializeOwned>(recorded: &Value) -> Result<T, &str> {
    match recorded["error"].as_str() {
        Some(error) => Err(error),
        None => Ok(decode(recorded.get("items").unwrap_or(recorded))),
    }
}

/// The answer of the resource metrics API; the cases put the pod's name beside its containers.
fn pod_metrics(case: &Value) -> Result<Vec<api::PodMetrics>, &str> {
    let items: Vec<Value> = answer(&case["podMetrics"])?;
    let named = |item: &Value| {
        let mut pod: api::PodMetrics = decode(item);
        text(item, "name").clone_into(&mut pod.metadata.name);
        pod
    };
    Ok(items.iter().map(named).collect())
}

/// The answer of the custom metrics API; the cases put the pod's name beside its value.
fn pod_values(case: &Value) -> Result<Vec<api::MetricValue>, &str> {
    let items: Vec<Value> = answer(&case["customPodMetrics"])?;
    let named = |item: &Value| {
        let mut value: api::MetricValue = decode(item);
        text(item, "pod").clone_into(&mut value.described_object.name);
        value
    };
    Ok(items.iter().map(named).collect())
}

/// Compares what upstream's metrics client made of the answer.
fn same_samples(case: &Value, got: &Result<NamedSamples, Arc<str>>) -> Result<(), String> {
    let recorded = &case["podMetricsInfo"];
    let got = match got {
        Err(error) => return same("podMetricsInfo.error", &text(recorded, "error"), &&**error),
        Ok(samples) => samples.by_name.iter().map(|(name, sample)| {
            let value = serde_json::json!({
                "timestamp": sample.timestamp,
                "windowMs": sample.window.0,
                "value": sample.milli_value,
            });
            (name.to_string(), value)
        }),
    };
    same("podMetricsInfo", recorded, &Value::Object(got.collect()))
}
