//! Resolves the sources of the autoscaler's metrics.

use std::sync::Arc;

use hpa_core::autoscaler::Spec;
use hpa_core::autoscaler::spec::{Metric, MetricIdentity};
use smallvec::SmallVec;

use super::arrivals::Arrivals;
use super::measure::{Meter, What};
use super::pipeline::{FeedSource, Signal};
use super::setup::Setup;
use super::timeline::MetricsApi;

/// The source of a metric.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The metrics API.
    pub(super) api: MetricsApi,
    /// The metric's or resource's name.
    pub(super) name: Arc<str>,
    /// The kind of source.
    pub(super) kind: SourceKind,
}

/// The kind of source.
#[derive(Clone, Debug)]
pub(super) enum SourceKind {
    /// One value per pod.
    Pods(Option<SeriesPart>),
    /// One value.
    Object(Option<SeriesPart>),
    /// Any number of values.
    External(SmallVec<[SeriesPart; 2]>),
}

/// A measured quantity times a factor.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeriesPart {
    /// Its index in the [`Meter`].
    pub(super) tracked: usize,
    /// The factor.
    pub(super) factor: f64,
}

impl Source {
    /// The series to read.
    pub(super) fn series(&self) -> &[SeriesPart] {
        match &self.kind {
            SourceKind::Pods(one) | SourceKind::Object(one) => one.as_slice(),
            SourceKind::External(series) => series,
        }
    }
}

/// The sources of an autoscaler's metrics; adds the quantities that they need to the meter.
pub(super) fn sources(spec: &Spec, setup: &Setup, meter: &mut Meter) -> Vec<Source> {
    let metrics = spec.metrics.iter();
    metrics.map(|metric| source(metric, setup, meter)).collect()
}

fn source(metric: &Metric, setup: &Setup, meter: &mut Meter) -> Source {
    let first = |series: Vec<SeriesPart>| series.first().copied();
    match &*metric.identity {
        MetricIdentity::Resource { resource } => of_resource(resource, setup, Some(1.0), meter),
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => {
            let share = container_share(setup, resource, container);
            of_resource(resource, setup, share, meter)
        }
        MetricIdentity::Pods { metric: named } => {
            let named = Named {
                metric,
                name: &named.name,
                api: MetricsApi::Custom,
                per_pod: true,
            };
            named.source(SourceKind::Pods(first(named.series(setup, meter))))
        }
        MetricIdentity::Object { metric: named, .. } => {
            let named = Named {
                metric,
                name: &named.name,
                api: MetricsApi::Custom,
                per_pod: false,
            };
            named.source(SourceKind::Object(first(named.series(setup, meter))))
        }
        MetricIdentity::External { metric: named } => {
            let named = Named {
                metric,
                name: &named.name,
                api: MetricsApi::External,
                per_pod: false,
            };
            named.source(SourceKind::External(named.series(setup, meter).into()))
        }
        MetricIdentity::Unknown { source_type } => Source {
            api: MetricsApi::Custom,
            name: Arc::clone(source_type),
            kind: SourceKind::Object(None),
        },
    }
}

/// A resource of pods, or of one of their containers.
fn of_resource(
    resource: &Arc<str>,
    setup: &Setup,
    share: Option<f64>,
    meter: &mut Meter,
) -> Source {
    let signal = match &**resource {
        "cpu" => Some(Signal::Cpu),
        "memory" => Some(Signal::Memory),
        _ => None,
    };
    let series = signal.zip(share).map(|(signal, factor)| SeriesPart {
        tracked: meter.track(What::Pods(signal), setup.pipelines.resource),
        factor,
    });
    Source {
        api: MetricsApi::Resource,
        name: Arc::clone(resource),
        kind: SourceKind::Pods(series),
    }
}

/// A metric with a name and a selector.
struct Named<'a> {
    metric: &'a Metric,
    name: &'a str,
    api: MetricsApi,
    per_pod: bool,
}

impl Named<'_> {
    fn source(&self, kind: SourceKind) -> Source {
        Source {
            api: self.api,
            name: self.name.into(),
            kind,
        }
    }

    /// The series that its selector matches.
    fn series(&self, setup: &Setup, meter: &mut Meter) -> Vec<SeriesPart> {
        let name = self.name;
        let default = if self.api == MetricsApi::External {
            setup.pipelines.external
        } else {
            setup.pipelines.custom
        };
        let signal = |signal| {
            if self.per_pod {
                What::Pods(signal)
            } else {
                What::Total(signal)
            }
        };
        let Some(feed) = setup.feeds.iter().find(|feed| feed.metric == name) else {
            let tracked = meter.track(signal(Signal::suggested_by(name)), default);
            return vec![SeriesPart {
                tracked,
                factor: 1.0,
            }];
        };
        let pipeline = feed.pipeline.unwrap_or(default);
        let selector = self.metric.selector.as_ref();
        let selected =
            feed.series.iter().enumerate().filter(|(_, series)| {
                selector.is_ok_and(|selector| selector.matches(&series.labels))
            });
        selected
            .map(|(index, series)| {
                let what = match &series.source {
                    FeedSource::Signal(source) => signal(*source),
                    FeedSource::Profile(profile) => {
                        let concern = format!("feed/{name}/{index}");
                        let arrivals = Arrivals::new(profile, setup.seed, &concern);
                        What::Profile(Box::new(arrivals), (name.into(), index))
                    }
                };
                SeriesPart {
                    tracked: meter.track(what, pipeline),
                    factor: series.factor,
                }
            })
            .collect()
    }
}

/// A container's fraction of its pod's usage; by default the first one uses all.
fn container_share(setup: &Setup, resource: &str, container: &str) -> Option<f64> {
    let spec = &setup.workload.spec.template.spec;
    let position = spec
        .running_containers()
        .position(|running| running.container.name == container)?;
    let shares = &setup.model.containers;
    if shares.is_empty() {
        return Some(if position == 0 { 1.0 } else { 0.0 });
    }
    let share = shares.iter().find(|share| share.name == container);
    Some(share.map_or(0.0, |share| {
        if resource == "memory" {
            share.memory
        } else {
            share.cpu
        }
    }))
}
