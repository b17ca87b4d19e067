//! Lays out pod lifecycles in lanes: one lane for each pod, reused after its end.

use crate::cluster::{PodLifecycle, Trace};

use super::time_range::seconds;

/// The stage of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Created and not running.
    Pending,
    /// Running and not ready.
    Starting,
    /// Ready.
    Ready,
    /// Terminating.
    Terminating,
}

/// One stage of some identical pods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    /// The stage.
    pub stage: Stage,
    /// The start [s].
    pub from: f64,
    /// The end [s].
    pub to: f64,
    /// The lane of one pod, counted from the bottom.
    pub lane: usize,
}

/// The bars of a run and their number of lanes; `None` if there are more than `most`.
#[must_use]
pub(super) fn bars(trace: &Trace, most: usize) -> Option<(Vec<Bar>, usize)> {
    lay(&trace.pods, super::time_range::length(trace), most)
}

fn lay(pods: &[PodLifecycle], end: f64, most: usize) -> Option<(Vec<Bar>, usize)> {
    let mut lanes: Vec<f64> = Vec::new();
    let mut bars = Vec::new();
    for pod in pods {
        let stages = stages(pod, end);
        let (from, to) = (
            seconds(pod.created),
            pod.gone.map_or(f64::INFINITY, seconds),
        );
        for _ in 0..pod.count {
            let lane = lanes.iter().position(|free| *free <= from);
            let lane = lane.unwrap_or_else(|| {
                lanes.push(0.0);
                lanes.len() - 1
            });
            if lanes.len() > most {
                return None;
            }
            lanes[lane] = to;
            bars.extend(stages.iter().map(|&(stage, from, to)| Bar {
                stage,
                from,
                to,
                lane,
            }));
        }
    }
    Some((bars, lanes.len()))
}

/// The stages of one lifecycle that have a duration, in order of time.
fn stages(pod: &PodLifecycle, end: f64) -> Vec<(Stage, f64, f64)> {
    let at = |time: Option<hpa_core::time::Timestamp>| time.map_or(end, seconds).min(end);
    let (gone, terminating) = (at(pod.gone), at(pod.terminating).min(at(pod.gone)));
    let started = at(pod.started).min(terminating);
    let ready = at(pod.ready).min(terminating).max(started);
    // It may become ready again; only the last transition is known.
    let unready = at(pod.unready).min(terminating).max(ready);
    [
        (Stage::Pending, seconds(pod.created), started),
        (Stage::Starting, started, ready),
        (Stage::Ready, ready, unready),
        (Stage::Starting, unready, terminating),
        (Stage::Terminating, terminating, gone),
    ]
    .into_iter()
    .filter(|(_, from, to)| from < to)
    .collect()
}

#[cfg(test)]
mod tests {
    use hpa_core::time::Timestamp;

    use super::*;

    fn pod(count: u32, times: [Option<i64>; 5]) -> PodLifecycle {
        let at = |seconds: i64| Timestamp(seconds * 1000);
        let [created, started, ready, terminating, gone] = times;
        PodLifecycle {
            first: 0,
            count,
            revision: 0,
            created: at(created.unwrap_or(0)),
            scheduled: None,
            started: started.map(at),
            ready: ready.map(at),
            unready: None,
            terminating: terminating.map(at),
            gone: gone.map(at),
        }
    }

    #[test]
    fn a_lifecycle_goes_through_its_stages() {
        let life = pod(1, [Some(5), Some(10), Some(20), Some(50), Some(80)]);
        let expected = [
            (Stage::Pending, 5.0, 10.0),
            (Stage::Starting, 10.0, 20.0),
            (Stage::Ready, 20.0, 50.0),
            (Stage::Terminating, 50.0, 80.0),
        ];
        assert_eq!(stages(&life, 100.0), expected);
        let never = pod(1, [Some(5), None, None, None, None]);
        assert_eq!(stages(&never, 100.0), [(Stage::Pending, 5.0, 100.0)]);
    }

    #[test]
    fn a_free_lane_is_reused() {
        let pods = [
            pod(2, [Some(0), Some(0), Some(0), Some(10), Some(20)]),
            pod(1, [Some(15), Some(15), Some(15), None, None]),
            pod(1, [Some(20), Some(20), Some(20), None, None]),
        ];
        let (bars, lanes) = lay(&pods, 60.0, 10).expect("few lanes");
        assert_eq!(lanes, 3);
        let lane = |from: f64| bars.iter().find(|bar| bar.from >= from).map(|bar| bar.lane);
        assert_eq!((lane(15.0), lane(20.0)), (Some(2), Some(0)));
        assert_eq!(lay(&pods, 60.0, 2), None);
    }
}
