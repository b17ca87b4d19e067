//! Estimates the cost of a run in advance: the number of steps, and the data kept of them.
//!
//! Costs that depend on the course of the run, such as distinct pods, are bounded during the run:
//! see [`super::MAX_PODS`] and [`super::Trace::stopped`].

use hpa_core::time::SignedDuration;

use super::invalid::SetupProblemKind;
use super::load::{LoadProfile, Shape};
use super::pipeline::FeedSource;
use super::setup::SetupDraft;
use super::timeline::Action;
use super::value_ranges::MAX_PARTS;

/// The maximum number of computed points in time: enough for 31 days of syncs each second.
const MAX_STEPS: f64 = 4e6;
/// The maximum amount of work at them.
const MAX_WORK: f64 = 1e8;
/// The maximum number of recorded syncs and metric samples.
const MAX_RECORDS: f64 = 6e6;

/// The problem of a run that would take too many steps or keep too much data, with its field.
pub(super) fn check(draft: &SetupDraft) -> Option<(&'static str, SetupProblemKind)> {
    let times = |interval: SignedDuration| ratio(draft.duration, interval);
    let syncs = times(draft.controller.sync_period);
    let edited = draft.timeline.iter().filter_map(|event| {
        let Action::EditAutoscaler(edited) = &event.action else {
            return None;
        };
        Some(&**edited)
    });
    let pod = &draft.workload.spec.template.spec;
    let mut metrics = pod.containers.len() + pod.init_containers.len();
    let mut most = 0;
    for autoscaler in edited.chain([&draft.autoscaler]) {
        let spec = &autoscaler.spec;
        let rules = spec
            .behavior
            .iter()
            .flat_map(|rules| [&rules.scale_up, &rules.scale_down]);
        let policies = rules.flatten().filter_map(|rules| rules.policies.as_ref());
        metrics += spec.metrics.len() + policies.map(Vec::len).sum::<usize>();
        most = most.max(spec.metrics.len());
    }
    let series = draft.feeds.iter().flat_map(|feed| &feed.series);
    metrics += series.clone().count();
    if metrics > MAX_PARTS {
        let kind = SetupProblemKind::TooManyMetrics {
            count: metrics,
            most: MAX_PARTS,
        };
        return Some(("metrics", kind));
    }
    let records = syncs * float(1 + most + draft.neighbors.len() / 8);
    let pipelines = &draft.pipelines;
    let shared = [pipelines.resource, pipelines.custom, pipelines.external];
    let own = draft.feeds.iter().filter_map(|feed| feed.pipeline);
    let scrapes: f64 = shared
        .into_iter()
        .chain(own)
        .map(|one| times(one.interval))
        .sum();
    let (mut parts, mut breaks) = pieces(&draft.load, draft.duration);
    for series in series {
        if let FeedSource::Profile(profile) = &series.source {
            let (more_parts, more_breaks) = pieces(profile, draft.duration);
            (parts, breaks) = (parts + more_parts, breaks + more_breaks);
        }
    }
    let steps = syncs + scrapes + breaks + times(draft.max_step);
    let work = steps * float(4 + parts + metrics);
    if records <= MAX_RECORDS && steps <= MAX_STEPS && work <= MAX_WORK {
        return None;
    }
    let mut advice = (
        "lower it, or leave out metrics and parts of the load",
        steps / 2.0,
    );
    for (text, count) in [
        ("lower it, or raise controller's sync-period", syncs),
        ("lower it, or raise the intervals of the pipelines", scrapes),
        (
            "lower it, or give the load fewer points and longer periods",
            breaks,
        ),
    ] {
        if count > advice.1 {
            advice = (text, count);
        }
    }
    let kind = SetupProblemKind::TooMuchWork {
        steps,
        syncs,
        metrics: most,
        advice: advice.0,
    };
    Some(("duration", kind))
}

/// The parts of a profile, and the number of their pieces in a run.
fn pieces(profile: &LoadProfile, duration: SignedDuration) -> (usize, f64) {
    let breaks = profile.parts.iter().map(|part| match &part.shape {
        Shape::Wave { period, form, .. } => 2.0 * ratio(duration, form.period(*period)),
        Shape::Noise { correlation, .. } => 2.0 * ratio(duration, *correlation),
        Shape::Points { points, repeat, .. } => {
            float(points.len()) * repeat.map_or(1.0, |repeat| 1.0 + ratio(duration, repeat))
        }
        Shape::Constant { .. } | Shape::Step { .. } | Shape::Ramp { .. } | Shape::Spike { .. } => {
            4.0
        }
    });
    (profile.parts.len(), breaks.sum())
}

fn ratio(duration: SignedDuration, interval: SignedDuration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let float = |time: SignedDuration| time.0.max(1) as f64;
    float(duration) / float(interval)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn float(count: usize) -> f64 {
    count as f64
}
