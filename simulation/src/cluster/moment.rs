//! The context of events at one time: clock, parameters, faults, recorder.

use hpa_core::autoscaler::EventKind;
use hpa_core::time::Timestamp;

use super::derived::Params;
use super::effort::Effort;
use super::faults::Faults;
use super::recorder::Recorder;
use super::trace::{About, PodLifecycle};

/// The context of one time of a run, passed to each part of the cluster in turn.
pub(super) struct Moment<'a> {
    /// The time.
    pub(super) now: Timestamp,
    /// The parameters of the run.
    pub(super) params: &'a Params,
    /// The active faults.
    pub(super) faults: &'a Faults,
    /// The work done so far.
    pub(super) effort: &'a mut Effort,
    /// The recorder.
    pub(super) recorder: &'a mut Recorder,
}

impl Moment<'_> {
    /// Records an event of the cluster; the text is built only if it is kept.
    pub(super) fn event(
        &mut self,
        about: About,
        kind: EventKind,
        reason: &'static str,
        text: impl FnOnce() -> String,
    ) {
        self.recorder
            .cluster_event(self.now, about, (kind, reason), text);
    }

    /// Records a lifecycle change of each of these pods.
    pub(super) fn change(
        &mut self,
        members: &[(u32, u32)],
        mut change: impl FnMut(&mut PodLifecycle),
    ) {
        for (id, _) in members {
            self.recorder.changed(*id, &mut change);
        }
    }
}
