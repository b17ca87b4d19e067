//! Goals and verdicts: what a run is checked against, and what came of it.

use std::fmt;

use super::document::ExperimentDocument;
use super::document::goals::{CHECKS, ExpectDocument, GoalDocument, ReachDocument};
use super::lower::Problems;
use super::measure::{self, Part, moment, rows, seconds, syncs};
use crate::cluster::{LoadProfile, Trace};
use hpa_core::manifest::FieldPath;
use hpa_core::time::{Duration, Timestamp};

/// One goal of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The goal in a few words.
    pub name: String,
    /// How to reach it.
    pub hint: Option<String>,
    /// Whether it is meant to be met.
    pub expect: Expect,
    /// The part of the run that counts.
    pub part: Part,
    /// What is checked.
    pub check: Check,
}

/// Whether a goal is meant to be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// It is.
    #[default]
    Pass,
    /// It is not: the experiment shows a pain.
    Violated,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// Never more replicas.
    ReplicasAtMost(i32),
    /// Never fewer replicas.
    ReplicasAtLeast(i32),
    /// At least so many replicas at some time from `part.from` until the end of the part.
    Reaches(i32),
    /// At most so many replicas at some time from `part.from` until the end of the part.
    ReturnsTo(i32),
    /// The most time in which some request is not served at once \[s\].
    UnmetDemand(f64),
    /// The most requests that are dropped or give up.
    LostRequests(f64),
    /// The longest 95th percentile of latency \[s\].
    P95Latency(f64),
    /// The most changes of direction per hour.
    DirectionChangesPerHour(f64),
    /// The most rescales.
    Rescales(f64),
    /// The most pod hours.
    PodHours(f64),
    /// The longest time with ScalingActive=False \[s\].
    ScalingInactive(f64),
    /// The most changes that skip metrics, windows and policies.
    Bypasses(f64),
}

/// The unit of a measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Replicas.
    Replicas,
    /// Seconds.
    Seconds,
    /// Requests.
    Requests,
    /// Times per hour.
    PerHour,
    /// Times.
    Times,
    /// Pod hours.
    PodHours,
}

/// What came of one goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The goal.
    pub goal: Goal,
    /// Whether it was met.
    pub outcome: Outcome,
    /// The measured value; `None` where a count was never reached.
    pub measured: Option<f64>,
    /// The moment of the first violation.
    pub violation: Option<Timestamp>,
}

/// Whether a goal was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was.
    Met,
    /// It was not.
    Violated,
}

impl Goal {
    /// Whether a run can judge it that ends at `end` and not, as it should, at `planned`.
    pub(super) fn fits(&self, planned: Duration, end: Duration) -> bool {
        let Part { from, until } = self.part;
        let waits = matches!(self.check, Check::Reaches(_) | Check::ReturnsTo(_));
        from < end && (!waits || until <= end || planned <= end)
    }
}

impl Verdict {
    /// Whether the goal came out as the experiment expects.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        (self.outcome == Outcome::Met) == (self.goal.expect == Expect::Pass)
    }

    /// The measured value in words.
    #[must_use]
    pub fn measured_text(&self) -> String {
        self.measured.map_or_else(
            || String::from("never"),
            |value| self.goal.check.unit().text(value),
        )
    }
}

impl Unit {
    /// A value in words.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        let rounded = |digits: f64| (value * digits).round() / digits;
        match self {
            Self::Replicas => format!("{value} replicas"),
            Self::Seconds => Duration(moment(value).0).to_string(),
            Self::Requests => format!("{} requests", rounded(1.0)),
            Self::PerHour => format!("{} per hour", rounded(10.0)),
            Self::Times => format!("{value} times"),
            Self::PodHours => format!("{} pod hours", rounded(100.0)),
        }
    }
}

impl Check {
    /// The unit of what is measured.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::ReplicasAtMost(_) | Self::ReplicasAtLeast(_) => Unit::Replicas,
            Self::Reaches(_)
            | Self::ReturnsTo(_)
            | Self::UnmetDemand(_)
            | Self::P95Latency(_)
            | Self::ScalingInactive(_) => Unit::Seconds,
            Self::LostRequests(_) => Unit::Requests,
            Self::DirectionChangesPerHour(_) => Unit::PerHour,
            Self::Rescales(_) | Self::Bypasses(_) => Unit::Times,
            Self::PodHours(_) => Unit::PodHours,
        }
    }

    fn words(self, part: Part) -> String {
        let within = Duration(part.until.0 - part.from.0);
        let most = |what: &str, limit: f64| format!("{what} at most {}", self.unit().text(limit));
        match self {
            Self::ReplicasAtMost(count) => format!("never more than {count} replicas"),
            Self::ReplicasAtLeast(count) => format!("never fewer than {count} replicas"),
            Self::Reaches(count) => {
                format!(
                    "reaches {count} replicas within {within} from {} on",
                    part.from
                )
            }
            Self::ReturnsTo(count) => {
                format!(
                    "is back at {count} replicas within {within} from {} on",
                    part.from
                )
            }
            Self::UnmetDemand(limit) => most("unmet demand for", limit),
            Self::LostRequests(limit) => most("loses", limit),
            Self::P95Latency(limit) => most("95th percentile of latency", limit),
            Self::DirectionChangesPerHour(limit) => most("changes its direction", limit),
            Self::Rescales(limit) => most("rescales", limit),
            Self::PodHours(limit) => most("uses", limit),
            Self::ScalingInactive(limit) => most("ScalingActive is False for", limit),
            Self::Bypasses(limit) => most("oversteps minReplicas or maxReplicas", limit),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Violated => "violated",
        })
    }
}

