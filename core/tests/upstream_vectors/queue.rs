//! Replays when the real controller synced its autoscalers, through the queue itself.

use hpa_core::autoscaler::sync_queue::{SyncQueue, SyncRules, Task};
use hpa_core::autoscaler::{ControllerConfig, FeatureGate, KubernetesVersion};
use hpa_core::time::{SignedDuration, Timestamp};
use test_support::recorded_queue::{Scheduling, Turn, replay_queue};

struct Queue(SyncQueue<String>);

impl Scheduling for Queue {
    fn added(&mut self, key: &str, now: i64) {
        self.0.added(&key.to_owned(), Timestamp(now));
    }

    fn edited(&mut self, key: &str, now: i64) {
        self.0.edited(&key.to_owned(), Timestamp(now));
    }

    fn updated(&mut self, key: &str, now: i64) {
        self.0.updated(&key.to_owned(), Timestamp(now));
    }

    fn deleted(&mut self, key: &str) {
        self.0.deleted(&key.to_owned());
    }

    fn status_written(&mut self, key: &str, version: u64) {
        self.0.status_written(&key.to_owned(), version);
    }

    fn observed(&mut self, version: u64) {
        self.0.observed(version);
    }

    fn next_due(&self) -> Option<i64> {
        self.0.next_due().map(|due| due.0)
    }

    fn advance(&mut self, now: i64) {
        self.0.advance(Timestamp(now));
    }

    fn take(&mut self, now: i64) -> Option<(String, Turn)> {
        let turn = self.0.take(Timestamp(now))?;
        let task = match turn.task {
            Task::Sync => Turn::Sync,
            Task::PutOff => Turn::PutOff,
            Task::Gone => Turn::Gone,
        };
        Some((turn.key, task))
    }

    fn ended(&mut self, key: &str, now: i64) {
        self.0.ended(&key.to_owned(), Timestamp(now));
    }
}

pub(crate) fn check() {
    replay_queue(|settings| {
        let version = KubernetesVersion::from_minor(settings.minor)?;
        let mut config = ControllerConfig::of_version(version);
        config.sync_period = SignedDuration(settings.period);
        for (name, on) in &settings.gates {
            config.gates.set(FeatureGate::parse(name)?, *on);
        }
        Some(Queue(SyncQueue::new(SyncRules::of(&config))))
    });
}
