//! Turns a recommendation into the desired replicas: windows, then policies, then limits.
//!
//! Upstream: `horizontal.go`, `normalizeDesiredReplicas`, `normalizeDesiredReplicasWithBehaviors`.

use super::config::ControllerConfig;
use super::explanation::{PolicyLimit, Rate, Stabilization};
use super::histories::Histories;
use super::rate::{self, Past, ReplicaRange};
use super::spec::Behavior;
use super::stabilization::{self, Windows};
use crate::time::Timestamp;

/// The windows, policies and limits that apply at one time.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Normalizer<'a> {
    /// Scaling rules. Without them the count may at most double, or rise to 4, and only scale-down
    /// has a stabilization window.
    pub behavior: Option<&'a Behavior>,
    /// The current replicas and the limits.
    pub range: ReplicaRange,
    /// The controller's settings.
    pub config: &'a ControllerConfig,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Normalizer<'a> {
    /// The path without behavior.
    #[must_use]
    pub const fn new(range: ReplicaRange, config: &'a ControllerConfig, now: Timestamp) -> Self {
        Self {
            behavior: None,
            range,
            config,
            now,
        }
    }

    /// With scaling rules, if there are any.
    #[must_use]
    pub const fn with_behavior(self, behavior: Option<&'a Behavior>) -> Self {
        Self { behavior, ..self }
    }

    /// Normalizes a recommendation, and records it unstabilized.
    ///
    /// Each policy's limit is added to `policies`.
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

    /// Normalizes a recommendation without recording it.
    pub(super) fn preview(
        &self,
        recommended: i32,
        histories: &Histories,
        policies: &mut Vec<PolicyLimit>,
    ) -> (Stabilization, Rate) {
        let (step, _) = self.stabilize(recommended, histories);
        (step, self.limit(step.stabilized, histories, policies))
    }

    /// Applies the windows; also returns the slot of a recommendation that may be overwritten.
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
        let casts = self.config.casts();
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
