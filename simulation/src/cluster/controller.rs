//! The workload's own controller: how many pods of which template there should be.
//!
//! Deployments roll out with surge and unavailability as upstream's do, except that a rescale in
//! the middle of a rollout goes to the new pods only. StatefulSets go one pod at a time.

use super::cohort::{Cohort, Stage};
use super::effort::RECORD;
use super::pods::Cluster;
use super::recorder::Recorder;
use super::trace::About;
use hpa_core::api::WorkloadKind;
use hpa_core::api::workload::IntOrPercent;
use hpa_core::autoscaler::EventKind;
use hpa_core::time::Timestamp;

impl Cluster {
    /// Creates and deletes pods until the workload is as it asks to be, as far as it may.
    pub(super) fn reconcile(&mut self, now: Timestamp, recorder: &mut Recorder) {
        let wanted = self.spec_replicas.max(0).unsigned_abs();
        let revision = self.revision;
        let new = self.count(|pods| pods.is_active() && pods.revision == revision);
        let old = self.count(|pods| pods.is_active() && pods.revision != revision);
        match self.params.setup.workload.kind {
            WorkloadKind::StatefulSet => self.one_by_one(wanted, new + old, now, recorder),
            _ if old == 0 => {
                // Pods of an earlier template that still stop hold up a Recreate only.
                if new < wanted {
                    if !(self.recreates() && self.has_old()) {
                        self.scale_up(new, wanted, now, recorder);
                    }
                } else if new > wanted {
                    self.scale_down(new, wanted, now, recorder, |_| true);
                }
            }
            _ if self.recreates() => {
                self.scale_down(old, 0, now, recorder, |pods| pods.revision != revision);
            }
            _ => self.roll(wanted, new, old, now, recorder),
        }
    }

    fn recreates(&self) -> bool {
        let strategy = self.strategy.as_ref();
        strategy.is_some_and(|strategy| strategy.r#type == "Recreate")
    }

    fn has_old(&self) -> bool {
        self.cohorts
            .iter()
            .any(|pods| pods.revision != self.revision)
    }

    /// One pass of a rolling update.
    fn roll(&mut self, wanted: u32, new: u32, old: u32, now: Timestamp, recorder: &mut Recorder) {
        let revision = self.revision;
        let (surge, unavailable) = self.rollout_limits(wanted);
        let mut new = new;
        if new > wanted {
            self.scale_down(new, wanted, now, recorder, |pods| pods.revision == revision);
            new = wanted;
        } else {
            let room = wanted.saturating_add(surge).saturating_sub(new + old);
            let more = room.min(wanted - new);
            if more > 0 {
                self.scale_up(new, new + more, now, recorder);
                new += more;
            }
        }
        let available = |pods: &Cohort| pods.is_active() && pods.shows_ready();
        let all_available = self.count(available);
        let new_available = self.count(|pods| available(pods) && pods.revision == revision);
        let least = wanted.saturating_sub(unavailable);
        let mut removable = (new + old).saturating_sub(least + (new - new_available.min(new)));
        // Old pods that are not available go first.
        let broken =
            self.count(|pods| pods.is_active() && pods.revision != revision && !pods.shows_ready());
        let cleaned = removable.min(broken);
        let mut left = old;
        if cleaned > 0 {
            self.scale_down(left, left - cleaned, now, recorder, |pods| {
                pods.revision != revision && !pods.shows_ready()
            });
            left -= cleaned;
            removable -= cleaned;
        }
        let spare = all_available.saturating_sub(least).min(removable).min(left);
        if spare > 0 {
            self.scale_down(left, left - spare, now, recorder, |pods| {
                pods.revision != revision
            });
        }
    }

    /// Pods beyond the wanted number, and pods that may be missing; by default 25 % each.
    fn rollout_limits(&self, wanted: u32) -> (u32, u32) {
        let rolling = self.strategy.as_ref();
        let rolling = rolling.and_then(|strategy| strategy.rolling_update.as_ref());
        let resolve = |value: Option<&IntOrPercent>, up: bool| {
            let percent = match value {
                Some(IntOrPercent::Int(count)) => return (*count).max(0).unsigned_abs(),
                Some(IntOrPercent::Percent(text)) => {
                    text.trim_end_matches('%').parse::<u64>().unwrap_or(25)
                }
                None => 25,
            };
            let exact = u64::from(wanted) * percent.min(1000);
            let count = if up { exact.div_ceil(100) } else { exact / 100 };
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let surge = resolve(rolling.and_then(|r| r.max_surge.as_ref()), true);
        let unavailable = resolve(rolling.and_then(|r| r.max_unavailable.as_ref()), false);
        if surge == 0 && unavailable == 0 {
            (0, 1)
        } else {
            (surge, unavailable)
        }
    }

    /// A StatefulSet: the next pod only when all are ready, the last one first on the way down.
    fn one_by_one(&mut self, wanted: u32, active: u32, now: Timestamp, recorder: &mut Recorder) {
        let stopping = self.count(|pods| !pods.is_active());
        let ready = self.count(Cohort::serves);
        if active > wanted {
            if stopping == 0 {
                self.scale_down(active, active - 1, now, recorder, |_| true);
            }
        } else if active < wanted {
            if ready == active && stopping == 0 {
                self.scale_up(active, active + 1, now, recorder);
            }
        } else if ready == active && stopping == 0 && self.has_old() {
            let revision = self.revision;
            self.scale_down(active, active - 1, now, recorder, |pods| {
                pods.revision != revision
            });
        }
    }

    fn scale_up(&mut self, from: u32, to: u32, now: Timestamp, recorder: &mut Recorder) {
        self.announce("Scaled up", from, to, now, recorder);
        self.create(to - from, now, recorder);
    }

    /// Deletes pods in the order in which a ReplicaSet does: those that have got least far first,
    /// then the newest. Upstream also looks at how pods are spread over nodes.
    fn scale_down(
        &mut self,
        from: u32,
        to: u32,
        now: Timestamp,
        recorder: &mut Recorder,
        which: impl Fn(&Cohort) -> bool,
    ) {
        self.announce("Scaled down", from, to, now, recorder);
        let mut left = from - to;
        while left > 0 && !self.effort.is_spent() {
            self.effort.spend(self.cohorts.len() / 16);
            let victim = self
                .cohorts
                .iter()
                .enumerate()
                .filter(|(_, pods)| pods.is_active() && which(pods))
                .min_by_key(|(_, pods)| {
                    let progress = if pods.stage == Stage::Lost {
                        Stage::Ready
                    } else {
                        pods.stage
                    };
                    (progress, std::cmp::Reverse(pods.newest().0))
                })
                .map(|(index, _)| index);
            let Some(index) = victim else { return };
            let part = left.min(self.cohorts[index].newest().1);
            let at = self.part(index, part, recorder);
            self.terminate(at, now, recorder);
            left -= part;
        }
    }

    fn announce(
        &mut self,
        what: &str,
        from: u32,
        to: u32,
        now: Timestamp,
        recorder: &mut Recorder,
    ) {
        self.effort.spend(RECORD);
        let workload = &self.params.setup.workload;
        let name = &workload.metadata.name;
        let revision = self.revision;
        recorder.cluster_event(
            now,
            About::Workload,
            EventKind::Normal,
            if workload.kind == WorkloadKind::Deployment {
                "ScalingReplicaSet"
            } else {
                "Scaling"
            },
            || match workload.kind {
                WorkloadKind::Deployment => {
                    format!("{what} replica set {name}-{revision} from {from} to {to}")
                }
                kind => format!("{what} {} {name} from {from} to {to}", kind.as_str()),
            },
        );
    }
}
