//! The responses of the metrics APIs: scraped values, modified by the active faults.

use std::sync::Arc;

use hpa_core::autoscaler::{ExternalSamples, MetricAnswer, ObjectSample, PodSamples};
use hpa_core::time::Timestamp;

use super::cohort::Cohort;
use super::faults::Faults;
use super::measure::Meter;
use super::sources::{SeriesPart, Source, SourceKind};

/// The metrics APIs at one time.
#[derive(Clone, Copy)]
pub(super) struct MetricsApis<'a> {
    /// The scraped values of the whole cluster.
    pub(super) meter: &'a Meter,
    /// The pods with their scraped values.
    pub(super) cohorts: &'a [Cohort],
    /// The active faults.
    pub(super) faults: &'a Faults,
    /// The time.
    pub(super) now: Timestamp,
}

impl MetricsApis<'_> {
    /// Queries one metric, reusing the lists of the previous response.
    pub(super) fn answer(&self, source: &Source, answer: &mut MetricAnswer) {
        let failed = self.faults.error(source).map(Arc::from);
        match &source.kind {
            SourceKind::Pods(series) => {
                if let Some(error) = failed {
                    *answer = MetricAnswer::Pods(Err(error));
                    return;
                }
                if !matches!(answer, MetricAnswer::Pods(Ok(_))) {
                    *answer = MetricAnswer::Pods(Ok(PodSamples::default()));
                }
                if let MetricAnswer::Pods(Ok(samples)) = answer {
                    self.pods(source, *series, samples);
                    if samples.timestamp.is_none() {
                        *answer = MetricAnswer::Pods(Err(none_returned(source)));
                    }
                }
            }
            SourceKind::Object(series) => {
                *answer = MetricAnswer::Object(match failed {
                    Some(error) => Err(error),
                    None => self.object(source, *series),
                });
            }
            SourceKind::External(series) => {
                if let Some(error) = failed {
                    *answer = MetricAnswer::External(Err(error));
                    return;
                }
                if !matches!(answer, MetricAnswer::External(Ok(_))) {
                    *answer = MetricAnswer::External(Ok(ExternalSamples::default()));
                }
                if let MetricAnswer::External(Ok(samples)) = answer {
                    self.external(source, series, samples);
                    if samples.milli_values.is_empty() {
                        *answer = MetricAnswer::External(Err(none_returned(source)));
                    }
                }
            }
        }
    }

    fn pods(&self, source: &Source, series: Option<SeriesPart>, samples: &mut PodSamples) {
        samples.by_pod.clear();
        samples.timestamp = None;
        for pods in self.cohorts {
            let sample = series.and_then(|series| self.meter.read(series, Some(pods), self.now));
            let sample = self.faults.distort(sample, source, pods.faults);
            samples.timestamp = samples.timestamp.or(sample.map(|sample| sample.timestamp));
            samples.by_pod.push(sample);
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
            |sample| Ok(ObjectSample::new(sample.milli_value, sample.timestamp)),
        )
    }

    fn external(&self, source: &Source, series: &[SeriesPart], samples: &mut ExternalSamples) {
        samples.milli_values.clear();
        samples.timestamp = None;
        for series in series {
            let sample = self.meter.read(*series, None, self.now);
            if let Some(sample) = self.faults.distort(sample, source, u64::MAX) {
                samples.timestamp = samples.timestamp.or(Some(sample.timestamp));
                samples.milli_values.push(sample.milli_value);
            }
        }
    }
}

fn none_returned(source: &Source) -> Arc<str> {
    let (api, _) = source.api.names();
    format!("no metrics returned from {api} metrics API").into()
}