/// The verdict on a goal.
#[must_use]
pub fn judge(goal: &Goal, trace: &Trace) -> Verdict {
    let part = goal.part;
    let (measured, violation) = match goal.check {
        Check::ReplicasAtMost(limit) => extreme(trace, part, |count| count > limit, i32::max),
        Check::ReplicasAtLeast(limit) => extreme(trace, part, |count| count < limit, i32::min),
        Check::Reaches(count) => first(trace, part, |replicas| replicas >= count),
        Check::ReturnsTo(count) => first(trace, part, |replicas| replicas <= count),
        Check::UnmetDemand(limit) => sum(
            rows(trace, part)
                .filter(|row| measure::unmet(trace, row.index))
                .map(|row| (row.start, row.seconds())),
            limit,
            Spent::Gradually,
        ),
        Check::LostRequests(limit) => sum(
            rows(trace, part).map(|row| {
                let steps = &trace.steps;
                let lost = f64::from(steps.dropped[row.index] + steps.timed_out[row.index]);
                (row.start, lost * row.seconds())
            }),
            limit,
            Spent::AtOnce,
        ),
        Check::P95Latency(limit) => {
            let latency = |row: &measure::Row| f64::from(trace.steps.p95[row.index]);
            let longest = rows(trace, part)
                .map(|row| latency(&row))
                .fold(0.0, f64::max);
            let at = rows(trace, part).find(|row| latency(row) > limit);
            (Some(longest), at.map(|row| moment(row.start)))
        }
        Check::DirectionChangesPerHour(limit) => {
            let hours = (seconds(part.until) - seconds(part.from)).max(1.0) / 3600.0;
            let changes = measure::direction_changes(syncs(trace, part));
            nth(&changes, limit * hours, |count| count / hours)
        }
        Check::Rescales(limit) => {
            let rescales = syncs(trace, part).iter().filter(|sync| sync.rescaled());
            nth(
                &rescales.map(|sync| sync.time).collect::<Vec<_>>(),
                limit,
                |count| count,
            )
        }
        Check::Bypasses(limit) => {
            let bypasses = syncs(trace, part)
                .iter()
                .filter(|sync| measure::bypass(sync));
            nth(
                &bypasses.map(|sync| sync.time).collect::<Vec<_>>(),
                limit,
                |count| count,
            )
        }
        Check::PodHours(limit) => sum(
            rows(trace, part).map(|row| {
                let steps = &trace.steps;
                let pods = steps.ready[row.index]
                    + steps.unready[row.index]
                    + steps.pending[row.index]
                    + steps.terminating[row.index];
                (row.start, f64::from(pods) * row.seconds() / 3600.0)
            }),
            limit,
            Spent::AtOnce,
        ),
        Check::ScalingInactive(limit) => {
            let all = syncs(trace, part);
            let end = part.until;
            let times = all
                .iter()
                .enumerate()
                .filter(|(_, sync)| measure::inactive(sync));
            let spans = times.map(|(index, sync)| {
                let next = all.get(index + 1).map_or(end.0, |next| next.time.0);
                (
                    seconds(Duration(sync.time.0)),
                    seconds(Duration(next - sync.time.0)),
                )
            });
            sum(spans, limit, Spent::Gradually)
        }
    };
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

fn extreme(
    trace: &Trace,
    part: Part,
    wrong: impl Fn(i32) -> bool,
    pick: impl Fn(i32, i32) -> i32,
) -> (Option<f64>, Option<Timestamp>) {
    let count = |row: &measure::Row| trace.steps.spec_replicas[row.index];
    let most = rows(trace, part).map(|row| count(&row)).reduce(pick);
    let at = rows(trace, part).find(|row| wrong(count(row)));
    (
        Some(most.map_or(0.0, f64::from)),
        at.map(|row| moment(row.start)),
    )
}

/// The time until some row fits \[s\].
fn first(
    trace: &Trace,
    part: Part,
    fits: impl Fn(i32) -> bool,
) -> (Option<f64>, Option<Timestamp>) {
    let row = rows(trace, part).find(|row| fits(trace.steps.spec_replicas[row.index]));
    (row.map(|row| row.start - seconds(part.from)), None)
}

/// How an amount of a row is used up: in the course of the row, or at its start.
#[derive(Clone, Copy)]
enum Spent {
    Gradually,
    AtOnce,
}

/// The sum of amounts, and when it passed the limit.
fn sum(
    amounts: impl Iterator<Item = (f64, f64)>,
    limit: f64,
    spent: Spent,
) -> (Option<f64>, Option<Timestamp>) {
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

/// How many there are, in the check's unit, and the first one past the limit.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn nth(
    times: &[Timestamp],
    limit: f64,
    unit: impl Fn(f64) -> f64,
) -> (Option<f64>, Option<Timestamp>) {
    let at = times.get(limit.max(0.0) as usize).copied();
    (Some(unit(times.len() as f64)), at)
}

/// The goals of the document.
pub(super) fn lower(
    given: &ExperimentDocument,
    load: Option<&LoadProfile>,
    end: Duration,
    problems: &mut Problems<'_>,
) -> Vec<Goal> {
    let path = FieldPath::new("goals");
    let mut goals = Vec::new();
    for (index, goal) in given.goals.iter().enumerate() {
        let path = path.index(index);
        goals.extend(lower_goal(goal, (given, load), end, &path, problems));
    }
    goals
}

fn lower_goal(
    goal: &GoalDocument,
    (given, load): (&ExperimentDocument, Option<&LoadProfile>),
    end: Duration,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Option<Goal> {
    let mut part = Part {
        from: goal.from.unwrap_or_default(),
        until: goal.until.unwrap_or(end).min(end),
    };
    let mut checks = checks(goal);
    let mut reach = |name: &str, reach: &ReachDocument, problems: &mut Problems<'_>| {
        let path = path.child(name);
        if let Some(after) = &reach.after {
            match begin(&after.0, given, load) {
                Some(at) => part.from = at,
                None => problems.hint(
                    &path.child("after"),
                    format!("{:?} is neither a time nor a name", after.0),
                    "a time such as 5m, or the name of a timeline event or of a part of the load",
                ),
            }
        }
        if let Some(within) = reach.within {
            part.until = Duration(part.from.0.saturating_add(within.0)).min(end);
        }
        reach.replicas
    };
    if let Some(given) = &goal.reaches {
        checks.push(Check::Reaches(reach("reaches", given, problems)));
    }
    if let Some(given) = &goal.returns_to {
        checks.push(Check::ReturnsTo(reach("returnsTo", given, problems)));
    }
    if part.from >= part.until {
        let (from, until) = (part.from, part.until);
        problems.error(
            path,
            format!("the part of the run from {from} to {until} is empty"),
        );
        return None;
    }
    let [check] = checks[..] else {
        problems.not_one(path, "a goal has exactly one check", &CHECKS);
        return None;
    };
    Some(Goal {
        name: goal.name.clone().unwrap_or_else(|| check.words(part)),
        hint: goal.hint.clone(),
        expect: match goal.expect {
            ExpectDocument::Pass => Expect::Pass,
            ExpectDocument::Violated => Expect::Violated,
        },
        part,
        check,
    })
}

fn checks(goal: &GoalDocument) -> Vec<Check> {
    let amount = |amount: super::document::value::Amount| amount.0;
    [
        goal.replicas_at_most.map(Check::ReplicasAtMost),
        goal.replicas_at_least.map(Check::ReplicasAtLeast),
        goal.unmet_demand.map(seconds).map(Check::UnmetDemand),
        goal.lost_requests.map(amount).map(Check::LostRequests),
        goal.p95_latency.map(seconds).map(Check::P95Latency),
        goal.direction_changes_per_hour
            .map(amount)
            .map(Check::DirectionChangesPerHour),
        goal.rescales.map(f64::from).map(Check::Rescales),
        goal.pod_hours.map(amount).map(Check::PodHours),
        goal.scaling_inactive
            .map(seconds)
            .map(Check::ScalingInactive),
        goal.bypasses.map(f64::from).map(Check::Bypasses),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// When something begins: a time, or the name of a timeline event or of a part of the load.
fn begin(text: &str, given: &ExperimentDocument, load: Option<&LoadProfile>) -> Option<Duration> {
    if let Ok(at) = Duration::parse(text) {
        return Some(at);
    }
    let named = |name: &Option<String>| name.as_deref() == Some(text);
    if let Some(event) = given.timeline.iter().find(|event| named(&event.name)) {
        return Some(event.at);
    }
    let mut parts = load.into_iter().flat_map(|load| &load.parts);
    if let Some(part) = parts.find(|part| part.name == text) {
        return Some(part.shape.begin());
    }
    // A part that could not be read has a problem of its own: its name is not one more.
    let mut parts = given.load.iter().flatten();
    parts
        .any(|part| named(&part.name))
        .then_some(Duration::ZERO)
}
