//! Moving the cursor: playing, stepping from sync to sync, jumping between changes.

use hpa_simulation::cluster::SyncRecord;

use crate::model::seconds;

/// The playback speeds: simulated seconds per real second.
pub const SPEEDS: [u32; 7] = [1, 10, 30, 60, 300, 1000, 5000];

/// The initial speed: a 30-minute run plays in half a minute.
pub const FIRST_SPEED: u32 = 60;

/// The next speed above `speed`, or the fastest.
#[must_use]
pub fn faster(speed: u32) -> u32 {
    let above = SPEEDS.into_iter().find(|above| *above > speed);
    above.unwrap_or(SPEEDS[SPEEDS.len() - 1])
}

/// The next speed below `speed`, or the slowest.
#[must_use]
pub fn slower(speed: u32) -> u32 {
    let below = SPEEDS.into_iter().rev().find(|below| *below < speed);
    below.unwrap_or(SPEEDS[0])
}

/// The cursor after playing for `elapsed` real seconds; `None` at the end.
///
/// A page that was in the background reports a long time at once: at most a quarter of a second
/// counts, so that playing resumes where it was left.
#[must_use]
pub fn advance(cursor: f64, elapsed: f64, speed: u32, end: f64) -> Option<f64> {
    let next = cursor + elapsed.clamp(0.0, 0.25) * f64::from(speed);
    (next < end).then_some(next)
}

/// The index of the last sync at or before `cursor`; `None` before the first.
#[must_use]
pub fn sync_at(times: &[f64], cursor: f64) -> Option<usize> {
    times
        .partition_point(|time| *time <= cursor + EPSILON)
        .checked_sub(1)
}

/// Times of the syncs that changed the replica count or a condition.
///
/// The conditions follow from the branch of the algorithm, the bound that applied and the effect of
/// the stabilization window. `SucceededRescale` turning back into `ReadyForNewScale` does not count.
#[must_use]
pub fn landmarks(syncs: &[SyncRecord]) -> Vec<f64> {
    let told = |sync: &SyncRecord| {
        let held = sync.stabilized.cmp(&sync.proposal);
        (sync.branch, sync.bound, held, sync.failed_metrics > 0)
    };
    let mut before = None;
    let mut times = Vec::new();
    for sync in syncs {
        let now = told(sync);
        if sync.rescaled() || before.is_some_and(|before| before != now) {
            times.push(seconds(sync.time));
        }
        before = Some(now);
    }
    times
}

/// The first sync after `cursor`, or the end.
#[must_use]
pub fn next(times: &[f64], cursor: f64, end: f64) -> f64 {
    let position = times.partition_point(|time| *time <= cursor + EPSILON);
    times.get(position).copied().unwrap_or(end)
}

/// The last sync before `cursor`, or the start.
#[must_use]
pub fn previous(times: &[f64], cursor: f64) -> f64 {
    let position = times.partition_point(|time| *time < cursor - EPSILON);
    position
        .checked_sub(1)
        .and_then(|position| times.get(position))
        .copied()
        .unwrap_or(0.0)
}

/// Times are whole milliseconds.
const EPSILON: f64 = 0.0005;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PHP_APACHE, read, run};

    const TIMES: [f64; 3] = [15.0, 30.0, 45.0];

    #[track_caller]
    fn check(actual: impl Into<Option<f64>>, expected: impl Into<Option<f64>>) {
        let (actual, expected) = (actual.into(), expected.into());
        assert!(
            match (actual, expected) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-9,
                (a, b) => a.is_none() && b.is_none(),
            },
            "{actual:?} is not {expected:?}"
        );
    }

    #[test]
    fn playing_advances_at_its_speed_and_stops_at_the_end() {
        check(advance(10.0, 0.016, 60, 1800.0), 10.96);
        check(advance(10.0, 30.0, 60, 1800.0), 25.0);
        check(advance(10.0, -1.0, 60, 1800.0), 10.0);
        check(advance(1799.5, 0.016, 60, 1800.0), None);
    }

    #[test]
    fn speeds_are_changed_within_limits() {
        assert_eq!((faster(60), slower(60)), (300, 30));
        assert_eq!((faster(5000), slower(1)), (5000, 1));
    }

    #[test]
    fn steps_go_from_sync_to_sync() {
        check(next(&TIMES, 0.0, 60.0), 15.0);
        check(next(&TIMES, 15.0, 60.0), 30.0);
        check(next(&TIMES, 44.9, 60.0), 45.0);
        check(next(&TIMES, 45.0, 60.0), 60.0);
        check(previous(&TIMES, 60.0), 45.0);
        check(previous(&TIMES, 45.0), 30.0);
        check(previous(&TIMES, 15.0), 0.0);
        check(previous(&[], 15.0), 0.0);
    }

    #[test]
    fn landmarks_are_rescales_and_changed_conditions() {
        let run = run(&read(PHP_APACHE)).expect("runs");
        let marks = landmarks(&run.trace.syncs);
        let rescales: Vec<f64> = run
            .trace
            .syncs
            .iter()
            .filter(|sync| sync.rescaled())
            .map(|sync| seconds(sync.time))
            .collect();
        assert!(rescales.iter().all(|time| marks.contains(time)));
        assert!(
            marks.len() > rescales.len() && marks.len() < run.trace.syncs.len() / 2,
            "{marks:?}"
        );
    }

    #[test]
    fn the_cursor_is_at_the_latest_sync() {
        assert_eq!(sync_at(&TIMES, 14.9), None);
        assert_eq!(sync_at(&TIMES, 15.0), Some(0));
        assert_eq!(sync_at(&TIMES, 44.9), Some(1));
        assert_eq!(sync_at(&TIMES, 1000.0), Some(2));
    }
}
