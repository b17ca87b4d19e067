//! The controller's state between syncs: recommendations and scale events.
//!
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `timestampedRecommendation`,
//! `timestampedScaleEvent`. They are lists whose slots are reused, not queues: the order does not
//! matter for results, but it shows in dumps, and the recorded cases compare it.

use crate::time::{SignedDuration, Timestamp};

/// The result of one sync before stabilization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recommendation {
    /// Recommended replicas.
    pub replicas: i32,
    /// The time.
    pub time: Timestamp,
}

impl Recommendation {
    /// A recommendation of some time.
    #[must_use]
    pub const fn new(replicas: i32, time: Timestamp) -> Self {
        Self { replicas, time }
    }
}

/// A rescale that happened; not a Kubernetes Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScaleEvent {
    /// The number of replicas added or removed, never negative.
    pub replica_change: i32,
    /// The time.
    pub time: Timestamp,
    /// Whether the slot may be reused. The sums over a period ignore this flag.
    pub outdated: bool,
}

impl ScaleEvent {
    /// A rescale of some time by a number of replicas, in either direction.
    #[must_use]
    pub const fn new(replica_change: i32, time: Timestamp) -> Self {
        Self {
            replica_change,
            time,
            outdated: false,
        }
    }
}

/// Everything that is lost when the controller restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Histories {
    /// Past recommendations.
    pub recommendations: Vec<Recommendation>,
    /// Rescales upward.
    pub scale_up_events: Vec<ScaleEvent>,
    /// Rescales downward.
    pub scale_down_events: Vec<ScaleEvent>,
}

impl Histories {
    /// What was remembered: recommendations, rescales upward, rescales downward.
    #[must_use]
    pub const fn new(
        recommendations: Vec<Recommendation>,
        scale_up_events: Vec<ScaleEvent>,
        scale_down_events: Vec<ScaleEvent>,
    ) -> Self {
        Self {
            recommendations,
            scale_up_events,
            scale_down_events,
        }
    }

    /// Starts the list of recommendations with the current replicas, if it is empty.
    ///
    /// Upstream: `recordInitialRecommendation`.
    pub(super) fn record_initial(&mut self, replicas: i32, now: Timestamp) {
        if self.recommendations.is_empty() {
            self.recommendations.push(Recommendation {
                replicas,
                time: now,
            });
        }
    }

    /// Shifts all times.
    pub(super) fn shift(&mut self, step: SignedDuration) {
        let recommendations = self.recommendations.iter_mut().map(|past| &mut past.time);
        let events = self
            .scale_up_events
            .iter_mut()
            .chain(&mut self.scale_down_events)
            .map(|event| &mut event.time);
        for time in recommendations.chain(events) {
            *time = *time + step;
        }
    }

    /// Overwrites the recommendation in `slot`, or appends.
    pub(super) fn record(&mut self, replicas: i32, now: Timestamp, slot: Option<usize>) {
        let recommendation = Recommendation {
            replicas,
            time: now,
        };
        match slot {
            Some(index) => self.recommendations[index] = recommendation,
            None => self.recommendations.push(recommendation),
        }
    }

    /// Records a completed rescale from `from` to `to` replicas.
    ///
    /// Slots older than `longest_period`, the longest among the policies of the direction, are
    /// marked and reused.
    ///
    /// Upstream: `storeScaleEvent`, `markScaleEventsOutdated`.
    pub fn store_scale_event(
        &mut self,
        from: i32,
        to: i32,
        longest_period: SignedDuration,
        now: Timestamp,
    ) {
        let events = if to > from {
            &mut self.scale_up_events
        } else {
            &mut self.scale_down_events
        };
        let cutoff = now - longest_period;
        let mut slot = None;
        for (index, event) in events.iter_mut().enumerate() {
            if event.time < cutoff {
                event.outdated = true;
            }
            if event.outdated {
                slot = Some(index);
            }
        }
        let event = ScaleEvent {
            replica_change: to.wrapping_sub(from).wrapping_abs(),
            time: now,
            outdated: false,
        };
        match slot {
            Some(index) => events[index] = event,
            None => events.push(event),
        }
    }
}

/// The replicas added or removed within the last `period`, an event exactly at its start excluded.
///
/// Upstream: `getReplicasChangePerPeriod`.
pub(super) fn replicas_changed(
    events: &[ScaleEvent],
    period: SignedDuration,
    now: Timestamp,
) -> i32 {
    let cutoff = now - period;
    events
        .iter()
        .filter(|event| event.time > cutoff)
        .fold(0_i32, |sum, event| sum.wrapping_add(event.replica_change))
}
