//! The replica count that one metric proposes.

use std::sync::Arc;

use hpa_core::api;
use hpa_core::autoscaler::ReadingValue;
use hpa_core::autoscaler::Tolerances;
use hpa_core::autoscaler::calculator::{self, CalculationError, Context, Proposal, ResourceOf};
use hpa_core::autoscaler::metrics_client::{
    NamedSamples, external_samples, object_sample, pods_metric_samples, resource_samples,
};
use hpa_core::autoscaler::{ControllerConfig, FloatCasts, PodRecord};
use hpa_core::time::Timestamp;
use serde_json::Value;

use crate::fields::{decode, int32, int64, millis, same, text};

pub(crate) fn check(case: &Value, casts: FloatCasts) -> Result<(), String> {
    let args = &case["args"];
    let selector = api::Selector::parse(text(case, "podSelector")).expect("a selector");
    let pods: Vec<PodRecord> = decode::<Vec<api::Pod>>(&case["pods"])
        .iter()
        .filter(|pod| selector.matches(&pod.metadata.object.labels))
        .map(PodRecord::from_api)
        .collect();
    let lister_error: Option<Arc<str>> = case["podListError"].as_str().map(Arc::from);
    let mut config = ControllerConfig::default();
    config.cpu_initialization_period = millis(&case["config"], "cpuInitializationPeriodMs");
    config.initial_readiness_delay = millis(&case["config"], "initialReadinessDelayMs");
    config.casts = casts;
    let replicas = |field: &str| args.get(field).map_or(0, |_| int32(args, field));
    let context = Context::new(&config, decode(&case["now"]))
        .with_tolerances(Tolerances {
            scale_down: args["tolerances"]["scaleDown"]
                .as_f64()
                .expect("a tolerance"),
            scale_up: args["tolerances"]["scaleUp"].as_f64().expect("a tolerance"),
        })
        .with_replicas(replicas("currentReplicas"), replicas("statusReplicas"))
        .with_pods(lister_error.as_ref().map_or(Ok(&pods), Err));
    let of = match (text(args, "resource"), text(args, "container")) {
        (resource, "") => ResourceOf::pod(resource),
        (resource, container) => ResourceOf::container(resource, container),
    };
    if case.get("podMetrics").is_some() {
        same_samples(
            case,
            &resource_samples(pod_metrics(case).as_deref().map_err(|error| *error), of),
        )?;
    }
    compare(&case["out"], propose(case, &context, of))
}

/// Runs the method that the case records.
fn propose(
    case: &Value,
    context: &Context<'_>,
    of: ResourceOf<'_>,
) -> Result<Proposal, CalculationError> {
    let args = &case["args"];
    let pods = context.pods.unwrap_or_default();
    let metric = text(args, "metricName");
    let resource = || {
        resource_samples(pod_metrics(case).as_deref().map_err(|error| *error), of)
            .map(|samples: NamedSamples| samples.join(pods))
    };
    let object = || {
        let value = answer(&case["objectMetric"]);
        object_sample(value.as_ref().map_err(|error| *error)).map_err(|error| {
            let object: api::CrossVersionObjectReference = decode(&args["objectRef"]);
            calculator::object_error(
                context.config,
                text(args, "namespace"),
                metric,
                &object,
                &error,
            )
        })
    };
    let external = || {
        let identifier = api::MetricIdentifier::new(metric, decode(&args["metricSelector"]));
        if let Some(selector) = &identifier.selector {
            api::Selector::from_label_selector(selector).map_err(|error| error.to_string())?;
        }
        external_samples(
            answer::<Vec<_>>(&case["externalMetric"])
                .as_deref()
                .map_err(|error| *error),
        )
        .map_err(|error| calculator::external_error(text(args, "namespace"), &identifier, &error))
    };
    match text(case, "method") {
        "GetResourceReplicas" => {
            let target = int32(args, "targetUtilization");
            calculator::resource_replicas(context, of, target, resource().as_ref())
        }
        "GetRawResourceReplicas" => {
            let target = int64(args, "targetUsage");
            calculator::raw_resource_replicas(context, of, target, resource().as_ref())
        }
        "GetMetricReplicas" => {
            let samples = pods_metric_samples(pod_values(case).as_deref().map_err(|error| *error));
            let samples = samples.map(|samples| samples.join(pods));
            let target = int64(args, "targetUsage");
            calculator::pods_metric_replicas(context, metric, target, samples.as_ref())
        }
        "GetObjectMetricReplicas" => {
            calculator::object_replicas(context, int64(args, "targetUsage"), object()?)
        }
        "GetObjectPerPodMetricReplicas" => Ok(calculator::object_per_pod_replicas(
            context,
            int64(args, "targetAverageUsage"),
            object()?,
        )),
        "GetExternalMetricReplicas" => {
            calculator::external_replicas(context, int64(args, "targetUsage"), &external()?)
        }
        "GetExternalPerPodMetricReplicas" => Ok(calculator::external_per_pod_replicas(
            context,
            int64(args, "targetUsagePerPod"),
            &external()?,
        )),
        method => panic!("unknown method {method}"),
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
