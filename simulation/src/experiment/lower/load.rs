//! The load from the experiment document, or one that suits the autoscaler.

use super::super::document::load::{
    FormDocument, InterpolationDocument, PartDocument, PointsDocument, SHAPES, SeriesDocument,
};
use super::super::document::value::Amount;
use super::super::import::{self, Import};
use super::Problems;
use crate::cluster::{
    FeedSource, Interpolation, LoadPart, LoadProfile, MAX_PODS, Setup, Shape, Signal, WaveShape,
};
use hpa_core::api::{MetricSpec, MetricTarget};
use hpa_core::manifest::{FieldPath, Severity};
use hpa_core::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The highest rate [1/s], or the highest value of a metric's own profile.
const MOST: f64 = 1e15;

/// A rate, which may be negative: a dip.
fn rate(Amount(value): Amount, path: &FieldPath, problems: &mut Problems<'_>) -> f64 {
    problems.within(path, value, -MOST, MOST)
}

/// The sum of the parts.
pub(super) fn profile(
    parts: &[PartDocument],
    path: &FieldPath,
    end: Duration,
    problems: &mut Problems<'_>,
) -> LoadProfile {
    let parts = parts
        .iter()
        .enumerate()
        .filter_map(|(index, given)| part(given, &path.index(index), end, problems))
        .collect();
    LoadProfile { parts }
}

fn part(
    given: &PartDocument,
    path: &FieldPath,
    end: Duration,
    problems: &mut Problems<'_>,
) -> Option<LoadPart> {
    let mut shapes = shapes(given, path, end, problems);
    if shapes.len() != 1 {
        problems.not_one(path, "a part of the load has exactly one shape", &SHAPES);
        return None;
    }
    let (kind, shape) = shapes.remove(0);
    Some(LoadPart {
        name: given.name.clone().unwrap_or_else(|| String::from(kind)),
        shape: shape?,
    })
}

fn shapes(
    given: &PartDocument,
    path: &FieldPath,
    end: Duration,
    problems: &mut Problems<'_>,
) -> Vec<(&'static str, Option<Shape>)> {
    let mut shapes = Vec::new();
    if let Some(given) = given.constant {
        let rate = rate(given, &path.child("constant"), problems);
        shapes.push(("constant", Some(Shape::Constant { rate })));
    }
    if let Some(step) = &given.step {
        let path = path.child("step");
        let shape = Shape::Step {
            rate: rate(step.rate, &path.child("rate"), problems),
            from: step.from.unwrap_or_default(),
            until: step.until,
        };
        shapes.push(("step", Some(shape)));
    }
    if let Some(ramp) = &given.ramp {
        let from = ramp.from.unwrap_or_default();
        let until = ramp.until.unwrap_or(end);
        let path = path.child("ramp");
        let shape = Shape::Ramp {
            start_rate: rate(ramp.start_rate, &path.child("startRate"), problems),
            end_rate: rate(ramp.end_rate, &path.child("endRate"), problems),
            from,
            until: problems.time(&path.child("until"), until, from, Duration(i64::MAX)),
        };
        shapes.push(("ramp", Some(shape)));
    }
    if let Some(wave) = &given.wave {
        let (form, natural) = match wave.form {
            FormDocument::Sine => (WaveShape::Sine, Duration::from_secs(600)),
            FormDocument::Triangle => (WaveShape::Triangle, Duration::from_secs(600)),
            FormDocument::Square => (WaveShape::Square, Duration::from_secs(600)),
            FormDocument::Day => (WaveShape::Day, DAY),
            FormDocument::Week => (WaveShape::Week, Duration(DAY.0 * 7)),
        };
        let period = wave.period.unwrap_or(natural);
        let path = path.child("wave");
        let year = Duration(DAY.0 * 366);
        let mean = rate(wave.mean, &path.child("mean"), problems);
        let mut time = |name, time, low| problems.time(&path.child(name), time, low, year);
        let shape = Shape::Wave {
            mean,
            period: time("period", period, Duration::from_secs(1)),
            phase: time("phase", wave.phase.unwrap_or_default(), Duration(-year.0)),
            amplitude: wave.amplitude.map_or(mean / 2.0, |amount| {
                rate(amount, &path.child("amplitude"), problems)
            }),
            form,
        };
        shapes.push(("wave", Some(shape)));
    }
    if let Some(spike) = &given.spike {
        let path = path.child("spike").child("height");
        let shape = Shape::Spike {
            height: rate(spike.height, &path, problems),
            at: spike.at.unwrap_or_default(),
            rise: spike.rise.unwrap_or_default(),
            hold: spike.hold.unwrap_or(Duration::from_secs(60)),
            decay: spike.decay.unwrap_or_default(),
        };
        shapes.push(("spike", Some(shape)));
    }
    if let Some(noise) = &given.noise {
        let correlation = noise.correlation.unwrap_or(Duration::from_secs(30));
        let path = path.child("noise");
        let second = Duration::from_secs(1);
        let shape = Shape::Noise {
            deviation: rate(noise.deviation, &path.child("deviation"), problems),
            correlation: problems.time(&path.child("correlation"), correlation, second, DAY),
        };
        shapes.push(("noise", Some(shape)));
    }
    if let Some(given) = &given.points {
        shapes.push(("points", points(given, &path.child("points"), problems)));
    }
    if let Some(given) = &given.series {
        shapes.push(("series", series(given, &path.child("series"), problems)));
    }
    shapes
}

