//! What makes a draft no setup, and in which field.

use super::*;

/// A changed draft is refused with exactly these fields and messages.
#[track_caller]
fn refused(change: impl FnOnce(&mut SetupDraft), expected: &[(&str, &str)]) {
    let mut draft = SetupDraft::default();
    change(&mut draft);
    let invalid = Setup::new(draft).expect_err("it is refused");
    let found: Vec<_> = invalid
        .problems()
        .iter()
        .map(|problem| (problem.field.to_string(), problem.kind.to_string()))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(field, message)| ((*field).to_owned(), (*message).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

fn event(action: Action) -> impl FnOnce(&mut SetupDraft) {
    move |draft| draft.timeline = at(60, action)
}

fn fault(share: f64, duration: SignedDuration) -> Action {
    Action::MetricFault {
        target: FaultTarget::All,
        fault: FaultKind::Missing,
        share,
        duration,
    }
}

#[test]
fn the_default_is_valid() {
    assert_eq!(Setup::new(SetupDraft::default()), Ok(Setup::default()));
    let setup = Setup::default();
    assert_eq!(setup.with(|_| {}), Ok(setup));
}

#[test]
fn values_out_of_their_range_are_named() {
    refused(
        |draft| draft.duration = SignedDuration(0),
        &[("duration", "0s is not between 1s and 744h0m0s")],
    );
    refused(
        |draft| draft.model.concurrency = 0,
        &[("workload.concurrency", "0 is not between 1 and 1000000")],
    );
    refused(
        |draft| draft.model.cpu_per_request = f64::NAN,
        &[("workload.cpuPerRequest", "NaN is not between 0 and 1000000")],
    );
    refused(
        |draft| draft.workload.spec.replicas = Some(i32::MAX),
        &[(
            "manifests.workload.spec.replicas",
            "2147483647 is not between -2147483648 and 150000",
        )],
    );
    refused(
        |draft| draft.pipelines.custom.interval = SignedDuration(999),
        &[(
            "pipelines.custom.interval",
            "999ms is not between 1s and 24h0m0s",
        )],
    );
    refused(
        |draft| draft.pipelines.resource.window = s(15_001 * 15),
        &[(
            "pipelines.resource.window",
            "62h30m15s is not between 0s and 4h10m0s",
        )],
    );
    refused(
        |draft| draft.controller.sync_period = SignedDuration::ZERO,
        &[("controller.sync-period", "0s is not between 1s and 24h0m0s")],
    );
    refused(
        event(fault(1.2, s(1))),
        &[(
            "timeline[0].metricFault.share",
            "1.2 is not between 0 and 1",
        )],
    );
    refused(
        event(Action::Scale { replicas: -1 }),
        &[("timeline[0].scale", "-1 is not between 0 and 150000")],
    );
}

#[test]
fn every_problem_is_told_at_once() {
    refused(
        |draft| {
            draft.load.parts[0].shape = Shape::Points {
                points: vec![(s(2), 1.0), (s(1), 1e16)],
                interpolation: Interpolation::Linear,
                repeat: Some(SignedDuration::ZERO),
            };
            draft.nodes.count = 10_001;
            draft.autoscaler.spec.max_replicas = 0;
        },
        &[
            (
                "manifests.autoscaler.spec.maxReplicas",
                "spec.maxReplicas: Required value: must be set and greater than 0",
            ),
            (
                "manifests.autoscaler.spec.maxReplicas",
                "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
            ),
            (
                "load[0].points.values[1]",
                "the points are not in order of time",
            ),
            (
                "load[0].points.values[1].rate",
                "10000000000000000 is not between -1000000000000000 and 1000000000000000",
            ),
            (
                "load[0].points.repeat",
                "0s is not between 1s and 2562047788015h12m55.807s",
            ),
            ("nodes.count", "10001 is not between 0 and 10000"),
        ],
    );
}

#[test]
fn a_window_of_more_scrapes_than_are_kept_is_refused() {
    let window = |seconds| {
        let mut draft = SetupDraft::default();
        draft.pipelines.external.interval = s(1);
        draft.pipelines.external.window = s(seconds);
        Setup::new(draft)
    };
    assert!(window(1000).is_ok());
    let invalid = window(1001).expect_err("too many scrapes");
    assert_eq!(
        invalid.to_string(),
        "pipelines.external.window: 16m41s is not between 0s and 16m40s"
    );
}

#[test]
fn more_faults_at_a_time_than_there_are_bits_are_refused() {
    let faults = |count: usize, gap: i64| {
        let event = |index| TimelineEvent {
            at: s(gap * i64::try_from(index).expect("few")),
            action: fault(0.5, s(60)),
        };
        Setup::new(SetupDraft {
            timeline: (0..count).map(event).collect(),
            ..SetupDraft::default()
        })
        .map_err(|invalid| invalid.to_string())
    };
    assert!(faults(64, 0).is_ok());
    assert!(faults(200, 1).is_ok());
    assert_eq!(
        faults(65, 0),
        Err(String::from(
            "timeline[64]: at most 64 concurrent faults are allowed"
        ))
    );
}

#[test]
fn a_run_that_would_take_too_long_is_refused() {
    let mut draft = SetupDraft {
        duration: s(31 * 24 * 3600),
        ..SetupDraft::default()
    };
    draft.controller.sync_period = s(1);
    assert!(Setup::new(draft.clone()).is_ok());
    draft.pipelines.resource.interval = s(1);
    let invalid = Setup::new(draft).expect_err("too many steps");
    let problem = &invalid.problems()[0];
    assert_eq!(problem.field.to_string(), "duration");
    assert!(problem.kind.is_about_the_whole());
    assert_eq!(
        problem.kind.advice(),
        Some("lower it, or leave out metrics and parts of the load")
    );
}

/// No node at all is not one node: pods wait until the node autoscaler adds one, which has been asked
/// for when the pods were created, an hour ago.
#[test]
fn a_cluster_may_begin_without_nodes() {
    let mut draft = steady(10.0, 10);
    draft.nodes.count = 0;
    let stuck = run(&draft).trace;
    assert_eq!(stuck.steps.ready.iter().max(), Some(&0));
    assert_eq!(stuck.steps.nodes.iter().max(), Some(&0));
    draft.nodes.autoscaler = Some(NodeAutoscaler::default());
    let grown = run(&draft).trace;
    assert_eq!(grown.steps.nodes.last(), Some(&1));
    assert_eq!(grown.pods[0].scheduled, Some(Timestamp(0)));
}
