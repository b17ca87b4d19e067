//! What is wrong with metrics at the moment, and what the metrics APIs answer.

use std::sync::Arc;

use super::cohort::Cohort;
use super::measure::{Frozen, Meter, Source, SourceKind};
use super::timeline::{FaultKind, FaultTarget, MetricsApi};
use hpa_core::autoscaler::{ExternalSamples, MetricAnswer, ObjectSample, PodSamples, Sample};
use hpa_core::time::Timestamp;

/// Something that is wrong for a while.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Its position in the timeline.
    pub(super) event: usize,
    /// When it began.
    pub(super) since: Timestamp,
    /// When it is over.
    pub(super) until: Timestamp,
    /// What is wrong.
    pub(super) wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub(super) enum Wrong {
    /// Some metrics, for the pods that carry the bit.
    Metrics {
        target: FaultTarget,
        kind: FaultKind,
        bit: u64,
    },
    /// A whole API.
    Api(MetricsApi),
}

impl Fault {
    /// Whether it keeps old values alive.
    pub(super) fn is_stale(&self) -> bool {
        matches!(
            self.wrong,
            Wrong::Metrics {
                kind: FaultKind::Stale,
                ..
            }
        )
    }

    fn concerns(&self, source: &Source) -> bool {
        match &self.wrong {
            Wrong::Metrics {
                target: FaultTarget::All,
                ..
            } => true,
            Wrong::Metrics {
                target: FaultTarget::Named(name),
                ..
            } => **name == *source.name,
            Wrong::Api(api) => *api == MetricsApi::All || *api == source.api,
        }
    }
}

/// The error of a whole API or metric, if there is one.
fn error(faults: &[Fault], source: &Source) -> Option<Arc<str>> {
    let (api, group) = match source.api {
        MetricsApi::Custom => ("custom", "custom.metrics.k8s.io"),
        MetricsApi::External => ("external", "external.metrics.k8s.io"),
        _ => ("resource", "metrics.k8s.io"),
    };
    let text = faults
        .iter()
        .filter(|fault| fault.concerns(source))
        .find_map(|fault| match &fault.wrong {
            Wrong::Api(_) => Some(format!(
                "the server is currently unable to handle the request (get {group})"
            )),
            Wrong::Metrics {
                kind: FaultKind::Error(text),
                ..
            } => Some(text.clone()),
            Wrong::Metrics { .. } => None,
        })?;
    Some(format!("unable to fetch metrics from {api} metrics API: {text}").into())
}

fn none_returned(source: &Source) -> Arc<str> {
    match source.api {
        MetricsApi::Custom => "no metrics returned from custom metrics API",
        MetricsApi::External => "no metrics returned from external metrics API",
        _ => "no metrics returned from resource metrics API",
    }
    .into()
}

/// Changes a value as the faults that concern it do.
fn distort(sample: Option<Sample>, faults: &[Fault], source: &Source, bits: u64) -> Option<Sample> {
    let mut sample = sample;
    for fault in faults.iter().filter(|fault| fault.concerns(source)) {
        if let Wrong::Metrics { kind, bit, .. } = &fault.wrong
            && bits & bit != 0
        {
            match kind {
                FaultKind::Missing => sample = None,
                FaultKind::Zero => {
                    if let Some(sample) = &mut sample {
                        sample.milli_value = 0;
                    }
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "a fault need not be exact"
                )]
                FaultKind::Factor(factor) => {
                    if let Some(sample) = &mut sample {
                        sample.milli_value = (sample.milli_value as f64 * factor) as i64;
                    }
                }
                // A pod that is newer than the fault has no last value.
                FaultKind::Stale => sample = sample.filter(|read| read.timestamp <= fault.since),
                FaultKind::Error(_) => {}
            }
        }
    }
    sample
}