fn points(given: &PointsDocument, path: &FieldPath, problems: &mut Problems<'_>) -> Option<Shape> {
    let values = path.child("values");
    if given.values.is_empty() {
        problems.error(&values, "there are no points");
        return None;
    }
    if let Some(index) = given
        .values
        .windows(2)
        .position(|pair| pair[0].at > pair[1].at)
    {
        problems.error(
            &values.index(index + 1),
            "the points are not in order of time",
        );
        return None;
    }
    let points = given.values.iter().enumerate().map(|(index, point)| {
        let path = || values.index(index).child("rate");
        (point.at, in_range(point.rate.0, path, problems))
    });
    Some(Shape::Points {
        points: points.collect(),
        interpolation: interpolation(given.interpolation),
        repeat: repeat(given.repeat, path, problems),
    })
}

/// [`rate`] for many: their places are only made where there is a problem.
fn in_range(value: f64, path: impl Fn() -> FieldPath, problems: &mut Problems<'_>) -> f64 {
    if value.abs() <= MOST {
        value
    } else {
        rate(Amount(value), &path(), problems)
    }
}

fn repeat(
    given: Option<Duration>,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Option<Duration> {
    let path = path.child("repeat");
    given.map(|repeat| problems.time(&path, repeat, Duration::from_secs(1), Duration(i64::MAX)))
}

const fn interpolation(given: InterpolationDocument) -> Interpolation {
    match given {
        InterpolationDocument::Linear => Interpolation::Linear,
        InterpolationDocument::Hold => Interpolation::Hold,
    }
}

fn series(given: &SeriesDocument, path: &FieldPath, problems: &mut Problems<'_>) -> Option<Shape> {
    let column = given.column.unwrap_or(0) as usize;
    let texts = [&given.prometheus, &given.csv, &given.promtool];
    if texts.iter().filter(|text| text.is_some()).count() != 1 {
        problems.error(
            path,
            "a series has exactly one of prometheus, csv and promtool",
        );
        return None;
    }
    if problems.points_left == 0 {
        return None;
    }
    let (name, result) = if let Some(text) = &given.prometheus {
        ("prometheus", import::prometheus(text, column))
    } else if let Some(text) = &given.csv {
        ("csv", import::csv(text, column))
    } else {
        let text = given.promtool.as_deref().unwrap_or_default();
        let interval = given.interval.unwrap_or(Duration::from_secs(60));
        ("promtool", import::promtool(text, interval))
    };
    let path = path.child(name);
    match result {
        Err(error) => {
            problems.error(&path, error);
            None
        }
        Ok(Import { points, notes }) => {
            for note in notes {
                problems.add(Severity::Warning, "import", &path, note);
            }
            if points.len() > problems.points_left {
                problems.points_left = 0;
                let most = super::budget::MAX_POINTS;
                let message = format!("all series together have more than {most} values");
                problems.error(&path, message);
                return None;
            }
            problems.points_left -= points.len();
            let factor = given.factor.map_or(1.0, |factor| {
                rate(factor, &path.parent().child("factor"), problems)
            });
            let most = points
                .iter()
                .fold(0.0_f64, |most, (_, rate)| most.max(rate.abs()));
            rate(Amount(most * factor), &path, problems);
            Some(Shape::Points {
                points: points
                    .into_iter()
                    .map(|(at, rate)| (at, rate * factor))
                    .collect(),
                interpolation: interpolation(given.interpolation),
                repeat: repeat(given.repeat, &path.parent(), problems),
            })
        }
    }
}

/// A load that makes the autoscaler use six tenths of its range for ten minutes, from the second
/// minute on; before and after a bit less than its minimum needs.
pub(super) fn suggested(setup: &Setup, problems: &mut Problems<'_>) -> LoadProfile {
    let spec = &setup.autoscaler.spec;
    let minimum = f64::from(spec.min_replicas.unwrap_or(1).max(0));
    // Without a real upper limit the range says nothing: ten times the minimum does.
    let maximum = f64::from(spec.max_replicas).min(10.0 * minimum.max(1.0));
    let per_pod = spec
        .metrics
        .iter()
        .find_map(|metric| rate_per_pod(metric, setup))
        .unwrap_or(10.0);
    let per_pod = per_pod.min(MOST / f64::from(MAX_PODS));
    let quiet = round(per_pod * minimum * 0.6);
    let busy = round(per_pod * (minimum + 0.6 * (maximum - minimum).max(0.0))) - quiet;
    let minutes = |count: i64| Duration::from_secs(60 * count);
    problems.add(
        Severity::Info,
        "assumed-load",
        &FieldPath::default(),
        format!(
            "no load is given: {quiet} requests/s are assumed, and {} from 2m to 12m",
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

/// The requests/s at which one pod is at its target, for the metrics where that can be said.
fn rate_per_pod(metric: &MetricSpec, setup: &Setup) -> Option<f64> {
    if let Some(resource) = &metric.resource
        && resource.name == "cpu"
    {
        let requested: f64 = setup
            .workload
            .spec
            .template
            .spec
            .containers
            .iter()
            .filter_map(|container| container.resources.requests.get("cpu"))
            .map(hpa_core::quantity::Quantity::approximate_f64)
            .sum();
        let cores = match resource.target.average_utilization {
            Some(percent) => f64::from(percent) / 100.0 * requested,
            None => resource.target.average_value.as_ref()?.approximate_f64(),
        };
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
