//! Measurements on a trace, for goals and the summary.

use crate::cluster::{SyncRecord, Trace};
use hpa_core::autoscaler::explanation::Branch;
use hpa_core::time::{SignedDuration, Timestamp};

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The start.
    pub from: SignedDuration,
    /// The end.
    pub until: SignedDuration,
}

impl Part {
    /// The run from `from` to `until`.
    #[must_use]
    pub const fn new(from: SignedDuration, until: SignedDuration) -> Self {
        Self { from, until }
    }

    /// The run from its start to `end`.
    #[must_use]
    pub const fn until(end: SignedDuration) -> Self {
        Self {
            from: SignedDuration::ZERO,
            until: end,
        }
    }
}

impl serde::Serialize for Part {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut data = serializer.serialize_struct("Part", 2)?;
        data.serialize_field("fromSeconds", &seconds(self.from))?;
        data.serialize_field("untilSeconds", &seconds(self.until))?;
        data.end()
    }
}

/// A row of the trace's columns, clipped to a part of the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) index: usize,
    /// Seconds since the start, clipped to the part.
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Row {
    pub(super) fn seconds(self) -> f64 {
        self.end - self.start
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no run is 285 thousand years long"
)]
pub(super) fn seconds(duration: SignedDuration) -> f64 {
    duration.0 as f64 / 1000.0
}

/// Seconds since the beginning as a point in time.
#[expect(clippy::cast_possible_truncation, reason = "within the run")]
pub(super) fn moment(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0).round() as i64)
}

pub(super) fn rows(trace: &Trace, part: Part) -> impl Iterator<Item = Row> {
    let (from, until) = (seconds(part.from), seconds(part.until));
    let time = &trace.steps.time;
    let end = seconds(trace.setup.duration);
    let first = time
        .partition_point(|&start| start <= from)
        .saturating_sub(1);
    (first..time.len())
        .map(move |index| Row {
            index,
            start: time[index].max(from),
            end: time.get(index + 1).copied().unwrap_or(end).min(until),
        })
        .take_while(move |row| row.start < until)
        .filter(|row| row.end > row.start)
}

pub(super) fn syncs(trace: &Trace, part: Part) -> &[SyncRecord] {
    let position = |at: SignedDuration| trace.syncs.partition_point(|sync| sync.time.0 < at.0);
    let (from, until) = (position(part.from), position(part.until));
    trace.syncs.get(from..until).unwrap_or_default()
}

/// Whether requests are lost or wait because pods are at capacity.
pub(super) fn unmet(trace: &Trace, row: usize) -> bool {
    let steps = &trace.steps;
    let lost = steps.dropped[row] + steps.timed_out[row];
    lost > 0.001 * steps.load[row].max(1.0) || steps.backlog[row] >= 1.0
}

/// The rescales that reverse the direction, with their times.
pub(super) fn direction_changes(syncs: &[SyncRecord]) -> Vec<Timestamp> {
    let rescales: Vec<_> = syncs.iter().filter(|sync| sync.rescaled()).collect();
    rescales
        .windows(2)
        .filter(|pair| (pair[0].desired > pair[0].current) != (pair[1].desired > pair[1].current))
        .map(|pair| pair[1].time)
        .collect()
}

/// Whether the condition ScalingActive is False after the sync.
pub(super) fn inactive(sync: &SyncRecord) -> bool {
    matches!(sync.branch, Branch::NoMetrics | Branch::Disabled)
}

/// Whether the sync skipped metrics, windows and policies to correct a count outside the limits.
pub(super) fn bypass(sync: &SyncRecord) -> bool {
    matches!(sync.branch, Branch::AboveMaximum | Branch::BelowMinimum)
}
