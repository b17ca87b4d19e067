//! The closed loop as a whole: the walkthrough, conservation, determinism.

mod properties;
mod scenarios;
mod validation;

use super::{run as run_setup, *};
use hpa_core::time::{SignedDuration, Timestamp};

/// Runs a draft that is valid.
#[track_caller]
fn run(draft: &SetupDraft) -> Recording {
    run_setup(&Setup::new(draft.clone()).expect("a valid setup"))
}

/// So many seconds.
fn s(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A setup for `minutes` under a constant load [1/s] from the beginning.
fn steady(rate: f64, minutes: i64) -> SetupDraft {
    SetupDraft {
        load: LoadProfile::constant(rate),
        duration: s(minutes * 60),
        ..SetupDraft::default()
    }
}

/// The timeline of one event.
fn at(seconds: i64, action: Action) -> Vec<TimelineEvent> {
    vec![TimelineEvent {
        at: s(seconds),
        action,
    }]
}

/// Row of the charts that holds at a time.
fn row(trace: &Trace, seconds: i64) -> usize {
    let time = f64::from(i32::try_from(seconds).expect("short"));
    trace.steps.time.partition_point(|start| *start <= time) - 1
}

/// The replica counts that follow each other.
fn counts(trace: &Trace) -> Vec<i32> {
    let mut counts = vec![trace.syncs[0].current];
    for sync in trace.syncs.iter().filter(|sync| sync.rescaled()) {
        counts.push(sync.desired);
    }
    counts
}

#[test]
fn the_walkthrough_goes_up_to_seven_and_comes_back_after_the_window() {
    let trace = run(&SetupDraft::default()).trace;
    assert_eq!(counts(&trace), [1, 4, 7, 1]);
    let peak = trace
        .syncs
        .iter()
        .position(|sync| sync.desired == 4)
        .expect("scales up");
    let point = trace.points(peak)[0];
    assert_eq!((point.value, point.proposal), (305.0, 7));
    let back = trace
        .syncs
        .iter()
        .find(|sync| sync.desired < sync.current)
        .expect("comes back");
    let last_high = trace
        .syncs
        .iter()
        .rev()
        .find(|sync| sync.proposal == 7)
        .expect("was high");
    assert_eq!(back.time - last_high.time, SignedDuration::from_secs(315));
}

#[test]
fn a_sync_computed_again_is_the_sync_that_was() {
    let Recording { trace, replay } = run(&SetupDraft::default());
    for (index, sync) in trace.syncs.iter().enumerate() {
        let detail = replay.detail(index).expect("within the run");
        assert_eq!(detail.time, sync.time);
        assert_eq!(detail.explanation.desired, sync.desired);
        assert_eq!(detail.explanation.current, sync.current);
    }
    assert!(replay.detail(trace.syncs.len()).is_none());
}

#[test]
fn nothing_is_lost_and_nothing_made_up() {
    let mut setup = SetupDraft::default();
    setup.load.parts[0].shape = Shape::Spike {
        height: 4000.0,
        at: SignedDuration::from_secs(100),
        rise: SignedDuration::from_secs(30),
        hold: SignedDuration::from_secs(60),
        decay: SignedDuration::from_secs(90),
    };
    let totals = run(&setup).trace.totals;
    let out = totals.served + totals.dropped + totals.timed_out + totals.in_system;
    assert!(totals.dropped > 0.0);
    assert!(
        (totals.arrived - out).abs() < 1e-6 * totals.arrived,
        "{totals:?}"
    );
}

/// One pod, alone, under a constant load: the charts show what theory says.
#[test]
fn latencies_of_a_run_are_those_of_theory() {
    let mut setup = steady(80.0, 10);
    setup.autoscaler.spec.max_replicas = 1;
    setup.model.concurrency = 1;
    setup.model.service_time = SignedDuration(10);
    let trace = run(&setup).trace;
    let row = row(&trace, 300);
    let mean = 0.01 / (1.0 - 0.8);
    let near = |actual: f32, expected: f64| {
        assert!(
            (f64::from(actual) / expected - 1.0).abs() < 0.005,
            "{actual} {expected}"
        );
    };
    near(trace.steps.p50[row], mean * libm::log(2_f64));
    near(trace.steps.p95[row], mean * libm::log(20_f64));
    near(trace.steps.p99[row], mean * libm::log(100_f64));
    // Little's law.
    near(trace.steps.in_flight[row], 80.0 * mean);
}

/// Pods that differ show the latencies of the mixture.
#[test]
fn uneven_pods_are_slower_in_the_tail() {
    let mut setup = steady(3200.0, 10);
    setup.autoscaler.spec.min_replicas = Some(100);
    setup.autoscaler.spec.max_replicas = 100;
    setup.workload.spec.replicas = Some(100);
    setup.model.concurrency = 1;
    setup.model.service_time = SignedDuration(20);
    let even = run(&setup).trace;
    setup.model.unevenness = 0.2;
    let uneven = run(&setup).trace;
    let (a, b) = (row(&even, 300), row(&uneven, 300));
    assert!(uneven.steps.p99[b] > 1.5 * even.steps.p99[a]);
    let ratio = uneven.steps.p50[b] / even.steps.p50[a];
    assert!((0.8..1.3).contains(&ratio), "{ratio}");
}

#[test]
fn a_seed_changes_what_is_random_and_nothing_else() {
    let mut setup = SetupDraft::default();
    let hash = run(&setup).trace.hash();
    assert_eq!(run(&setup).trace.hash(), hash);
    setup.seed = 2;
    assert_eq!(run(&setup).trace.hash(), hash, "nothing here is random");
    setup.load.parts.push(LoadPart {
        name: String::from("noise"),
        shape: Shape::Noise {
            deviation: 5.0,
            correlation: s(60),
        },
    });
    let noisy = run(&setup).trace.hash();
    setup.seed = 3;
    assert_ne!(run(&setup).trace.hash(), noisy);
}

/// Traces are data: names in camel case, seconds since the beginning, null for what is not there.
#[test]
fn a_trace_serializes() {
    let mut setup = steady(61.0, 10);
    setup.timeline = at(300, Action::LosePods { count: 1 });
    let data = serde_json::to_value(run(&setup).trace).expect("plain data");
    assert_eq!(data["syncs"][0]["time"], 15.0);
    assert_eq!(data["syncs"][0]["statusReplicas"], 1);
    assert_eq!(data["syncs"][0]["branch"], "metrics");
    assert_eq!(data["steps"]["timedOut"][0], 0.0);
    assert_eq!(data["pods"][0]["created"], -3600.0);
    assert_eq!(data["pods"][0]["unready"], serde_json::Value::Null);
    assert_eq!(data["markers"][0]["edge"], "begin");
    assert_eq!(data["stopped"], serde_json::Value::Null);
    let event = &data["events"][0];
    assert_eq!(
        (&event["about"], &event["type"], &event["reason"]),
        (
            &"Autoscaler".into(),
            &"Normal".into(),
            &"SuccessfulRescale".into()
        )
    );
    assert!(data["totals"]["podSeconds"].as_f64() > Some(600.0));
    assert!(data.get("setup").is_none());
}
