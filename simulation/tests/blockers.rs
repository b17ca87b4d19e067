//! Compares the predicted earliest change with the sync in which it happens, in every shipped
//! experiment.

mod testing;

use std::collections::BTreeMap;
use std::ptr;

use hpa_core::autoscaler::explanation::Branch;
use hpa_core::time::{SignedDuration, Timestamp};
use hpa_simulation::cluster::{Action, SyncRecord, Trace};
use hpa_simulation::experiment::{Blocker, Blockers, Cause, Run};
use test_support::{check_each, shipped_experiments};

/// A direction of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    fn is_change(self, from: i32, to: i32) -> bool {
        match self {
            Self::Up => to > from,
            Self::Down => to < from,
        }
    }

    fn of(self, blockers: &Blockers) -> &Blocker {
        match self {
            Self::Up => &blockers.up,
            Self::Down => &blockers.down,
        }
    }
}

/// How many predictions were compared with what happened, by direction, cause and whether a time
/// was named.
type Compared = BTreeMap<(Direction, Cause, bool), usize>;

/// Whether the prediction made in sync `made` still applies in a later one: the metrics ask for a
/// change in the same direction from the same count, by the same specification, and the controller
/// still remembers what it did.
fn applies(trace: &Trace, direction: Direction, made: &SyncRecord, later: &SyncRecord) -> bool {
    let setup = &trace.setup;
    let between = |time: Timestamp| made.time < time && time <= later.time;
    let forgot = setup.timeline.iter().any(|event| {
        matches!(event.action, Action::RestartController { .. }) && between(Timestamp(event.at.0))
    });
    later.branch == Branch::Metrics
        && later.current == made.current
        && direction.is_change(later.current, later.proposal)
        && ptr::eq(
            setup.autoscaler_at(made.time),
            setup.autoscaler_at(later.time),
        )
        && !forgot
}

/// Compares the predictions of one run with what happened, and complains where they differ.
fn compare(name: &str, run: &Run, compared: &mut Compared, complaints: &mut Vec<String>) {
    let trace = &run.trace;
    let regular = trace.setup.sync.jitter == SignedDuration::ZERO;
    assert!(regular, "{name}: the time of the next sync must be known");
    for (index, made) in trace.syncs.iter().enumerate() {
        for direction in [Direction::Up, Direction::Down] {
            let asks = made.branch == Branch::Metrics
                && direction.is_change(made.current, made.proposal)
                && !made.rescaled();
            if !asks {
                continue;
            }
            let blockers = run.blockers(made.time).expect("a sync");
            let blocker = direction.of(&blockers);
            let key = (direction, blocker.cause, blocker.earliest.is_some());
            let mut complain = |later: &SyncRecord, what: &str| {
                let time = |time: Timestamp| SignedDuration(time.0).to_string();
                complaints.push(format!(
                    "{name} at {}, {direction:?}, earliest {:?}: at {} the count {what} ({})",
                    time(made.time),
                    blocker.earliest.map(time),
                    time(later.time),
                    blocker.text
                ));
            };
            for later in &trace.syncs[index + 1..] {
                if !applies(trace, direction, made, later) {
                    break;
                }
                let due = blocker.earliest.is_some_and(|time| time <= later.time);
                let changes = direction.is_change(later.current, later.desired);
                match (due, changes) {
                    (false, true) => complain(later, "changes"),
                    (true, false) => complain(later, "does not change"),
                    (true, true) | (false, false) => {}
                }
                if due || changes {
                    *compared.entry(key).or_default() += 1;
                    break;
                }
            }
        }
    }
}

#[test]
fn the_count_changes_in_the_forecast_sync() {
    let mut compared = Compared::new();
    let mut complaints = Vec::new();
    for shipped in shipped_experiments() {
        let run = testing::experiment(&shipped.name, &shipped.text).run();
        compare(&shipped.name, &run, &mut compared, &mut complaints);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // Few predictions would prove little.
    check_each(
        [
            ((Direction::Up, Cause::Window, true), 50),
            ((Direction::Up, Cause::Policy, true), 30),
            ((Direction::Down, Cause::Window, true), 500),
            ((Direction::Down, Cause::Policy, true), 500),
        ],
        |(key, least)| {
            let count = compared.get(&key).copied().unwrap_or_default();
            assert!(count >= least, "{key:?}: only {count} of {compared:?}");
        },
    );
}

/// Two changes within the period of a Percent policy: when the first one leaves it, the period
/// begins with 12 replicas, of which 15 percent are 1.8. The controller truncates what is left,
/// 10.2, to 10, which is one fewer than there are; rounding the 1.8 down would leave 11.
const PERCENT: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  replicas: 13
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec: {containers: [{name: worker, image: worker}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: worker}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}
  maxReplicas: 20
  metrics:
  - type: External
    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: "1"}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 0
      tolerance: "0"
      policies: [{type: Percent, value: 15, periodSeconds: 120}]
---
apiVersion: hpa-playground/v1
kind: Experiment
duration: 6m
load: [{constant: 1}]
metrics:
- name: queue
  profile:
  - step: {rate: 13, until: 100s}
  - step: {rate: 12, from: 100s, until: 160s}
  - step: {rate: 5, from: 160s}
"#;

#[test]
fn percent_policies_free_a_pod_as_soon_as_the_controller_truncates_to_fewer() {
    let run = testing::experiment("percent", PERCENT).run();
    let changes: Vec<_> = run
        .trace
        .syncs
        .iter()
        .filter(|sync| sync.rescaled())
        .map(|sync| (SignedDuration(sync.time.0).to_string(), sync.desired))
        .collect();
    assert_eq!(
        changes[..3],
        [
            (String::from("2m15s"), 12),
            (String::from("3m15s"), 11),
            (String::from("4m15s"), 10),
        ]
    );
    let blockers = run.blockers(Timestamp(210_000)).expect("a sync");
    assert_eq!(blockers.down.cause, Cause::Policy, "{}", blockers.down.text);
    assert_eq!(blockers.down.earliest, Some(Timestamp(255_000)));
}
