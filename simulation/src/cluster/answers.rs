//! What the metrics APIs answer: what was scraped, as the faults of the moment show it.

use std::sync::Arc;

use hpa_core::autoscaler::{ExternalSamples, MetricAnswer, ObjectSample, PodSamples};
use hpa_core::time::Timestamp;

use super::cohort::Cohort;
use super::faults::Faults;
use super::measure::Meter;
use super::sources::{SeriesPart, Source, SourceKind};

/// The metrics APIs at one moment.
#[derive(Clone, Copy)]
pub(super) struct MetricsApis<'a> {
    /// What was scraped.
    pub(super) meter: &'a Meter,
    /// The pods, with what was scraped of each.
    pub(super) cohorts: &'a [Cohort],
    /// What is wrong.
    pub(super) faults: &'a Faults,
    /// The time.
    pub(super) now: Timestamp,
}

impl MetricsApis<'_> {
    /// Asks for one metric; the lists of the answer before are used again.
    pub(super) fn answer(&self, source: &Source, answer: &mut MetricAnswer) {
        let before = std::mem::replace(answer, MetricAnswer::NotRead);
        let failed = self.faults.error(source).map(Arc::from);
        *answer = match &source.kind {
            SourceKind::Pods(series) => MetricAnswer::Pods(match (failed, before) {
                (Some(error), _) => Err(error),
                (None, MetricAnswer::Pods(Ok(samples))) => self.pods(source, *series, samples),
                (None, _) => self.pods(source, *series, PodSamples::default()),
            }),
            SourceKind::Object(series) => MetricAnswer::Object(match failed {
                Some(error) => Err(error),
                None => self.object(source, *series),
            }),
            SourceKind::External(series) => MetricAnswer::External(match (failed, before) {
                (Some(error), _) => Err(error),
                (None, MetricAnswer::External(Ok(samples))) => {
                    self.external(source, series, samples)
                }
                (None, _) => self.external(source, series, ExternalSamples::default()),
            }),
        };
    }

    fn pods(
        &self,
        source: &Source,
        series: Option<SeriesPart>,
        mut samples: PodSamples,
    ) -> Result<PodSamples, Arc<str>> {
        samples.by_pod.clear();
        samples.timestamp = None;
        for pods in self.cohorts {
            let sample = series.and_then(|series| self.meter.read(series, Some(pods), self.now));
            let sample = self.faults.distort(sample, source, pods.faults);
            samples.timestamp = samples.timestamp.or(sample.map(|sample| sample.timestamp));
            samples.by_pod.push(sample);
        }
        if samples.timestamp.is_some() {
            Ok(samples)
        } else {
            Err(none_returned(source))
        }
    }

    fn object(
        &self,
        source: &Source,
        series: Option<SeriesPart>,
    ) -> Result<ObjectSample, Arc<str>> {
        let sample = series.and_then(|series| self.meter.read(series, None, self.now));
        let sample = self.faults.distort(sample, source, u64::MAX);
        sample.map_or_else(
            || {
                let name = &source.name;
                Err(format!(
                    "unable to fetch metrics from custom metrics API: the server could not find the metric {name} for the object"
                )
                .into())
            },
            |sample| {
                Ok(ObjectSample {
                    milli_value: sample.milli_value,
                    timestamp: sample.timestamp,
                })
            },
        )
    }

    fn external(
        &self,
        source: &Source,
        series: &[SeriesPart],
        mut samples: ExternalSamples,
    ) -> Result<ExternalSamples, Arc<str>> {
        samples.milli_values.clear();
        samples.timestamp = None;
        for series in series {
            let sample = self.meter.read(*series, None, self.now);
            if let Some(sample) = self.faults.distort(sample, source, u64::MAX) {
                samples.timestamp = samples.timestamp.or(Some(sample.timestamp));
                samples.milli_values.push(sample.milli_value);
            }
        }
        if samples.milli_values.is_empty() {
            Err(none_returned(source))
        } else {
            Ok(samples)
        }
    }
}

fn none_returned(source: &Source) -> Arc<str> {
    let (api, _) = source.api.names();
    format!("no metrics returned from {api} metrics API").into()
}
