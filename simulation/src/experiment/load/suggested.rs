//! The default load of an experiment that specifies none.

use super::MOST;
use crate::cluster::{FeedSource, LoadPart, LoadProfile, MAX_PODS, SetupDraft, Shape, Signal};
use crate::experiment::problems::Problems;
use hpa_core::api::{MetricSpec, MetricTarget, Target};
use hpa_core::manifest::{FieldPath, Severity};
use hpa_core::time::SignedDuration;

/// A load that needs 60 % of the autoscaler's range from 2m to 12m, and a bit less than its minimum
/// before and after.
pub(in crate::experiment) fn suggested(
    setup: &SetupDraft,
    problems: &mut Problems<'_>,
) -> LoadProfile {
    let spec = &setup.autoscaler.spec;
    let minimum = f64::from(spec.lower_limit().max(0));
    // Without a realistic upper limit, use ten times the minimum.
    let maximum = f64::from(spec.max_replicas).min(10.0 * minimum.max(1.0));
    let per_pod = spec
        .metrics
        .iter()
        .find_map(|metric| rate_per_pod(metric, setup))
        .unwrap_or(10.0);
    let per_pod = per_pod.min(MOST / f64::from(MAX_PODS));
    let quiet = round(per_pod * minimum * 0.6);
    let busy = round(per_pod * (minimum + 0.6 * (maximum - minimum).max(0.0))) - quiet;
    let minutes = |count: i64| SignedDuration::from_secs(60 * count);
    problems.add(
        Severity::Info,
        "assumed-load",
        &FieldPath::default(),
        format!(
            "no load specified: assuming {quiet} requests/s, and {} from 2m to 12m",
            quiet + busy
        ),
    );
    let part = |name, shape| LoadPart {
        name: String::from(name),
        shape,
    };
    LoadProfile {
        parts: vec![
            part("quiet", Shape::Constant { rate: quiet }),
            part(
                "busy",
                Shape::Step {
                    rate: busy,
                    from: minutes(2),
                    until: Some(minutes(12)),
                },
            ),
        ],
    }
}

fn round(rate: f64) -> f64 {
    if rate < 10.0 {
        (rate * 10.0).round() / 10.0
    } else {
        rate.round()
    }
}

/// The requests/s at which one pod is at its target, for the metrics that allow it.
fn rate_per_pod(metric: &MetricSpec, setup: &SetupDraft) -> Option<f64> {
    if let Some(resource) = &metric.resource
        && resource.name == "cpu"
    {
        let requested = setup.workload.spec.template.spec.requested("cpu");
        let cores = Target::of_resource(&resource.target).per_pod(requested)?;
        let cost = setup.model.cpu_per_request.max(1e-9);
        return Some((cores - setup.model.idle_cpu).max(0.0) / cost).filter(|&rate| rate > 0.0);
    }
    let (name, target) = named(metric)?;
    let feed = setup.feeds.iter().find(|feed| feed.metric == name);
    let signal = match feed
        .and_then(|feed| feed.series.first())
        .map(|series| &series.source)
    {
        Some(FeedSource::Profile(_)) => return None,
        Some(FeedSource::Signal(signal)) => *signal,
        None => Signal::suggested_by(name),
    };
    let value = target.average_value.as_ref().or(target.value.as_ref())?;
    (signal == Signal::Requests)
        .then(|| value.approximate_f64())
        .filter(|&rate| rate > 0.0)
}

fn named(metric: &MetricSpec) -> Option<(&str, &MetricTarget)> {
    if let Some(source) = &metric.pods {
        Some((&source.metric.name, &source.target))
    } else if let Some(source) = &metric.object {
        Some((&source.metric.name, &source.target))
    } else {
        let source = metric.external.as_ref()?;
        Some((&source.metric.name, &source.target))
    }
}
