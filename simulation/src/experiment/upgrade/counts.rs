//! Runs an experiment under two releases: where the counts start to differ and by which rule, and what
//! the status looks like.

use super::fields::{self, FieldChange};
use super::{Releases, Trial, Upgrade};
use crate::cluster::SyncRecord;
use crate::experiment::{Experiment, Run};
use hpa_core::api::{Change, Rules};
use hpa_core::autoscaler::FeatureGate;
use hpa_core::manifest::{FieldPath, print_hpa};
use hpa_core::time::{SignedDuration, Timestamp};

/// The moments of syncs: the only rules that shift every count in time.
const MOMENTS: [Change; 1] = [Change::ImmediateSync];

/// Of how many syncs the statuses are compared.
const STATUSES: usize = 40;

/// The first sync of both releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FirstSync {
    /// With the earlier release.
    pub before: Timestamp,
    /// With the later release.
    pub after: Timestamp,
}

/// Where the replica counts of two releases start to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Divergence {
    /// The time of the sync.
    pub time: Timestamp,
    /// The desired replicas with the earlier and with the later release.
    pub desired: (i32, i32),
    /// What makes them differ: each of these alone. If it is empty, several do together.
    pub causes: Vec<Cause>,
}

/// A difference between two releases that alone makes counts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A rule.
    Rule(Change),
    /// The default of a feature gate.
    Gate(FeatureGate),
}

/// Runs both experiments and completes `upgrade`.
pub(super) fn compare(
    trial: &Trial<'_>,
    before: &Experiment,
    after: &Experiment,
    upgrade: &mut Upgrade,
) {
    let releases = Releases {
        from: before.setup.controller.version,
        to: after.setup.controller.version,
    };
    let first = before.run();
    let own = after.run();
    let times = [&first, &own].map(|run| run.trace.syncs.first().map(|sync| sync.time));
    if let [Some(before), Some(after)] = times
        && before != after
    {
        upgrade.first_sync = Some(FirstSync { before, after });
    }
    upgrade.comparison = Some(first.compare(&own));
    let rules = before.setup.controller.rules;
    let Some(second) = ruled(after, |later| with_moments_of(later, rules)) else {
        return;
    };
    let second = second.run();
    let divergence = divergence(&first, &second);
    let end = divergence.unwrap_or(usize::MAX);
    upgrade.status = status(before, (&first, &second), end);
    upgrade.divergence = divergence.map(|sync| {
        let desired = |run: &Run| run.trace.syncs.get(sync).map_or(0, |sync| sync.desired);
        let syncs = [&first, &second].map(|run| run.trace.syncs.get(sync));
        let time = syncs.into_iter().flatten().map(|sync| sync.time).min();
        Divergence {
            time: time.unwrap_or_default(),
            desired: (desired(&first), desired(&second)),
            causes: causes(trial, releases, (&first, after), sync),
        }
    });
}

/// The same experiment under other rules.
fn ruled(experiment: &Experiment, change: impl FnOnce(Rules) -> Rules) -> Option<Experiment> {
    let mut experiment = experiment.clone();
    let setup = experiment.setup.with(|draft| {
        draft.controller.rules = change(draft.controller.rules);
    });
    experiment.setup = setup.ok()?;
    Some(experiment)
}

fn with_moments_of(later: Rules, earlier: Rules) -> Rules {
    MOMENTS
        .into_iter()
        .fold(later, |rules, moment| as_in(rules, moment, earlier))
}

/// The rules with one of them as `earlier` has it.
fn as_in(rules: Rules, change: Change, earlier: Rules) -> Rules {
    if earlier.has(change) {
        rules.with(change)
    } else {
        rules.without(change)
    }
}

/// The first sync at which the counts differ.
fn divergence(first: &Run, second: &Run) -> Option<usize> {
    let [a, b] = [first, second].map(|run| &run.trace.syncs);
    let differ = |(a, b): (&SyncRecord, &SyncRecord)| a.time != b.time || a.desired != b.desired;
    let shorter = a.len().min(b.len());
    let unequal = (a.len() != b.len()).then_some(shorter);
    a.iter().zip(b).position(differ).or(unequal)
}

/// The rules and gates each of which alone, set as the earlier release has it, undoes the difference at
/// `sync`.
fn causes(
    trial: &Trial<'_>,
    releases: Releases,
    (first, after): (&Run, &Experiment),
    sync: usize,
) -> Vec<Cause> {
    let earlier = first.trace.setup.controller.rules;
    let undone = |experiment: Option<Experiment>| {
        let Some(mut experiment) = experiment else {
            return false;
        };
        // Nothing after the sync matters.
        if let Some(record) = first.trace.syncs.get(sync) {
            let end = SignedDuration(record.time.0 + SignedDuration::from_secs(1).0);
            let _goals_left_out = experiment.set_duration(end);
        }
        divergence(first, &experiment.run()).is_none_or(|other| other > sync)
    };
    let rules = releases.rules().filter(|(rule, _)| !MOMENTS.contains(rule));
    let rules = rules.filter(|(rule, _)| {
        undone(ruled(after, |later| {
            as_in(with_moments_of(later, earlier), *rule, earlier)
        }))
    });
    let gates = releases.gates().filter(|(gate, later)| {
        let parsed = trial.parse(releases.to, &[(*gate, !later)]);
        let experiment = parsed.experiment;
        undone(experiment.and_then(|other| ruled(&other, |later| with_moments_of(later, earlier))))
    });
    let rules = rules.map(|(rule, _)| Cause::Rule(rule));
    rules
        .chain(gates.map(|(gate, _)| Cause::Gate(gate)))
        .collect()
}

/// The fields of the status that differ before the sync `end`, each with the first example.
///
/// Compared are the statuses of up to [`STATUSES`] syncs that changed something.
fn status(experiment: &Experiment, (first, second): (&Run, &Run), end: usize) -> Vec<FieldChange> {
    let mut found: Vec<FieldChange> = Vec::new();
    for sync in telling(first, end) {
        let printed = [first, second].map(|run| {
            let detail = run.replay.detail(sync)?;
            let mut hpa = experiment.setup.autoscaler.clone();
            hpa.status = Some(detail.status.to_api(run.trace.setup.controller.rules));
            Some(print_hpa(&hpa))
        });
        let [Some(before), Some(after)] = printed else {
            continue;
        };
        for change in fields::changes(&before, &after) {
            if !found.iter().any(|known| known.path == change.path) && !is_time(&change.path) {
                found.push(change);
            }
        }
    }
    found
}

/// The first sync, those that change the count, and the last one.
fn telling(run: &Run, end: usize) -> Vec<usize> {
    let syncs = &run.trace.syncs;
    let end = end.min(syncs.len());
    let mut chosen: Vec<usize> = (0..end)
        .filter(|&index| {
            let sync = &syncs[index];
            index == 0 || sync.desired != sync.current || sync.branch != syncs[index - 1].branch
        })
        .take(STATUSES)
        .collect();
    if let Some(last) = end.checked_sub(1)
        && chosen.last() != Some(&last)
    {
        chosen.push(last);
    }
    chosen
}

/// Whether a field tells when something happened.
fn is_time(path: &FieldPath) -> bool {
    let text = path.to_string();
    text.ends_with("Time")
}