/// What the API says of one metric at `now`; `answer` is reused.
pub(super) fn answer(
    answer: &mut MetricAnswer,
    source: &Source,
    meter: &Meter,
    cohorts: &[Cohort],
    faults: &[Fault],
    now: Timestamp,
) {
    let failed = error(faults, source);
    match &source.kind {
        SourceKind::Pods(tracked) => {
            if let Some(error) = failed {
                *answer = MetricAnswer::Pods(Err(error));
                return;
            }
            let mut samples = match std::mem::replace(answer, MetricAnswer::NotRead) {
                MetricAnswer::Pods(Ok(samples)) => samples,
                _ => PodSamples::default(),
            };
            samples.by_pod.clear();
            samples.timestamp = None;
            for (index, pods) in cohorts.iter().enumerate() {
                let sample =
                    tracked.and_then(|(at, factor)| read(meter, at, Some(pods), factor, now));
                let sample = if faults.is_empty() {
                    sample
                } else {
                    distort(sample, faults, source, pods.faults)
                };
                debug_assert_eq!(samples.by_pod.len(), index);
                samples.timestamp = samples.timestamp.or(sample.map(|sample| sample.timestamp));
                samples.by_pod.push(sample);
            }
            *answer = MetricAnswer::Pods(if samples.timestamp.is_some() {
                Ok(samples)
            } else {
                Err(none_returned(source))
            });
        }
        SourceKind::Object(tracked) => {
            let sample = tracked.and_then(|(at, factor)| read(meter, at, None, factor, now));
            let sample = distort(sample, faults, source, u64::MAX);
            *answer = MetricAnswer::Object(match (failed, sample) {
                (Some(error), _) => Err(error),
                (None, None) => Err(format!(
                    "unable to fetch metrics from custom metrics API: the server could not find the metric {} for the object",
                    source.name
                )
                .into()),
                (None, Some(sample)) => Ok(ObjectSample {
                    milli_value: sample.milli_value,
                    timestamp: sample.timestamp,
                }),
            });
        }
        SourceKind::External(series) => {
            if let Some(error) = failed {
                *answer = MetricAnswer::External(Err(error));
                return;
            }
            let mut samples = match std::mem::replace(answer, MetricAnswer::NotRead) {
                MetricAnswer::External(Ok(samples)) => samples,
                _ => ExternalSamples::default(),
            };
            samples.milli_values.clear();
            samples.timestamp = None;
            for (at, factor) in series {
                let sample = read(meter, *at, None, *factor, now);
                if let Some(sample) = distort(sample, faults, source, u64::MAX) {
                    samples.timestamp = samples.timestamp.or(Some(sample.timestamp));
                    samples.milli_values.push(sample.milli_value);
                }
            }
            *answer = MetricAnswer::External(if samples.milli_values.is_empty() {
                Err(none_returned(source))
            } else {
                Ok(samples)
            });
        }
    }
}

/// Reads one value, of pods where they keep it.
fn read(
    meter: &Meter,
    index: usize,
    pods: Option<&Cohort>,
    factor: f64,
    now: Timestamp,
) -> Option<Sample> {
    let tracked = meter.tracked.get(index)?;
    let ring = match (&tracked.what, pods) {
        (super::measure::What::Pods(_), Some(pods)) => pods.rings.get(index)?,
        // Each pod that runs has the value of a profile.
        (_, Some(pods)) if !pods.runs() => return None,
        _ => &tracked.ring,
    };
    tracked.read(ring, factor, now)
}

/// What is read of the metrics from now on is what is read of them now, where a fault says so.
pub(super) fn freeze(
    meter: &mut Meter,
    cohorts: &mut [Cohort],
    sources: &[Source],
    fault: &Fault,
    now: Timestamp,
) {
    let Wrong::Metrics {
        kind: FaultKind::Stale,
        bit,
        ..
    } = &fault.wrong
    else {
        return;
    };
    for source in sources.iter().filter(|source| fault.concerns(source)) {
        let series: &[(usize, f64)] = match &source.kind {
            SourceKind::Pods(one) | SourceKind::Object(one) => one.as_slice(),
            SourceKind::External(series) => series,
        };
        for (at, factor) in series {
            for pods in &mut *cohorts {
                let sample = read(meter, *at, Some(pods), *factor, now);
                if pods.faults & bit != 0
                    && let Some(ring) = pods.rings.get_mut(*at)
                {
                    ring.frozen = Frozen::At(sample);
                }
            }
            let sample = read(meter, *at, None, *factor, now);
            meter.tracked[*at].ring.frozen = Frozen::At(sample);
        }
    }
}

/// Takes back what [`freeze`] did.
pub(super) fn thaw(meter: &mut Meter, cohorts: &mut [Cohort]) {
    for tracked in &mut meter.tracked {
        tracked.ring.frozen = Frozen::No;
    }
    for ring in cohorts.iter_mut().flat_map(|pods| &mut pods.rings) {
        ring.frozen = Frozen::No;
    }
}
