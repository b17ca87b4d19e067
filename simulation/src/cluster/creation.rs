//! Creates pods: quota, random traits, and the faults that affect new pods.

use std::collections::BTreeMap;
use std::sync::Arc;

use hpa_core::autoscaler::EventKind;
use smallvec::SmallVec;

use super::cohort::{Cohort, Stage, Traits};
use super::derived::Params;
use super::faults::Faults;
use super::moment::Moment;
use super::pods::Pods;
use super::ring::Ring;
use super::rng::{Rng, normal_class};
use super::rollout::Rollout;
use super::trace::{About, PodLifecycle};

/// The maximum number of pods, which is what Kubernetes supports. It acts as a quota.
pub const MAX_PODS: u32 = 150_000;

/// The differences between pods at creation: traits, and faults that will affect them.
type Kind = (Traits, u64);
/// A range of pod numbers: the first one and the count.
type Runs = Vec<(u32, u32)>;

/// Creates pods.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    /// The maximum number of pods.
    quota: Option<u32>,
    /// The number of pods created so far.
    serial: u32,
    /// The rings of a new cohort: one for each measured quantity.
    rings: usize,
}

impl Creation {
    /// The initial state.
    pub(super) const fn new(quota: Option<u32>, rings: usize) -> Self {
        Self {
            quota,
            serial: 0,
            rings,
        }
    }

    /// Sets the maximum number of pods.
    pub(super) const fn set_quota(&mut self, quota: Option<u32>) {
        self.quota = quota;
    }

    /// Creates pods of the current revision, as many as the quota allows.
    pub(super) fn create(
        &mut self,
        count: u32,
        rollout: &Rollout,
        pods: &mut Pods,
        moment: &mut Moment<'_>,
    ) {
        let quota = self.quota.map_or(MAX_PODS, |quota| quota.min(MAX_PODS));
        let room = quota.saturating_sub(pods.count(|_| true));
        let allowed = count.min(room);
        if allowed < count {
            moment.event(About::Workload, EventKind::Warning, "FailedCreate", || {
                format!("Error creating: pods is forbidden: exceeded quota, limited: pods={quota}")
            });
        }
        if allowed == 0 {
            return;
        }
        let first = self.serial;
        let Some(serial) = first.checked_add(allowed) else {
            moment.effort.give_up();
            return;
        };
        self.serial = serial;
        for batch in kinds(moment.params, moment.faults, first..serial) {
            if !pods.make_room(moment) {
                break;
            }
            let created = self.newborn(&batch, rollout, pods, moment);
            pods.push(created);
        }
    }

    /// Pods of one kind, right after their creation.
    fn newborn(
        &self,
        ((traits, faults), runs): &(Kind, Runs),
        rollout: &Rollout,
        pods: &mut Pods,
        moment: &mut Moment<'_>,
    ) -> Cohort {
        let now = moment.now;
        let revision = rollout.revision();
        let mut members = SmallVec::new();
        for (first, count) in runs {
            let life = PodLifecycle {
                first: *first,
                count: *count,
                revision,
                created: now,
                scheduled: None,
                started: None,
                ready: None,
                unready: None,
                terminating: None,
                gone: None,
            };
            members.push((pods.begin_life(life, moment), *count));
        }
        let setup = &moment.params.setup;
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
            name: format!("{name}-{revision}-{first}").into(),
            revision,
            shape: Arc::clone(rollout.template()),
            traits: *traits,
            node: 0,
            stage: Stage::Binding,
            due: now + setup.startup.scheduling_delay,
            faults: *faults,
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
}

/// Groups these pods by kind: ranges of pod numbers for each.
fn kinds(params: &Params, faults: &Faults, serials: std::ops::Range<u32>) -> BTreeMap<Kind, Runs> {
    let startup = &params.setup.startup;
    let crash = startup.crash.map_or(0.0, |crash| crash.after.deviation);
    let by_start = startup.start_time.deviation != 0.0;
    let by_share = params.setup.model.unevenness != 0.0;
    let by_crash = crash != 0.0;
    let differ = by_start || by_share || by_crash || faults.concern_pods();
    if !differ {
        let all = vec![(serials.start, serials.end - serials.start)];
        return BTreeMap::from([((Traits::default(), 0), all)]);
    }
    let mut kinds: BTreeMap<Kind, Runs> = BTreeMap::new();
    for serial in serials {
        let class = |on: bool, rng: Rng| if on { rng.class(serial.into()) } else { 0 };
        let traits = Traits {
            start: class(by_start, params.start_rng),
            share: class(by_share, params.share_rng),
            crash: class(by_crash, params.crash_rng),
        };
        let kind = (traits, faults.of_pod(serial, params.fault_rng));
        let runs = kinds.entry(kind).or_default();
        match runs.last_mut() {
            Some((first, count)) if *first + *count == serial => *count += 1,
            _ => runs.push((serial, 1)),
        }
    }
    kinds
}
