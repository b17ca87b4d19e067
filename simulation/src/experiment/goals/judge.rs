//! Evaluates the goals on a run.
#![deny(clippy::wildcard_enum_match_arm)]

use super::{Check, Goal, Outcome, Reach, Verdict};
use crate::cluster::{SyncRecord, Trace};
use crate::experiment::measure::{self, Part, Row, moment, rows, seconds, syncs};
use crate::experiment::value::Amount;
use hpa_core::time::{SignedDuration, Timestamp};

/// A measured value, and when it first violated the limit.
type Measured = (Option<f64>, Option<Timestamp>);

/// The verdict on a goal.
#[must_use]
pub fn judge(goal: &Goal, trace: &Trace) -> Verdict {
    let part = goal.part;
    let (measured, violation) = measure_check(&goal.check, trace, part);
    let never = measured.is_none();
    Verdict {
        goal: goal.clone(),
        outcome: if violation.is_some() || never {
            Outcome::Violated
        } else {
            Outcome::Met
        },
        measured,
        violation: violation.or(never.then_some(Timestamp(part.until.0))),
    }
}

fn measure_check(check: &Check, trace: &Trace, part: Part) -> Measured {
    match check {
        Check::ReplicasAtMost(limit) => extreme(trace, part, |count| count > *limit, i32::max),
        Check::ReplicasAtLeast(limit) => extreme(trace, part, |count| count < *limit, i32::min),
        Check::Reaches(Reach { replicas, .. }) => first(trace, part, |count| count >= *replicas),
        Check::ReturnsTo(Reach { replicas, .. }) => first(trace, part, |count| count <= *replicas),
        Check::UnmetDemand(limit) => {
            let unmet = rows(trace, part).filter(|row| measure::unmet(trace, row.index));
            let spans = unmet.map(|row| (row.start, row.seconds()));
            sum(spans, seconds(*limit), Spent::Gradually)
        }
        Check::LostRequests(Amount(limit)) => {
            let lost = rows(trace, part).map(|row| {
                let steps = &trace.steps;
                let lost = f64::from(steps.dropped[row.index] + steps.timed_out[row.index]);
                (row.start, lost * row.seconds())
            });
            sum(lost, *limit, Spent::AtOnce)
        }
        Check::P95Latency(limit) => {
            let latency = |row: &Row| f64::from(trace.steps.p95[row.index]);
            let longest = rows(trace, part)
                .map(|row| latency(&row))
                .fold(0.0, f64::max);
            let at = rows(trace, part).find(|row| latency(row) > seconds(*limit));
            (Some(longest), at.map(|row| moment(row.start)))
        }
        Check::DirectionChangesPerHour(Amount(limit)) => {
            let hours = (seconds(part.until) - seconds(part.from)).max(1.0) / 3600.0;
            let changes = measure::direction_changes(syncs(trace, part));
            nth(&changes, limit * hours, |count| count / hours)
        }
        Check::Rescales(limit) => count(trace, part, *limit, SyncRecord::rescaled),
        Check::Bypasses(limit) => count(trace, part, *limit, measure::bypass),
        Check::PodHours(Amount(limit)) => {
            let hours = rows(trace, part).map(|row| {
                let steps = &trace.steps;
                let pods = steps.ready[row.index]
                    + steps.unready[row.index]
                    + steps.pending[row.index]
                    + steps.terminating[row.index];
                (row.start, f64::from(pods) * row.seconds() / 3600.0)
            });
            sum(hours, *limit, Spent::AtOnce)
        }
        Check::ScalingInactive(limit) => {
            let all = syncs(trace, part);
            let times = all
                .iter()
                .enumerate()
                .filter(|(_, sync)| measure::inactive(sync));
            let spans = times.map(|(index, sync)| {
                let next = all.get(index + 1).map_or(part.until.0, |next| next.time.0);
                (
                    seconds(SignedDuration(sync.time.0)),
                    seconds(SignedDuration(next - sync.time.0)),
                )
            });
            sum(spans, seconds(*limit), Spent::Gradually)
        }
    }
}

/// The highest or lowest replica count, and when it first violated the limit.
fn extreme(
    trace: &Trace,
    part: Part,
    wrong: impl Fn(i32) -> bool,
    pick: impl Fn(i32, i32) -> i32,
) -> Measured {
    let count = |row: &Row| trace.steps.spec_replicas[row.index];
    let most = rows(trace, part).map(|row| count(&row)).reduce(pick);
    let at = rows(trace, part).find(|row| wrong(count(row)));
    (
        Some(most.map_or(0.0, f64::from)),
        at.map(|row| moment(row.start)),
    )
}

/// The time until the first matching row \[s\].
fn first(trace: &Trace, part: Part, fits: impl Fn(i32) -> bool) -> Measured {
    let row = rows(trace, part).find(|row| fits(trace.steps.spec_replicas[row.index]));
    (row.map(|row| row.start - seconds(part.from)), None)
}

/// Whether a row's amount accrues over the row or at its start.
#[derive(Clone, Copy)]
enum Spent {
    Gradually,
    AtOnce,
}

/// The sum of amounts, and when it exceeded the limit.
fn sum(amounts: impl Iterator<Item = (f64, f64)>, limit: f64, spent: Spent) -> Measured {
    let (mut total, mut at) = (0.0, None);
    for (start, amount) in amounts {
        if at.is_none() && total + amount > limit {
            at = Some(match spent {
                Spent::Gradually => moment(start + (limit - total)),
                Spent::AtOnce => moment(start),
            });
        }
        total += amount;
    }
    (Some(total), at)
}

/// The number of matching syncs, and the first one beyond the limit.
fn count(trace: &Trace, part: Part, limit: u32, counts: impl Fn(&SyncRecord) -> bool) -> Measured {
    let counted = syncs(trace, part).iter().filter(|sync| counts(sync));
    let times: Vec<_> = counted.map(|sync| sync.time).collect();
    nth(&times, f64::from(limit), |count| count)
}

/// The number of times, in the check's unit, and the first one beyond the limit.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn nth(times: &[Timestamp], limit: f64, unit: impl Fn(f64) -> f64) -> Measured {
    let at = times.get(limit.max(0.0) as usize).copied();
    (Some(unit(times.len() as f64)), at)
}
