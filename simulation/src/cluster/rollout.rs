//! The workload's controller: the number of pods of each revision of the template.
//!
//! A rolling update respects surge and unavailability like upstream's Deployment controller, except
//! that a rescale during a rollout affects only new pods. Ordered pods change one at a time.

use std::sync::Arc;

use hpa_core::api::workload::{DeploymentStrategy, IntOrPercent, WorkloadSpec};
use hpa_core::api::{RolloutBehavior, Workload};
use hpa_core::autoscaler::PodShape;

use super::cohort::Cohort;
use super::pods::Pods;

/// The desired state of the workload, and its rollout.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    behavior: RolloutBehavior,
    /// `spec.replicas`.
    replicas: u32,
    strategy: Option<DeploymentStrategy>,
    /// The revision of the template, counted from 0.
    revision: u32,
    template: Arc<PodShape>,
}

/// The pod counts on which a workload's controller decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// Active pods of the current revision.
    pub(super) new: u32,
    /// Active pods of earlier revisions.
    pub(super) old: u32,
    /// Active pods of the current revision that are ready in the API.
    pub(super) new_available: u32,
    /// The same of earlier revisions.
    pub(super) old_available: u32,
    /// Pods that are ready and serve.
    pub(super) serving: u32,
    /// Terminating pods of the current revision.
    pub(super) new_stopping: u32,
    /// The same of earlier revisions.
    pub(super) old_stopping: u32,
}

/// A change of a number of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resize {
    /// The current number of pods of the group.
    pub(super) from: u32,
    /// The new number of pods of the group.
    pub(super) to: u32,
    /// The pods that may be deleted.
    pub(super) group: Group,
}

/// A group of active pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// All active pods.
    All,
    /// Pods of the current revision.
    New,
    /// Pods of earlier revisions.
    Old,
    /// Unavailable pods of earlier revisions.
    OldUnavailable,
}

impl Census {
    /// Counts pods, of which those of `revision` are new.
    pub(super) fn of(pods: &Pods, revision: u32) -> Self {
        let mut census = Self::default();
        for cohort in pods.cohorts() {
            let is_new = cohort.revision == revision;
            let count = cohort.count;
            if cohort.serves() {
                census.serving += count;
            }
            let (all, available) = match (cohort.is_active(), is_new) {
                (true, true) => (&mut census.new, Some(&mut census.new_available)),
                (true, false) => (&mut census.old, Some(&mut census.old_available)),
                (false, true) => (&mut census.new_stopping, None),
                (false, false) => (&mut census.old_stopping, None),
            };
            *all += count;
            if let Some(available) = available
                && cohort.shows_ready()
            {
                *available += count;
            }
        }
        census
    }

    const fn active(&self) -> u32 {
        self.new + self.old
    }

    const fn has_old(&self) -> bool {
        self.old + self.old_stopping > 0
    }
}

impl Group {
    /// Whether active pods are in the group if `revision` is the current one.
    pub(super) fn contains(self, pods: &Cohort, revision: u32) -> bool {
        match self {
            Self::All => true,
            Self::New => pods.revision == revision,
            Self::Old => pods.revision != revision,
            Self::OldUnavailable => pods.revision != revision && !pods.shows_ready(),
        }
    }
}

impl Rollout {
    /// The initial workload of the setup.
    pub(super) fn new(workload: &Workload) -> Self {
        let spec = &workload.spec;
        Self {
            behavior: workload.kind.behavior(),
            replicas: replicas(spec.replicas.unwrap_or(1)),
            strategy: spec.strategy.clone(),
            revision: 0,
            template: shape(spec),
        }
    }

    /// `spec.replicas`.
    pub(super) const fn replicas(&self) -> u32 {
        self.replicas
    }

    /// The revision that new pods have.
    pub(super) const fn revision(&self) -> u32 {
        self.revision
    }

    /// The template that new pods have.
    pub(super) const fn template(&self) -> &Arc<PodShape> {
        &self.template
    }

    /// Sets `spec.replicas`.
    pub(super) fn scale(&mut self, count: i32) {
        self.replicas = replicas(count);
    }

    /// `kubectl apply`: sets the replicas if the manifest has any, and starts a rollout if its template
    /// differs.
    pub(super) fn apply(&mut self, spec: &WorkloadSpec) {
        if let Some(replicas) = spec.replicas {
            self.scale(replicas);
        }
        self.strategy.clone_from(&spec.strategy);
        let present = &*self.template;
        if spec.template.spec != present.spec || spec.template.metadata.labels != present.labels {
            self.template = shape(spec);
            self.revision += 1;
        }
    }

