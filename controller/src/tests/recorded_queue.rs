//! Replays when the real controller synced its autoscalers, through the controller's schedule.

use hpa_core::autoscaler::sync_queue::{SyncRules, Task};
use hpa_core::autoscaler::{ControllerConfig, FeatureGate, KubernetesVersion};
use hpa_core::time::{SignedDuration, Timestamp};
use test_support::recorded_queue::{Scheduling, Turn, replay_queue};

use crate::api_objects::Key;
use crate::schedule::Schedule;

impl Scheduling for Schedule {
    fn added(&mut self, key: &str, now: i64) {
        Self::added(self, &of(key), Timestamp(now));
    }

    fn edited(&mut self, key: &str, now: i64) {
        Self::edited(self, &of(key), Timestamp(now));
    }

    fn updated(&mut self, key: &str, now: i64) {
        Self::updated(self, &of(key), Timestamp(now));
    }

    fn deleted(&mut self, key: &str) {
        Self::deleted(self, &of(key));
    }

    fn status_written(&mut self, key: &str, version: u64) {
        Self::status_written(self, &of(key), version);
    }

    fn observed(&mut self, version: u64) {
        Self::observed(self, version);
    }

    fn next_due(&self) -> Option<i64> {
        Self::next_due(self).map(|due| due.0)
    }

    fn advance(&mut self, now: i64) {
        Self::advance(self, Timestamp(now));
    }

    fn take(&mut self, now: i64) -> Option<(String, Turn)> {
        let turn = Self::take(self, Timestamp(now))?;
        let task = match turn.task {
            Task::Sync => Turn::Sync,
            Task::PutOff => Turn::PutOff,
            Task::Gone => Turn::Gone,
        };
        Some((turn.key.name.to_string(), task))
    }

    fn ended(&mut self, key: &str, now: i64) {
        Self::ended(self, &of(key), Timestamp(now));
    }
}

/// Each is alone in its namespace: those that share one are synced together, unlike upstream's.
fn of(name: &str) -> Key {
    Key::new(name, name)
}

#[test]
fn syncs_happen_when_the_real_controller_has_them() {
    replay_queue(|settings| {
        let version = KubernetesVersion::from_minor(settings.minor)?;
        let mut config = ControllerConfig::of_version(version);
        config.sync_period = SignedDuration(settings.period);
        for (name, on) in &settings.gates {
            config.gates.set(FeatureGate::parse(name)?, *on);
        }
        let rules = SyncRules::of(&config);
        Some(Schedule::new(rules, SignedDuration(2_500)))
    });
}

const PERIOD: i64 = 15_000;

fn schedule() -> Schedule {
    let version = KubernetesVersion::from_minor(37).unwrap();
    let config = ControllerConfig::of_version(version);
    Schedule::new(SyncRules::of(&config), SignedDuration(2_500))
}

/// Runs for that many periods; each sync takes what `takes` says. Returns the times by name.
fn run(
    schedule: &mut Schedule,
    from: i64,
    periods: i64,
    takes: impl Fn(&str) -> i64,
) -> Vec<(String, i64)> {
    let mut syncs = Vec::new();
    let end = from + periods * PERIOD;
    while let Some(due) = schedule.next_due().filter(|due| due.0 < end) {
        while let Some(turn) = schedule.take(due) {
            syncs.push((turn.key.name.to_string(), due.0));
            schedule.ended(&turn.key, due + SignedDuration(takes(&turn.key.name)));
        }
    }
    syncs
}

#[test]
fn the_autoscalers_of_a_namespace_meet_and_stay_together() {
    let mut schedule = schedule();
    let names = ["a", "b", "c", "d"];
    for (number, name) in (0..).zip(names) {
        let now = Timestamp(number * 3_700);
        schedule.added(&Key::new("prod", name), now);
        let turn = schedule.take(now).unwrap();
        schedule.ended(&turn.key, now + SignedDuration(5));
    }
    // The later ones are slower, so that they drift away from the first.
    let takes = |name: &str| if name == "a" { 5 } else { 25 };
    let syncs = run(&mut schedule, 0, 2_000, takes);
    for pair in names.map(|name| {
        let times = syncs.iter().filter(|sync| sync.0 == name);
        times.map(|sync| sync.1).collect::<Vec<_>>()
    }) {
        let apart = pair.windows(2).map(|pair| pair[1] - pair[0]);
        let most = PERIOD + PERIOD / 64 + 25;
        assert!(
            apart
                .into_iter()
                .all(|apart| (PERIOD..=most).contains(&apart))
        );
    }
    let settled: Vec<i64> = syncs
        .iter()
        .map(|sync| sync.1)
        .filter(|at| *at > 100 * PERIOD)
        .collect();
    // Syncs that share PodMetrics lie within the time for which these are shared.
    let mut lists = 0;
    let mut listed = 0;
    for at in &settled {
        if *at - listed >= 2_500 {
            listed = *at;
            lists += 1;
        }
    }
    assert!(
        lists * 39 / 10 <= settled.len(),
        "{lists} lists for {} syncs",
        settled.len()
    );
}

#[test]
fn an_edit_changes_no_regular_time() {
    let mut schedule = schedule();
    let key = Key::new("prod", "web");
    schedule.added(&key, Timestamp(0));
    schedule.take(Timestamp(0)).unwrap();
    schedule.ended(&key, Timestamp(5));
    schedule.edited(&key, Timestamp(4_000));
    schedule.take(Timestamp(4_000)).unwrap();
    schedule.ended(&key, Timestamp(4_005));
    assert_eq!(schedule.next_due(), Some(Timestamp(15_005)));
}
