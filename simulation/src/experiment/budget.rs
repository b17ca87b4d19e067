//! What a run may take: bounds far above anything real, so that no text asks for hours or gigabytes.
//!
//! What depends on how the run goes, such as pods that must be counted apart, is bounded while it
//! runs: see [`crate::cluster::MAX_PODS`] and [`crate::cluster::Trace::stopped`].
#![deny(clippy::wildcard_enum_match_arm)]

use super::document::ExperimentDocument;
use super::problems::Problems;
use crate::cluster::{FeedSource, LoadProfile, Setup};
use hpa_core::manifest::{Document, FieldPath, Node, OWN_API_GROUP};
use hpa_core::time::SignedDuration;

/// Events of a timeline.
const MAX_EVENTS: usize = 1_000;
/// Goals, each of which looks through the whole run.
const MAX_GOALS: usize = 200;
/// Parts of the load; metrics, their series, policies and containers together.
const MAX_PARTS: usize = 1_000;
/// Values of the manifests, once for each event of the timeline, which may keep a copy of them.
const MAX_COPIES: usize = 2_000_000;
/// Points in time at which something is computed: 31 days of syncs each second fit.
const MAX_STEPS: f64 = 4e6;
/// What is computed at them.
const MAX_WORK: f64 = 1e8;
/// Syncs and what each of them saw of each metric.
const MAX_RECORDS: f64 = 6e6;

/// Refuses lists that are longer than anything needs, and cuts them off, so that all that follows
/// has little to do.
pub(super) fn cut(
    given: &mut ExperimentDocument,
    documents: &[Document],
    problems: &mut Problems<'_>,
) {
    let mut most = |name: &str, length: usize, most: usize| {
        if length > most {
            let message = format!("there are {length} of them, and {most} at most are read");
            problems.error(&FieldPath::new(name), message);
        }
        length.min(most)
    };
    let events = most("timeline", given.timeline.len(), MAX_EVENTS);
    given.timeline.truncate(events);
    let goals = most("goals", given.goals.len(), MAX_GOALS);
    given.goals.truncate(goals);
    let metrics = most("metrics", given.metrics.len(), MAX_PARTS);
    given.metrics.truncate(metrics);
    if let Some(parts) = &mut given.load {
        let count = most("load", parts.len(), MAX_PARTS);
        parts.truncate(count);
    }
    let values: usize = documents.iter().map(kept).sum();
    if values.saturating_mul(events) > MAX_COPIES {
        let message = format!(
            "{events} events are too many for manifests of {values} values: shorten either"
        );
        problems.error(&FieldPath::new("timeline"), message);
        given.timeline.clear();
    }
}

/// The values of a document that an event of the timeline may keep: all of a manifest, and of an
/// experiment what its edits put into the autoscaler.
fn kept(document: &Document) -> usize {
    if !document.api_version.starts_with(OWN_API_GROUP) {
        return size(&document.root);
    }
    let events = document.root.entry("timeline").into_iter();
    let events = events.flat_map(|timeline| timeline.value.items());
    events
        .filter_map(|event| event.entry("editAutoscaler"))
        .map(|edit| size(&edit.value))
        .sum()
}

/// All values of a value, itself among them.
fn size(node: &Node) -> usize {
    let items: usize = node.items().iter().map(size).sum();
    let entries: usize = node.entries().iter().map(|entry| size(&entry.value)).sum();
    1 + items + entries
}

/// Refuses a run that would take too many steps, or keep too much of them.
pub(super) fn check(setup: &Setup, problems: &mut Problems<'_>) {
    let times = |interval: SignedDuration| ratio(setup.duration, interval.max(SignedDuration(1)));
    let syncs = times(setup.controller.sync_period);
    let edited = setup
        .timeline
        .iter()
        .filter_map(|event| event.action.edited());
    let pod = &setup.workload.spec.template.spec;
    let mut metrics = pod.containers.len() + pod.init_containers.len();
    let mut most = 0;
    for autoscaler in edited.chain([&setup.autoscaler]) {
        let spec = &autoscaler.spec;
        let rules = spec
            .behavior
            .iter()
            .flat_map(|rules| [&rules.scale_up, &rules.scale_down]);
        let policies = rules.flatten().filter_map(|rules| rules.policies.as_ref());
        metrics += spec.metrics.len() + policies.map(Vec::len).sum::<usize>();
        most = most.max(spec.metrics.len());
    }
    let series = setup.feeds.iter().flat_map(|feed| &feed.series);
    metrics += series.clone().count();
    if metrics > MAX_PARTS {
        let message = format!(
            "metrics, series, policies and containers are {metrics} together: at most {MAX_PARTS} are simulated"
        );
        problems.error(&FieldPath::new("metrics"), message);
        return;
    }
    let records = syncs * float(1 + most + setup.neighbors.len() / 8);
    let pipelines = &setup.pipelines;
    let shared = [pipelines.resource, pipelines.custom, pipelines.external];
    let own = setup.feeds.iter().filter_map(|feed| feed.pipeline);
    let scrapes: f64 = shared
        .into_iter()
        .chain(own)
        .map(|one| times(one.interval))
        .sum();
    let (mut parts, mut breaks) = pieces(&setup.load, setup.duration);
    for series in series {
        if let FeedSource::Profile(profile) = &series.source {
            let (more_parts, more_breaks) = pieces(profile, setup.duration);
            (parts, breaks) = (parts + more_parts, breaks + more_breaks);
        }
    }
    let steps = syncs + scrapes + breaks + times(setup.max_step);
    let work = steps * float(4 + parts + metrics);
    if records <= MAX_RECORDS && steps <= MAX_STEPS && work <= MAX_WORK {
        return;
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
    let message = format!(
        "the run would take about {steps:.0} steps, {syncs:.0} of them syncs of {most} metrics: that is too much to compute and to keep"
    );
    problems.hint(&FieldPath::new("duration"), message, advice.0);
}

/// The parts of a profile, and how many pieces they have in a run.
fn pieces(profile: &LoadProfile, duration: SignedDuration) -> (usize, f64) {
    let breaks = profile.parts.iter().map(|part| part.shape.pieces(duration));
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
