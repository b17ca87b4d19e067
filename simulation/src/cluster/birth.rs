//! New pods: how many may be created, what tells them apart, which faults concern them.

use std::sync::Arc;

use smallvec::SmallVec;

use super::cohort::{Cohort, Stage, Traits};
use super::effort::RECORD;
use super::measure::Ring;
use super::pods::Cluster;
use super::recorder::Recorder;
use super::rng::{Rng, normal_class};
use super::trace::{About, PodLifecycle};
use hpa_core::autoscaler::EventKind;
use hpa_core::time::Timestamp;

/// The pods that are simulated at a time: as many as Kubernetes is made for. Whatever asks for more
/// meets a quota of this.
pub const MAX_PODS: u32 = 150_000;

/// What tells pods apart from their creation on: their traits, and the faults that await them.
type Kind = (Traits, u64);
/// Numbers of pods: the first one, and how many follow each other.
type Runs = Vec<(u32, u32)>;

impl Cluster {
    /// Creates pods with the present template, as many of them as the quota allows.
    pub(super) fn create(&mut self, count: u32, now: Timestamp, recorder: &mut Recorder) {
        let quota = self.quota.map_or(MAX_PODS, |quota| quota.min(MAX_PODS));
        let room = quota.saturating_sub(self.count(|_| true));
        let allowed = count.min(room);
        let params = Arc::clone(&self.params);
        let setup = &params.setup;
        if allowed < count {
            recorder.cluster_event(
                now,
                About::Workload,
                EventKind::Warning,
                "FailedCreate",
                || {
                    format!(
                        "Error creating: pods is forbidden: exceeded quota, limited: pods={quota}"
                    )
                },
            );
        }
        if allowed == 0 {
            return;
        }
        self.changed = true;
        let Some(serial) = self.serial.checked_add(allowed) else {
            self.effort.give_up();
            return;
        };
        for ((traits, faults), pods) in self.sorted(allowed) {
            self.effort.hold(self.cohorts.len() + 1);
            if self.effort.is_spent() {
                break;
            }
            let batch = self.newborn(traits, faults, &pods, now, recorder);
            self.cohorts.push(batch);
        }
        self.serial = serial;
        self.next = self.next.min(now + setup.startup.scheduling_delay);
    }

    /// The next `count` pods by what tells them apart, in its order: runs of numbers for each kind.
    ///
    /// In a list, since a map for these alone would be a kilobyte of a page.
    fn sorted(&self, count: u32) -> Vec<(Kind, Runs)> {
        let mut batches: Vec<(Kind, Runs)> = Vec::new();
        let params = &self.params;
        let startup = &params.setup.startup;
        let crash = startup.crash.map_or(0.0, |crash| crash.after.deviation);
        let by_start = startup.start_time.deviation != 0.0;
        let by_share = params.setup.model.unevenness != 0.0;
        let by_crash = crash != 0.0;
        let alike = !(by_start || by_share || by_crash) && self.pod_faults.is_empty();
        if alike {
            batches.push(((Traits::default(), 0), vec![(self.serial, count)]));
            return batches;
        }
        for serial in self.serial..self.serial + count {
            let class = |on: bool, rng: Rng| if on { rng.class(serial.into()) } else { 0 };
            let traits = Traits {
                start: class(by_start, params.start_rng),
                share: class(by_share, params.share_rng),
                crash: class(by_crash, params.crash_rng),
            };
            let kind = (traits, self.faults_of(serial));
            let at = batches.partition_point(|(known, _)| *known < kind);
            if batches.get(at).is_none_or(|(known, _)| *known != kind) {
                batches.insert(at, (kind, Runs::new()));
            }
            let batch = &mut batches[at].1;
            match batch.last_mut() {
                Some((first, count)) if *first + *count == serial => *count += 1,
                _ => batch.push((serial, 1)),
            }
        }
        batches
    }

    /// Pods of one kind, right after their creation; `runs` are their numbers.
    fn newborn(
        &mut self,
        traits: Traits,
        faults: u64,
        runs: &[(u32, u32)],
        now: Timestamp,
        recorder: &mut Recorder,
    ) -> Cohort {
        let mut members = SmallVec::new();
        for (first, count) in runs {
            self.effort.spend(RECORD);
            members.push((self.lives, *count));
            self.lives += 1;
            recorder.created(PodLifecycle {
                first: *first,
                count: *count,
                revision: self.revision,
                created: now,
                scheduled: None,
                started: None,
                ready: None,
                unready: None,
                terminating: None,
                gone: None,
            });
        }
        let setup = &self.params.setup;
        let spread = setup.model.unevenness;
        let weight = if spread == 0.0 {
            1.0
        } else {
            libm::exp(spread * normal_class(traits.share) - spread * spread / 2.0)
        };
        let name = &setup.workload.metadata.name;
        let first = runs.first().map_or(0, |(first, _)| *first);
        let mut rings = SmallVec::new();
        rings.resize_with(self.rings, Ring::default);
        Cohort {
            members,
            count: runs.iter().map(|(_, count)| count).sum(),
            name: format!("{name}-{}-{first}", self.revision).into(),
            revision: self.revision,
            traits,
            node: 0,
            stage: Stage::Binding,
            due: now + setup.startup.scheduling_delay,
            faults,
            start_time: None,
            ready: None,
            running_since: None,
            burst_until: now,
            crashes: 0,
            weight,
            backlog: 0.0,
            signals: [0.0; 7],
            rings,
        }
    }

    /// The active faults that concern a pod.
    fn faults_of(&self, serial: u32) -> u64 {
        self.pod_faults
            .iter()
            .filter(|(bit, share)| self.is_concerned(serial, *bit, *share))
            .fold(0, |bits, (bit, _)| bits | bit)
    }

    fn is_concerned(&self, serial: u32, bit: u64, share: f64) -> bool {
        let index = u64::from(serial) << 6 | u64::from(bit.trailing_zeros());
        self.params.fault_rng.uniform(index) < share
    }

    /// Sets a fault's bit on a part of the pods: as many as the share asks for, the newest first.
    pub(super) fn begin_fault(&mut self, bit: u64, share: f64, recorder: &mut Recorder) {
        self.pod_faults.push((bit, share));
        let pods = self.active();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between zero and the number of pods"
        )]
        let mut left = (f64::from(pods) * share.clamp(0.0, 1.0)).round() as u32;
        for index in (0..self.cohorts.len()).rev() {
            if left == 0 || !self.cohorts[index].is_active() {
                continue;
            }
            let part = left.min(self.cohorts[index].count);
            left -= part;
            let at = self.part(index, part, recorder);
            self.cohorts[at].faults |= bit;
        }
        self.changed = true;
    }

    /// Takes a fault's bit away.
    pub(super) fn end_fault(&mut self, bit: u64) {
        self.pod_faults.retain(|(other, _)| *other != bit);
        for pods in &mut self.cohorts {
            pods.faults &= !bit;
        }
        self.changed = true;
    }
}