    /// `kubectl rollout restart`: the same template is a new revision.
    pub(super) fn restart(&mut self) {
        self.template = Arc::new(PodShape::clone(&self.template));
        self.revision += 1;
    }

    /// The next change by the workload's controller.
    pub(super) fn scaled(&self, census: &Census) -> Option<Resize> {
        let wanted = self.replicas;
        let resize = |from, to, group| (from != to).then_some(Resize { from, to, group });
        match self.behavior {
            RolloutBehavior::Ordered => return self.one_by_one(census),
            RolloutBehavior::None => return resize(census.active(), wanted, Group::All),
            RolloutBehavior::RollingUpdate => {}
        }
        if census.old == 0 {
            // Terminating pods of an earlier template block only a Recreate.
            let held = census.new < wanted && self.recreates() && census.has_old();
            return if held {
                None
            } else {
                resize(census.new, wanted, Group::All)
            };
        }
        if self.recreates() {
            return resize(census.old, 0, Group::Old);
        }
        if census.new > wanted {
            return resize(census.new, wanted, Group::New);
        }
        let (surge, _) = self.limits();
        let room = wanted.saturating_add(surge).saturating_sub(census.active());
        let more = room.min(wanted - census.new);
        resize(census.new, census.new + more, Group::New)
    }

    /// Whether a rolling update continues after the change.
    pub(super) fn replaces(&self, census: &Census) -> bool {
        match self.behavior {
            RolloutBehavior::Ordered | RolloutBehavior::None => false,
            RolloutBehavior::RollingUpdate => census.old > 0 && !self.recreates(),
        }
    }

    /// The old pods that a rolling update deletes: first the unavailable ones, then as many of the
    /// others as may be unavailable.
    pub(super) fn replaced(&self, census: &Census) -> [Option<Resize>; 2] {
        let least = self.replicas.saturating_sub(self.limits().1);
        let coming = census.new - census.new_available;
        let removable = census.active().saturating_sub(least + coming);
        let broken = removable.min(census.old - census.old_available);
        let left = census.old - broken;
        let available = census.new_available + census.old_available;
        let spare = available
            .saturating_sub(least)
            .min(removable - broken)
            .min(left);
        let resize = |from: u32, less: u32, group| {
            let to = from - less;
            (less > 0).then_some(Resize { from, to, group })
        };
        [
            resize(census.old, broken, Group::OldUnavailable),
            resize(left, spare, Group::Old),
        ]
    }

    /// Ordered pods: the next one is created when all are ready; the last one is deleted first.
    fn one_by_one(&self, census: &Census) -> Option<Resize> {
        let active = census.active();
        let stopping = census.new_stopping + census.old_stopping;
        if stopping > 0 {
            return None;
        }
        let resize = |to, group| {
            Some(Resize {
                from: active,
                to,
                group,
            })
        };
        let all_ready = census.serving == active;
        match active.cmp(&self.replicas) {
            std::cmp::Ordering::Greater => resize(active - 1, Group::All),
            std::cmp::Ordering::Less if all_ready => resize(active + 1, Group::All),
            std::cmp::Ordering::Equal if all_ready && census.has_old() => {
                resize(active - 1, Group::Old)
            }
            std::cmp::Ordering::Less | std::cmp::Ordering::Equal => None,
        }
    }

