//! From a recommendation to the desired replicas: windows, then policies, then limits.
//!
//! Upstream: `horizontal.go`, `normalizeDesiredReplicas`, `normalizeDesiredReplicasWithBehaviors`.

use super::config::ControllerConfig;
use super::explanation::{PolicyLimit, Rate, Stabilization};
use super::histories::Histories;
use super::rate::{self, Past, ReplicaRange};
use super::spec::Behavior;
use super::stabilization::{self, Windows};
use crate::time::Timestamp;

/// The windows, policies and limits that a recommendation passes at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Normalizer<'a> {
    /// Scaling rules. Without them the count may at most double, or rise to 4, and only scaling
    /// down has a window.
    pub behavior: Option<&'a Behavior>,
    /// Where the autoscaler stands, and between what.
    pub range: ReplicaRange,
    /// The controller's settings.
    pub config: &'a ControllerConfig,
    /// The moment.
    pub now: Timestamp,
}

impl Normalizer<'_> {
    /// What becomes of a recommendation. It is recorded, unstabilized.
    ///
    /// `policies` receives each policy's limit.
    pub fn apply(
        &self,
        recommended: i32,
        histories: &mut Histories,
        policies: &mut Vec<PolicyLimit>,
    ) -> (Stabilization, Rate) {
        let (step, slot) = self.stabilize(recommended, histories);
        histories.record(recommended, self.now, slot);
        let rate = self.limit(step.stabilized, histories, policies);
        (step, rate)
    }

    /// What would become of a recommendation; nothing is recorded.
    pub(super) fn preview(
        &self,
        recommended: i32,
        histories: &Histories,
        policies: &mut Vec<PolicyLimit>,
    ) -> (Stabilization, Rate) {
        let (step, _) = self.stabilize(recommended, histories);
        (step, self.limit(step.stabilized, histories, policies))
    }

    /// Applies the windows; also gives the recommendation that is old enough to be overwritten.
    fn stabilize(&self, recommended: i32, histories: &Histories) -> (Stabilization, Option<usize>) {
        let windows = Windows::of(self.behavior, self.config);
        let past = &histories.recommendations;
        if self.behavior.is_some() {
            stabilization::with_behavior(past, recommended, self.range.current, windows, self.now)
        } else {
            stabilization::without_behavior(past, recommended, windows, self.now)
        }
    }

    /// Applies policies and limits.
    fn limit(&self, wanted: i32, histories: &Histories, policies: &mut Vec<PolicyLimit>) -> Rate {
        let casts = self.config.casts;
        let Some(behavior) = self.behavior else {
            return rate::without_behavior(wanted, self.range, casts);
        };
        let past = Past {
            current: self.range.current,
            histories,
            now: self.now,
            casts,
        };
        rate::with_behavior(wanted, self.range, behavior, past, policies)
    }
}