    fn recreates(&self) -> bool {
        let strategy = self.strategy.as_ref();
        strategy.is_some_and(|strategy| strategy.r#type == "Recreate")
    }

    /// `maxSurge` and `maxUnavailable`; by default 25 % each.
    fn limits(&self) -> (u32, u32) {
        let rolling = self.strategy.as_ref();
        let rolling = rolling.and_then(|strategy| strategy.rolling_update.as_ref());
        let resolve = |value: Option<&IntOrPercent>, up: bool| {
            let percent = match value {
                Some(IntOrPercent::Int(count)) => return replicas(*count),
                Some(IntOrPercent::Percent(text)) => {
                    text.trim_end_matches('%').parse::<u64>().unwrap_or(25)
                }
                None => 25,
            };
            let exact = u64::from(self.replicas) * percent.min(1000);
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
}

/// A count of the API, which validation ensures is not negative.
fn replicas(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

fn shape(spec: &WorkloadSpec) -> Arc<PodShape> {
    Arc::new(PodShape::from(&spec.template))
}

#[cfg(test)]
mod tests {
    use hpa_core::api::ScaleTargetKind;
    use hpa_core::api::workload::RollingUpdate;

    use super::*;

    fn rollout(kind: &ScaleTargetKind, replicas: i32) -> Rollout {
        let mut workload = Workload::default();
        workload.kind = kind.clone();
        Rollout::new(&workload.with_replicas(replicas))
    }

    /// The controller's first change, and the next one of a rolling update, as `from->to`.
    #[track_caller]
    fn check(rollout: &Rollout, census: Census, expected: [Option<(u32, u32, Group)>; 3]) {
        let [broken, spare] = if rollout.replaces(&census) {
            rollout.replaced(&census)
        } else {
            [None; 2]
        };
        let found = [rollout.scaled(&census), broken, spare];
        let found = found.map(|one| one.map(|one| (one.from, one.to, one.group)));
        assert_eq!(found, expected, "{census:?}");
    }

    #[test]
    fn without_old_pods_a_deployment_goes_straight_to_its_replicas() {
        let rollout = rollout(&ScaleTargetKind::DEPLOYMENT, 4);
        let new = |new| Census {
            new,
            ..Census::default()
        };
        check(&rollout, new(4), [None; 3]);
        check(&rollout, new(1), [Some((1, 4, Group::All)), None, None]);
        check(&rollout, new(6), [Some((6, 4, Group::All)), None, None]);
    }

    #[test]
    fn a_rolling_update_keeps_to_surge_and_unavailability() {
        let mut rollout = rollout(&ScaleTargetKind::DEPLOYMENT, 8);
        rollout.restart();
        let begun = Census {
            old: 8,
            old_available: 8,
            serving: 8,
            ..Census::default()
        };
        // A quarter more, a quarter less.
        let first = Some((0, 2, Group::New));
        check(&rollout, begun, [first, None, Some((8, 6, Group::Old))]);
        // Unavailable old pods are deleted first.
        let broken = Census {
            old_available: 7,
            ..begun
        };
        let steps = [
            first,
            Some((8, 7, Group::OldUnavailable)),
            Some((7, 6, Group::Old)),
        ];
        check(&rollout, broken, steps);
        // Without surge and unavailability there would be no progress: one pod may be unavailable.
        let mut numbers = RollingUpdate::default();
        numbers.max_surge = Some(IntOrPercent::Int(0));
        numbers.max_unavailable = Some(IntOrPercent::Percent(String::from("0%")));
        let mut strategy = DeploymentStrategy::default();
        strategy.rolling_update = Some(numbers);
        rollout.strategy = Some(strategy);
        check(&rollout, begun, [None, None, Some((8, 7, Group::Old))]);
    }

    #[test]
    fn a_recreate_waits_for_all_old_pods_to_be_gone() {
        let mut rollout = rollout(&ScaleTargetKind::DEPLOYMENT, 3);
        let mut strategy = DeploymentStrategy::default();
        strategy.r#type = String::from("Recreate");
        rollout.strategy = Some(strategy);
        rollout.restart();
        let old = Census {
            old: 3,
            ..Census::default()
        };
        check(&rollout, old, [Some((3, 0, Group::Old)), None, None]);
        let stopping = Census {
            old_stopping: 3,
            ..Census::default()
        };
        check(&rollout, stopping, [None; 3]);
        let gone = Census::default();
        check(&rollout, gone, [Some((0, 3, Group::All)), None, None]);
    }

    #[test]
    fn ordered_pods_go_one_at_a_time() {
        let rollout = rollout(&ScaleTargetKind::STATEFUL_SET, 3);
        let pods = |new, serving, new_stopping| Census {
            new,
            serving,
            new_stopping,
            ..Census::default()
        };
        check(
            &rollout,
            pods(1, 1, 0),
            [Some((1, 2, Group::All)), None, None],
        );
        check(&rollout, pods(2, 1, 0), [None; 3]);
        check(
            &rollout,
            pods(5, 5, 0),
            [Some((5, 4, Group::All)), None, None],
        );
        check(&rollout, pods(4, 4, 1), [None; 3]);
        let old = Census {
            new: 1,
            old: 2,
            serving: 3,
            ..Census::default()
        };
        check(&rollout, old, [Some((3, 2, Group::Old)), None, None]);
    }

    #[test]
    fn a_kind_without_a_rollout_only_counts_its_pods() {
        let kind = ScaleTargetKind::new("example.com", "Pool", RolloutBehavior::None);
        let mut rollout = rollout(&kind, 4);
        rollout.restart();
        let old = Census {
            old: 4,
            ..Census::default()
        };
        check(&rollout, old, [None; 3]);
        rollout.scale(5);
        check(&rollout, old, [Some((4, 5, Group::All)), None, None]);
    }
}
